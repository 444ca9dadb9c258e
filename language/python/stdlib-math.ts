/** `math`. */
import { type Machine, raise } from "./machine.ts";
import type { Names } from "./stdlib.ts";
import { argument, builtin, isNumeric, isObject, type Value } from "./values.ts";

export function mathModule(machine: Machine): Names {
  const float = (name: string, work: (value: number) => number): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      if (!isNumeric(value))
        return isObject(value) && value.kind === "unknown"
          ? value
          : raise("TypeError", "must be real number", given.span);
      const result = work(Number(value));
      return Number.isNaN(result) ? raise("ValueError", "math domain error", given.span) : result;
    });
  const whole = (name: string, work: (value: number) => number): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      if (typeof value === "bigint") return value;
      return typeof value === "number" && Number.isFinite(value)
        ? BigInt(work(value))
        : raise("ValueError", "cannot convert float to integer", given.span);
    });
  const test = (name: string, work: (value: number) => boolean): Value =>
    builtin(name, (given) => {
      const value = argument(given, 0) ?? null;
      return isNumeric(value) ? work(Number(value)) : value;
    });
  const counted = (name: string, count: number, work: (a: bigint, b: bigint) => bigint): Value =>
    builtin(name, (given) => {
      const numbers: bigint[] = [];
      for (const { value } of given.positional) {
        if (isObject(value) && value.kind === "unknown") return value;
        if (typeof value !== "bigint" || value < 0n)
          return raise("ValueError", `${name}() takes whole numbers, 0 or more`, given.span);
        if (value > 2_000n) return raise("OverflowError", "the number is too large", given.span);
        numbers.push(value);
      }
      const [a = 0n, b = 0n] = numbers;
      return numbers.length === count
        ? work(a, b)
        : raise("TypeError", `${name}() takes ${count} arguments`, given.span);
    });
  return {
    pi: Math.PI,
    tau: 2 * Math.PI,
    e: Math.E,
    inf: Infinity,
    nan: Number.NaN,
    ceil: whole("ceil", Math.ceil),
    floor: whole("floor", Math.floor),
    trunc: whole("trunc", Math.trunc),
    sqrt: float("sqrt", Math.sqrt),
    exp: float("exp", Math.exp),
    sin: float("sin", Math.sin),
    cos: float("cos", Math.cos),
    tan: float("tan", Math.tan),
    isnan: test("isnan", Number.isNaN),
    isinf: test("isinf", (value) => Math.abs(value) === Infinity),
    isfinite: test("isfinite", Number.isFinite),
    isclose: builtin("isclose", (given) => {
      const [a, b] = [Number(argument(given, 0) ?? 0), Number(argument(given, 1) ?? 0)];
      const [relative, absolute] = [argument(given, 2, "rel_tol") ?? 1e-9, argument(given, 3, "abs_tol") ?? 0];
      return Math.abs(a - b) <= Math.max(Number(relative) * Math.max(Math.abs(a), Math.abs(b)), Number(absolute));
    }),
    factorial: counted("factorial", 1, (n) => product(1n, n)),
    comb: counted("comb", 2, (n, k) => (k > n ? 0n : product(n - k + 1n, n) / product(1n, k))),
    perm: counted("perm", 2, (n, k) => (k > n ? 0n : product(n - k + 1n, n))),
    lcm: counted("lcm", 2, (a, b) => {
      let [x, y] = [a, b];
      while (y !== 0n) [x, y] = [y, x % y];
      return x === 0n ? 0n : (a * b) / x;
    }),
    log2: float("log2", Math.log2),
    log10: float("log10", Math.log10),
    fabs: float("fabs", Math.abs),
    log: builtin("log", (given) => {
      const [value, base] = [Number(argument(given, 0) ?? 0), argument(given, 1)];
      return base === undefined ? Math.log(value) : Math.log(value) / Math.log(Number(base));
    }),
    pow: builtin("pow", (given) => Number(argument(given, 0) ?? 0) ** Number(argument(given, 1) ?? 0)),
    prod: builtin("prod", (given) => {
      let product: Value = argument(given, 1, "start") ?? 1n;
      for (const item of machine.iterate(argument(given, 0) ?? null, given.span))
        product = machine.binary("*", product, item, given.span);
      return product;
    }),
    gcd: builtin("gcd", ({ positional }) => {
      const numbers = positional.map(({ value }) => (typeof value === "bigint" ? (value < 0n ? -value : value) : 0n));
      return numbers.reduce((left, right) => {
        let [a, b] = [left, right];
        while (b !== 0n) [a, b] = [b, a % b];
        return a;
      }, 0n);
    }),
  };
}

function product(from: bigint, to: bigint): bigint {
  let result = 1n;
  for (let at = from; at <= to; at++) result *= at;
  return result;
}
