/** How states, times and numbers are said, the same in every surface. */

export type Tone = "waiting" | "running" | "good" | "skipped" | "bad" | "stopped";

export interface StateLook {
  readonly word: string;
  readonly tone: Tone;
  /** Codicon of the editor's own surfaces. */
  readonly codicon: string;
}

/** How a RunState or TaskState (runtime/events.ts) is said and shown; unknown ones are said as they are. */
export function stateLook(state: string): StateLook {
  switch (state) {
    case "PENDING":
      return { word: "waiting", tone: "waiting", codicon: "circle-outline" };
    case "RUNNING":
      return { word: "running", tone: "running", codicon: "sync~spin" };
    case "SUCCEEDED":
      return { word: "succeeded", tone: "good", codicon: "pass-filled" };
    case "CACHED":
      return { word: "cached", tone: "good", codicon: "database" };
    case "SKIPPED":
      return { word: "skipped", tone: "skipped", codicon: "debug-step-over" };
    case "FAILED":
      return { word: "failed", tone: "bad", codicon: "error" };
    case "CANCELING":
      return { word: "canceling", tone: "running", codicon: "sync~spin" };
    case "CANCELED":
      return { word: "canceled", tone: "stopped", codicon: "circle-slash" };
    default:
      return { word: state.toLowerCase(), tone: "waiting", codicon: "question" };
  }
}

/** `12 ms`, `0.4 s`, `41 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return join(Math.floor(whole / 60), "min", whole % 60, "s");
  return join(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
}

/** `just now`, `5 min ago`, `2 h ago`, `3 days ago`. Both in milliseconds since 1970. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

/** At most four significant digits, integers whole: `0.9135`, `5000`. */
export function number(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** `system.Dataset` as `Dataset`. */
export function artifactType(type: string): string {
  return type.replace(/^system\./, "").replace(/@[\d.]+$/, "");
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
