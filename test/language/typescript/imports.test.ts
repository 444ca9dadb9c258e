/** What a pipeline imports, in every way that TypeScript can: modules, JSON, packages, CommonJS, paths of a tsconfig.json. */
import { describe, expect, test } from "vitest";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";

const head = `import { component, pipeline } from "millrace";
export const say = component({}, ({ text }: { text: string }): void => {});
`;

/** What \`say\` is given, or the codes of what is wrong. */
function given(declarations: string, expression: string, files: Readonly<Record<string, string>>): unknown {
  const texts: Readonly<Record<string, string>> = {
    ...files,
    "/w/a/p.ts": `${head}${declarations}\nexport const p = pipeline({}, () => { say({ text: ${expression} }); });`,
  };
  const source = { read: (path: string) => texts[path], list: () => [] };
  const { definitions, diagnostics } = analyzeTypeScript("/w/a/p.ts", source, {
    sdkVersion: "2.17.0",
    roots: [],
    env: {},
  });
  if (diagnostics.length > 0) return diagnostics.map(({ code }) => code);
  const spec = definitions.find((each) => each.symbol === "p")?.compile().compiled?.spec;
  return spec?.root.dag?.tasks["say"]?.inputs?.parameters?.["text"]?.runtimeValue?.constant;
}

const lib = "export const x = 'lib'; export const y = { z: 'deep' };";
const paths = (options: object) => JSON.stringify({ compilerOptions: options });

// biome-ignore format: one row a case
const rows: readonly (readonly [declarations: string, expression: string, files: Readonly<Record<string, string>>, given: unknown])[] = [
  ["import { x } from './lib.ts';", "x", { "/w/a/lib.ts": lib }, "lib"],
  ["import { x } from './lib.js';", "x", { "/w/a/lib.ts": lib }, "lib"],
  ["import { x } from './lib.mjs';", "x", { "/w/a/lib.mts": lib }, "lib"],
  ["import { x } from './lib.cjs';", "x", { "/w/a/lib.cts": lib }, "lib"],
  ["import * as all from '../lib';", "all.y.z", { "/w/lib/index.ts": lib }, "deep"],
  ["import lib = require('./lib.cts');", "lib.x", { "/w/a/lib.cts": lib }, "lib"],
  ["import lib = require('./lib.cts');", "lib.a", { "/w/a/lib.cts": "const it = { a: 'equal' }; export = it;" }, "equal"],
  ["const lib = require('./lib.cts');", "lib.x", { "/w/a/lib.cts": lib }, "lib"],
  ["const { x: mine, y } = require('./lib.cts');", "mine + y.z", { "/w/a/lib.cts": lib }, "libdeep"],
  ["import d from './d.json' with { type: 'json' };", "d.a[1]", { "/w/a/d.json": '{ "a": ["p", "q"] }' }, "q"],
  ["import d from './d.json' with { type: 'json' };", "d.a", { "/w/a/d.json": "{" }, ["wrong-value"]],
  ["import { x } from '@/lib';", "x", { "/w/src/lib.ts": lib, "/w/tsconfig.json": paths({ paths: { "@/*": ["./src/*"] } }) }, "lib"],
  ["import { x } from 'ours';", "x", { "/w/src/lib.ts": lib, "/w/tsconfig.json": paths({ paths: { ours: ["./none", "./src/lib.ts"] } }) }, "lib"],
  ["import { x } from 'lib';", "x", { "/w/src/lib.ts": lib, "/w/tsconfig.json": paths({ baseUrl: "src" }) }, "lib"],
  ["import { x } from '#lib';", "x", { "/w/lib.ts": lib, "/w/base.json": `{ // mine\n"compilerOptions": { "paths": { "#*": ["./*"] } } }`, "/w/a/tsconfig.json": '{ "extends": "../base" }' }, "lib"],
  ["import { x } from 'lodash';", "x", {}, ["no-meaning"]],
  ["import { z } from 'lodash';", "'unused'", {}, "unused"],
  ["import { x } from './none.ts';", "x", {}, ["unresolved-import"]],
  ["class Size { static readonly Big = 'big'; static of(n: number) { return `of ${n}`; } }", "Size.Big + Size.of(2)", {}, "bigof 2"],
  ["enum Size { Big = 'big', Small = 'small' }", "Object.values(Size).join()", {}, "big,small"],
];

describe("imports", () => {
  test.each(rows)("%s %s", (declarations, expression, files, expected) => {
    expect(given(declarations, expression, files)).toEqual(expected);
  });
});

test.each([
  ["() => h()", "export function h(): number { return 5; }", []],
  ["() => h()", "export const h = () => { console.log(5); };", []],
  ["() => h()", "export const h = () => console.log(5);", []],
  ["() => h()", "export const h = () => fetch('x');", ["output-type-unknown"]],
  ["async () => (await fetch('x')).json()", "", ["output-type-unknown"]],
  ["(): void => g()", "", []],
  ["() => g()", "", ["output-type-unknown"]],
])("a body without an annotation says what it gives, or is asked to: %s %s", (body, library, codes) => {
  const texts: Readonly<Record<string, string>> = {
    "/w/lib.ts": library,
    "/w/p.ts": `import { component } from "millrace";\nimport { h } from "./lib.ts";\nimport { g } from "pack";\nexport const c = component({}, ${body});`,
  };
  const source = { read: (path: string) => texts[path], list: () => [] };
  const { diagnostics } = analyzeTypeScript("/w/p.ts", source, { sdkVersion: "2.17.0", roots: [], env: {} });
  expect(diagnostics.map(({ code }) => code)).toEqual(codes);
});
