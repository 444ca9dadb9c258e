import { Property } from "./attributes.ts";
import { arguments_, type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { classAttribute } from "./class-values.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type ClassValue,
  dict,
  isObject,
  keyOf,
  type NativeValue,
  tuple,
  type Value,
} from "./values.ts";

/** `functools.partial(f, …)` */
export class Partial implements NativeValue {
  readonly kind = "native";
  readonly type = "partial";
  readonly target: Value;
  private readonly given: CallArguments;
  private readonly machine: Machine;

  constructor(machine: Machine, target: Value, given: CallArguments) {
    this.machine = machine;
    this.target = target;
    this.given = given;
  }
  call(more: CallArguments): Value {
    const keywords = new Map([...this.given.keywords, ...more.keywords]);
    return this.machine.call(this.target, {
      positional: [...this.given.positional, ...more.positional],
      keywords,
      span: more.span,
    });
  }
  attribute(name: string): Value | undefined {
    if (name === "func") return this.target;
    if (name === "args") return tuple(this.given.positional.map(({ value }) => value));
    if (name === "keywords") return dict([...this.given.keywords].map(([key, { value }]) => [key, value] as const));
    return undefined;
  }
}

export function functoolsModule(machine: Machine): Names {
  const cached = (name: string): Value =>
    builtin(name, (given) => {
      const target = argument(given, 0) ?? null;
      if (isObject(target) && target.kind === "function") return remembering(machine, target);
      return builtin(name, (inner) => remembering(machine, argument(inner, 0) ?? null));
    });
  return {
    partial: builtin("partial", (given) => {
      const [target, ...positional] = given.positional;
      return new Partial(machine, target?.value ?? null, { ...given, positional });
    }),
    wraps: builtin("wraps", (given) => {
      const wrapped = argument(given, 0, "wrapped") ?? null;
      return builtin("wraps", (inner) => wraps(argument(inner, 0) ?? null, wrapped));
    }),
    update_wrapper: builtin("update_wrapper", (given) => wraps(argument(given, 0) ?? null, argument(given, 1) ?? null)),
    reduce: builtin("reduce", (given) => {
      const items = [...machine.iterate(argument(given, 1) ?? null, given.span)];
      const start = argument(given, 2);
      let total = start === undefined ? items.shift() : start;
      if (total === undefined)
        return raise("TypeError", "reduce() of empty iterable with no initial value", given.span);
      for (const item of items) total = machine.call(argument(given, 0) ?? null, arguments_(given.span, total, item));
      return total;
    }),
    lru_cache: cached("lru_cache"),
    cache: cached("cache"),
    cached_property: builtin("cached_property", (given) => new Property(argument(given, 0) ?? null, { cached: true })),
    total_ordering: builtin("total_ordering", (given) => {
      const type = argument(given, 0) ?? null;
      if (isObject(type) && type.kind === "class") orderFully(machine, type);
      return type;
    }),
  };
}

/** The comparisons that a class lacks, from the one that it has and from equality. */
function orderFully(machine: Machine, type: ClassValue): void {
  const signs = { __lt__: "<", __le__: "<=", __gt__: ">", __ge__: ">=" } as const;
  const known = Object.entries(signs).find(([name]) => classAttribute(type, name) !== undefined)?.[1];
  if (known === undefined) return;
  const ask = (sign: string, left: Value, right: Value, { span }: CallArguments): boolean =>
    machine.compare(sign, left, right, span) === true;
  const isStrict = known === "<" || known === ">";
  for (const [name, sign] of Object.entries(signs)) {
    if (classAttribute(type, name) !== undefined) continue;
    const isSame = sign.charAt(0) === known.charAt(0);
    type.attributes.set(
      name,
      builtin(name, (given) => {
        const [self, other] = [argument(given, 0) ?? null, argument(given, 1) ?? null];
        const [left, right] = isSame ? [self, other] : [other, self];
        // Of the known one, strict or not, and equality.
        const equals = ask("==", self, other, given);
        return (ask(known, left, right, given) && (isStrict || !equals)) || (sign.endsWith("=") && equals);
      }),
    );
  }
}

/** A function that is called once for equal arguments. */
function remembering(machine: Machine, target: Value): Value {
  const known = new Map<string, Value>();
  return {
    kind: "native",
    type: "_lru_cache_wrapper",
    attribute: (name, span) =>
      name === "cache_clear"
        ? builtin(name, () => {
            known.clear();
            return null;
          })
        : name === "__wrapped__"
          ? target
          : machine.attribute(target, name, span),
    call: (given) => {
      const keywords = [...given.keywords].map(([name, { value }]) => tuple([name, value]));
      const key = keyOf(tuple([...given.positional.map(({ value }) => value), ...keywords]));
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = machine.call(target, given);
      known.set(key, made);
      return made;
    },
  };
}

/** A function that shows another's name and text: `inspect` follows `__wrapped__`. */
function wraps(wrapper: Value, wrapped: Value): Value {
  if (!isObject(wrapper) || wrapper.kind !== "function" || !isObject(wrapped) || wrapped.kind !== "function")
    return wrapper;
  return {
    ...wrapper,
    name: wrapped.name,
    qualname: wrapped.qualname,
    attributes: new Map([...wrapped.attributes, ...wrapper.attributes, ["__wrapped__", wrapped]]),
  };
}
