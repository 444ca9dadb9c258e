import { createInterface } from "node:readline/promises";
import type { SeveralDefinitions } from "../compile/compile-file.ts";
import type { Terminal } from "./terminal.ts";

/** Whether there is somebody to ask. */
export function canAsk(terminal: Terminal): boolean {
  return terminal.live && process.stdin.isTTY && process.stderr.isTTY;
}

/** Which of a file's definitions is meant, by its number or name; throws the refusal itself where no answer comes. */
export async function askWhich(several: SeveralDefinitions, terminal: Terminal, signal: AbortSignal): Promise<string> {
  const { symbols } = several;
  terminal.note(several.message);
  for (const [i, symbol] of symbols.entries()) terminal.note(`  ${i + 1}  ${symbol}`);
  // Without its own editing of the line, which would take Ctrl-C for itself.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  const closed = new AbortController();
  lines.once("close", () => closed.abort());
  try {
    for (;;) {
      const answer = await lines.question(`Which one? [1-${symbols.length}] `, {
        signal: AbortSignal.any([signal, closed.signal]),
      });
      const named = symbols.find((symbol) => symbol === answer.trim()) ?? symbols[Number(answer) - 1];
      if (named !== undefined) return named;
    }
  } catch {
    throw several;
  } finally {
    lines.close();
  }
}
