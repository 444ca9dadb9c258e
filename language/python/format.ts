/** Python's format mini-language (`format(x, spec)`) and `%` formatting, for the built-in types. */
import { codePoints, plainText } from "./values.ts";
import { pythonFloat } from "../spec/python-text.ts";
import type { Value } from "./values.ts";

const specPattern = /^(?:([\s\S])?([<>=^]))?([-+ ])?z?(#)?(0)?(\d+)?([_,])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

/** `format(value, spec)`; undefined where the spec is not one of this type. `text` is `str(value)`. */
export function formatValue(value: Value, spec: string, text: string): string | undefined {
  if (spec === "") return text;
  const parts = specPattern.exec(spec);
  if (parts === null) return undefined;
  const [, fillGiven, alignGiven, sign = "", alternate, zero, widthText, grouping, precisionText, type] = parts;
  const precision = precisionText === undefined ? undefined : Number(precisionText);
  const width = Math.min(Number(widthText ?? 0), 100_000);
  const fill = fillGiven ?? (zero === undefined ? " " : "0");
  const numeric =
    typeof value === "bigint" || typeof value === "number" || (typeof value === "boolean" && type !== undefined);
  if (!numeric) {
    if (type !== undefined && type !== "s") return undefined;
    const cut = precision === undefined ? text : codePoints(text).slice(0, precision).join("");
    return pad(cut, "", fill, alignGiven ?? "<", width);
  }
  const number = typeof value === "boolean" ? BigInt(value) : value;
  const digits = numberText(number, type, precision, alternate !== undefined, grouping);
  if (digits === undefined) return undefined;
  const negative = digits.startsWith("-");
  const prefix = negative ? "-" : sign === "+" || sign === " " ? sign : "";
  const align = alignGiven ?? (zero === undefined ? ">" : "=");
  const body = negative ? digits.slice(1) : digits;
  // Zeros go between `0x` and the digits.
  const base = alternate === undefined ? "" : (/^0[box]/i.exec(body)?.[0] ?? "");
  return pad(body.slice(base.length), prefix + base, fill, align, width);
}

function pad(body: string, sign: string, fill: string, align: string, width: number): string {
  const missing = width - codePoints(body).length - sign.length;
  if (missing <= 0) return sign + body;
  switch (align) {
    case "<":
      return sign + body + fill.repeat(missing);
    case "^":
      return fill.repeat(Math.floor(missing / 2)) + sign + body + fill.repeat(Math.ceil(missing / 2));
    case "=":
      return sign + fill.repeat(missing) + body;
    default:
      return fill.repeat(missing) + sign + body;
  }
}

function numberText(
  value: bigint | number,
  type: string | undefined,
  precision: number | undefined,
  alternate: boolean,
  grouping: string | undefined,
): string | undefined {
  switch (type) {
    case "b":
    case "o":
    case "x":
    case "X": {
      if (typeof value !== "bigint") return undefined;
      const magnitude = (value < 0n ? -value : value).toString(type === "b" ? 2 : type === "o" ? 8 : 16);
      const body = group(type === "X" ? magnitude.toUpperCase() : magnitude, grouping, 4);
      return `${value < 0n ? "-" : ""}${alternate ? `0${type}` : ""}${body}`;
    }
    case "c":
      return typeof value === "bigint" ? String.fromCodePoint(Number(value)) : undefined;
    case "d":
      return typeof value === "bigint" ? group(value.toString(), grouping, 3) : undefined;
    case undefined:
    case "n":
      if (typeof value === "bigint") return group(value.toString(), grouping, 3);
      if (precision === undefined) return group(pythonFloat(value), grouping, 3);
      return group(general(value, precision, alternate), grouping, 3);
    case "e":
    case "E": {
      const text = exponent(Number(value), precision ?? 6);
      return type === "E" ? text.toUpperCase() : text;
    }
    case "f":
    case "F":
      return group(fixed(value, precision ?? 6), grouping, 3);
    case "%":
      return `${group(fixed(Number(value) * 100, precision ?? 6), grouping, 3)}%`;
    case "g":
    case "G": {
      const text = group(general(Number(value), precision ?? 6, alternate), grouping, 3);
      return type === "G" ? text.toUpperCase() : text;
    }
    default:
      return undefined;
  }
}

export function fixed(value: bigint | number, precision: number): string {
  if (typeof value === "bigint")
    return precision === 0 ? value.toString() : `${value}.${"0".repeat(Math.min(precision, 1000))}`;
  if (!Number.isFinite(value)) return pythonFloat(value);
  if (Math.abs(value) >= 1e21) return fixed(BigInt(value), precision);
  const digits = Math.min(precision, 99);
  const rounded = value.toFixed(digits);
  // JavaScript rounds the exact value, as C does, but a tie away from zero where C goes to the even digit.
  const exact = value.toFixed(100);
  const rest = exact.slice(exact.indexOf(".") + 1 + digits);
  if (!/^50*$/.test(rest)) return rounded;
  const below = exact.slice(0, exact.length - rest.length).replace(/\.$/, "");
  return Number(below.at(-1)) % 2 === 0 ? below : rounded;
}

function exponent(value: number, precision: number): string {
  if (!Number.isFinite(value)) return pythonFloat(value);
  return value.toExponential(Math.min(precision, 100)).replace(/e([-+])(\d)$/, "e$10$2");
}

function general(value: number, precision: number, alternate: boolean): string {
  if (!Number.isFinite(value)) return pythonFloat(value);
  const significant = Math.min(Math.max(precision, 1), 100);
  const power = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
  if (power < -4 || power >= significant) {
    const text = exponent(value, significant - 1);
    return alternate ? text : text.replace(/\.?0+e/, "e");
  }
  const text = value.toFixed(Math.min(Math.max(significant - 1 - power, 0), 100));
  return alternate || !text.includes(".") ? text : text.replace(/\.?0+$/, "");
}

function group(text: string, separator: string | undefined, size: number): string {
  if (separator === undefined) return text;
  const [, sign = "", whole = "", rest = ""] = /^(-?)([0-9a-fA-F]+)([\s\S]*)$/.exec(text) ?? [];
  const parts: string[] = [];
  for (let end = whole.length; end > 0; end -= size) parts.unshift(whole.slice(Math.max(0, end - size), end));
  return sign + parts.join(separator) + rest;
}

/**
 * `template % values`. `take` gives the value of a key, or the next one; `text`
 * and `repr` write it. Undefined where the values do not fit the template.
 */
export function formatPercent(
  template: string,
  take: (key: string | undefined) => Value | undefined,
  text: (value: Value) => string,
  repr: (value: Value) => string,
): string | undefined {
  const failures: string[] = [];
  const result = template.replace(
    /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([diouxXeEfFgGcrsa%])/g,
    (
      _,
      key: string | undefined,
      flags: string,
      widthGiven: string | undefined,
      precisionGiven: string | undefined,
      type: string,
    ) => {
      if (type === "%") return "%";
      const size = (given: string | undefined): string => {
        const value = given === "*" ? take(undefined) : given;
        return plainText(value);
      };
      const width = size(widthGiven);
      const precision = precisionGiven === undefined ? "" : `.${size(precisionGiven)}`;
      const value = take(key);
      if (value === undefined) {
        failures.push(type);
        return "";
      }
      if (type === "s" || type === "r" || type === "a") {
        return formatValue("", `${flags.includes("-") ? "<" : ">"}${width}`, "") === undefined
          ? ""
          : padText(cutText(type === "s" ? text(value) : repr(value), precision), width, flags.includes("-"));
      }
      if (type === "c")
        return padText(
          typeof value === "string" ? value : String.fromCodePoint(Number(value)),
          width,
          flags.includes("-"),
        );
      const whole = "diou".includes(type);
      const number =
        whole && typeof value === "number"
          ? BigInt(Math.trunc(value))
          : typeof value === "boolean"
            ? BigInt(value)
            : value;
      const align = flags.includes("-") ? "<" : "";
      const spec = `${align}${flags.includes("+") ? "+" : flags.includes(" ") ? " " : ""}${flags.includes("#") ? "#" : ""}${
        flags.includes("0") && align === "" ? "0" : ""
      }${width}${whole ? "" : precision}${whole ? "d" : type}`;
      const done = formatValue(number, spec, "");
      if (done === undefined) failures.push(type);
      return done ?? "";
    },
  );
  return failures.length > 0 ? undefined : result;
}

function cutText(text: string, precision: string): string {
  return precision === "" ? text : text.slice(0, Number(precision.slice(1)));
}

function padText(text: string, width: string, left: boolean): string {
  const size = Math.min(Number(width), 100_000);
  return left ? text.padEnd(size) : text.padStart(size);
}
