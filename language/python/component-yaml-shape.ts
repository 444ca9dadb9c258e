/** What the SDK's first version takes in a component's YAML, key by key (`kfp/dsl/v1_structures.py`). */
import type { Json } from "../spec/types.ts";

type JsonObject = { readonly [key: string]: Json };

/** Throws an Error that says what is wrong with the value; `what` names it in that. */
type Shape = (value: Json, what: string) => void;

/** Throws an Error that says what is wrong with the text's object, and where. */
export function checkShape(root: JsonObject): void {
  component(root, "the component");
}

const text = scalar("text", (value) => typeof value === "string");
const flag = scalar("true or false", (value) => typeof value === "boolean");
const plain = scalar("text, a number, true or false", (value) => typeof value !== "object");
const anything: Shape = () => {};
const texts = mapping(text);

const argument: Shape = (value, what) => {
  if (typeof value === "string") return;
  if (!isObject(value)) throw new Error(`${what} must be text or a placeholder, not ${JSON.stringify(value)}`);
  const [key = "", ...more] = Object.keys(value);
  const shape = placeholders[key];
  if (more.length > 0 || key === "") throw new Error("a placeholder has one key");
  if (shape === undefined) throw new Error(`there is no placeholder "${key}"`);
  shape(value[key] ?? null, `"${key}"`);
};
const oneOrMore: Shape = (value, what) => (isList(value) ? list(argument) : argument)(value, what);

const placeholders: Readonly<Record<string, Shape>> = {
  inputValue: text,
  inputPath: text,
  inputUri: text,
  inputMetadata: text,
  inputOutputPortName: text,
  outputPath: text,
  outputUri: text,
  outputMetadata: anything,
  executorInput: anything,
  concat: list(argument),
  if: object(
    {
      cond: (value, what) => {
        if (typeof value !== "boolean" && typeof value !== "string")
          object({ isPresent: text, inputValue: text })(value, what);
      },
      then: oneOrMore,
      else: oneOrMore,
    },
    ["cond", "then"],
  ),
};

const component = object({
  name: text,
  description: text,
  metadata: object({ annotations: texts, labels: texts }),
  inputs: list(
    object({ name: text, type: anything, description: text, default: plain, optional: flag, annotations: anything }, [
      "name",
    ]),
  ),
  outputs: list(object({ name: text, type: anything, description: text, annotations: anything }, ["name"])),
  implementation: object(
    {
      container: object(
        { image: text, command: list(argument), args: list(argument), env: texts, fileOutputs: texts },
        ["image"],
      ),
    },
    ["container"],
  ),
  version: text,
});

function scalar(wanted: string, is: (value: Json) => boolean): Shape {
  return (value, what) => {
    if (!is(value)) throw new Error(`${what} must be ${wanted}`);
  };
}

function list(shape: Shape): Shape {
  return (value, what) => {
    if (!isList(value)) throw new Error(`${what} must be a list`);
    for (const [i, one] of value.entries()) shape(one, `${what}[${i}]`);
  };
}

function mapping(shape: Shape): Shape {
  return (value, what) => {
    if (!isObject(value)) throw new Error(`${what} must be a mapping`);
    for (const [key, one] of Object.entries(value)) shape(one, `${what}.${key}`);
  };
}

/** What is null is not there. */
function object(shapes: Readonly<Record<string, Shape>>, required: readonly string[] = []): Shape {
  return (value, what) => {
    if (!isObject(value)) throw new Error(`${what} must be a mapping`);
    for (const [key, one] of Object.entries(value)) {
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined;
      if (shape === undefined) throw new Error(`${what} has a "${key}"; it can have ${Object.keys(shapes).join(", ")}`);
      if (one !== null) shape(one, what === "the component" ? `"${key}"` : `${what}.${key}`);
    }
    const absent = required.find((key) => (value[key] ?? null) === null);
    if (absent !== undefined) throw new Error(`${what} has no "${absent}"`);
  };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}
