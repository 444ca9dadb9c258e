import type { ValueType } from "../../graph/model.ts";

/** A value's type as a signature writes it; undefined where it has no name there. */
export function typeWord(type: ValueType): string | undefined {
  if (type.kind === "artifact") {
    const title = type.type.schemaTitle?.replace(/^system\./, "");
    return title && type.type.schemaTitle?.startsWith("system.") ? `${title}${type.list ? "[]" : ""}` : undefined;
  }
  switch (type.type) {
    case "STRING":
      return "string";
    case "NUMBER_INTEGER":
      return "Int";
    case "NUMBER_DOUBLE":
      return "number";
    case "BOOLEAN":
      return "boolean";
    case "LIST":
      return type.element ? `${typeWord(type.element) ?? "string"}[]` : "string[]";
    case "STRUCT":
      return "Record<string, string>";
    default:
      return undefined;
  }
}
