const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Seconds of a time such as `30s`, `1 hour` or `2 weeks` (`kfp/dsl/structures.py`,
 * `convert_duration_to_seconds`): one whole number, and a unit of which the first letter
 * counts. Undefined: not such a time.
 */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d+)(\D+)$/.exec(text.replaceAll(" ", ""));
  const factor = unitSeconds[match?.[2]?.[0] ?? ""];
  return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}
