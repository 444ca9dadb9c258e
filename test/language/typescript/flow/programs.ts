/** Pipelines in TypeScript that mean something, with all that typescript.md gives a meaning to. */
import { head, type Stub, type StubName, stubs, type Type } from "./components.ts";

export type Pick = (below: number) => number;

/** A value that can be named: what writes it, and where it may be used. */
interface Value {
  readonly text: string;
  readonly type: Type;
  /** Known while compiling. */
  readonly known?: boolean;
  /** What a `OneOf` gives cannot stand in text. */
  readonly chosen?: boolean;
  /** What a loop gathered can be neither looped over nor gathered again. */
  readonly gathered?: boolean;
  /** An output of a step of its own, which can be a result, be gathered or be chosen. */
  readonly made?: boolean;
}

/** A block being written: what can be named in it, and in which groups of the run it stands. */
interface Block {
  readonly lines: string[];
  readonly values: Value[];
  readonly indent: string;
  readonly groups: readonly ("arm" | "loop" | "try")[];
  readonly depth: number;
}

interface Writing {
  readonly pick: Pick;
  names: number;
  budget: number;
  /** Pipelines that can be called. */
  readonly pipelines: string[];
  /** There is an early end: what follows stands in an arm, and none of it can be a result. */
  ended?: boolean;
}

/** The inputs of every pipeline of these. */
export const inputs = {
  n: "int",
  x: "double",
  text: "string",
  flag: "boolean",
  words: "strings",
  numbers: "ints",
  rows: "rows",
} as const satisfies Readonly<Record<string, Type>>;

const destructured = `{ n = 2, x, text = "a", flag, words, numbers, rows }`;
const annotation = `{ n?: Int; x: number; text?: string; flag: boolean; words: string[]; numbers: Int[]; rows: { k: string; n: Int }[] }`;

/** The text of a module; its pipeline is `p`. */
export function program(pick: Pick): string {
  const pipelines: string[] = [];
  const inner: string[] = [];
  for (let i = 0; i < pick(3); i++) {
    const writing: Writing = { pick, names: 0, budget: 1 + pick(4), pipelines: [] };
    inner.push(pipelineText(writing, `inner${i}`));
    if (writing.ended !== true) pipelines.push(`inner${i}`);
  }
  const writing: Writing = { pick, names: 0, budget: 4 + pick(16), pipelines };
  const main = pipelineText(writing, "p");
  return `${head}${inner.join("\n")}\n${main}`;
}

function pipelineText(writing: Writing, name: string): string {
  const values = Object.entries(inputs).map(([text, type]): Value => ({ text, type }));
  const block: Block = { lines: [], values, indent: "  ", groups: [], depth: 0 };
  const { pick } = writing;
  statements(writing, block, writing.budget);
  if (name === "p") {
    line(block, "note();");
    results(writing, block);
  } else {
    line(block, `const made = ${call(writing, block, "count")};`);
    if (!writing.ended) {
      line(
        block,
        `const all = words.map((w) => ${["say({ text: w + text }).output", "say({ text: w }).output"][pick(2)] ?? ""});`,
      );
      line(
        block,
        `const word = ${condition(writing, block)} ? ${call(writing, block, "say")}.output : say({ text }).output;`,
      );
      line(block, "return { n: made.n, ok: made.ok, all, word };");
    }
  }
  const options = pick(4) === 0 ? `{ defaults: { retry: 1 } }` : "{}";
  return `export const ${name} = pipeline(${options}, (${destructured}: ${annotation}) => {\n${block.lines.join("\n")}\n});\n`;
}

function results(writing: Writing, block: Block): void {
  const { pick } = writing;
  const made = block.values.filter((value) => value.made || value.chosen || value.gathered);
  const [one, two] = [made[pick(made.length)], made[pick(made.length)]];
  if (one === undefined || two === undefined || writing.ended || pick(3) === 0) return;
  // A bare object would be its members.
  if (pick(4) === 0 && one.type !== "struct") line(block, `return ${one.text};`);
  else line(block, `return { first: ${one.text}, second: ${two.text} };`);
}

function line(block: Block, text: string): void {
  block.lines.push(block.indent + text.replaceAll("\n", `\n${block.indent}`));
}

function fresh(writing: Writing): string {
  return `v${writing.names++}`;
}

/** Writes a block of its own; gives its text and what is named in it. */
function inside(
  writing: Writing,
  block: Block,
  group: "arm" | "loop" | "try" | undefined,
  fill: (inner: Block) => void,
  more: readonly Value[] = [],
): string {
  const inner: Block = {
    lines: [],
    values: [...block.values.filter((value) => !more.some(({ text }) => text === value.text)), ...more],
    indent: `${block.indent}  `,
    groups: group === undefined ? block.groups : [...block.groups, group],
    depth: block.depth + 1,
  };
  fill(inner);
  return `{\n${inner.lines.join("\n")}\n${block.indent}}`;
}

function statements(writing: Writing, block: Block, most: number): void {
  for (let i = 0; i < most && writing.budget > 0; i++) statement(writing, block);
  if (block.lines.length === 0) line(block, "note();");
}

function some(writing: Writing, inner: Block): void {
  statements(writing, inner, 1 + writing.pick(3));
}

function statement(writing: Writing, block: Block): void {
  const { pick } = writing;
  writing.budget--;
  const kinds = block.depth > 3 ? simple : all;
  (kinds[pick(kinds.length)] ?? step)(writing, block);
}

type Statement = (writing: Writing, block: Block) => void;
const simple: readonly Statement[] = [step, step, known, texts, comparison];
const all: readonly Statement[] = [
  ...simple,
  step,
  ladder,
  ladder,
  chosen,
  ternary,
  switched,
  loop,
  loop,
  gather,
  helper,
  shadow,
  unrolled,
  ending,
  early,
  nested,
  steps,
  pushed,
  stepsChosen,
  meanwhile,
  deep,
  groups,
];

/** A step, by one of the ways to name what it gives. */
function step(writing: Writing, block: Block): void {
  const { pick } = writing;
  const names = Object.keys(stubs) as StubName[];
  const name = names[pick(names.length)] ?? "note";
  const made = call(writing, block, name);
  const { outputs }: Stub = stubs[name];
  const entries = Object.entries(outputs);
  if (entries.length === 0) return line(block, `${made};`);
  if (pick(2) === 0) {
    const renamed = entries.map(([key, type]) => ({ key, type, own: fresh(writing) }));
    line(block, `const { ${renamed.map(({ key, own }) => `${key}: ${own}`).join(", ")} } = ${made};`);
    for (const { own, type } of renamed) block.values.push({ text: own, type, made: true });
    return;
  }
  const own = fresh(writing);
  line(block, `const ${own} = ${made};`);
  for (const [key, type] of entries) block.values.push({ text: `${own}.${key}`, type, made: true });
}

function call(writing: Writing, block: Block, name: StubName): string {
  const { pick } = writing;
  const { inputs: known, defaults }: Stub = stubs[name];
  const given = Object.entries(known).flatMap(([key, type]): string[] => {
    if (key in defaults && pick(2) === 0) return pick(5) === 0 ? [`${key}: undefined`] : [];
    return [`${key}: ${argument(writing, block, type)}`];
  });
  const options =
    pick(5) === 0 ? `, { ${["retry: 1", 'memory: "1Gi"', 'name: "a step"', "cpu: 2"][pick(4)] ?? ""} }` : "";
  if (given.length === 0) return options === "" ? `${name}()` : `${name}({}${options})`;
  return `${name}({ ${given.join(", ")} }${options})`;
}

/** An expression of a type, for a step. */
function argument(writing: Writing, block: Block, type: Type): string {
  const { pick } = writing;
  const fits = block.values.filter((value) => value.type === type);
  const one = fits[pick(fits.length)];
  switch (type) {
    case "string":
      return one && pick(2) === 0 ? one.text : pick(2) === 0 ? template(writing, block) : constantOf(writing, "string");
    case "int":
      if (one && pick(3) > 0) return one.text;
      return pick(3) === 0 ? `${constantOf(writing, "int")} + ${pick(3)}` : constantOf(writing, "int");
    case "double":
      if (pick(5) === 0) return argument(writing, block, "int");
      return one && pick(3) > 0 ? one.text : constantOf(writing, "double");
    case "boolean":
      return one && pick(3) > 0 ? one.text : constantOf(writing, "boolean");
    case "strings":
      if (one && pick(4) > 0) return one.text;
      return `[${[0, 1]
        .slice(pick(3))
        .map(() => plainText(writing, block))
        .join(", ")}]`;
    case "ints":
      if (one && pick(4) > 0) return one.text;
      return `[${constantOf(writing, "int")}, ${plain(writing, block, "int")}]`;
    case "struct":
      if (one && pick(2) > 0) return one.text;
      return `{ k: ${plainText(writing, block)}, n: ${plain(writing, block, "int")} }`;
    case "data":
      return one?.text ?? "load().data";
    case "many":
      return one?.text ?? `words.map(() => load().data)`;
    case "rows":
      return one?.text ?? "rows";
  }
}

/** A value that can stand in a list or an object. */
function plain(writing: Writing, block: Block, type: Type): string {
  const fits = block.values.filter((value) => value.type === type && !value.chosen && !value.gathered);
  return fits[writing.pick(fits.length)]?.text ?? constantOf(writing, type);
}

function plainText(writing: Writing, block: Block): string {
  return writing.pick(3) === 0 ? constantOf(writing, "string") : plain(writing, block, "string");
}

const lists: readonly Type[] = ["strings", "ints", "rows", "struct"];

function template(writing: Writing, block: Block): string {
  const { pick } = writing;
  const fits = block.values.filter(
    ({ type, known: isKnown, chosen, gathered }) =>
      !["data", "many", ...(isKnown ? lists : [])].includes(type) && !chosen && !gathered,
  );
  const parts = Array.from({ length: 1 + pick(3) }, () => fits[pick(fits.length)]?.text ?? "n");
  if (pick(5) === 0)
    return `${constantOf(writing, "string")} + ${plain(writing, block, "string")} + ${parts.filter((part) => block.values.some(({ text, type }) => text === part && type === "int")).join(" + ") || '"z"'}`;
  return `\`${["", "a ", "{b}"][pick(3)] ?? ""}${parts.map((part) => `\${${part}}`).join(["", "-", " "][pick(3)])}${pick(4) === 0 ? "${run.id}" : ""}\``;
}

function constantOf({ pick }: Writing, type: Type): string {
  switch (type) {
    case "int":
      return String(pick(5) - 1);
    case "double":
      return String((pick(7) - 2) / 2);
    case "boolean":
      return String(pick(2) === 0);
    default:
      return JSON.stringify(["a", "b", "c", "", "it's", "x\ny", "back\\slash", "é"][pick(8)] ?? "");
  }
}

/** A condition of the run, or now and then a known one. */
function condition(writing: Writing, block: Block, depth = 0): string {
  const { pick } = writing;
  const kind = depth > 2 ? pick(5) : pick(11);
  const of = (type: Type): string | undefined => {
    // What is known and no boolean is a value to JavaScript, and no condition.
    const fits = block.values.filter((value) => value.type === type && !value.gathered && !value.known);
    return fits[pick(fits.length)]?.text;
  };
  switch (kind) {
    case 0:
      return of("boolean") ?? "flag";
    case 1:
      return `${of("string") ?? "text"} ${["===", "!==", "===", ">"][pick(4)] ?? "==="} ${pick(3) === 0 ? (of("string") ?? "text") : constantOf(writing, "string")}`;
    case 2:
    case 3: {
      const type = kind === 2 ? "int" : "double";
      const operator = ["===", "!==", "<", "<=", ">", ">="][pick(6)] ?? "<";
      const left = of(type) ?? (kind === 2 ? "n" : "x");
      const right = pick(3) === 0 ? (of("int") ?? "n") : constantOf(writing, pick(3) === 0 ? "double" : type);
      return pick(4) === 0 ? `${right} ${operator} ${left}` : `${left} ${operator} ${right}`;
    }
    case 4:
      return of((["int", "string", "double"] as const)[pick(3)] ?? "int") ?? "n";
    case 5:
      return `!(${condition(writing, block, depth + 1)})`;
    case 6:
      return `[${constantOf(writing, "string")}, ${constantOf(writing, "string")}].${pick(2) === 0 ? `includes(${of("string") ?? "text"})` : `${pick(2) === 0 ? "some" : "every"}((t) => t !== ${of("string") ?? "text"})`}`;
    case 7:
      return pick(3) === 0 ? `${pick(2) + 1} > 1` : (of("boolean") ?? "flag");
    default:
      return `(${condition(writing, block, depth + 1)}) ${pick(2) === 0 ? "&&" : "||"} (${condition(writing, block, depth + 1)})`;
  }
}

/** A condition with a name. */
function comparison(writing: Writing, block: Block): void {
  const own = fresh(writing);
  line(block, `const ${own} = ${condition(writing, block)};`);
  line(block, `if (${writing.pick(2) === 0 ? "!" : ""}${own}) note({ text: "${own}" });`);
}

function known(writing: Writing, block: Block): void {
  const { pick } = writing;
  const own = fresh(writing);
  const made: readonly (readonly [string, Type])[] = [
    [`[1, 2, 3].map((i) => i * 2)`, "ints"],
    [`["a", "b"].map((t) => t + "${own}").join("-")`, "string"],
    [`${pick(5)} * 2 + 1`, "int"],
    [`${pick(5)} > 2`, "boolean"],
    [`Object.entries({ a: 1, b: 2 }).map(([k, v]) => \`\${k}=\${v}\`)`, "strings"],
    [`{ k: "k", n: ${pick(3)} }`, "struct"],
    [`[..."abc"].filter((t) => t !== "b")`, "strings"],
  ];
  const [text, type] = made[pick(made.length)] ?? ["1", "int"];
  line(block, `const ${own} = ${text};`);
  block.values.push({ text: own, type, known: true });
}

function texts(writing: Writing, block: Block): void {
  line(block, `note({ text: ${template(writing, block)} });`);
}

/** `if` with as many `else if`s as come. */
function ladder(writing: Writing, block: Block): void {
  const { pick } = writing;
  let text = `if (${condition(writing, block)}) ${inside(writing, block, "arm", (inner) => some(writing, inner))}`;
  while (pick(3) === 0)
    text += ` else if (${condition(writing, block)}) ${inside(writing, block, "arm", (inner) => some(writing, inner))}`;
  if (pick(2) === 0) text += ` else ${inside(writing, block, "arm", (inner) => some(writing, inner))}`;
  block.lines.push(block.indent + text);
}

const choosable: readonly (readonly [StubName, string, Type])[] = [
  ["say", "output", "string"],
  ["count", "n", "int"],
  ["rate", "output", "double"],
  ["load", "data", "data"],
  ["lists", "words", "strings"],
  ["flip", "output", "boolean"],
  ["join", "output", "string"],
];

/** `let m; if (…) m = a().output; else m = b().output;`. */
function chosen(writing: Writing, block: Block): void {
  const { pick } = writing;
  const [name, key, type] = choosable[pick(choosable.length)] ?? ["say", "output", "string"];
  const own = fresh(writing);
  const arm = () =>
    inside(writing, block, "arm", (inner) => {
      if (pick(3) === 0) statement(writing, inner);
      inner.lines.push(`${inner.indent}${own} = ${call(writing, inner, name)}.${key};`);
      if (pick(4) === 0) statement(writing, inner);
    });
  line(block, pick(3) === 0 ? `let ${own} = ${constantOf(writing, "string")} as any;` : `let ${own};`);
  const ladderText = [`if (${condition(writing, block)}) ${arm()}`];
  while (pick(4) === 0) ladderText.push(`else if (${condition(writing, block)}) ${arm()}`);
  ladderText.push(`else ${arm()}`);
  block.lines.push(block.indent + ladderText.join(" "));
  block.values.push({ text: own, type, chosen: true });
}

function ternary(writing: Writing, block: Block): void {
  const { pick } = writing;
  const [name, key, type] = choosable[pick(choosable.length)] ?? ["say", "output", "string"];
  const own = fresh(writing);
  const made = () => call(writing, block, name);
  if (pick(3) === 0) {
    line(block, `const ${own} = ${condition(writing, block)} ? ${made()} : ${made()};`);
    block.values.push({ text: `${own}.${key}`, type, chosen: true });
    return;
  }
  line(block, `const ${own} = ${condition(writing, block)} ? ${made()}.${key} : ${made()}.${key};`);
  block.values.push({ text: own, type, chosen: true });
}

function switched(writing: Writing, block: Block): void {
  const { pick } = writing;
  const type = pick(2) === 0 ? "string" : "int";
  const fits = block.values.filter((value) => value.type === type && !value.gathered);
  const subject = fits[pick(fits.length)]?.text ?? "text";
  const cases = Array.from({ length: 1 + pick(3) }, () => constantOf(writing, type));
  const clauses: string[] = [];
  const body = () =>
    inside(writing, block, "arm", (inner) => {
      some(writing, inner);
      inner.lines.push(`${inner.indent}break;`);
    });
  for (const each of new Set(cases)) clauses.push(pick(4) === 0 ? `case ${each}:` : `case ${each}: ${body()}`);
  if (pick(2) === 0) clauses.splice(pick(clauses.length + 1), 0, pick(5) === 0 ? "default:" : `default: ${body()}`);
  clauses.push(`case ${type === "string" ? '"last"' : "99"}: ${body()}`);
  block.lines.push(`${block.indent}switch (${subject}) { ${clauses.join(" ")} }`);
}

/** What can be looped over in the run, with how its items are named and what they give. */
function loopHead(
  writing: Writing,
  block: Block,
): { readonly over: string; readonly item: string; readonly values: readonly Value[] } {
  const { pick } = writing;
  const runs = block.values.filter(
    ({ type, known: isKnown, gathered }) =>
      (type === "strings" || type === "ints" || type === "rows") && !isKnown && !gathered,
  );
  const one = runs[pick(runs.length)];
  const item = fresh(writing);
  const constants: readonly (readonly [string, Type])[] = [
    [`parallel(["a", "b"])`, "strings"],
    [`parallel([1, 2, 3], { limit: 2 })`, "ints"],
    [`parallel([{ k: "a", n: 1 }, { k: "c", n: 2 }])`, "rows"],
  ];
  const constant = constants[pick(3)];
  const [over, type] =
    one !== undefined && pick(3) > 0
      ? [pick(4) === 0 ? `parallel(${one.text})` : one.text, one.type]
      : (constant ?? ["words", "strings"]);
  if (type !== "rows") return { over, item, values: [{ text: item, type: type === "ints" ? "int" : "string" }] };
  if (pick(2) === 0) {
    const other = fresh(writing);
    return {
      over,
      item: `{ k: ${item}, n: ${other} }`,
      values: [
        { text: item, type: "string" },
        { text: other, type: "int" },
      ],
    };
  }
  return {
    over,
    item,
    values: [
      { text: `${item}.k`, type: "string" },
      { text: `${item}.n`, type: "int" },
    ],
  };
}

function loop(writing: Writing, block: Block): void {
  const { over, item, values } = loopHead(writing, block);
  const body = inside(writing, block, "loop", (inner) => some(writing, inner), values);
  if (writing.pick(4) === 0) block.lines.push(`${block.indent}${over}.forEach((${item}) => ${body});`);
  else block.lines.push(`${block.indent}for (const ${item} of ${over}) ${body}`);
}

/** `list.map(…)` and what it gathers. */
function gather(writing: Writing, block: Block): void {
  const { pick } = writing;
  const { over, item, values } = loopHead(writing, block);
  const kinds: readonly (readonly [StubName, string, Type])[] = [
    ["say", "output", "strings"],
    ["count", "n", "ints"],
    ["load", "data", "many"],
  ];
  const [name, key, type] = kinds[pick(3)] ?? ["say", "output", "strings"];
  const own = fresh(writing);
  const form = pick(3);
  const body = inside(
    writing,
    block,
    "loop",
    (inner) => {
      if (pick(2) === 0) some(writing, inner);
      const made = call(writing, inner, name);
      const returned = [
        `return ${made}.${key};`,
        `return ${made};`,
        `const last = ${made};\n${inner.indent}return { deep: last.${key} };`,
      ][form];
      inner.lines.push(inner.indent + (returned ?? ""));
    },
    values,
  );
  block.lines.push(`${block.indent}const ${own} = ${over}.map((${item}) => ${body});`);
  const text = [own, `${own}.map((each) => each.${key})`, `${own}.map(({ deep }) => deep)`][form] ?? own;
  const consumer = { strings: "join", ints: "sum", many: "stack" }[type as "strings" | "ints" | "many"];
  block.values.push({ text, type, gathered: true });
  if (pick(3) > 0) line(block, `${consumer}({ all: ${text} });`);
}

/** A function that makes steps, called twice. */
function helper(writing: Writing, block: Block): void {
  const { pick } = writing;
  const own = fresh(writing);
  const parameter = fresh(writing);
  const early = pick(2) === 0;
  const body = inside(
    writing,
    block,
    undefined,
    (inner) => {
      if (pick(2) === 0) some(writing, inner);
      if (early)
        inner.lines.push(
          `${inner.indent}if (${parameter} === "a") ${inside(writing, inner, "arm", (arm) => {
            arm.lines.push(`${arm.indent}return ${call(writing, arm, "say")}.output;`);
          })}`,
        );
      inner.lines.push(`${inner.indent}return ${call(writing, inner, "say")}.output;`);
    },
    [{ text: parameter, type: "string" }],
  );
  const isArrow = pick(2) === 0;
  block.lines.push(
    isArrow
      ? `${block.indent}const ${own} = (${parameter}: string = "d") => ${body};`
      : `${block.indent}function ${own}(${parameter}: string = "d") ${body}`,
  );
  for (let i = 0; i <= pick(2); i++) {
    const result = fresh(writing);
    line(block, `const ${result} = ${own}(${pick(4) === 0 ? "" : plainText(writing, block)});`);
    block.values.push({ text: result, type: "string", chosen: early, made: !early });
  }
}

/** A block whose variable hides one of outside. */
function shadow(writing: Writing, block: Block): void {
  const { pick } = writing;
  const hidden = (["n", "text", "flag"] as const)[pick(3)] ?? "n";
  const type = inputs[hidden];
  const body = inside(
    writing,
    block,
    undefined,
    (inner) => {
      inner.lines.push(`${inner.indent}let ${hidden} = ${constantOf(writing, type)};`);
      if (type === "int" && pick(2) === 0) inner.lines.push(`${inner.indent}${hidden} += 2;`);
      some(writing, inner);
    },
    [{ text: hidden, type, known: true }],
  );
  block.lines.push(block.indent + body);
}

/** A loop that is over while compiling. */
function unrolled(writing: Writing, block: Block): void {
  const { pick } = writing;
  const item = fresh(writing);
  const leave = ["", `if (${item} === "a") continue;`, `if (${item} === "b") break;`][pick(3)] ?? "";
  const filled = (inner: Block): void => {
    if (leave !== "") inner.lines.push(inner.indent + leave);
    some(writing, inner);
  };
  if (pick(3) === 0) {
    const body = inside(writing, block, undefined, (inner) => some(writing, inner), [
      { text: item, type: "int", known: true },
    ]);
    block.lines.push(`${block.indent}for (let ${item} = 0; ${item} < 2; ${item}++) ${body}`);
    return;
  }
  const body = inside(writing, block, undefined, filled, [{ text: item, type: "string", known: true }]);
  block.lines.push(`${block.indent}for (const ${item} of ["a", "b"]) ${body}`);
}

function ending(writing: Writing, block: Block): void {
  if (block.groups.length > 0) return step(writing, block);
  const body = inside(writing, block, "try", (inner) => some(writing, inner));
  // What waits for a step cannot run whatever happens.
  const given = ['{ text: "end" }', "{ text }", "{ text: `${n} ${text}` }", ""][writing.pick(4)] ?? "";
  block.lines.push(`${block.indent}try ${body} finally { note(${given}); }`);
}

/** An early end of the pipeline. */
function early(writing: Writing, block: Block): void {
  if (block.depth > 0 || writing.pick(2) === 0) return step(writing, block);
  const body = inside(writing, block, "arm", (inner) => {
    some(writing, inner);
    inner.lines.push(`${inner.indent}return;`);
  });
  block.lines.push(`${block.indent}if (${condition(writing, block)}) ${body}`);
  writing.ended = true;
}

function nested(writing: Writing, block: Block): void {
  const { pick, pipelines } = writing;
  const name = pipelines[pick(pipelines.length)];
  if (name === undefined) return step(writing, block);
  const own = fresh(writing);
  const given = ["x", "flag", "words", "numbers", "rows"].map(
    (key) => `${key}: ${argument({ ...writing, pick }, block, inputs[key as "x"])}`,
  );
  if (pick(2) === 0) given.push(`n: ${argument(writing, block, "int")}`);
  line(block, `const ${own} = ${name}({ ${given.join(", ")} });`);
  block.values.push({ text: `${own}.n`, type: "int", made: true }, { text: `${own}.ok`, type: "boolean", made: true });
  block.values.push(
    { text: `${own}.all`, type: "strings", made: true },
    { text: `${own}.word`, type: "string", made: true },
  );
}

/** Two steps of which one runs, and both of what it gives. */
function stepsChosen(writing: Writing, block: Block): void {
  const own = fresh(writing);
  const made = () => call(writing, block, "count");
  const chain = writing.pick(2) === 0 ? `${condition(writing, block)} ? ${made()} : ` : "";
  line(block, `const ${own} = ${condition(writing, block)} ? ${made()} : ${chain}${made()};`);
  line(block, `if (${own}.ok && ${own}.n > 0) note({ text: "${own}" });`);
  block.values.push(
    { text: `${own}.n`, type: "int", chosen: true },
    { text: `${own}.ok`, type: "boolean", chosen: true },
  );
}

/** A variable that is something else inside of a branch only. */
function meanwhile(writing: Writing, block: Block): void {
  const own = fresh(writing);
  const fill = (inner: Block): void => {
    inner.lines.push(`${inner.indent}${own} = "meanwhile";`);
    statement(writing, inner);
    inner.lines.push(`${inner.indent}note({ text: ${own} });`, `${inner.indent}${own} = "before";`);
  };
  line(block, `let ${own} = "before";`);
  block.lines.push(`${block.indent}if (${condition(writing, block)}) ${inside(writing, block, "arm", fill)}`);
  line(block, `note({ text: ${own} });`);
}

/** Loops in loops, with what each gathers. */
function deep(writing: Writing, block: Block): void {
  const own = fresh(writing);
  const outer = loopHead(writing, block);
  const body = inside(
    writing,
    block,
    "loop",
    (inner) => {
      const { over, item, values } = loopHead(writing, inner);
      const made = inside(
        writing,
        inner,
        "loop",
        (last) => {
          if (writing.pick(3) === 0) statement(writing, last);
          last.lines.push(`${last.indent}return ${call(writing, last, "count")}.n;`);
        },
        values,
      );
      inner.lines.push(
        `${inner.indent}const found = ${over}.map((${item}) => ${made});`,
        `${inner.indent}sum({ all: found });`,
        `${inner.indent}return found;`,
      );
    },
    outer.values,
  );
  block.lines.push(`${block.indent}const ${own} = ${outer.over}.map((${outer.item}) => ${body});`);
  line(block, `sum({ all: ${own} as never });`);
}

/** A list in what is looped over, and a helper from outside that is called in the loop. */
function groups(writing: Writing, block: Block): void {
  const { pick } = writing;
  const [own, item, word] = [fresh(writing), fresh(writing), fresh(writing)];
  const made = inside(
    writing,
    block,
    undefined,
    (inner) => {
      if (pick(2) === 0) statement(writing, inner);
      inner.lines.push(`${inner.indent}return ${call(writing, inner, "count")};`);
    },
    [{ text: "w", type: "string" }],
  );
  block.lines.push(`${block.indent}const ${own} = (w: string) => ${made};`);
  const inner = inside(
    writing,
    block,
    "loop",
    (last) => {
      last.lines.push(`${last.indent}const c = ${own}(${word});`);
      last.lines.push(`${last.indent}if (c.ok || ${condition(writing, last)}) note({ text: ${item}.k + ${word} });`);
    },
    [
      { text: `${item}.k`, type: "string" },
      { text: word, type: "string" },
    ],
  );
  block.lines.push(
    `${block.indent}for (const ${item} of parallel([{ k: "a", ws: ["b", "c"] }, { k: "b", ws: [] }])) for (const ${word} of ${item}.ws) ${inner}`,
  );
}

/** Steps in a list that is known. */
function steps(writing: Writing, block: Block): void {
  const own = fresh(writing);
  line(block, `const ${own} = ["p", "q"].map((t) => say({ text: t + ${plain(writing, block, "string")} }));`);
  line(block, `join({ all: [${own}[0].output, ...${own}.slice(1).map((each) => each.output)] });`);
  block.values.push({ text: `${own}[1].output`, type: "string", made: true });
}

/** A list that grows, and a counter. */
function pushed(writing: Writing, block: Block): void {
  const [own, counter] = [fresh(writing), fresh(writing)];
  line(block, `const ${own}: string[] = []; let ${counter} = 0;`);
  line(
    block,
    `for (const t of ["a", "b"]) { ${counter}++; ${own}.push(count({ text: t, n: ${counter} }).ok ? "y" : "y"); }`.replace(
      `.ok ? "y" : "y"`,
      `.ok as never`,
    ),
  );
  line(block, `note({ text: \`\${${own}.length} \${${counter}}\` });`);
}
