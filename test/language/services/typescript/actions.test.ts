/** Code actions: applied, read again, and checked by TypeScript. */
import { expect, test } from "vitest";
import { type Action, actionsAt } from "../../../../language/services/typescript/actions.ts";
import { cpuMeant, memoryMeant } from "../../../../language/services/typescript/amounts.ts";
import { readingOf } from "../../../../language/services/typescript/reading.ts";
import type { Edit } from "../../../../language/services/fixes.ts";
import { analyzed, head } from "./source.ts";
import { typeErrors } from "./type-check.ts";

const more = `export const count = component({}, ({ rows, names = [] }: { rows: Int; names?: string[] }): number => rows);
`;
const whole = (body: string) =>
  `${head}${more}export const p = pipeline({}, ({ n = 3, list }: { n?: Int; list: string[] }) => {\n  ${body}\n});\n`;
const bodyOf = (text: string) =>
  text.slice(text.indexOf("=> {\n", text.indexOf("export const p")) + 7, -"\n});\n".length);

function apply(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((a, b) => b.span.start - a.span.start)
    .reduce((result, { span, text: by }) => result.slice(0, span.start) + by + result.slice(span.end), text);
}

/** The actions for a text with `⟦…⟧` around what is selected, or `⟦⟧` for the cursor. */
function actions(marked: string, others: Readonly<Record<string, string>> = {}) {
  const start = marked.indexOf("⟦");
  const end = marked.indexOf("⟧") - 1;
  const source = marked.replace(/[⟦⟧]/g, "");
  const place = start < 0 ? { start: 0, end: source.length } : { start, end };
  const { analysis, files } = analyzed(source, others);
  const complaints = analysis.diagnostics.map(({ code, span }) => ({ code, start: span.start, end: span.end }));
  const offered = (name: string) => (name === "train" ? [{ name, path: "/w/lib/steps.py" }] : []);
  const touching = complaints.filter((each) => each.end >= place.start && each.start <= place.end);
  return { source, found: actionsAt(readingOf(analysis, files), place, touching, offered) };
}

/** The text after the action of a title, with what is still wrong with it. */
function after(marked: string, title: string): { readonly text: string; readonly wrong: readonly string[] } {
  const { source, found } = actions(marked);
  const action: Action | undefined = found.find((each) => each.title === title);
  if (!action) throw new Error(`No "${title}" among ${found.map((each) => each.title).join(", ")}`);
  const text = apply(source, action.edits);
  const { diagnostics } = analyzed(text).analysis;
  return { text, wrong: [...diagnostics.map(({ message }) => message), ...typeErrors(text)] };
}

test.each([
  ["say({ txet: 'a' });", "Change to text", "say({ text: 'a' });"],
  ["const txet = 'a'; say({ txet });", "Change to text", "const txet = 'a'; say({ text: txet });"],
  ["say({ text: 'a' }, { memroy: '4Gi' });", "Change to memory", "say({ text: 'a' }, { memory: '4Gi' });"],
  [
    "say({ text: 'a' }, { tolerations: [{ keey: 'a' }] });",
    "Change to key",
    "say({ text: 'a' }, { tolerations: [{ key: 'a' }] });",
  ],
  ["say({ text: 'a' }, { memory: '4GB' });", 'Change to "4G"', "say({ text: 'a' }, { memory: '4G' });"],
  [
    "say({ text: 'a' }, { cpu: { limit: '2 cores' } });",
    'Change to "2"',
    "say({ text: 'a' }, { cpu: { limit: '2' } });",
  ],
  [
    "say({ text: 'a' }, { gpu: { type: 'nvidia.com/gpus' } });",
    'Change to "nvidia.com/gpu"',
    "say({ text: 'a' }, { gpu: { type: 'nvidia.com/gpu' } });",
  ],
  [
    "say({ text: 'a' }, { image: 'Python:3.12' });",
    'Change to "python:3.12"',
    "say({ text: 'a' }, { image: 'python:3.12' });",
  ],
  ["const { data } = load(); use({ data: dta });", "Change to data", "const { data } = load(); use({ data: data });"],
  ["const { data } = load(); use();", "Add data", "const { data } = load(); use({ data });"],
  ["const loaded = load(); use({});", "Add data", "const loaded = load(); use({ data: loaded.data });"],
  ["count();", "Add rows", "count({ rows: 0 });"],
  [
    "const { rows } = load(); count({ names: list });",
    "Add rows",
    "const { rows } = load(); count({ names: list, rows });",
  ],
  ["count({\n    names: list,\n  });", "Add rows", "count({\n    names: list,\n    rows: 0,\n  });"],
  [
    "const said = say({ text: 'a' }); say({ text: said });",
    "Name the output: .output",
    "const said = say({ text: 'a' }); say({ text: said.output });",
  ],
  ["n > 1 && say({ text: 'a' });", "Write an `if` around the step", "if (n > 1) say({ text: 'a' });"],
  ["n > 1 || say({ text: 'a' });", "Write an `if` around the step", "if (!(n > 1)) say({ text: 'a' });"],
  [
    "switch (n) { case 1: say({ text: 'a' }); default: say({ text: 'b' }); }",
    "End the case with `break`",
    "switch (n) { case 1: say({ text: 'a' }); break; default: say({ text: 'b' }); }",
  ],
])("repairs %s", (body, title, expected) => {
  const { text, wrong } = after(whole(body), title);
  expect(bodyOf(text)).toBe(expected);
  expect(wrong).toEqual([]);
});

test("`await` and `async` are left out", () => {
  const { text } = after(whole("const { data } = await load(); use({ data });"), "Leave `await` out");
  expect(bodyOf(text)).toBe("const { data } = load(); use({ data });");
  const asynchronous = `${head}export const p = pipeline({}, async () => { say({ text: 'a' }); });\n`;
  expect(after(asynchronous, "Leave `async` out").text).toBe(asynchronous.replace("async ", ""));
});

test("names that are not there are imported: from millrace, from Python files of the workspace", () => {
  const bare = `import { component, pipeline } from "millrace";\nexport const say = component({}, ({ text }: { text: string }) => {});\nexport const p = pipeline({}, () => { for (const text of parallel(["a"])) say({ text }); });\n`;
  const { text, wrong } = after(bare, "Import parallel from millrace");
  expect(text).toContain('import { component, parallel, pipeline } from "millrace";');
  expect(wrong).toEqual([]);
  const { source, found } = actions(whole("train({});"));
  const [fix] = found.filter(({ title }) => title.startsWith("Import"));
  expect(fix?.title).toBe("Import train from ./lib/steps.py");
  expect(apply(source, fix?.edits ?? [])).toContain('from "millrace";\nimport { train } from "./lib/steps.py";\n');
});

test("misspelt exports and files", () => {
  const steps = "from kfp import dsl\n\n@dsl.component\ndef train(rows: int) -> int:\n    return rows\n";
  const source = `import { pipeline } from "millrace";\nimport { trian } from "./steps.py";\nexport const p = pipeline({}, () => { trian({ rows: 1 }); });\n`;
  const { found } = actions(source, { "steps.py": steps });
  const fix = found.find(({ title }) => title === "Change to train");
  expect(apply(source, fix?.edits ?? [])).toContain('import { train as trian } from "./steps.py"');
  const wrong = source.replaceAll("trian", "train").replace("./steps.py", "./setps.py");
  const file = actions(wrong, { "steps.py": steps }).found.find(({ title }) => title === "Change to ./steps.py");
  expect(apply(wrong, file?.edits ?? [])).toContain('import { train } from "./steps.py"');
});

test.each([
  ["Give it a GPU", "say({ text: 'a' }, { gpu: 1 });"],
  ["Give it memory", "say({ text: 'a' }, { memory: \"4Gi\" });"],
  ["Try again when it fails", "say({ text: 'a' }, { retry: 2 });"],
  ["Do not cache it", "say({ text: 'a' }, { cache: false });"],
])("a step: %s", (title, expected) => {
  const { text, wrong } = after(whole("sa⟦⟧y({ text: 'a' });"), title);
  expect(bodyOf(text)).toBe(expected);
  expect(wrong).toEqual([]);
});

test("a step's settings are written as the others are, and not twice", () => {
  expect(bodyOf(after(whole("loa⟦⟧d();"), "Do not cache it").text)).toBe("load({}, { cache: false });");
  const listed = "sa⟦⟧y(\n    { text: 'a' },\n    {\n      retry: 1,\n    },\n  );";
  expect(bodyOf(after(whole(listed), "Give it a GPU").text)).toBe(
    "say(\n    { text: 'a' },\n    {\n      retry: 1,\n      gpu: 1,\n    },\n  );",
  );
  const titles = actions(whole("sa⟦⟧y({ text: 'a' }, { gpu: 1, cache: false });")).found.map(({ title }) => title);
  expect(titles).toEqual(["Give it memory", "Try again when it fails"]);
  expect(actions(whole("const x = 'a⟦⟧'; say({ text: x });")).found).toEqual([]);
});

test("a loop becomes one of the run, gets a limit, and goes back", () => {
  const body = "for (const text of [⟦⟧'a', 'b']) say({ text });";
  const made = after(whole(body), "Make it a loop of the run: `parallel`");
  expect(bodyOf(made.text)).toBe("for (const text of parallel(['a', 'b'])) say({ text });");
  expect(made.wrong).toEqual([]);
  const back = after(whole("for (const text of parallel([⟦⟧'a', 'b'])) say({ text });"), "Leave `parallel` out");
  expect(bodyOf(back.text)).toBe("for (const text of ['a', 'b']) say({ text });");
  const limited = after(whole("for (const text of li⟦⟧st) say({ text });"), "Limit how many turns run at once");
  expect(bodyOf(limited.text)).toBe("for (const text of parallel(list, { limit: 2 })) say({ text });");
  expect(limited.wrong).toEqual([]);
});

test("statements of a pipeline become a component", () => {
  const body =
    "const { rows, names } = load();\n  ⟦const much = rows * 2;\n  const few = much - 1;⟧\n  say({ text: `${few}` });";
  const { text, wrong } = after(whole(body), "Extract a component");
  expect(text).toContain(`export const makeFew = component({}, ({ rows }: { rows: Int }) => {
  const much = rows * 2;
  const few = much - 1;
  return { few };
});

export const p = `);
  expect(bodyOf(text)).toBe(
    "const { rows, names } = load();\n  const { few } = makeFew({ rows });\n  say({ text: `${few}` });",
  );
  expect(wrong).toEqual([]);
});

test("steps, and what leaves the pipeline, stay in it", () => {
  const titles = (body: string) => actions(whole(body)).found.map(({ title }) => title);
  expect(titles("⟦say({ text: 'a' });⟧")).not.toContain("Extract a component");
  expect(titles("⟦return { n };⟧")).not.toContain("Extract a component");
  expect(titles("const x = n; ⟦const y = x;⟧ say({ text: `${y}` });")).not.toContain("Extract a component");
});

test("an expression that only a body can compute becomes a component, also by the light bulb", () => {
  const { text, wrong } = after(
    whole("const { rows } = load(); const twice = ⟦rows * 2⟧; count({ rows: twice });"),
    "Compute it in a component",
  );
  expect(text).toContain("export const computeTwice = component({}, ({ rows }: { rows: Int }) => rows * 2);");
  expect(text).toContain("const twice = computeTwice({ rows }).output;");
  expect(wrong.filter((each) => !/Input "rows"/.test(each))).toEqual([]);
  const quick = actions(whole("const { names } = load(); const size = names.length; count({ rows: 1 });")).found;
  expect(quick.filter(({ kind }) => kind === "quickfix").map(({ title }) => title)).toContain(
    "Compute it in a component",
  );
});

test("a function becomes a component, and its calls give inputs by name", () => {
  const source = `import { component, pipeline } from "millrace";
function gre⟦⟧et(name: string, times = 2): string {
  return name.repeat(times);
}
export const say = component({}, ({ text }: { text: string }) => {});
export const p = pipeline({}, ({ who = "a" }: { who?: string }) => {
  say({ text: greet(who, 3) });
});
`;
  const { text, wrong } = after(source, "Make greet a component");
  expect(
    text,
  ).toContain(`export const greet = component({}, ({ name, times = 2 }: { name: string; times?: Int }): string => {
  return name.repeat(times);
});`);
  expect(text).toContain("say({ text: greet({ name: who, times: 3 }).output });");
  expect(text).toContain('import { component, pipeline, type Int } from "millrace";');
  expect(wrong).toEqual([]);
  const inBody = source.replace(
    "({ text }: { text: string }) => {}",
    "({ text }: { text: string }) => { greet(text); }",
  );
  expect(actions(inBody).found.map(({ title }) => title)).not.toContain("Make greet a component");
});

test("amounts that people write", () => {
  expect(["4GB", "4 Gi", "16gib", "512mb", "1.5Gi", "0.5G", "4", "4 apples", "1.5"].map(memoryMeant)).toEqual([
    "4G",
    "4Gi",
    "16Gi",
    "512M",
    "1536Mi",
    "500M",
    "4",
    undefined,
    undefined,
  ]);
  expect(["2 cores", "0,5", "500 m", "2vcpu", "many"].map(cpuMeant)).toEqual(["2", "0.5", "500m", "2", undefined]);
});
