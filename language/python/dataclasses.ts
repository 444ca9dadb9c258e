/** `@dataclass`: annotated names become fields. */
import { Property } from "./attributes.ts";
import { notImplemented } from "./expressions.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import type { Span } from "../source.ts";
import { classAttribute, lineage } from "./class-values.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  dict,
  type InstanceValue,
  isObject,
  plainText,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** What `field(default=…, default_factory=…)` says. */
export class Field {
  readonly kind = "native";
  readonly type = "Field";
  readonly settings: ReadonlyMap<string, Value>;
  constructor({ keywords }: CallArguments) {
    this.settings = new Map([...keywords].map(([name, { value }]) => [name, value]));
  }
}

export interface FieldInfo {
  readonly name: string;
  readonly default: Value | undefined;
  readonly factory: Value | undefined;
  readonly init: boolean;
  readonly repr: boolean;
  readonly compare: boolean;
  readonly keywordOnly: boolean;
  /** `InitVar`: handed to `__post_init__` and not kept. */
  readonly initOnly: boolean;
}

const ownFields = new WeakMap<ClassValue, readonly FieldInfo[]>();

/** Of a class and its bases, a base's first; `InitVar`s are among them. */
export function fieldsOf(type: ClassValue): readonly FieldInfo[] {
  const fields = new Map<string, FieldInfo>();
  for (const one of [...lineage(type)].reverse())
    for (const field of ownFields.get(one) ?? []) fields.set(field.name, field);
  return [...fields.values()];
}

export function fieldNames(type: ClassValue): readonly string[] {
  return fieldsOf(type).flatMap(({ name, initOnly }) => (initOnly ? [] : [name]));
}

/** The decorator's settings: those that are on. */
export type DataclassFlag = "kw_only" | "frozen" | "order" | "no-repr" | "no-eq";

export function asDataclass(
  machine: Machine,
  type: ClassValue,
  flags: ReadonlySet<DataclassFlag> = new Set(),
): ClassValue {
  ownFields.set(type, readFields(type, flags.has("kw_only")));
  const { attributes } = type;
  attributes.set("__dataclass_fields__", dict(fieldNames(type).map((name) => [name, true] as const)));
  attributes.set(
    "__match_args__",
    tuple(fieldsOf(type).flatMap((one) => (one.init && !one.keywordOnly ? [one.name] : []))),
  );
  const add = (name: string, work: (self: InstanceValue, given: CallArguments) => Value): void => {
    if (attributes.has(name)) return;
    const method = builtin(name, (given) => {
      const [self, ...positional] = given.positional;
      const value = self?.value ?? null;
      return isObject(value) && value.kind === "instance" ? work(value, { ...given, positional }) : null;
    });
    attributes.set(name, method);
  };
  add("__init__", (self, given) => {
    fillFields(machine, self, given, type);
    return null;
  });
  if (!flags.has("no-repr"))
    add("__repr__", (self, { span }) => {
      const shown = fieldsOf(self.class).filter(({ repr, initOnly }) => repr && !initOnly);
      const values = shown.map(({ name }) => machine.text(self.attributes.get(name) ?? null, span, "repr"));
      const uncertain = values.find((value) => typeof value !== "string");
      if (uncertain !== undefined) return uncertain;
      const parts = shown.map(({ name }, i) => `${name}=${plainText(values[i])}`);
      return `${self.class.qualname}(${parts.join(", ")})`;
    });
  if (flags.has("frozen")) attributes.set("__frozen__", true);
  if (flags.has("order"))
    for (const [name, operator] of [
      ["__lt__", "<"],
      ["__le__", "<="],
      ["__gt__", ">"],
      ["__ge__", ">="],
    ] as const)
      add(name, (self, given) => {
        const other = argument(given, 0) ?? null;
        if (!isObject(other) || other.kind !== "instance" || other.class !== self.class)
          return unknown(notImplemented, given.span);
        return machine.compare(operator, compared(self), compared(other), given.span);
      });
  return type;
}

function compared(self: InstanceValue): Value {
  const fields = fieldsOf(self.class).filter(({ compare, initOnly }) => compare && !initOnly);
  return tuple(fields.map(({ name }) => self.attributes.get(name) ?? null));
}

/** A class's own fields, from its annotations; a default of `field(…)` becomes the class's attribute. */
function readFields(type: ClassValue, allKeywordOnly: boolean): FieldInfo[] {
  const annotations = type.attributes.get("__annotations__");
  if (annotations === undefined || !isObject(annotations) || annotations.kind !== "dict") return [];
  const fields: FieldInfo[] = [];
  let keywordOnly = allKeywordOnly;
  for (const [name, annotation] of annotations.entries.values()) {
    if (typeof name !== "string" || isForm(annotation, "ClassVar")) continue;
    if (isObject(annotation) && annotation.kind === "builtin" && annotation.name === "KW_ONLY") {
      keywordOnly = true;
      continue;
    }
    const standard = type.attributes.get(name);
    const settings = standard instanceof Field ? standard.settings : undefined;
    const off = (setting: string): boolean => settings?.get(setting) === false;
    const factory = settings?.get("default_factory");
    const value =
      settings === undefined ? (standard instanceof Property ? undefined : standard) : settings.get("default");
    const only = settings?.get("kw_only");
    fields.push({
      name,
      default: value,
      factory,
      init: !off("init"),
      repr: !off("repr"),
      compare: !off("compare"),
      keywordOnly: only === true || (keywordOnly && only !== false),
      initOnly: isForm(annotation, "InitVar"),
    });
    if (settings === undefined) continue;
    if (value === undefined) type.attributes.delete(name);
    else type.attributes.set(name, value);
  }
  return fields;
}

function isForm(annotation: Value, name: string): boolean {
  // Where annotations are not evaluated, their text says it.
  if (typeof annotation === "string") return new RegExp(`^(?:\\w+\\.)?${name}\\b`).test(annotation);
  return isObject(annotation) && annotation.kind === "native" && annotation.attribute?.("__name__", nowhere) === name;
}

const nowhere: Span = { path: "", start: 0, end: 0 };

function fillFields(machine: Machine, instance: InstanceValue, given: CallArguments, type: ClassValue): void {
  const { span } = given;
  const fields = fieldsOf(type);
  const open = [...lineage(type)].some((one) => one.open === true);
  const missing: string[] = [];
  const handedOn: Value[] = [];
  let next = 0;
  for (const field of fields) {
    const { name } = field;
    const positional = field.init && !field.keywordOnly ? given.positional[next++] : undefined;
    const passed = positional ?? (field.init ? given.keywords.get(name) : undefined);
    const value =
      passed !== undefined
        ? passed.value
        : field.factory !== undefined
          ? machine.call(field.factory, arguments_(span))
          : field.default;
    if (value === undefined) {
      if (field.init) missing.push(name);
    } else if (field.initOnly) handedOn.push(value);
    else instance.attributes.set(name, value);
  }
  for (const [name, { value, span: at }] of given.keywords) {
    if (fields.some((field) => field.name === name && field.init)) continue;
    if (!open) raise("TypeError", `${type.name}.__init__() got an unexpected keyword argument '${name}'`, at);
    instance.attributes.set(name, value);
  }
  if (given.positional.length > next && !open)
    raise(
      "TypeError",
      `${type.name}.__init__() takes ${counted(next + 1, "positional argument")} but ${given.positional.length + 1} were given`,
      span,
    );
  if (missing.length > 0 && !open) {
    const kind = missing.some((name) => fields.some((field) => field.name === name && !field.keywordOnly))
      ? "positional"
      : "keyword-only";
    const names = missing.map((name) => `'${name}'`);
    const listed =
      names.length > 2 ? `${names.slice(0, -1).join(", ")}, and ${names.at(-1) ?? ""}` : names.join(" and ");
    raise(
      "TypeError",
      `${type.name}.__init__() missing ${counted(missing.length, `required ${kind} argument`)}: ${listed}`,
      span,
    );
  }
  for (const name of open ? missing : [])
    instance.attributes.set(name, unknown(`"${type.name}" has a base class that cannot be read`, span));
  const after = classAttribute(type, "__post_init__");
  if (after !== undefined) machine.call(after, arguments_(span, instance, ...handedOn));
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
