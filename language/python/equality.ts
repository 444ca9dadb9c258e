/** Which values are equal in Python. */
import { classAttribute } from "./class-values.ts";
import { type InstanceValue, isNumeric, isObject, isUnknown, keyOf, NotKnown, type Value } from "./values.ts";

/** Values that are equal in Python. */
export function equal(left: Value, right: Value): boolean {
  if (left !== right) for (const one of [left, right]) if (isUnknown(one)) throw new NotKnown(one);
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return Number(left) === Number(right) && numericEqual(left, right);
  if (!isObject(left) || !isObject(right)) return false;
  switch (left.kind) {
    case "list":
    case "tuple":
      return (
        right.kind === left.kind &&
        left.items.length === right.items.length &&
        left.items.every((item, i) => equal(item, right.items[i] ?? null))
      );
    case "dict":
      return (
        right.kind === "dict" &&
        left.entries.size === right.entries.size &&
        [...left.entries].every(([key, [, value]]) => {
          const other = right.entries.get(key);
          return other !== undefined && equal(value, other[1]);
        })
      );
    case "set":
      return (
        right.kind === "set" &&
        left.items.size === right.items.size &&
        [...left.items.keys()].every((k) => right.items.has(k))
      );
    case "range":
      return (
        right.kind === "range" && left.start === right.start && left.stop === right.stop && left.step === right.step
      );
    case "instance":
      return right.kind === "instance" && left.class === right.class && instancesEqual(left, right);
    default:
      return keyOf(left) === keyOf(right);
  }
}

function instancesEqual(left: InstanceValue, right: InstanceValue): boolean {
  if (classAttribute(left.class, "__dataclass_fields__") === undefined) return false;
  return [...left.attributes].every(([name, value]) => {
    const other = right.attributes.get(name);
    return other !== undefined && equal(value, other);
  });
}

function numericEqual(left: boolean | bigint | number, right: boolean | bigint | number): boolean {
  return typeof left === "bigint" && typeof right === "bigint" ? left === right : true;
}
