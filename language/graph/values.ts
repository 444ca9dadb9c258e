/** Constants out of the arguments of a call, each with the complaint where it is another kind of value. */
import { type Diagnostic, type DiagnosticCode, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import type { Argument } from "./model.ts";

/** A null is the same as no argument: every reader gives undefined for it. */
export interface Values {
  any(name: string): Argument | undefined;
  text(name: string): string | undefined;
  integer(name: string): number | undefined;
  number(name: string): number | undefined;
  boolean(name: string): boolean | undefined;
  list(name: string): readonly Argument[] | undefined;
  texts(name: string): readonly string[] | undefined;
  textMap(name: string): readonly (readonly [string, string])[] | undefined;
  /** Reports that an argument is not what is wanted. */
  refuse(name: string, wanted: string): void;
  report(code: Extract<DiagnosticCode, "ignore-failure-default">, task: string, input: string): void;
}

export function createValues(
  method: string,
  given: ReadonlyMap<string, { readonly value: Argument; readonly span: Span }>,
  span: Span,
  report: (diagnostic: Diagnostic) => void,
): Values {
  const refuse = (name: string, wanted: string): undefined => {
    report(diagnose("setting-value", given.get(name)?.span ?? span, `${name} of ${method}`, wanted));
  };
  const any = (name: string): Argument | undefined => {
    const value = given.get(name)?.value;
    return value?.kind === "null" ? undefined : value;
  };
  const list = (name: string): readonly Argument[] | undefined => {
    const value = any(name);
    return value === undefined || value.kind === "list" ? value?.items : refuse(name, "a list");
  };
  return {
    any,
    list,
    refuse,
    text(name) {
      const value = any(name);
      return value === undefined || value.kind === "string" ? value?.value : refuse(name, "text known while compiling");
    },
    integer(name) {
      const value = any(name);
      return value === undefined || value.kind === "integer" ? value?.value : refuse(name, "a whole number");
    },
    number(name) {
      const value = any(name);
      if (value === undefined || value.kind === "integer" || value.kind === "number") return value?.value;
      return refuse(name, "a number");
    },
    boolean(name) {
      const value = any(name);
      return value === undefined || value.kind === "boolean" ? value?.value : refuse(name, "true or false");
    },
    texts(name) {
      const items = list(name);
      const texts = items?.flatMap((item) => (item.kind === "string" ? [item.value] : []));
      return texts?.length === items?.length ? texts : refuse(name, "a list of texts");
    },
    textMap(name) {
      const value = any(name);
      if (value === undefined) return undefined;
      if (value.kind !== "struct") return refuse(name, "a struct of texts");
      const entries = value.entries.flatMap(([key, item]) =>
        item.kind === "string" ? [[key, item.value] as const] : [],
      );
      return entries.length === value.entries.length ? entries : refuse(name, "a struct of texts");
    },
    report: (code, ...details) => report(diagnose(code, span, ...details)),
  };
}

/** A value without channels as JSON; undefined: there are channels, or text with channels, in it. */
export function constantJson(value: Argument): Json | undefined {
  switch (value.kind) {
    case "null":
      return null;
    case "string":
    case "integer":
    case "number":
    case "boolean":
      return value.value;
    case "list": {
      const items = value.items.map(constantJson);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case "struct": {
      const object: Record<string, Json> = {};
      for (const [key, member] of value.entries) {
        const json = constantJson(member);
        if (json === undefined) return undefined;
        object[key] = json;
      }
      return object;
    }
    default:
      return undefined;
  }
}
