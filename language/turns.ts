/** In what order the server works, and when it takes in what an editor has sent meanwhile. */

export interface Turns {
  /**
   * Waits for what waits already, but at least until `readyAt` (of `performance.now`), and lets in what was sent until
   * then: edits, and the cancelling of what they supersede. All that is worked out after every key takes its turn. Were
   * all to take in at once, each would wait for the work of the others, and who types on would be told nothing.
   */
  next(readyAt?: number): Promise<void>;
  /** What waits takes in what comes with this. */
  edited(): void;
}

/** Messages are taken in one a pause, and an editor sends no more than so many after a key. */
const mostMessages = 32;

export function createTurns(pause: () => Promise<void>): Turns {
  let edits = 0;
  let last = Promise.resolve();

  async function takeIn(): Promise<void> {
    for (let before = -1; before !== edits; ) {
      before = edits;
      for (let message = 0; message < mostMessages; message++) await pause();
    }
  }

  return {
    next(readyAt = 0) {
      return (last = last.then(async () => {
        const waitMs = readyAt - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await takeIn();
      }));
    },
    edited() {
      edits++;
    },
  };
}
