import { expect, test } from "vitest";
import { conditionWords } from "../../../language/spec/condition-words.ts";

const short = (name: string) => name.replace("pipelinechannel--", "");

test.each([
  ["inputs.parameter_values['pipelinechannel--env'] == 'prod'", "env == 'prod'"],
  ["int(inputs.parameter_values['pipelinechannel--rows']) > int(3)", "rows > 3"],
  [
    "!(double(inputs.parameter_values['a']) <= double(0.5)) && string(inputs.parameter_values['b']) != 'x'",
    "!(a <= 0.5) && b != 'x'",
  ],
  ["true", "true"],
  ["", ""],
])("%s", (condition, words) => {
  expect(conditionWords(condition, short)).toBe(words);
});
