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
