import type { Span } from "./source.ts";

export type Severity = "error" | "warning" | "information";

/** Something wrong with the user's pipeline. Returned beside a result, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What happened, to what. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it, where that is known. */
  readonly hint?: string;
}

/**
 * Every code with its severity and the sentence it makes. One line a code;
 * the arguments of the sentence are the arguments of `diagnose`.
 */
export const catalogue = {
  "syntax-error": ["error", (what: string) => `Syntax error: ${what}.`],
  "not-utf8": ["error", (path: string) => `${path} is not UTF-8 text.`],
  "no-such-file": ["error", (path: string) => `${path} does not exist.`],
  "unknown-language": ["error", (path: string) => `${path} is not a .ts, .py, .yaml or .json file.`],
  "file-too-large": ["error", (what: string) => `Too large to be a pipeline: ${what}.`],
  "spec-shape": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "spec-missing": ["error", (what: string, member: string) => `${what} has no "${member}".`],
  "spec-reference": ["error", (what: string, name: string) => `There is no ${what} "${name}".`],
  "spec-cycle": ["error", (component: string) => `Component "${component}" contains itself.`],
  // TypeScript: what to write instead is each one's hint.
  "no-meaning": ["error", (what: string) => `${what} has no meaning in a pipeline: its body is read, not run.`],
  "runtime-only": ["error", (what: string) => `${what} needs a value that only the run knows.`],
  "undefined-name": ["error", (name: string) => `"${name}" is not defined.`],
  "unknown-export": ["error", (name: string, path: string) => `${path} has no export "${name}".`],
  "unresolved-import": ["error", (path: string) => `The import "${path}" leads to no file.`],
  "circular-definition": ["error", (name: string) => `"${name}" is defined by itself.`],
  "not-a-type": ["error", (type: string) => `The type \`${type}\` is none that a pipeline can pass on.`],
  "untyped-inputs": ["error", (what: string) => `The inputs of ${what} have no type.`],
  "output-type-unknown": ["error", (name: string) => `The type of the output "${name}" cannot be read here.`],
  "not-callable": ["error", (what: string) => `${what} is not something to call.`],
  "wrong-value": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "unknown-option": ["error", (name: string, known: string) => `There is no option "${name}". There are ${known}.`],
  "not-top-level": ["error", (what: string) => `${what} must be a variable of the module itself.`],
  "unfit-choice": ["error", () => "Each arm must give an output of a step of its own."],
  "endless-evaluation": ["error", (what: string) => `Evaluation was stopped: ${what}.`],
} as const satisfies Record<string, readonly [Severity, (...details: never[]) => string]>;

export type DiagnosticCode = keyof typeof catalogue;

/** The diagnostic of a code at a span. */
export function diagnose<C extends DiagnosticCode>(
  code: C,
  span: Span,
  ...details: Parameters<(typeof catalogue)[C][1]>
): Diagnostic {
  const [severity, sentence] = catalogue[code];
  // SAFETY: `details` are the parameters of this very code's sentence.
  return { code, severity, message: (sentence as (...details: unknown[]) => string)(...details), span };
}
