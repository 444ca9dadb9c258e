/** Messages of protobuf as libraries of components ask for them: a component's `pipeline_spec` as a dictionary. */
import { fromJson } from "./json-values.ts";
import { MessageValue } from "./protobuf-message.ts";
import type { Json } from "../spec/types.ts";
import {
  argument,
  builtin,
  type CallArguments,
  isUnknown,
  type ModuleValue,
  unknown,
  type UnknownValue,
  type Value,
} from "./values.ts";

export function protobufModule(name: string): ModuleValue | undefined {
  if (name === "google.protobuf")
    return moduleOf(name, [["json_format", moduleOf("google.protobuf.json_format", converters)]]);
  return name === "google.protobuf.json_format" ? moduleOf(name, converters) : undefined;
}

const converters: readonly [string, Value][] = [
  [
    "MessageToDict",
    builtin("MessageToDict", (given) => {
      const json = said(given);
      return json.kind === "unknown" ? json : fromJson(json.json);
    }),
  ],
  [
    "MessageToJson",
    // What it says is known; how it is laid out is nobody's business.
    builtin("MessageToJson", (given) => {
      const json = said(given);
      if (json.kind === "unknown") return json;
      return { ...unknown("the text of a message of protobuf is not worked out", given.span), says: () => json.json };
    }),
  ],
];

/** What the message of a call says. */
function said(given: CallArguments): UnknownValue | { readonly kind: "said"; readonly json: Json } {
  const message = argument(given, 0, "message") ?? null;
  if (given.positional.length + given.keywords.size !== 1)
    return unknown("these options of a message of protobuf are not worked out", given.span);
  if (message instanceof MessageValue) return { kind: "said", json: message.json() };
  if (!isUnknown(message)) return unknown("this message of protobuf is not worked out", given.span);
  const json = message.says?.();
  return json === undefined ? message : { kind: "said", json };
}

function moduleOf(name: string, names: readonly [string, Value][]): ModuleValue {
  const lookup = (member: string): Value => unknown(`"${name}.${member}" is not worked out while reading`);
  return { kind: "module", name, path: undefined, names: new Map(names), lookup };
}
