import { setTimeout as delay } from "node:timers/promises";

/** Waits longer from failure to failure, up to `maxMs`, with some jitter so that many clients do not come back at once. */
export function backoff(options: { firstMs?: number; maxMs?: number } = {}): {
  wait(signal: AbortSignal): Promise<void>;
  reset(): void;
} {
  const { firstMs = 300, maxMs = 15_000 } = options;
  let next = firstMs;
  return {
    async wait(signal) {
      const ms = next * (0.8 + Math.random() * 0.4);
      next = Math.min(next * 2, maxMs);
      await pause(ms, signal);
    },
    reset() {
      next = firstMs;
    },
  };
}

/** Asked anew each time: a signal changes behind the compiler's back. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

/** Waits; an abort ends the wait early and silently. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Aborted: whoever waits looks at the signal.
  }
}
