/** So many at a time, in the order in which they asked. */
export interface Slots {
  /** Waits for a slot; the answer gives it back. Undefined where the wait was aborted. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function openSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  /** A slot is given back once, however often the answer is called. */
  const held = (): (() => void) => {
    let given = false;
    return () => {
      if (!given) release();
      given = true;
    };
  };
  return {
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (free > 0) {
        free--;
        return Promise.resolve(held());
      }
      return new Promise((resolve) => {
        const go = (): void => {
          signal.removeEventListener("abort", leave);
          resolve(held());
        };
        const leave = (): void => {
          waiting.splice(waiting.indexOf(go), 1);
          resolve(undefined);
        };
        waiting.push(go);
        signal.addEventListener("abort", leave, { once: true });
      });
    },
  };
}
