import { isArtifactSubclass } from "./artifact-types.ts";
import { TypeForm } from "./type-forms.ts";
import type { Value } from "./values.ts";

/** `List[Dataset]` and `list[Dataset]`. */
export function listOfArtifacts(annotation: Value): boolean {
  if (!(annotation instanceof TypeForm) || (annotation.name !== "List" && annotation.name !== "list")) return false;
  const [only] = annotation.args ?? [];
  return annotation.args?.length === 1 && only !== undefined && isArtifactSubclass(only);
}
