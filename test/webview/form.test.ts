import { describe, expect, test } from "vitest";
import type { FormField } from "../../webview/protocol.ts";
import { initialText, readField, readForm } from "../../webview/run/form.ts";

const field = (type: FormField["type"], more: Partial<FormField> = {}): FormField => ({
  name: "x",
  type,
  required: false,
  ...more,
});

describe("a field's text", () => {
  test.each([
    [field("NUMBER_INTEGER"), " 200 ", { kind: "value", value: 200 }],
    [field("NUMBER_INTEGER"), "-3", { kind: "value", value: -3 }],
    [field("NUMBER_INTEGER"), "1e3", { kind: "value", value: 1000 }],
    [field("NUMBER_DOUBLE"), "0.5", { kind: "value", value: 0.5 }],
    [field("BOOLEAN"), "true", { kind: "value", value: true }],
    [field("STRING"), " kept ", { kind: "value", value: " kept " }],
    [field("STRING", { defaultValue: "a" }), "", { kind: "value", value: "" }],
    [field("STRING"), "", { kind: "absent" }],
    [field("NUMBER_INTEGER", { defaultValue: 5 }), "", { kind: "absent" }],
    [field("LIST"), "[1, 2]", { kind: "value", value: [1, 2] }],
    [field("STRUCT"), '{"a": null}', { kind: "value", value: { a: null } }],
    [field("STRING", { literals: ["a", "b"] }), "b", { kind: "value", value: "b" }],
  ] as const)("%o with %j", (one, text, read) => {
    expect(readField(one, text)).toEqual(read);
  });

  test.each([
    [field("NUMBER_INTEGER"), "1.5", "x must be a whole number, such as 200."],
    [field("NUMBER_INTEGER"), "99999999999999999", "x must be a whole number, such as 200."],
    [field("NUMBER_DOUBLE"), "many", "x must be a number, such as 0.5."],
    [field("NUMBER_DOUBLE"), "Infinity", "x must be a number, such as 0.5."],
    [field("BOOLEAN"), "yes", "x must be true or false."],
    [field("LIST"), '{"a": 1}', "x must be a list, such as [1, 2]."],
    [field("LIST"), "[1,", "x must be JSON, such as [1, 2]."],
    [field("STRUCT"), "null", 'x must be an object, such as {"key": 1}.'],
    [field("STRING", { required: true }), "", "x needs a value."],
    [field("NUMBER_INTEGER", { required: true }), " ", "x needs a whole number."],
    [field("STRING", { literals: ["a"] }), "c", 'x must be one of "a".'],
  ] as const)("%o refuses %j", (one, text, message) => {
    expect(readField(one, text)).toEqual({ kind: "wrong", message });
  });
});

test("the last value stands in the field before the default", () => {
  expect(initialText(field("NUMBER_INTEGER", { defaultValue: 200, lastValue: 300 }))).toBe("300");
  expect(initialText(field("LIST", { defaultValue: ["a"] }))).toBe('["a"]');
  expect(initialText(field("STRING", { defaultValue: "a b" }))).toBe("a b");
  expect(initialText(field("STRING"))).toBe("");
});

test("what stands in a field at first means what it was made from", () => {
  for (const lastValue of [0, -1.5, 1e21, true, "", "text", "[1]", [], ["a", { b: 1 }], { a: [null] }]) {
    const type =
      typeof lastValue === "number"
        ? "NUMBER_DOUBLE"
        : typeof lastValue === "boolean"
          ? "BOOLEAN"
          : typeof lastValue === "string"
            ? "STRING"
            : Array.isArray(lastValue)
              ? "LIST"
              : "STRUCT";
    const one = field(type, { lastValue, defaultValue: lastValue });
    expect(readField(one, initialText(one))).toEqual({ kind: "value", value: lastValue });
  }
});

test("a form gives its values, or what is wrong with each field", () => {
  const fields = [
    { ...field("NUMBER_INTEGER"), name: "rows" },
    { ...field("STRING"), name: "note" },
  ];
  expect(readForm(fields, { rows: "5", note: "" })).toEqual({ values: { rows: 5 }, wrong: {} });
  expect(readForm(fields, { rows: "five" }).wrong).toEqual({ rows: "rows must be a whole number, such as 200." });
});
