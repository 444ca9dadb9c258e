/** What has no meaning in a pipeline: where it is said, as what, and what to write instead. */
import { describe, expect, test } from "vitest";
import type { Files } from "../../../language/source.ts";
import { analyzeTypeScript } from "../../../language/typescript/front-end.ts";

const head = `import { component, importer, parallel, pipeline, run, type Dataset, type Int, type Output } from "millrace";
export const load = component({}, ({ data }: { data: Output<Dataset> }): { rows: Int; names: string[]; ok: boolean } => ({ rows: 1, names: [], ok: true }));
export const say = component({}, ({ text }: { text: string }) => \`\${text}!\`);
export const use = component({}, ({ data }: { data: Dataset }) => {});
export const takes = component({}, ({ all }: { all: string[] }) => {});
`;

/** Diagnostics of a pipeline body, each with the text that it stands at. */
function check(body: string, more = ""): [code: string, at: string, hint: string][] {
  const text = `${head}${more}\nexport const p = pipeline({}, ({ n, list, name = "x", maybe }: { n: Int; list: string[]; name?: string; maybe?: Int }) => {\n${body}\n});\n`;
  const files: Files = { read: (path) => (path === "/w/p.ts" ? text : undefined), list: () => [] };
  const { diagnostics } = analyzeTypeScript("/w/p.ts", files, { sdkVersion: "2.17.0", roots: [], env: {} });
  return diagnostics.map(({ code, span, hint = "" }) => [code, text.slice(span.start, span.end), hint]);
}

// biome-ignore format: one row a case
const refused: readonly (readonly [body: string, code: string, at: string, hint: RegExp])[] = [
  ["const { rows } = load(); while (rows > 1) say({ text: name });", "no-meaning", "while (rows > 1) say({ text: name });", /for … of/],
  ["const a = await load();", "no-meaning", "await load()", /Leave `await` out/],
  ["const { data } = load(); say({ text: data.path });", "runtime-only", "path", /read it in its body/],
  ["const { data } = load(); say({ text: data.metadata.rows });", "runtime-only", "metadata", /read it in its body/],
  ["const { rows } = load(); say({ text: `${rows + 1}` });", "runtime-only", "rows + 1", /in a component/],
  ["say({ text: list[0] });", "runtime-only", "0", /map/],
  ["if (list.length > 1) say({ text: name });", "runtime-only", "length", /map/],
  ["const some = list.filter((x) => x > 'a'); say({ text: name });", "runtime-only", "filter", /map/],
  ["const all: string[] = []; for (const x of list) all.push(say({ text: x }).output);", "no-meaning", "all.push(say({ text: x }).output)", /list\.map/],
  ["const all = list.map((x) => say({ text: x })); all.map((one) => say({ text: one.output }));", "no-meaning", "all.map((one) => say({ text: one.output }))", /one\.output/],
  ["const all = list.map((x) => say({ text: x })); say({ text: `${all.length}` });", "no-meaning", "length", /^/],
  ["const all = list.map((x) => say({ text: x })); say({ text: all });", "wrong-value", "all", /^/],
  ["const own = list.map((x) => say({ text: x }).output); list.map(() => own);", "collected-of", "list.map(() => own)", /^/],
  ["let last = ''; for (const x of list) last = say({ text: x }).output;", "no-meaning", "last", /list\.map/],
  ["for (const x of list) { if (x === 'a') continue; say({ text: x }); }", "no-meaning", "continue;", /an `if` around/],
  ["console.log('a'); say({ text: name });", "no-meaning", "console", /component's body/],
  ["const now = Date.now(); say({ text: `${now}` });", "no-meaning", "Date", /component's body/],
  ["const other = name || 'b'; say({ text: other });", "no-meaning", "name || 'b'", /own default/],
  ["say({ text: 'a' }); switch (true) { case n > 1: say({ text: 'b' }); break; }", "runtime-only", "n > 1", /else if/],
  ["const one = new Date(); say({ text: name });", "no-meaning", "new Date()", /component's body/],
  ["throw new Error('no');", "no-meaning", "throw new Error('no');", /body fail/],
  ["const m = n > 1 ? name : 'other'; say({ text: m });", "unfit-choice", "n > 1 ? name : 'other'", /let m/],
  ["try { say({ text: name }); } catch { say({ text: name }); }", "no-meaning", "catch { say({ text: name }); }", /finally/],
  ["try { say({ text: name }); } finally { say({ text: 'a' }); say({ text: 'b' }); }", "wrong-value", "{ say({ text: 'a' }); say({ text: 'b' }); }", /into a pipeline/],
  ["say({ text: say({ text: name }) });", "wrong-value", "say({ text: name })", /step\.output/],
  ["const big = n > 5; say({ text: big });", "wrong-value", "big", /in `if`/],
  ["say({ text: nme });", "undefined-name", "nme", /^$/],
  ["say({ text: name }, { memroy: '1Gi' });", "unknown-option", "'1Gi'", /^$/],
  ["say({ text: name }, { timeout: 'soon' });", "wrong-value", "'soon'", /^$/],
  ["n > 1 && say({ text: name });", "no-meaning", "say({ text: name })", /an `if` around/],
  ["function again(): void { again(); } again(); say({ text: name });", "endless-evaluation", "again()", /calls itself/],
  ["for (let i = 0; ; i++) { const a = i; } say({ text: name });", "endless-evaluation", "", /fewer steps/],
  ["for (let i = 0; i < n; i++) say({ text: name });", "runtime-only", "i < n", /for … of/],
  ["const inner = component({}, () => {}); say({ text: name });", "not-top-level", "component({}, () => {})", /close over/],
  ["say('text');", "wrong-value", "'text'", /Name them/],
  ["switch (name) { case 'a': say({ text: 'a' }); case 'b': say({ text: 'b' }); }", "no-meaning", "case 'a': say({ text: 'a' });", /break/],
  ["if (n > 1) { if (name === 'x') return; say({ text: 'a' }); } say({ text: 'b' });", "no-meaning", "if (n > 1) { if (name === 'x') return; say({ text: 'a' }); }", /`else`/],
  ["if (n > 1) { say({ text: 'a' }); } else { return; } say({ text: 'b' });", "no-meaning", "if (n > 1) { say({ text: 'a' }); } else { return; }", /`else`/],
  ["for (const x of ['a', 'b']) { if (n > 1) return; say({ text: x }); }", "no-meaning", "if (n > 1) return;", /`else`/],
  ["for (const x of list) { if (x === 'a') return; say({ text: x }); }", "no-meaning", "for (const x of list) { if (x === 'a') return; say({ text: x }); }", /map/],
  ["say({ text: name }, { cpu: 'lots' });", "wrong-value", "'lots'", /^$/],
  ["say({ text: name }, { tolerations: [{ keey: 'a' }] });", "unknown-option", "'a'", /^$/],
  ["name.toUpperCase(); say({ text: name });", "runtime-only", "toUpperCase", /component's body/],
  ["if (n > 1) say({ text: 'a' }); else if (load().ok) say({ text: 'b' });", "no-meaning", "load().ok", /an `if` around the step/],
  ["switch (name) { case 'a': say({ text: 'a' }); break; case say({ text: 'b' }).output: say({ text: 'c' }); }", "no-meaning", "say({ text: 'b' }).output", /an `if` around the step/],
  ["let f = false; if (n > 1 && (f = true)) say({ text: name }); say({ text: `${f}` });", "no-meaning", "(f = true)", /an `if` around it/],
  ["let m = 'a'; try { m = 'b'; say({ text: m }); } finally { say({ text: m }); }", "no-meaning", "{ say({ text: m }); }", /above the `try`/],
  ["const all = ['a']; try { all.push('b'); say({ text: name }); } finally { say({ text: all.join() }); }", "no-meaning", "{ say({ text: all.join() }); }", /above the `try`/],
  ["try { say({ text: name }); } finally { if (n > 1) say({ text: 'x' }); }", "no-meaning", "{ if (n > 1) say({ text: 'x' }); }", /into a pipeline/],
  ["try { say({ text: name }); } finally { for (const x of list) say({ text: x }); }", "no-meaning", "{ for (const x of list) say({ text: x }); }", /into a pipeline/],
  ["try { say({ text: name }); } finally { say({ text: 'x' }); return; }", "no-meaning", "{ say({ text: 'x' }); return; }", /after it/],
  ["let y = 'q'; for (y of list) say({ text: y });", "no-meaning", "y", /list\.map/],
  ["const kept = ['a', 'b'].filter((x) => x !== name); for (const k of kept) say({ text: k });", "runtime-only", "['a', 'b'].filter((x) => x !== name)", /around the step/],
  ["say({ text: ['a', 'b'].find((x) => x === name) ?? 'c' });", "runtime-only", "['a', 'b'].find((x) => x === name)", /around the step/],
  ["say({ text: ['a', 'b'].slice(n).join() });", "wrong-value", "['a', 'b'].slice(n)", /^$/],
  ["say({ text: ['a', 'b'].at(n) ?? '' });", "wrong-value", "['a', 'b'].at(n)", /^$/],
  ["for (const x of ['a'].concat(list)) say({ text: x });", "runtime-only", "['a'].concat(list)", /component's body/],
  ["for (const x of [['a'], list].flat()) say({ text: x });", "runtime-only", "[['a'], list].flat()", /component's body/],
  ["for (const x of Array.from(list)) say({ text: x }); say({ text: name });", "wrong-value", "Array.from(list)", /^$/],
  ["for (const x of Array.from({ length: n })) say({ text: name });", "wrong-value", "Array.from({ length: n })", /^$/],
  ["for (const x of Object.keys(list)) say({ text: x }); say({ text: name });", "wrong-value", "Object.keys(list)", /^$/],
  ["var t = 'a'; { var t = 'b'; } say({ text: t });", "no-meaning", "t = 'b'", /`let` or `const`/],
  ["if (n < Infinity) say({ text: name });", "wrong-value", "Infinity", /^$/],
  ["const all = ['a', 'b']; all.length = 1; say({ text: all.join() });", "no-meaning", "all.length", /another list/],
  ["say({ text: `${maybe ?? 5}` });", "no-meaning", "maybe ?? 5", /default/],
  ["if (maybe) say({ text: name });", "no-meaning", "maybe", /default/],
  ["if (maybe !== 5) say({ text: name });", "no-meaning", "maybe", /default/],
  ["say({ text: `${maybe}` });", "no-meaning", "maybe", /default/],
  ["list.map((x, i) => say({ text: `${x}${i}` }));", "runtime-only", "(x, i) => say({ text: `${x}${i}` })", /only the items/],
  ["list.forEach(say as any); say({ text: name });", "wrong-value", "say as any", /step\(\{ x \}\)/],
  ["[{ text: 'a' }].map(say as any); say({ text: name });", "wrong-value", "[{ text: 'a' }].map(say as any)", /step\(\{ x \}\)/],
  ["for (const { a, ...others } of parallel([{ a: 'x', b: 'y' }])) say({ text: others.b });", "runtime-only", "...others", /Name its members/],
  ["let m; if (n > 1) m = say({ text: '1' }).output; else { if (n > 0) m = say({ text: '2' }).output; else m = say({ text: '3' }).output; } say({ text: m });", "unfit-choice", "if (n > 1) m = say({ text: '1' }).output; else { if (n > 0) m = say({ text: '2' }).output; else m = say({ text: '3' }).output; }", /as one/],
  ["const m = n > 1 ? say({ text: '1' }).output : name; say({ text: m });", "unfit-choice", "n > 1 ? say({ text: '1' }).output : name", /pass it on/],
  ["let m = say({ text: '0' }).output; if (n > 1) m = say({ text: '1' }).output; say({ text: m });", "unfit-choice", "if (n > 1) m = say({ text: '1' }).output;", /an `else`/],
  ["const all = list.map((x) => (x === 'a' ? say({ text: '1' }).output : say({ text: '2' }).output)); takes({ all });", "wrong-value", "list.map((x) => (x === 'a' ? say({ text: '1' }).output : say({ text: '2' }).output))", /pass on/],
  ["takes({ all: list.map(() => name) });", "wrong-value", "list.map(() => name)", /pass on/],
  ["takes({ all: [name, `${n}`] });", "no-meaning", "[name, `${n}`]", /the value itself/],
];

describe("refuses where it stands, with what to write instead", () => {
  test.each(refused)("%s", (body, code, at, hint) => {
    const found = check(body);
    const [, place = "", advice = ""] = found.find((each) => each[0] === code) ?? [];
    expect(found.map((each) => each[0])).toContain(code);
    if (at !== "") expect(place).toBe(at);
    expect(advice).toMatch(hint);
  });
});

// biome-ignore format: one row a case
const accepted: readonly string[] = [
  "const { rows } = load(); if (rows > 1) say({ text: name });",
  "const { data } = load(); use({ data });",
  "for (const x of list) say({ text: x });",
  "const all = list.map((x) => say({ text: x }).output);",
  "if (n > 1) return; say({ text: name });",
  "if (n > 1) { say({ text: name }); } else if (n > 2) {} else { say({ text: 'b' }); }",
  "const all = list.map((x) => say({ text: x })); say({ text: name }, { after: all });",
  "const all = list.map((x) => list.map((y) => say({ text: `${x}${y}` }))); say({ text: name }, { after: all.flat() });",
  "const all: string[] = []; for (const x of ['a', 'b']) all.push(say({ text: x }).output);",
  "const m = n > 1 ? say({ text: 'a' }).output : say({ text: 'b' }).output; say({ text: m });",
  "for (const x of ['a', 'b']) { if (x === 'a') continue; say({ text: x }); }",
  "for (let i = 0; i < 3; i++) say({ text: `${i}` });",
  "const { ok } = load(); const big = n > 5; if ((big && name !== 'x') || !ok) say({ text: 'big' });",
  "const names = Object.entries({ a: 1, b: 2 }).map(([key, value]) => `${key}=${value}`).join(); say({ text: names });",
  "if (n > 1) { say({ text: 'a' }); return; } say({ text: 'b' });",
  "if (n > 1) { say({ text: 'a' }); return; } else if (n > 0) return; say({ text: 'b' });",
  "if (n > 1) { say({ text: 'a' }); return; } else { say({ text: 'c' }); return; } say({ text: undefined });",
  "let a = 'x', b = 'y'; [a, b = 'z'] = [b, a]; let c; ({ output: c } = say({ text: a })); say({ text: c });",
  "const retries = 1 + 2; say({ text: name }, { retry: retries });",
  "const { output: text = 'none' } = say({ text: run.id }); say({ text });",
  "const [first] = ['a', 'b']; say({ text: first });",
  "for (const x of parallel(['a', 'b'], { limit: 2 })) say({ text: x });",
  "use({ data: importer<Dataset>({ uri: `s3://bucket/${name}` }) });",
];

describe("takes", () => {
  test.each(accepted)("%s", (body) => expect(check(body)).toEqual([]));
});

test("a module's variable that a pipeline changes", () => {
  const more = "let used = 0; const next = () => used++;";
  expect(check("say({ text: `${next()}` });", more)).toEqual([["no-meaning", "used", "Declare it in the pipeline."]]);
});

test("an option's complaint names the option, not what the SDK calls it", () => {
  const messages = (options: string) => {
    const text = `${head}export const p = pipeline({}, () => { say({ text: "a" }, ${options}); });`;
    const files: Files = { read: (path) => (path === "/w/p.ts" ? text : undefined), list: () => [] };
    const { diagnostics } = analyzeTypeScript("/w/p.ts", files, { sdkVersion: "2.17.0", roots: [], env: {} });
    return diagnostics.map(({ message }) => message);
  };
  expect(messages("{ cpu: 'lots' }")[0]).toMatch(/^The option "cpu" must be a number of CPUs/);
  expect(messages("{ gpu: { type: 5 } }")[0]).toMatch(/^The option "gpu.type" must be text/);
  expect(messages("{ retry: { count: 1, backoff: 'soon' } }")[0]).toMatch(/^The option "retry.backoff" must be a time/);
  expect(messages("{ volumes: [{ claim: 'x' }] }")).toEqual(['The option "volumes" needs "mountPath".']);
  for (const option of ["memory: 'x'", "cache: 5", "env: { A: 5 }", "image: 5", "imagePullPolicy: 'x'", "timeout: 'x'"])
    for (const message of messages(`{ ${option} }`)) expect(message).not.toMatch(/set_|kubernetes\.|_/);
});

test("what follows an `else if` without `else` stands after it", () => {
  const text = `${head}export const p = pipeline({}, ({ n }: { n: Int }) => {
    if (n > 1) say({ text: "a" }); else if (n > 0) say({ text: "b" });
    say({ text: "after" });
  });`;
  const files: Files = { read: (path) => (path === "/w/p.ts" ? text : undefined), list: () => [] };
  const { definitions, diagnostics } = analyzeTypeScript("/w/p.ts", files, {
    sdkVersion: "2.17.0",
    roots: [],
    env: {},
  });
  expect(diagnostics).toEqual([]);
  const { compiled } = definitions.find((each) => each.symbol === "p")?.compile() ?? {};
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {}).sort()).toEqual(["condition-branches-1", "say-3"]);
});

test("errors of other definitions are said once, of the file", () => {
  const more = "const size = missing;\nexport const q = pipeline({}, () => { say({ text: size }); });";
  expect(check("say({ text: size });", more).filter(([code]) => code === "undefined-name")).toEqual([
    ["undefined-name", "missing", ""],
  ]);
});

test("a pipeline that calls itself, modules that import one another, names defined by themselves", () => {
  expect(check("p({ n, list });").map(([code]) => code)).toContain("circular-definition");
  const files = new Map([
    [
      "/w/a.ts",
      `import { b } from "./b.ts";\nimport { component, pipeline } from "millrace";\nexport const text = "a";\nexport const say = component({}, ({ t }: { t: string }) => {});\nexport const p = pipeline({}, () => { say({ t: b }); });`,
    ],
    ["/w/b.ts", `import { text } from "./a.ts";\nexport const b = text + "b";`],
  ]);
  const { diagnostics, definitions } = analyzeTypeScript(
    "/w/a.ts",
    { read: (path) => files.get(path), list: () => [] },
    { sdkVersion: "2.17.0", roots: [], env: {} },
  );
  expect(diagnostics).toEqual([]);
  const { compiled } = definitions.find((each) => each.symbol === "p")?.compile() ?? {};
  expect(compiled?.spec.root.dag?.tasks["say"]?.inputs?.parameters?.["t"]).toEqual({
    runtimeValue: { constant: "ab" },
  });
});

describe("refuses steps in a component's body", () => {
  const module = (body: string) => {
    const text = `${head}\nimport { train } from "./steps.py";\nexport const c = component({}, (${body});\nexport const p = pipeline({}, () => { c(); });\n`;
    const steps = "from kfp import dsl\n@dsl.component\ndef train(x: int) -> int:\n    return x\n";
    const beside: Readonly<Record<string, string>> = { "/w/p.ts": text, "/w/steps.py": steps };
    const files: Files = { read: (path) => beside[path], list: () => Object.keys(beside) };
    const { diagnostics } = analyzeTypeScript("/w/p.ts", files, { sdkVersion: "2.17.0", roots: [], env: {} });
    return diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)]);
  };

  test.each([
    ['): void => { say({ text: "x" }); }', [["step-in-body", "say"]]],
    ["): void => { const one = () => train({ x: 1 }); one(); }", [["step-in-body", "train"]]],
    ["): void => { console.log(run.id); }", [["step-in-body", "run"]]],
    ["): void => { for (const x of parallel([1])) console.log(x); }", [["step-in-body", "parallel"]]],
    // Names of its own, members and types are none of ours.
    ["): void => { const run = (say: () => void) => say(); run(() => {}); }", []],
    ["): void => { const o = { run: 1, say() {} }; o.say(); console.log(o.run, typeof c); }", []],
  ])("(%s", (body, said) => {
    expect(module(body)).toEqual(said);
  });
});
