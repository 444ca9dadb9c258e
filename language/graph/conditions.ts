/**
 * Conditions as CEL text, as `kfp/compiler/pipeline_spec_builder.py` writes comparisons:
 * the weaker type is written as the stronger one, String > Boolean > Double > Integer.
 * Where the SDK's text would not parse or mean something else (a quote or a backslash in a
 * string, a number channel compared with a string) this writes text that is right.
 */
import { pythonFloat } from "../spec/python-text.ts";
import { isChannel, linkOf, type Node } from "./channels.ts";
import type { Argument, Comparison, Condition, ConditionGroup } from "./model.ts";
import { injectedName } from "./names.ts";
import { argumentType, plain } from "./types.ts";

/** What must hold for a group to run: every earlier arm denied, then its own condition. */
export function groupCondition(group: ConditionGroup): string {
  const parts = group.denied.map((condition) => `!(${cel(condition, group)})`);
  if (group.condition) parts.push(operand(group.condition, "and", group));
  return parts.join(" && ");
}

/**
 * The condition with the operands where the SDK has them. Its classes of loop items and of
 * OneOf derive from that of other channels, and Python lets the derived class compare:
 * `input != item` becomes `item != input`.
 */
export function asSdkCompares(condition: Condition): Condition {
  switch (condition.kind) {
    case "compare": {
      const { left, operator, right } = condition;
      const isLeftPlain = left.kind === "pipeline-input" || left.kind === "task-output";
      const isRightDerived = right.kind === "loop-item" || right.kind === "loop-field" || right.kind === "one-of";
      return isLeftPlain && isRightDerived
        ? { kind: "compare", operator: mirrored[operator], left: right, right: left }
        : condition;
    }
    case "not":
      return { kind: "not", operand: asSdkCompares(condition.operand) };
    case "and":
    case "or":
      return { kind: condition.kind, operands: condition.operands.map(asSdkCompares) };
  }
}

const mirrored: Readonly<Record<Comparison, Comparison>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** Why a value cannot be compared; undefined: it can. */
export function whyNotComparable(value: Argument): string | undefined {
  if (value.kind === "template") return "text that is put together at run time";
  const type = argumentType(value);
  if (!type) return "null";
  if (type.kind === "artifact") return "an artifact";
  const parameter = plain(type.type);
  return parameter === "LIST" ? "a list" : parameter === "STRUCT" ? "a struct" : undefined;
}

/** Whether this compares a boolean with a number, of which the SDK makes the opposite. */
export function comparesBooleanWithNumber(left: Argument, right: Argument): boolean {
  const strengths = [strengthOf(left), strengthOf(right)];
  return Math.max(...strengths) === booleanStrength && Math.min(...strengths) < booleanStrength;
}

function cel(condition: Condition, consumer: Node): string {
  switch (condition.kind) {
    case "compare": {
      const strength = Math.max(strengthOf(condition.left), strengthOf(condition.right));
      const left = comparand(condition.left, strength, consumer);
      return `${left} ${condition.operator} ${comparand(condition.right, strength, consumer)}`;
    }
    case "not":
      return `!(${cel(condition.operand, consumer)})`;
    case "and":
      return condition.operands.map((part) => operand(part, "and", consumer)).join(" && ");
    case "or":
      return condition.operands.map((part) => operand(part, "or", consumer)).join(" || ");
  }
}

/** `||` binds weaker than `&&`; both kinds are put in parentheses inside one another, for readers. */
function operand(condition: Condition, within: "and" | "or", consumer: Node): string {
  const text = cel(condition, consumer);
  return (condition.kind === "and" || condition.kind === "or") && condition.kind !== within ? `(${text})` : text;
}

const stringStrength = 3;
const booleanStrength = 2;
const doubleStrength = 1;

function strengthOf(value: Argument): number {
  const type = argumentType(value);
  if (type?.kind !== "parameter") return stringStrength;
  switch (type.type) {
    case "BOOLEAN":
      return booleanStrength;
    case "NUMBER_DOUBLE":
      return doubleStrength;
    case "NUMBER_INTEGER":
      return 0;
    default:
      return stringStrength;
  }
}

function comparand(value: Argument, strength: number, consumer: Node): string {
  const own = strengthOf(value);
  if (isChannel(value)) {
    const text = `inputs.parameter_values['${injectedName(linkOf(value, consumer).name)}']`;
    const typed = own === 0 ? `int(${text})` : text;
    if (own === strength) return typed;
    return strength === stringStrength ? `string(${typed})` : strength === doubleStrength ? `double(${typed})` : typed;
  }
  if (value.kind === "string") return quoted(value.value);
  const text = constantText(value);
  if (own === strength) return text;
  if (strength === stringStrength) return `'${text}'`;
  if (strength === doubleStrength) return `double(${text})`;
  // The SDK writes zero as true. Byte equality wins; the builder warns.
  return Number.parseInt(text, 10) === 0 ? "true" : "false";
}

function constantText(value: Argument): string {
  if (value.kind === "boolean" || value.kind === "integer") return String(value.value);
  return value.kind === "number" ? pythonFloat(value.value) : "null";
}

function quoted(text: string): string {
  if (!/['\\\n\r]/.test(text)) return `'${text}'`;
  const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r" };
  return `'${text.replace(/['\\\n\r]/g, (char) => escapes[char] ?? `\\${char}`)}'`;
}
