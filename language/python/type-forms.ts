import { IoType, markedBy } from "./artifact-types.ts";
import { isObject, keyOf, type NativeValue, tuple, type Value } from "./values.ts";

/** A type that is not a class: `List[int]`, `Optional[str]`, `dict[str, int]`, `int | None`, `Annotated[…]`. */
export class TypeForm implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  /** `typing.List`, `list`, `|`. */
  readonly name: string;
  readonly module: "typing" | "builtins" | "collections.abc";
  /** Undefined for the bare form. */
  readonly args: readonly Value[] | undefined;

  constructor(module: TypeForm["module"], name: string, args?: readonly Value[]) {
    this.module = module;
    this.name = name;
    this.args = args;
    this.type = module === "builtins" ? (name === "|" ? "UnionType" : "GenericAlias") : "_GenericAlias";
  }

  item(key: Value): Value {
    const args = isObject(key) && key.kind === "tuple" && key.class === undefined ? key.items : [key];
    // `Optional[Optional[X]]` and unions of unions are flat.
    if (this.name === "Optional") return union([...args, null]);
    if (this.name === "Union") return union(args);
    // What is annotated twice has both annotations, and the SDK looks at the first: its own marker.
    const [first] = args;
    if (this.name === "Annotated" && first instanceof IoType) return first;
    const direction = this.name === "Annotated" ? markedBy(args[1]) : undefined;
    if (direction !== undefined) return new IoType(direction, first);
    return new TypeForm(this.module, this.name, args);
  }

  operate(operator: string, other: Value, reflected: boolean): Value | undefined {
    if (operator === "|") return reflected ? either(other, this) : either(this, other);
    if (operator === "==" || operator === "!=")
      return (isObject(other) && keyOf(other) === keyOf(this)) === (operator === "==");
    return undefined;
  }

  call(): Value {
    // `List[int]()` makes a list; nobody's pipeline does.
    return null;
  }

  attribute(name: string): Value | undefined {
    if (name === "__args__") return tuple(this.args ?? []);
    if (name === "__name__" || name === "_name") return this.name;
    if (name === "__origin__") return this.name;
    return undefined;
  }

  /** Whether a value of that concrete type, by `typeName`, is one of this: `isinstance({}, Mapping)`. */
  holds(type: string): boolean {
    const types = Object.hasOwn(abstractTypes, this.name) ? abstractTypes[this.name] : this.name.toLowerCase();
    return types?.split(" ").includes(type) ?? false;
  }

  /** As Python shows it: `typing.List[int]`, `dict[str, int]`, `typing.Optional[str]`. */
  text(): string {
    const { args, name } = this;
    if (name === "|") return (args ?? []).map(typeText).join(" | ");
    const prefix = this.module === "builtins" ? "" : `${this.module}.`;
    if (args === undefined) return `${prefix}${name}`;
    if (name === "Union") {
      const rest = args.filter((one) => one !== null);
      if (rest.length === 1 && args.length === 2) return `typing.Optional[${rest.map(typeText).join(", ")}]`;
    }
    if (name === "Callable" && args.length === 2)
      return `${prefix}${name}[${typeText(args[0] ?? null)}, ${typeText(args[1] ?? null)}]`;
    return `${prefix}${name}[${args.map(typeText).join(", ")}]`;
  }

  key(): string {
    return `type:${this.text()}`;
  }
}

const sequences = "list tuple str bytes range deque";
const mappings = "dict OrderedDict defaultdict Counter";
const callables = "function builtin_function_or_method type";
const iterators = "generator list_iterator zip map filter enumerate reversed";
const collections = `${sequences} ${mappings} set frozenset`;

/** The built-in types of the abstract ones (`collections.abc`). */
const abstractTypes: Readonly<Record<string, string>> = {
  Sequence: sequences,
  MutableSequence: "list deque",
  Mapping: mappings,
  MutableMapping: mappings,
  Dict: mappings,
  Set: "set frozenset",
  AbstractSet: "set frozenset",
  MutableSet: "set",
  Iterable: `${collections} ${iterators}`,
  Collection: collections,
  Container: collections,
  Sized: collections,
  Iterator: iterators,
  Callable: callables,
  Hashable: `str bytes int float bool NoneType tuple range frozenset ${callables}`,
};

function union(given: readonly Value[]): Value {
  const flat = given.flatMap((one) => (one instanceof TypeForm && one.name === "Union" ? (one.args ?? []) : [one]));
  const seen = new Set<string>();
  const args = flat.filter((one) => !seen.has(keyOf(one)) && seen.add(keyOf(one)));
  const [only] = args;
  return args.length === 1 && only !== undefined ? only : new TypeForm("typing", "Union", args);
}

/** `A | B` of types. */
export function either(left: Value, right: Value): Value {
  const flat = [left, right].flatMap((one) => (one instanceof TypeForm && one.name === "|" ? (one.args ?? []) : [one]));
  return new TypeForm("builtins", "|", flat);
}

/** A type inside another's text: classes by their name, with the module of those that are not built in. */
export function typeText(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return `ForwardRef('${value}')`;
  if (!isObject(value)) return String(value);
  switch (value.kind) {
    case "class":
      return value.module === "builtins" ? value.qualname : `${value.module}.${value.qualname}`;
    case "ellipsis":
      return "...";
    case "list":
      return `[${value.items.map(typeText).join(", ")}]`;
    case "native":
      return value.text?.() ?? value.type;
    default:
      return value.kind;
  }
}
