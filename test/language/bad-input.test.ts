/** Memory is bounded by the process that reads; time by a limit that only what never ends reaches. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { badInputs } from "./bad-input.ts";
import type { Outcome } from "./bad-input-child.ts";

/** Of JavaScript's heap, for all of them one after another. */
const heapMb = 512;
const limitMs = 180_000;

const names = Object.keys(badInputs);
const groups = Array.from({ length: Math.ceil(names.length / 10) }, (_, i) => names.slice(i * 10, i * 10 + 10));

describe.each(groups.map((group) => [group] as const))("%j", (group) => {
  it("are read, and what is too much is said", { timeout: limitMs + 10_000 }, () => {
    const child = resolve(import.meta.dirname, "bad-input-child.ts");
    const done = spawnSync(process.execPath, [`--max-old-space-size=${heapMb}`, child, ...group], {
      encoding: "utf8",
      timeout: limitMs,
      maxBuffer: 1e8,
    });
    const outcomes = done.stdout
      .split("\n")
      .filter((line) => line !== "")
      // SAFETY: the child prints nothing else.
      .map((line) => JSON.parse(line) as Outcome);
    expect(
      outcomes.map(({ name }) => name),
      done.stderr.slice(-2000),
    ).toEqual(group);
    for (const { name, said, count } of outcomes) {
      const wanted = badInputs[name]?.says;
      expect(count, name).toBeLessThanOrEqual(1000);
      if (!wanted) expect(said, name).toEqual([]);
      else
        expect(
          said.some(([what, line]) => matches(what, wanted.what) && (wanted.line === 0 || line === wanted.line)),
          `${name}: ${JSON.stringify(said)}`,
        ).toBe(true);
    }
  });
});

/** `code: words`, with anything between the code and the words. */
function matches(what: string, wanted: string): boolean {
  const [code = "", words = ""] = wanted.split(/: (.*)/s);
  return what.startsWith(code) && what.includes(words);
}
