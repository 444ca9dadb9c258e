/** `inspect` and `importlib`, over the text that was read. */
import { docstring } from "./attributes.ts";
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { cleandoc } from "./docstrings.ts";
import { classSource, rawSource } from "./source-text.ts";
import { emptyClass } from "./stdlib-data.ts";
import {
  argument,
  builtin,
  type ClassValue,
  dict,
  isObject,
  isUnknown,
  list,
  type NativeValue,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

export function importlibModule(machine: Machine): Names {
  return {
    import_module: builtin("import_module", (given) => {
      const [name, within] = [argument(given, 0, "name") ?? null, argument(given, 1, "package") ?? null];
      if (typeof name !== "string") return isUnknown(name) ? name : unknown("this module is not known", given.span);
      const [dots = ""] = /^\.*/.exec(name) ?? [];
      const above = typeof within === "string" ? within.split(".").slice(0, 1 - dots.length || undefined) : [];
      const whole = dots === "" ? name : [...above, ...name.slice(dots.length).split(".")].join(".");
      return (
        machine.module(whole) ??
        (machine.importsGuarded > 0
          ? raise("ModuleNotFoundError", `No module named '${whole}'`, given.span)
          : unknown(`"${whole}" is not in the workspace, so it cannot be read`, given.span))
      );
    }),
    reload: builtin("reload", (given) => argument(given, 0) ?? null),
  };
}

export function inspectModule(machine: Machine): Names {
  const empty: ClassValue = emptyClass("_empty", "inspect");
  const pathOf = (value: Value): string | undefined => {
    if (!isObject(value)) return undefined;
    if (value.kind === "function") return value.span.path;
    if (value.kind === "module") return value.path;
    if (value.kind !== "class") return undefined;
    return [...machine.modules.values()].find(({ name }) => name === value.module)?.path;
  };
  const source = (value: Value): string | undefined => {
    const text = machine.texts.get(pathOf(value) ?? "");
    if (!isObject(value) || text === undefined) return undefined;
    if (value.kind === "function") return rawSource(value, text);
    if (value.kind === "module") return text.replace(/\r\n?/g, "\n");
    return value.kind === "class" && value.definition !== undefined ? classSource(value.definition, text) : undefined;
  };
  const unwrap = (value: Value): Value =>
    isObject(value) && value.kind === "native"
      ? (machine.attribute(value, "__func__", { path: "", start: 0, end: 0 }) ?? value)
      : value;
  const ofFirst = (name: string, work: (value: Value) => Value | undefined): Value =>
    builtin(name, (given) => {
      const value = unwrap(argument(given, 0) ?? null);
      if (isUnknown(value)) return value;
      const result = work(value);
      return result === undefined ? raise("OSError", "could not get source code", given.span) : result;
    });
  const is = (name: string, kinds: readonly string[]): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      return isUnknown(value) ? value : isObject(value) && kinds.includes(value.kind);
    });
  return {
    getsource: ofFirst("getsource", source),
    getsourcelines: ofFirst("getsourcelines", (value) => {
      const text = source(value);
      return text === undefined ? undefined : tuple([list(text.match(/[^\n]*\n|[^\n]+$/g) ?? []), 0n]);
    }),
    getsourcefile: ofFirst("getsourcefile", pathOf),
    getfile: ofFirst("getfile", pathOf),
    getmodule: ofFirst("getmodule", (value) => machine.modules.get(pathOf(value) ?? "") ?? null),
    getdoc: ofFirst("getdoc", (value) => {
      const text = isObject(value) && value.kind === "function" ? docstring(value) : null;
      return text === null ? null : cleandoc(text);
    }),
    cleandoc: ofFirst("cleandoc", (value) => (typeof value === "string" ? cleandoc(value) : undefined)),
    isfunction: is("isfunction", ["function"]),
    isroutine: is("isroutine", ["function", "builtin"]),
    isclass: is("isclass", ["class"]),
    ismodule: is("ismodule", ["module"]),
    signature: ofFirst("signature", (value) =>
      isObject(value) && value.kind === "function" ? signature(machine, value, empty) : unknown("it has no signature"),
    ),
    getmembers: builtin("getmembers", (given) => {
      const value = argument(given, 0) ?? null;
      const wanted = argument(given, 1, "predicate") ?? null;
      if (!isObject(value) || value.kind !== "module") return unknown("its members are not worked out", given.span);
      const members = [...value.names].filter(
        ([, one]) =>
          wanted === null ||
          machine.call(wanted, {
            positional: [{ value: one, span: given.span }],
            keywords: new Map(),
            span: given.span,
          }) === true,
      );
      return list(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => tuple([name, one])));
    }),
    Parameter: { ...emptyClass("Parameter", "inspect"), attributes: new Map<string, Value>([["empty", empty]]) },
    Signature: { ...emptyClass("Signature", "inspect"), attributes: new Map<string, Value>([["empty", empty]]) },
  };
}

function signature(machine: Machine, target: Extract<Value, { kind: "function" }>, empty: ClassValue): NativeValue {
  const annotations = machine.attribute(target, "__annotations__", target.span) ?? null;
  const type = emptyClass("Parameter", "inspect");
  const parameters = dict(
    target.parameters.map((parameter) => {
      const annotation =
        isObject(annotations) && annotations.kind === "dict"
          ? annotations.entries.get(`s${parameter.name}`)?.[1]
          : undefined;
      const attributes = new Map<string, Value>([
        ["name", parameter.name],
        ["default", target.defaults.get(parameter.name) ?? (target.defaults.has(parameter.name) ? null : empty)],
        ["annotation", annotation === undefined ? empty : annotation],
      ]);
      return [parameter.name, { kind: "instance", class: type, attributes }] as const;
    }),
  );
  return {
    kind: "native",
    type: "Signature",
    attribute: (name) => (name === "parameters" ? parameters : undefined),
  };
}
