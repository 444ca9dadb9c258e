/** Imports that a component's program needs for artifact classes of the user's (`custom_artifact_types.py`). */
import { diagnose } from "../diagnostics.ts";
import type { Interface } from "./annotations.ts";
import { IoType, isArtifactClass, isArtifactSubclass, isOwnArtifactClass } from "./artifact-types.ts";
import type { Machine } from "./machine.ts";
import type { Expression } from "./syntax.ts";
import { TypeForm } from "./type-forms.ts";
import { classAttribute } from "./class-values.ts";
import { type ClassValue, type FunctionValue, isObject, type Value } from "./values.ts";

/** `from module import Class`, one a class, in the order of the parameters. */
export function artifactImports(machine: Machine, target: FunctionValue, face: Interface): string[] {
  const imports: string[] = [];
  const add = (type: Named, annotation: Expression | undefined): void => {
    const base = annotation === undefined ? undefined : baseSymbol(annotation);
    const parts = `${type.module}.${type.qualname}`.split(".");
    const at = base === undefined ? -1 : parts.indexOf(base);
    if (base === undefined || at < 0 || annotation === undefined) {
      if (annotation !== undefined)
        machine.report(
          diagnose(
            "artifact-alias",
            { path: target.span.path, start: annotation.start, end: annotation.end },
            `${type.module}.${type.qualname}`,
          ),
        );
      return;
    }
    const path = parts.slice(0, at + 1);
    const name = path.pop() ?? "";
    const statement = path.length > 0 ? `from ${path.join(".")} import ${name}` : `import ${name}`;
    if (!imports.includes(statement)) imports.push(statement);
  };
  for (const { parameter, annotation } of face.parameters) {
    if (annotation instanceof IoType) {
      const type = inside(annotation.inner ?? null);
      // The symbol stands inside the marker's brackets.
      const index = parameter.annotation?.kind === "subscript" ? parameter.annotation.index : undefined;
      if (type !== undefined) add(type, index);
    }
  }
  const returns = target.body.kind === "lambda" ? undefined : target.body.returns;
  if (
    isObject(face.returns ?? null) &&
    face.returns !== undefined &&
    isArtifactSubclass(face.returns) &&
    !isOwnArtifactClass(face.returns)
  )
    add(face.returns, returns);
  else if (
    face.returns !== undefined &&
    isObject(face.returns) &&
    face.returns.kind === "class" &&
    returns?.kind === "call"
  ) {
    addFields(face.returns, returns, add);
  }
  return imports;
}

/** What an import is made for; also of what is no artifact: `Output[float]` is a number to the SDK, and imported. */
interface Named {
  readonly module: string;
  readonly qualname: string;
}

function inside(inner: Value): Named | undefined {
  if (inner instanceof TypeForm) {
    if (inner.name.toLowerCase() !== "list") return { module: inner.module, qualname: inner.name };
    const [only] = inner.args ?? [];
    return only === undefined ? undefined : inside(only);
  }
  if (!isObject(inner) || inner.kind !== "class") return undefined;
  return isArtifactClass(inner) && isOwnArtifactClass(inner) ? undefined : inner;
}

function addFields(
  type: ClassValue,
  call: Extract<Expression, { kind: "call" }>,
  add: (type: Named, annotation: Expression) => void,
): void {
  const annotations = classAttribute(type, "__annotations__");
  const fields = call.arguments[1]?.value;
  if (
    annotations === undefined ||
    !isObject(annotations) ||
    annotations.kind !== "dict" ||
    (fields?.kind !== "list" && fields?.kind !== "tuple")
  )
    return;
  for (const field of fields.elements) {
    if (field.kind !== "tuple") continue;
    const [name, annotation] = field.elements;
    if (name?.kind !== "constant" || typeof name.value !== "string" || annotation === undefined) continue;
    const value = annotations.entries.get(`s${name.value}`)?.[1];
    if (value !== undefined && isArtifactClass(value) && !isOwnArtifactClass(value)) add(value, annotation);
  }
}

/** `aiplatform` of `aiplatform.VertexDataset`. */
function baseSymbol(annotation: Expression): string | undefined {
  switch (annotation.kind) {
    case "name":
      return annotation.id;
    case "attribute":
      return baseSymbol(annotation.object);
    case "subscript":
      // `Input[List[X]]`: the SDK looks at the `List`, and finds it nowhere in the name of X.
      return baseSymbol(annotation.object);
    default:
      return undefined;
  }
}
