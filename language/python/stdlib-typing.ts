/** What of `typing` people use while a pipeline is made. */
import { namedTupleOf } from "./classes.ts";
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { emptyClass } from "./stdlib-data.ts";
import { TypeForm } from "./type-forms.ts";
import { plainText, argument, builtin, type ClassValue, dict, list, type Value } from "./values.ts";

export function typingModule(machine: Machine): Names {
  const forms =
    "Any Callable ClassVar Collection Deque DefaultDict Dict Final FrozenSet Generator Iterable Iterator List Literal Mapping MutableMapping MutableSequence NoReturn Optional OrderedDict Sequence Set Tuple Type Union Counter Awaitable Coroutine Hashable Sized Text Never Self Required NotRequired TypeAlias Annotated Concatenate LiteralString Pattern IO TextIO";
  const names: Record<string, Value> = {};
  for (const name of forms.split(" ")) names[name] = new TypeForm("typing", name);
  const base = (name: string): ClassValue => emptyClass(name, "typing");
  return {
    ...names,
    TYPE_CHECKING: false,
    Protocol: base("Protocol"),
    Generic: base("Generic"),
    TypedDict: { ...base("TypedDict"), bases: [] },
    NamedTuple: {
      ...base("NamedTuple"),
      construct: (given, self) => {
        if (self.name !== "NamedTuple") return raise("TypeError", `${self.name}() takes no arguments`, given.span);
        const name = argument(given, 0, "typename");
        const fields: [string, Value][] = [];
        for (const pair of machine.iterate(argument(given, 1, "fields") ?? list([]), given.span)) {
          const [field = null, type = null] = machine.iterate(pair, given.span);
          fields.push([plainText(field), type]);
        }
        for (const [field, { value }] of given.keywords)
          if (field !== "typename" && field !== "fields") fields.push([field, value]);
        const made = emptyClass(plainText(name));
        made.attributes.set("__annotations__", dict(fields));
        return namedTupleOf(
          made,
          fields.map(([field]) => field),
        );
      },
    },
    TypeVar: builtin("TypeVar", (given) => new TypeForm("typing", plainText(argument(given, 0)))),
    ParamSpec: builtin("ParamSpec", (given) => new TypeForm("typing", plainText(argument(given, 0)))),
    NewType: builtin("NewType", (given) => argument(given, 1) ?? null),
    cast: builtin("cast", (given) => argument(given, 1) ?? null),
    overload: builtin("overload", (given) => argument(given, 0) ?? null),
    runtime_checkable: builtin("runtime_checkable", (given) => argument(given, 0) ?? null),
    final: builtin("final", (given) => argument(given, 0) ?? null),
    get_type_hints: builtin(
      "get_type_hints",
      (given) => machine.attribute(argument(given, 0) ?? null, "__annotations__", given.span) ?? dict(),
    ),
  };
}
