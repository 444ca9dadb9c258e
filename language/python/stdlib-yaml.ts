/** PyYAML: files of settings are read; what it writes is not worked out. */
import type { ValuesReader } from "./context.ts";
import { FileValue, textOfBytes } from "./file-value.ts";
import { toJson } from "./json-values.ts";
import { raise } from "./machine.ts";
import {
  argument,
  builtin,
  type CallArguments,
  isObject,
  isUnknown,
  list,
  type ModuleValue,
  type UnknownValue,
  unknown,
  type Value,
} from "./values.ts";

export function yamlModule(name: string, read: ValuesReader): ModuleValue {
  const load = (given: CallArguments): readonly Value[] | Value => {
    const source = argument(given, 0, "stream") ?? null;
    const content = source instanceof FileValue ? source.rest() : source;
    const text = isObject(content) && content.kind === "bytes" ? textOfBytes(content) : content;
    if (isUnknown(text)) return text;
    if (typeof text !== "string") return unknown("this text is not known", given.span);
    const { values, problem } = read(text);
    return problem === "" ? values : raise("ValueError", `it is not YAML: ${problem}`, given.span);
  };
  const one = (given: CallArguments): Value => {
    const loaded = load(given);
    return isList(loaded) ? (loaded[0] ?? null) : loaded;
  };
  const all = (given: CallArguments): Value => {
    const loaded = load(given);
    return isList(loaded) ? list([...loaded]) : loaded;
  };
  const dump = (given: CallArguments): Value => {
    const json = toJson(argument(given, 0, "data") ?? null);
    const written: UnknownValue = {
      ...unknown("the text that PyYAML writes is not worked out", given.span),
      ...(json !== undefined && { says: () => json }),
    };
    const file = argument(given, 1, "stream") ?? null;
    if (!(file instanceof FileValue)) return written;
    file.write(written, given.span);
    return null;
  };
  const inert = (member: string): Value => unknown(`"yaml.${member}" is not worked out while reading`);
  const names: [string, Value][] = [
    ...["safe_load", "load", "full_load", "unsafe_load"].map((member): [string, Value] => [
      member,
      builtin(member, one),
    ]),
    ...["safe_load_all", "load_all", "full_load_all"].map((member): [string, Value] => [member, builtin(member, all)]),
    ...["dump", "safe_dump", "dump_all"].map((member): [string, Value] => [member, builtin(member, dump)]),
  ];
  return { kind: "module", name, path: undefined, names: new Map(names), lookup: inert };
}

function isList(loaded: readonly Value[] | Value): loaded is readonly Value[] {
  return Array.isArray(loaded);
}
