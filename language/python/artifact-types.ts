/** Artifact classes, and the markers around them: `Input[…]`, `OutputPath(…)`. */
import type { ArtifactType } from "../spec/types.ts";
import { classAttribute, isSubclass } from "./class-values.ts";
import {
  argument,
  type CallArguments,
  type ClassValue,
  dict,
  isObject,
  type NativeValue,
  truth,
  type Value,
} from "./values.ts";

const names = [
  "Artifact",
  "Model",
  "Dataset",
  "Metrics",
  "ClassificationMetrics",
  "SlicedClassificationMetrics",
  "HTML",
  "Markdown",
] as const;

/** The classes of kfp.dsl, by name. */
export function artifactClasses(): ReadonlyMap<string, ClassValue> {
  classes ??= makeClasses();
  return classes;
}

let classes: ReadonlyMap<string, ClassValue> | undefined;

function makeClasses(): ReadonlyMap<string, ClassValue> {
  const made = new Map<string, ClassValue>();
  for (const name of names) {
    const base = made.get("Artifact");
    made.set(name, {
      kind: "class",
      name,
      qualname: name,
      module: "kfp.dsl.types.artifact_types",
      bases: base === undefined ? [] : [base],
      attributes: new Map<string, Value>([
        ["schema_title", `system.${name}`],
        ["schema_version", "0.0.1"],
      ]),
      ...(base === undefined && { construct: artifact }),
    });
  }
  return made;
}

/** `Artifact(name=None, uri=None, metadata=None)`: a value of the file's own, no task's output. */
function artifact(given: CallArguments, self: ClassValue): Value {
  const field = (position: number, name: string, empty: Value): [string, Value] => {
    const value = argument(given, position, name) ?? null;
    return [name, truth(value) ? value : empty];
  };
  return {
    kind: "instance",
    class: self,
    attributes: new Map([field(0, "name", ""), field(1, "uri", ""), field(2, "metadata", dict([]))]),
  };
}

/** Derived from kfp.dsl.Artifact. */
export function isArtifactSubclass(value: Value): value is ClassValue {
  const base = artifactClasses().get("Artifact");
  return isObject(value) && value.kind === "class" && base !== undefined && isSubclass(value, base);
}

/** Has a schema title and version, whatever it derives from. */
export function isArtifactClass(value: Value): value is ClassValue {
  return (
    isObject(value) &&
    value.kind === "class" &&
    typeof classAttribute(value, "schema_title") === "string" &&
    typeof classAttribute(value, "schema_version") === "string"
  );
}

export function isOwnArtifactClass(value: ClassValue): boolean {
  return artifactClasses().get(value.name) === value;
}

export function artifactTypeOf(value: ClassValue): ArtifactType {
  const title = classAttribute(value, "schema_title");
  const version = classAttribute(value, "schema_version");
  return {
    schemaTitle: typeof title === "string" ? title : "system.Artifact",
    schemaVersion: typeof version === "string" && version !== "" ? version : "0.0.1",
  };
}

/** `Input[T]`, `Output[T]`, `EmbeddedInput[T]`. */
export class IoType implements NativeValue {
  readonly kind = "native";
  readonly type = "_AnnotatedAlias";
  readonly direction: "Input" | "Output" | "EmbeddedInput";
  readonly inner: Value | undefined;
  constructor(direction: IoType["direction"], inner?: Value) {
    this.direction = direction;
    this.inner = inner;
  }
  item(key: Value): Value {
    return new IoType(this.direction, key);
  }
  text(): string {
    return `${this.direction}[…]`;
  }
}

const markers = new Map(
  (["Input", "Output", "EmbeddedInput"] as const).map((direction): [ClassValue, IoType["direction"]] => {
    const name = direction === "EmbeddedInput" ? "EmbeddedAnnotation" : `${direction}Annotation`;
    const module = "kfp.dsl.types.type_annotations";
    return [{ kind: "class", name, qualname: name, module, bases: [], attributes: new Map() }, direction];
  }),
);

/** `InputAnnotation` and its like, by name: `Annotated[T, InputAnnotation]` is what `Input[T]` is. */
export function markerClasses(): Readonly<Record<string, ClassValue>> {
  return Object.fromEntries([...markers.keys()].map((marker) => [marker.name, marker]));
}

export function markedBy(value: Value | undefined): IoType["direction"] | undefined {
  return value !== undefined && isObject(value) && value.kind === "class" ? markers.get(value) : undefined;
}

/** `InputPath(T)`, `OutputPath(T)`. */
export class PathType implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  readonly direction: "InputPath" | "OutputPath";
  readonly inner: Value;
  constructor(direction: PathType["direction"], inner: Value) {
    this.direction = direction;
    this.type = direction;
    this.inner = inner;
  }
}

export function pathClass(direction: PathType["direction"]): ClassValue {
  return {
    kind: "class",
    name: direction,
    qualname: direction,
    module: "kfp.dsl.types.type_annotations",
    bases: [],
    attributes: new Map(),
    construct: (given: CallArguments) => new PathType(direction, argument(given, 0, "type") ?? null),
  };
}
