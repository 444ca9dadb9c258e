import type { Span } from "../source.ts";
import { formatValue } from "./format.ts";
import { type Machine, raise } from "./machine.ts";
import { isObject, isUnknown, typeName, type UnknownValue, type Value } from "./values.ts";

/** `format(value, spec)`, the `__format__` of the user's classes included; not known where the value is not. */
export function formatOne(machine: Machine, value: Value, spec: string, span: Span): string | UnknownValue {
  if (isObject(value) && value.kind === "instance") {
    const method = machine.attribute(value, "__format__", span);
    if (method !== undefined) {
      const own = machine.call(method, { positional: [{ value: spec, span }], keywords: new Map(), span });
      if (typeof own === "string" || isUnknown(own)) return own;
    }
  }
  const plain = machine.text(value, span, "str");
  if (typeof plain !== "string") return plain;
  const text = formatValue(value, spec, plain);
  return (
    text ?? raise("ValueError", `Invalid format specifier '${spec}' for object of type '${typeName(value)}'`, span)
  );
}
