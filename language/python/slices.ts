import type { Span } from "../source.ts";
import { raise } from "./machine.ts";
import { typeName, type Value } from "./values.ts";

/** The offset that an index means; undefined where it is out of range. */
export function indexIn(key: Value, length: number, span: Span): number | undefined {
  const number = typeof key === "boolean" ? BigInt(key) : key;
  if (typeof number !== "bigint")
    return raise("TypeError", `indices must be integers or slices, not ${typeName(key)}`, span);
  const at = Number(number) < 0 ? Number(number) + length : Number(number);
  return at >= 0 && at < length ? at : undefined;
}

/** The bounds of a slice without a step. */
export function sliceBounds(lower: Value, upper: Value, length: number): { start: number; stop: number } {
  const at = (bound: Value, otherwise: number): number => {
    if (typeof bound !== "bigint") return otherwise;
    const number = Number(bound);
    return number < 0 ? Math.max(0, number + length) : Math.min(number, length);
  };
  return { start: at(lower, 0), stop: at(upper, length) };
}

/** The offsets that a slice takes. */
export function sliceOffsets(slice: { lower: Value; upper: Value; step: Value }, length: number, span: Span): number[] {
  const stride = typeof slice.step === "bigint" ? Number(slice.step) : 1;
  if (stride === 0) return raise("ValueError", "slice step cannot be zero", span);
  const offsets: number[] = [];
  if (stride > 0) {
    const { start, stop } = sliceBounds(slice.lower, slice.upper, length);
    for (let at = start; at < stop; at += stride) offsets.push(at);
    return offsets;
  }
  const at = (bound: Value, otherwise: number): number => {
    if (typeof bound !== "bigint") return otherwise;
    const number = Number(bound);
    return number < 0 ? number + length : Math.min(number, length - 1);
  };
  const stop = at(slice.upper, -1);
  for (let offset = at(slice.lower, length - 1); offset > stop && offset >= 0; offset += stride) offsets.push(offset);
  return offsets;
}
