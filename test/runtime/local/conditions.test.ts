import { expect, test } from "vitest";
import type { Json } from "../../../language/spec/types.ts";
import { holds } from "../../../runtime/local/conditions.ts";

/** What the SDK writes for each comparison (pipeline_spec_builder.py), X being the parameter. */
const cases: readonly (readonly [condition: string, x: Json, expected: boolean])[] = [
  ["X == 'heads'", "heads", true],
  ["X == 'heads'", "tails", false],
  ["X != 'heads'", "", true],
  ["!(X == 'heads') && X == 'tails'", "tails", true],
  ["!(X == 'heads') && !(X == 'tails')", "edge", true],
  ["int(X) > 5", 6, true],
  ["int(X) > 5", 5, false],
  ["int(X) == -1", -1, true],
  ["int(X) <= 9007199254740991", 9007199254740991, true],
  ["X == 0.5", 0.5, true],
  ["X > 0.5", 1, true],
  ["double(int(X)) < 3.5", 3, true],
  ["X >= double(int(X))", 2, true],
  ["X == true", true, true],
  ["!(X == true)", false, true],
  ["X == '1'", "1", true],
  ["X == '1'", 1, false],
  ["X == 1", "1", false],
  ['X == "it\'s"', "it's", true],
  ["X == 'it\\'s'", "it's", true],
  ["X == 'na\u00efve \u2603'", "na\u00efve \u2603", true],
  ["X == 'a\\nb'", "a\nb", true],
  // What TypeScript pipelines add: whole expressions.
  ["int(X) > 3 && (int(X) < 10 || int(X) == 20) && !(int(X) == 5)", 4, true],
  ["int(X) > 3 && (int(X) < 10 || int(X) == 20) && !(int(X) == 5)", 5, false],
  ["int(X) > 3 && (int(X) < 10 || int(X) == 20) && !(int(X) == 5)", 20, true],
];

test.each(cases)("%s with %j is %s", async (condition, x, expected) => {
  expect(
    await holds(condition.replaceAll("X", "inputs.parameter_values['pipelinechannel--x']"), {
      "pipelinechannel--x": x,
    }),
  ).toBe(expected);
});

test.each([
  ["inputs.parameter_values['y'] == 1", "cannot be evaluated: No such key: y."],
  ["inputs.parameter_values['x'] ==", "cannot be evaluated: "],
  ["inputs.parameter_values['x']", 'gives "a", not true or false.'],
  ["int(inputs.parameter_values['x']) == 1", "cannot be evaluated: "],
])("%s fails in words", async (condition, words) => {
  await expect(holds(condition, { x: "a" })).rejects.toThrow(words);
});
