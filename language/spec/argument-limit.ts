/**
 * Parts of a spec that KFP 2.17's driver cannot be given. Argo puts the driver's command, JSON in JSON, into a variable of
 * the pod's environment; of more than 128 KB it makes a ConfigMap, which KFP's own role for it forbids, and Linux takes no
 * longer argument either: such a run fails without a word.
 */
import type { PipelineSpec } from "./types.ts";

/** Found on a server: 126,000 bytes run, 131,000 do not; the rest of the command needs about 3,000. */
const mostBytes = 128_000;

export interface Overlong {
  readonly kind: "root" | "component" | "executor";
  /** Its label in the spec; `root`. */
  readonly name: string;
  readonly bytes: number;
}

export function overlong({ root, components = {}, deploymentSpec }: PipelineSpec): readonly Overlong[] {
  const found: Overlong[] = [];
  const check = (kind: Overlong["kind"], name: string, value: unknown): void => {
    const json = JSON.stringify(value);
    // A quote of it becomes four signs: `\\\\\\"`.
    if (json.length * 4 < mostBytes) return;
    const bytes = new TextEncoder().encode(JSON.stringify(json)).length;
    if (bytes > mostBytes) found.push({ kind, name, bytes });
  };
  check("root", "root", root);
  for (const [name, component] of Object.entries(components)) check("component", name, component);
  for (const [name, { container }] of Object.entries(deploymentSpec.executors ?? {}))
    if (container) check("executor", name, container);
  return found;
}

/** For `server-refuses`. */
export const overlongText = (name: string, bytes: number): string =>
  `${name}, which makes an argument of ${Math.ceil(bytes / 1000)} KB for its driver: there is room for 128`;
