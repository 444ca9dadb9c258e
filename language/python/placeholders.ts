/** What the inputs of a container component are while its function is evaluated: placeholders. */
import { diagnose } from "../diagnostics.ts";
import { type Machine, raise } from "./machine.ts";
import {
  argument,
  type CallArguments,
  type ClassValue,
  isObject,
  type NativeValue,
  typeName,
  type Value,
} from "./values.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { checkCall } from "./signatures.ts";
import { pythonFloat } from "../spec/python-text.ts";

type PlaceholderType = "Placeholder" | "InputValuePlaceholder" | "OutputParameterPlaceholder";

function sdkType(name: PlaceholderType, ...bases: readonly ClassValue[]): ClassValue {
  return { kind: "class", name, qualname: name, module: "kfp.dsl.placeholders", bases, attributes: new Map() };
}

const base = sdkType("Placeholder");

/** Classes that libraries of components ask after. */
export const placeholderTypes: Readonly<Record<PlaceholderType, ClassValue>> = {
  Placeholder: base,
  InputValuePlaceholder: sdkType("InputValuePlaceholder", base),
  OutputParameterPlaceholder: sdkType("OutputParameterPlaceholder", base),
};

/** `{{$.inputs.parameters['x']}}` and its like: text to whoever writes it into text. */
export class Placeholder implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  readonly class: ClassValue;
  readonly placeholder: string;
  private readonly members: Readonly<Record<string, string>>;
  constructor(
    placeholder: string,
    type: PlaceholderType = "Placeholder",
    members: Readonly<Record<string, string>> = {},
  ) {
    this.placeholder = placeholder;
    this.type = type;
    this.class = placeholderTypes[type];
    this.members = members;
  }
  attribute(name: string): Value | undefined {
    return this.members[name];
  }
  text(): string {
    return this.placeholder;
  }
  /** `metadata['key']` */
  item(key: Value): Value | undefined {
    if (!this.placeholder.endsWith(".metadata}}") || typeof key !== "string") return undefined;
    return `${this.placeholder.slice(0, -2)}['${key}']}}`;
  }
}

/** An artifact: only its `uri`, `path` and `metadata` mean something in a command. */
export class ArtifactPlaceholder implements NativeValue {
  readonly kind = "native";
  readonly type = "ContainerComponentArtifactChannel";
  private readonly direction: "inputs" | "outputs";
  private readonly name: string;
  constructor(direction: "inputs" | "outputs", name: string) {
    this.direction = direction;
    this.name = name;
  }
  attribute(member: string): Value | undefined {
    if (member !== "uri" && member !== "path" && member !== "metadata") return undefined;
    return new Placeholder(`{{$.${this.direction}.artifacts['${this.name}'].${member}}}`);
  }
}

/** `ConcatPlaceholder`, `IfPresentPlaceholder`: JSON that the executor resolves. */
export class StructPlaceholder implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  readonly json: Json;
  constructor(type: string, json: Json) {
    this.type = type;
    this.json = json;
  }
  text(span?: Span): string {
    return span === undefined ? this.element() : raise("ValueError", `a ${this.type} cannot stand in text`, span);
  }
  /** Itself an element of a command. */
  element(): string {
    return pythonJson(this.json);
  }
  /** The inputs that it asks for. */
  inputs(): readonly string[] {
    return inputsIn(this.json);
  }
}

function inputsIn(json: Json): readonly string[] {
  if (typeof json !== "object" || json === null) return [];
  if (Array.isArray(json)) return json.flatMap((one: Json) => inputsIn(one));
  return Object.entries(json).flatMap(([key, value]) =>
    key === "InputName" && typeof value === "string" ? [value] : inputsIn(value),
  );
}

/** A list cannot be a part of one text. */
function holdsList(json: Json): boolean {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  const choice = Object.entries(json).find(([key]) => key === "IfPresent")?.[1];
  if (typeof choice !== "object" || choice === null) return false;
  return Object.entries(choice).some(([key, one]) => (key === "Then" || key === "Else") && Array.isArray(one));
}

/** `json.dumps` with its defaults. */
export function pythonJson(value: Json): string {
  if (value === null || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (typeof value === "string") {
    return JSON.stringify(value).replace(
      /[\x7f-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  }
  if (Array.isArray(value)) return `[${value.map((one: Json) => pythonJson(one)).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, one]) => `${pythonJson(key)}: ${pythonJson(one)}`)
    .join(", ")}}`;
}

/** An element inside a struct placeholder: text, or JSON of its own. */
function structOf(value: Value, span: Span): Json {
  if (typeof value === "string") return value;
  if (value instanceof Placeholder) return value.placeholder;
  if (value instanceof StructPlaceholder) return value.json;
  return raise("TypeError", `only text and placeholders can stand here, not ${typeName(value)}`, span);
}

/** What stands for an input that is there, or for one that is not: an element, several, or nothing. */
function choiceOf(value: Value, span: Span): Json {
  if (value === null) return null;
  if (isObject(value) && value.kind === "list") return value.items.map((item) => structOf(item, span));
  return structOf(value, span);
}

export function placeholderClasses(machine: Machine): Record<string, Value> {
  const made = (name: string, construct: (given: CallArguments) => Value): ClassValue => ({
    kind: "class",
    name,
    qualname: name,
    module: "kfp.dsl.placeholders",
    bases: [],
    attributes: new Map(),
    construct,
  });
  return {
    ConcatPlaceholder: made("ConcatPlaceholder", (given) => {
      const items = machine.iterate(argument(given, 0, "items") ?? null, given.span);
      const parts = items.map((item) => structOf(item, given.span));
      if (parts.some(holdsList))
        raise("ValueError", "an IfPresentPlaceholder within a ConcatPlaceholder takes texts, not lists", given.span);
      machine.report(diagnose("server-ignores", given.span, "ConcatPlaceholder: the command gets its JSON as text"));
      return new StructPlaceholder("ConcatPlaceholder", { Concat: parts });
    }),
    IfPresentPlaceholder: made("IfPresentPlaceholder", (given) => {
      checkCall(machine, "dsl.IfPresentPlaceholder", ["input_name", "then", "else_"], 2, given);
      const name = argument(given, 0, "input_name");
      const otherwise = argument(given, 2, "else_") ?? null;
      const spanOf = (index: number, keyword: string): Span =>
        (given.positional[index] ?? given.keywords.get(keyword))?.span ?? given.span;
      const then = choiceOf(argument(given, 1, "then") ?? null, spanOf(1, "then"));
      const empty =
        otherwise === null ||
        otherwise === "" ||
        (isObject(otherwise) && otherwise.kind === "list" && otherwise.items.length === 0);
      return new StructPlaceholder("IfPresentPlaceholder", {
        IfPresent: {
          InputName: typeof name === "string" ? name : "",
          Then: then,
          ...(empty ? {} : { Else: choiceOf(otherwise, spanOf(2, "else_")) }),
        },
      });
    }),
    ContainerSpec: made("ContainerSpec", (given) => {
      for (const [name, { span }] of given.keywords)
        if (!["image", "command", "args"].includes(name))
          raise("TypeError", `ContainerSpec has no "${name}", only image, command and args`, span);
      return new ContainerSpecValue(given);
    }),
  };
}

/** `dsl.ContainerSpec(image, command, args)` */
export class ContainerSpecValue implements NativeValue {
  readonly kind = "native";
  readonly type = "ContainerSpec";
  readonly given: CallArguments;
  constructor(given: CallArguments) {
    this.given = given;
  }
  member(index: number, name: string): Value {
    return argument(this.given, index, name) ?? null;
  }
}
