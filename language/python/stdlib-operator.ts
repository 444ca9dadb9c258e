/** `operator`, `abc`, and what of `types` people hold settings in. */
import { item as itemOf } from "./attributes.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  type InstanceValue,
  plainText,
  tuple,
  typeName,
  unknown,
  type Value,
} from "./values.ts";

const binaries: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  truediv: "/",
  floordiv: "//",
  mod: "%",
  pow: "**",
  and_: "&",
  or_: "|",
  xor: "^",
  concat: "+",
};
const comparisons: Readonly<Record<string, string>> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
  is_: "is",
};

export function operatorModule(machine: Machine): Names {
  const two = (work: (left: Value, right: Value, given: CallArguments) => Value, name: string): Value =>
    builtin(name, (given) => work(argument(given, 0) ?? null, argument(given, 1) ?? null, given));
  const getter = (name: string, get: (object: Value, key: Value, given: CallArguments) => Value): Value =>
    builtin(name, (outer) =>
      builtin(name, (given) => {
        const object = argument(given, 0) ?? null;
        const found = outer.positional.map(({ value }) => get(object, value, given));
        const [only] = found;
        return found.length === 1 && only !== undefined ? only : tuple(found);
      }),
    );
  return {
    ...Object.fromEntries(
      Object.entries(binaries).map(([name, sign]) => [
        name,
        two((left, right, { span }) => machine.binary(sign, left, right, span), name),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(comparisons).map(([name, sign]) => [
        name,
        two((left, right, { span }) => machine.compare(sign, left, right, span), name),
      ]),
    ),
    contains: two((left, right, { span }) => machine.compare("in", right, left, span), "contains"),
    getitem: two((left, right, { span }) => itemOf(machine, left, right, span), "getitem"),
    neg: builtin("neg", (given) => machine.binary("-", 0n, argument(given, 0) ?? null, given.span)),
    not_: builtin("not_", (given) => machine.compare("==", argument(given, 0) ?? null, false, given.span)),
    itemgetter: getter("itemgetter", (object, key, { span }) => itemOf(machine, object, key, span)),
    attrgetter: getter("attrgetter", (object, path, { span }) => {
      let at = object;
      for (const name of plainText(path).split(".")) {
        const next = machine.attribute(at, name, span);
        if (next === undefined)
          return raise("AttributeError", `'${typeName(at)}' object has no attribute '${name}'`, span);
        at = next;
      }
      return at;
    }),
    methodcaller: builtin("methodcaller", (outer) =>
      builtin("methodcaller", (given) => {
        const [name, ...positional] = outer.positional;
        const method = machine.attribute(argument(given, 0) ?? null, plainText(name?.value), given.span);
        return machine.call(method ?? null, { ...outer, positional, span: given.span });
      }),
    ),
  };
}

/** `abc`: who is abstract is not checked. */
export function abcModule(machine: Machine): Names {
  const plain = (name: string): ClassValue => ({
    kind: "class",
    name,
    qualname: name,
    module: "abc",
    bases: [],
    attributes: new Map(),
  });
  const same = (name: string): Value => builtin(name, (given) => argument(given, 0) ?? null);
  return {
    ABC: plain("ABC"),
    ABCMeta: plain("ABCMeta"),
    abstractmethod: same("abstractmethod"),
    abstractproperty: machine.module("builtins")?.lookup?.("property") ?? null,
    abstractclassmethod: machine.module("builtins")?.lookup?.("classmethod") ?? null,
    abstractstaticmethod: machine.module("builtins")?.lookup?.("staticmethod") ?? null,
  };
}

export function typesModule(machine: Machine): Names {
  const namespace: ClassValue = {
    kind: "class",
    name: "SimpleNamespace",
    qualname: "SimpleNamespace",
    module: "types",
    bases: [],
    attributes: new Map(),
    construct: (given, self): InstanceValue => ({
      kind: "instance",
      class: self,
      attributes: new Map([...given.keywords].map(([name, { value }]) => [name, value])),
    }),
  };
  namespace.attributes.set(
    "__repr__",
    builtin("__repr__", (given) => {
      const self = argument(given, 0);
      const attributes = typeof self === "object" && self?.kind === "instance" ? [...self.attributes] : [];
      const shown = attributes.map(([name, value]) => [name, machine.text(value, given.span, "repr")] as const);
      const uncertain = shown.find(([, text]) => typeof text !== "string")?.[1];
      return uncertain ?? `namespace(${shown.map(([name, text]) => `${name}=${plainText(text)}`).join(", ")})`;
    }),
  );
  const builtinNamed = (name: string): Value => machine.module("builtins")?.lookup?.(name) ?? null;
  return {
    SimpleNamespace: namespace,
    MappingProxyType: builtin("MappingProxyType", (given) =>
      machine.call(builtinNamed("dict"), arguments_(given.span, argument(given, 0) ?? null)),
    ),
    NoneType: builtinNamed("NoneType"),
    ...Object.fromEntries(
      ["FunctionType", "MethodType", "ModuleType", "GeneratorType", "TracebackType", "LambdaType"].map((name) => [
        name,
        unknown(`"types.${name}" is not worked out while reading`),
      ]),
    ),
  };
}
