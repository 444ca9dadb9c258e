/** Messages of protobuf as libraries of components ask for them: a component's `pipeline_spec` as a dictionary. */
import { fromJson } from "./json-values.ts";
import { argument, builtin, isUnknown, type ModuleValue, unknown, type Value } from "./values.ts";

export function protobufModule(name: string): ModuleValue | undefined {
  if (name === "google.protobuf")
    return moduleOf(name, [["json_format", moduleOf("google.protobuf.json_format", converters)]]);
  return name === "google.protobuf.json_format" ? moduleOf(name, converters) : undefined;
}

const converters: readonly [string, Value][] = [
  [
    "MessageToDict",
    builtin("MessageToDict", (given) => {
      const message = argument(given, 0, "message") ?? null;
      const json = isUnknown(message) ? message.says?.() : undefined;
      if (json !== undefined && given.positional.length + given.keywords.size === 1) return fromJson(json);
      return isUnknown(message) ? message : unknown("this message of protobuf is not worked out", given.span);
    }),
  ],
];

function moduleOf(name: string, names: readonly [string, Value][]): ModuleValue {
  const lookup = (member: string): Value => unknown(`"${name}.${member}" is not worked out while reading`);
  return { kind: "module", name, path: undefined, names: new Map(names), lookup };
}
