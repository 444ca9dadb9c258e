import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lastWords } from "../../../runtime/local/last-words.ts";
import { logFile, logFiles, openLog, readLines, taskFolder } from "../../../runtime/local/logs.ts";
import { scratch } from "./run-package.ts";

test("lines of two streams are never mixed, and are found again by number", () => {
  const file = logFile(scratch(), "root.train", 0);
  const log = openLog(file);
  log.write("out", "one\ntw");
  log.write("err", "careful\r\n");
  log.write("out", Buffer.from("o\n\nna\u00efve"));
  log.write("system", "[millrace] so\n");
  log.close();
  expect(readFileSync(file, "utf8")).toBe("one\ncareful\r\ntwo\n\n[millrace] so\nna\u00efve\n");
  const { lines, total } = readLines(file, 1, 3);
  expect(total).toBe(6);
  expect(lines.map(({ stream, text, offset }) => [stream, text, offset])).toEqual([
    ["err", "careful", 4],
    ["out", "two", 13],
    ["out", "", 17],
  ]);
  expect(readLines(file, 5, 100).lines.map(({ text }) => text)).toEqual(["na\u00efve"]);
  expect(readLines(file, 6, 1)).toEqual({ lines: [], total: 6 });
  expect(lines.every(({ at }) => Math.abs(at - Date.now()) < 10_000)).toBe(true);
});

test("a text cut in the middle of a character is whole again", () => {
  const file = logFile(scratch(), "root.a", 0);
  const log = openLog(file);
  const bytes = Buffer.from("sn\u2603wman\n");
  log.write("out", bytes.subarray(0, 3));
  log.write("out", bytes.subarray(3));
  log.close();
  expect(readLines(file, 0, 1).lines[0]?.text).toBe("sn\u2603wman");
});

test("a line far down a long log is read without the rest", () => {
  const file = logFile(scratch(), "root.long", 0);
  const log = openLog(file);
  for (let chunk = 0; chunk < 100; chunk++)
    log.write("out", Array.from({ length: 1000 }, (_, i) => `line ${chunk * 1000 + i}\n`).join(""));
  log.close();
  // Who looked at what stands before and behind would find no line.
  const bytes = readFileSync(file);
  const wanted = bytes.indexOf("line 90000\n");
  bytes.fill(0, 0, wanted).fill(0, bytes.indexOf("line 90002\n"));
  writeFileSync(file, bytes);
  expect(readLines(file, 90_000, 2).lines.map(({ text }) => text)).toEqual(["line 90000", "line 90001"]);
});

test("each attempt has a file, in order, and a path that no file system takes is shortened", () => {
  const folder = scratch();
  for (const attempt of [10, 2, 0]) openLog(logFile(folder, "root.a[1].b", attempt)).close();
  expect(logFiles(folder, "root.a[1].b")).toEqual([0, 2, 10].map((n) => join(folder, "logs/root.a[1].b", `${n}.log`)));
  expect(logFiles(folder, "root.never")).toEqual([]);
  const long = `root.${"very-long-".repeat(40)}`;
  expect(taskFolder(`${long}a`).length).toBeLessThan(130);
  expect(taskFolder(`${long}a`)).not.toBe(taskFolder(`${long}b`));
});

test.each([
  [
    "the exception of a traceback",
    [
      "Traceback (most recent call last):",
      '  File "a.py", line 3, in f',
      "    x",
      "mylib.BadThing: no customer",
      "",
      "cleanup done",
    ],
    "mylib.BadThing: no customer",
  ],
  [
    "the last of chained ones",
    [
      "Traceback (most recent call last):",
      "  a",
      "KeyError: 'x'",
      "",
      "During handling of the above exception, another exception occurred:",
      "",
      "Traceback (most recent call last):",
      "  b",
      "ValueError: bad",
    ],
    "ValueError: bad",
  ],
  [
    "Node's error, not its version",
    [
      "file:///a.mjs:3",
      "    throw new Error('no')",
      "          ^",
      "",
      "TypeError: x is not a function",
      "    at main (a.mjs:3:1)",
      "",
      "Node.js v24.1.0",
    ],
    "TypeError: x is not a function",
  ],
  [
    "the last line of anything else",
    ["a", "rm: cannot remove 'x'", "", "[notice] A new release of pip is available"],
    "rm: cannot remove 'x'",
  ],
  ["without colours", ["\u001b[31mRuntimeError: red\u001b[0m"], "RuntimeError: red"],
  [
    "not the KFP executor's own",
    ["[KFP Executor 2026-01-01 INFO]: Got executor_input:", "{", '  "inputs": {}', "}"],
    undefined,
  ],
  ["of nothing", ["", "  "], undefined],
])("last words: %s", (_, lines, expected) => {
  expect(lastWords(lines)).toBe(expected);
});
