/** Constants out of the arguments of a call, each with the complaint where it is another kind of value. */
import { type catalogue, type Diagnostic, type DiagnosticCode, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Argument } from "./model.ts";

/** A null is the same as no argument: every reader gives undefined for it, and for what it refuses. */
export interface Values {
  any(name: string): Argument | undefined;
  text(name: string): string | undefined;
  integer(name: string, how?: HowNumbers): number | undefined;
  number(name: string, how?: HowNumbers): number | undefined;
  boolean(name: string): boolean | undefined;
  /** What Python's `bool` makes of an argument, whatever it is. */
  truth(name: string, otherwise: boolean): boolean;
  list(name: string): readonly Argument[] | undefined;
  texts(name: string): readonly string[] | undefined;
  textMap(name: string): readonly (readonly [string, string])[] | undefined;
  /** Reports that an argument is not what is wanted. */
  refuse(name: string, wanted: string): void;
  report<C extends DiagnosticCode>(code: C, ...details: Parameters<(typeof catalogue)[C][1]>): void;
}

/** Where the SDK hands a number on as it is, protobuf takes `3.0` and `"3"` for 3. */
export interface HowNumbers {
  readonly asProtobuf?: boolean;
}

export function createValues(
  method: string,
  given: ReadonlyMap<string, { readonly value: Argument; readonly span: Span }>,
  span: Span,
  report: (diagnostic: Diagnostic) => void,
): Values {
  const refuse = (name: string, wanted: string): void => {
    report(diagnose("setting-value", given.get(name)?.span ?? span, `${name} of ${method}`, wanted));
  };
  const any = (name: string): Argument | undefined => {
    const value = given.get(name)?.value;
    return value?.kind === "null" ? undefined : value;
  };
  const read = <T>(name: string, wanted: string, convert: (value: Argument) => T | undefined): T | undefined => {
    const value = any(name);
    if (!value) return undefined;
    const converted = convert(value);
    if (converted === undefined) refuse(name, wanted);
    return converted;
  };
  return {
    any,
    refuse,
    text: (name) =>
      read(name, "text known while compiling", (value) => {
        if (value.kind !== "template" || value.written === undefined)
          return value.kind === "string" ? value.value : undefined;
        const at = given.get(name)?.span ?? span;
        report(diagnose("no-value-inside", at, "A value that only the run knows", `${name} of ${method}`));
        return value.written;
      }),
    integer: (name, how) =>
      read(name, "a whole number", (value) => {
        if (how?.asProtobuf !== true) return value.kind === "integer" ? value.value : undefined;
        const number = numberOf(value, /^[-+]?\d+$/);
        return Number.isInteger(number) ? number : undefined;
      }),
    number: (name, how) =>
      read(name, "a number", (value) =>
        numberOf(value, how?.asProtobuf === true ? /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i : undefined),
      ),
    boolean: (name) =>
      read(name, "true or false", (value) =>
        value.kind === "boolean" ? value.value : value.kind === "integer" ? value.value !== 0 : undefined,
      ),
    truth(name, otherwise) {
      const value = given.get(name)?.value;
      if (value === undefined) return otherwise;
      switch (value.kind) {
        case "null":
          return false;
        case "string":
        case "boolean":
        case "integer":
        case "number":
          return Boolean(value.value);
        case "list":
          return value.items.length > 0;
        case "struct":
          return value.entries.length > 0;
        default:
          return true;
      }
    },
    list: (name) => read(name, "a list", (value) => (value.kind === "list" ? value.items : undefined)),
    texts: (name) =>
      read(name, "a list of texts", (value) => {
        const items = value.kind === "list" ? value.items : [value];
        const texts = items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
        return value.kind === "list" && texts.length === items.length ? texts : undefined;
      }),
    textMap: (name) =>
      read(name, "a struct of texts", (value) => {
        const entries = value.kind === "struct" ? value.entries : [];
        const texts = entries.flatMap(([key, item]) =>
          item.kind === "string" && typeof key === "string" ? [[key, item.value] as const] : [],
        );
        return value.kind === "struct" && texts.length === entries.length ? texts : undefined;
      }),
    report: (code, ...details) => report(diagnose(code, span, ...details)),
  };
}

/** A number, or a text of the form. */
function numberOf(value: Argument, form: RegExp | undefined): number | undefined {
  if (value.kind === "integer" || value.kind === "number") return value.value;
  return value.kind === "string" && form?.test(value.value) === true ? Number(value.value) : undefined;
}
