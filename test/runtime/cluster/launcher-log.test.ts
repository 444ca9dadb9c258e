import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { launcherLog } from "../../../runtime/cluster/launcher-log.ts";

const real = readFileSync(new URL("fixtures/train.log", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.slice(line.indexOf(" ") + 1));

/** What the step itself printed. */
function own(lines: readonly string[]): string[] {
  const log = launcherLog();
  return lines.map((line) => log.mark(line)).flatMap(({ from, text }) => (from === "step" ? [text] : []));
}

test("of a real log, only what the step printed is its own", () => {
  expect(own(real)).toEqual(["fitted 20 trees on 1600 rows"]);
});

test("nothing is dropped", () => {
  const log = launcherLog();
  expect(real.map((line) => log.mark(line).text)).toEqual(real);
});

test("the step's own JSON, braces and times stay its own", () => {
  const printed = [
    "{",
    '  "a": 1',
    "}",
    "time=3 s",
    "I am here",
    "E1 is a cell",
    "[KFP] hello",
    "2026-11-21 10:00 INFO mine",
  ];
  expect(own(printed)).toEqual(printed);
});

test("what the step prints while the launcher shows its input stays its own", () => {
  const begin = "[KFP Executor 2026-11-21 11:08:53,666 INFO]: Got executor_input:";
  expect(own([begin, "{", '    "inputs": {}', "mine", "}", "also mine"])).toEqual(["mine", "also mine"]);
});

test("a failed step: its exit status, and its last words", () => {
  const log = launcherLog();
  for (const line of [
    "Traceback (most recent call last):",
    '  File "/tmp/x.py", line 3, in fail',
    "KeyError: 'price'",
    "E1121 10:46:03.692873      16 launcher_v2.go:449] Component failed to execute successfully: exit status 3",
    "F1121 10:46:03.884298      16 main.go:59] failed to execute component: exit status 3",
    'time=2026-11-21T10:46:04.010Z level=INFO msg="sub-process exited" argo=true error="exit status 1"',
    "Error: exit status 1",
  ])
    log.mark(line);
  expect(log.lastLine).toBe("KeyError: 'price'");
  expect(log.exitCode).toBe(3);
  expect(log.complaint).toBe("failed to execute component: exit status 3");
});
