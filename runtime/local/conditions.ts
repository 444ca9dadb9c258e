import type { Json } from "../../language/spec/types.ts";
import { UserError } from "../user-error.ts";

/**
 * Whether a trigger condition of the spec holds. The expression is CEL over
 * `inputs.parameter_values`, whose numbers are doubles, as in KFP's driver.
 * Throws UserError where it cannot be evaluated: an error there fails the task.
 *
 * Library: @marcbachmann/cel-js. Of three, tried on the 43 conditions of the
 * corpus and 41 of our own: cel-js lacks int() and double() and does not
 * unescape strings; @bufbuild/cel answers the same as this one, but loads in
 * 68 ms instead of 17 and brings three packages and 1.4 MB.
 */
export async function holds(condition: string, parameters: Readonly<Record<string, Json>>): Promise<boolean> {
  // Loaded here, so that a pipeline without conditions does not pay for it.
  const { evaluate } = await import("@marcbachmann/cel-js");
  let result: unknown;
  try {
    result = evaluate(condition, { inputs: { parameter_values: parameters } });
  } catch (error) {
    const what = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UserError("condition", `Condition \`${condition}\` cannot be evaluated: ${what}.`, { cause: error });
  }
  if (typeof result !== "boolean") {
    throw new UserError("condition", `Condition \`${condition}\` gives ${JSON.stringify(result)}, not true or false.`);
  }
  return result;
}
