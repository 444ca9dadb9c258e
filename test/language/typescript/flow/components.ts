/** The components of flow tests: what they take and give, and the values that their stubs make of what they are given. */
import type { Json } from "../../../../language/spec/types.ts";

/** The types of values that flow, as programs write them. */
export const types = {
  string: "string",
  int: "Int",
  double: "number",
  boolean: "boolean",
  strings: "string[]",
  ints: "Int[]",
  rows: "{ k: string; n: Int }[]",
  struct: "{ k: string; n: Int }",
  data: "Dataset",
  many: "Dataset[]",
} as const;
export type Type = keyof typeof types;

export interface Stub {
  readonly inputs: Readonly<Record<string, Type>>;
  /** JavaScript's defaults, by input. */
  readonly defaults: Readonly<Record<string, Json>>;
  /** One that is called `output` is a bare value. */
  readonly outputs: Readonly<Record<string, Type>>;
}

export const stubs = {
  say: { inputs: { text: "string" }, defaults: {}, outputs: { output: "string" } },
  count: { inputs: { text: "string", n: "int" }, defaults: { n: 1 }, outputs: { n: "int", ok: "boolean" } },
  rate: { inputs: { x: "double", flag: "boolean" }, defaults: { flag: true }, outputs: { output: "double" } },
  lists: {
    inputs: { text: "string" },
    defaults: { text: "l" },
    outputs: { words: "strings", numbers: "ints", rows: "rows" },
  },
  load: { inputs: { rows: "int" }, defaults: { rows: 5 }, outputs: { data: "data" } },
  fit: {
    inputs: { data: "data", depth: "int", name: "string" },
    defaults: { name: "m" },
    outputs: { made: "data", score: "double" },
  },
  join: { inputs: { all: "strings", title: "string" }, defaults: { title: "t" }, outputs: { output: "string" } },
  sum: { inputs: { all: "ints" }, defaults: {}, outputs: { total: "int", big: "boolean" } },
  stack: { inputs: { all: "many" }, defaults: {}, outputs: { data: "data" } },
  conf: { inputs: { cfg: "struct" }, defaults: {}, outputs: { cfg: "struct", label: "string" } },
  note: { inputs: { text: "string" }, defaults: { text: "n" }, outputs: {} },
  flip: { inputs: {}, defaults: {}, outputs: { output: "boolean" } },
} as const satisfies Readonly<Record<string, Stub>>;
export type StubName = keyof typeof stubs;
export const stubNames = Object.keys(stubs) as StubName[];

export function isStub(name: string): name is StubName {
  return Object.hasOwn(stubs, name);
}

/** The head of a module: imports, and the components as TypeScript writes them. */
export const head = `import { component, parallel, pipeline, run, type Dataset, type Int, type Output } from "millrace";
${stubNames.map(declaration).join("\n")}
`;

function declaration(name: StubName): string {
  const { inputs, defaults, outputs }: Stub = stubs[name];
  const results = Object.entries(outputs);
  const artifacts = results.filter(([, type]) => type === "data");
  const members = [
    ...Object.entries(inputs).map(([key, type]) => `${key}${key in defaults ? "?" : ""}: ${types[type]}`),
    ...artifacts.map(([key]) => `${key}: Output<Dataset>`),
  ];
  const names = [
    ...Object.keys(inputs).map((key) => (key in defaults ? `${key} = ${JSON.stringify(defaults[key])}` : key)),
    ...artifacts.map(([key]) => key),
  ];
  const parameters = results.filter(([, type]) => type !== "data");
  const [only] = parameters;
  const returned =
    only === undefined
      ? "void"
      : only[0] === "output"
        ? types[only[1]]
        : `{ ${parameters.map(([key, type]) => `${key}: ${types[type]}`).join("; ")} }`;
  const given = members.length > 0 ? `{ ${names.join(", ")} }: { ${members.join("; ")} }` : "";
  return `export const ${name} = component({}, (${given}): ${returned} => null as never);`;
}

/** Key of an output in the spec. */
export function specKey(name: string): string {
  return name === "output" ? "Output" : name;
}

/** What a step gives, made of nothing but its component and what it is given. */
export function outputsOf(name: StubName, given: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const { outputs }: Stub = stubs[name];
  const seed = `${name} ${canonical(given)}`;
  return Object.fromEntries(
    Object.entries(outputs).map(([key, type]) => [key, valueOf(type, numbers(`${seed} ${key}`))]),
  );
}

/** A value of a type, chosen by `pick`, from few enough that comparisons come out both ways. */
export function valueOf(type: Type, pick: (below: number) => number): Json {
  const some = <T extends Json>(make: () => T): T[] => Array.from({ length: pick(4) }, make);
  const text = () => "abc"[pick(3)] ?? "";
  const whole = () => pick(5) - 1;
  const row = () => ({ k: text(), n: whole() });
  switch (type) {
    case "string":
      return pick(6) === 0 ? "" : text();
    case "int":
      return whole();
    case "double":
      return (pick(7) - 2) / 2;
    case "boolean":
      return pick(2) === 0;
    case "strings":
      return some(text);
    case "ints":
      return some(whole);
    case "rows":
      return some(row);
    case "struct":
      return row();
    case "data":
      return { uri: `gs://made/${pick(1 << 24).toString(16)}` };
    case "many":
      throw new Error("No step gives a list of artifacts.");
  }
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Numbers below a bound, the same for the same text (FNV-1a, then a linear congruence). */
export function numbers(text: string): (below: number) => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return Math.floor(((state ^ (state >>> 13)) >>> 0) / (2 ** 32 / below));
  };
}
