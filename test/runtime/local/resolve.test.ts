import { expect, test } from "vitest";
import type { Json } from "../../../language/spec/types.ts";
import { select } from "../../../runtime/local/resolve.ts";

const cases: readonly (readonly [Json, string, Json])[] = [
  [{ A_a: "heads" }, 'parseJson(string_value)["A_a"]', "heads"],
  ['{"a": {"b c": [10, 20]}}', 'parseJson(string_value)["a"]["b c"][1]', 20],
  [{ "it's": 1 }, `parseJson(string_value)["it's"]`, 1],
  [{ a: null }, "parseJson(string_value)['a']", null],
  ["[1]", "parseJson(string_value)", [1]],
];

test.each(cases)("of %j, %s is %j", (value, expression, expected) => {
  expect(select(value, expression)).toEqual(expected);
});

test.each([
  [{ a: 1 }, 'parseJson(string_value)["b"]', 'has no "b"'],
  [{ a: 1 }, 'parseJson(string_value)["toString"]', 'has no "toString"'],
  ["no json", 'parseJson(string_value)["a"]', '"no json" is not JSON'],
  [{ a: 1 }, "size(string_value)", "is not supported"],
])("of %j, %s fails in words", (value, expression, words) => {
  expect(() => select(value, expression)).toThrow(words);
});
