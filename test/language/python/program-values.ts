/** Types, and constants of them as Python writes them: the plain, and those that are easy to get wrong. */

export type Pick = (below: number) => number;

/** A parameter's type, or an artifact's schema. */
export type Type = "str" | "int" | "float" | "bool" | "list" | "dict" | Artifact;
export type Artifact = "Artifact" | "Dataset" | "Model" | "Metrics" | "ClassificationMetrics" | "HTML" | "Markdown";

export const parameters = ["str", "int", "float", "bool", "list", "dict"] as const satisfies readonly Type[];
export const artifacts = [
  "Dataset",
  "Model",
  "Artifact",
  "Metrics",
  "ClassificationMetrics",
  "HTML",
  "Markdown",
] as const satisfies readonly Artifact[];

export function isArtifact(type: Type): type is Artifact {
  return !(parameters as readonly Type[]).includes(type);
}

export function oneOf<T>(pick: Pick, from: readonly [T, ...T[]]): T {
  return from[pick(from.length)] ?? from[0];
}

/** True once in so many times. */
export function rarely(pick: Pick, times: number): boolean {
  return pick(times) === times - 1;
}

const texts: readonly [string, ...string[]] = [
  "a",
  "",
  "a b",
  " lead",
  "trail ",
  "it's",
  'say "x"',
  "a\nb",
  "a\n",
  "\ttab",
  "back\\slash",
  "null",
  "true",
  "Yes",
  "off",
  "12",
  "0x1f",
  "1e3",
  "1_000",
  "012",
  "1:30",
  ".5",
  "~",
  "-",
  "- a",
  "a: b",
  "a:b",
  "#no",
  "a #b",
  "[x]",
  "{x: 1}",
  "{{x}}",
  "{{$.inputs}}",
  "$(x)",
  "%s %d%%",
  "2024-01-01",
  "2024-01-01 10:00:00",
  "é ü 漢字",
  "😀",
  "\u0085\u2028",
  "\x07",
  "@at",
  "`tick`",
  "!tag",
  "&a",
  "*b",
  "?",
  "|",
  ">",
  "=",
  "<<",
  "a very long text that goes on and on, past the eightieth column of the line, so that it is folded somewhere",
  `${"x".repeat(100)} ${"y".repeat(30)}`,
  "trailing spaces in a long text that must be folded by whoever writes it to a file   and   more   of   them  ",
];

export function text(pick: Pick): string {
  return oneOf(pick, texts);
}

/** A literal as Python reads it back. */
export function quoted(value: string): string {
  const escaped = value.replaceAll(
    /[\\"\n\t\x00-\x1f\u0085\u2028]/g,
    (char) =>
      ({ "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t" })[char] ??
      `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

export function constant(pick: Pick, type: Type, depth = 0): string {
  switch (type) {
    case "str":
      return quoted(text(pick));
    case "int":
      return oneOf(pick, ["0", "1", "-1", "7", "100000", "2**31", "10**15", "-(10**6)", "0o17", "1_000"]);
    case "float":
      return oneOf(pick, [
        "0.0",
        "1.0",
        "0.1",
        "-2.5",
        "1e-7",
        "1e16",
        "1e22",
        "1.5e300",
        "100000.0",
        "123456789.125",
        "1/3",
        "-0.0",
        "5e-324",
      ]);
    case "bool":
      return oneOf(pick, ["True", "False"]);
    case "list":
      return `[${several(pick, 3, () => inner(pick, depth)).join(", ")}]`;
    case "dict":
      return `{${several(pick, 3, () => `${quoted(text(pick))}: ${inner(pick, depth)}`).join(", ")}}`;
    default:
      return "None";
  }
}

function inner(pick: Pick, depth: number): string {
  if (rarely(pick, 30)) return "None";
  return constant(pick, parameters[pick(depth >= 2 ? 4 : 6)] ?? "str", depth + 1);
}

export function several<T>(pick: Pick, most: number, make: (index: number) => T): T[] {
  return Array.from({ length: pick(most + 1) }, (_, i) => make(i));
}
