/** The quick fix for a project's settings: what each tsconfig.json becomes. */
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { typesRoot } from "../../../language/declarations.ts";
import { settingsFix } from "../../../language/typescript/project-settings.ts";
import type { Files } from "../../../language/source.ts";

const pipeline = `import { pipeline } from "millrace";\nimport { train } from "./steps.py";\nimport { x } from "./x";\n`;

function folder(texts: Readonly<Record<string, string>>): Files {
  return { read: (path) => texts[path], list: () => [] };
}

function fixed(config: string | undefined, at = 25): unknown {
  const files = folder({ "/w/a/p.ts": pipeline, ...(config === undefined ? {} : { "/w/tsconfig.json": config }) });
  const fix = settingsFix("/w/a/p.ts", pipeline, { start: at, end: at }, files, ["/w"]);
  if (!fix) return undefined;
  let text = config ?? "";
  for (const { span, text: written } of fix.edits) text = text.slice(0, span.start) + written + text.slice(span.end);
  const { config: json, error } = ts.parseConfigFileTextToJson(fix.path, text) as { config: unknown; error?: unknown };
  expect(error).toBeUndefined();
  expect(fix.path).toBe("/w/tsconfig.json");
  expect(fix.isNew).toBe(config === undefined);
  return json;
}

const own = "./.millrace/tsconfig.json";
const types = "./.millrace/types/millrace.d.ts";

describe.each([
  ["none", undefined, { extends: own, compilerOptions: { target: "es2023", module: "nodenext", strict: true } }],
  ["an empty one", "{}", { extends: own }],
  [
    "one with a comment",
    '// mine\n{\n  // more\n  "include": ["a"], // the lot\n}\n',
    { extends: own, include: ["a"] },
  ],
  ["one that extends", '{ "extends": "../base.json" }', { extends: ["../base.json", own] }],
  ["one that extends two", '{ "extends": ["a", /* b */ "b"] }', { extends: ["a", "b", own] }],
  ["one that is set up", `{ "extends": "${own}" }`, undefined],
  [
    "paths and rootDirs of its own",
    '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] }, "rootDirs": ["."] } }',
    {
      extends: own,
      compilerOptions: { paths: { millrace: [types], "@/*": ["./src/*"] }, rootDirs: ["./.millrace/types", "."] },
    },
  ],
])("a tsconfig.json: %s", (_name, before, after) => {
  test("becomes", () => expect(fixed(before)).toEqual(after));
});

test("it is offered on imports of ours only", () => {
  expect(fixed("{}", pipeline.indexOf("steps"))).toBeDefined();
  expect(fixed("{}", pipeline.indexOf('"./x"') + 1)).toBeUndefined();
});

test("types go where the nearest tsconfig.json takes them from, and never out of the workspace", () => {
  const extending = (path: string) => `{ "extends": "${path}" }`;
  const root = (config: string, folders = ["/w"]) =>
    typesRoot("/w/a/b/p.ts", folder({ "/w/a/tsconfig.json": config }), folders);
  expect(root("{}")).toBe("/w/a");
  expect(root(extending(own))).toBe("/w/a");
  expect(root(extending("../.millrace/tsconfig.json"))).toBe("/w");
  expect(root(extending("../../.millrace/tsconfig.json"))).toBeUndefined();
  expect(root(extending("../.millrace/tsconfig.json"), ["/w/a"])).toBeUndefined();
  expect(root("{}", ["/w/a/b"])).toBe("/w/a/b");
  expect(root("{}", ["/elsewhere"])).toBeUndefined();
});
