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
