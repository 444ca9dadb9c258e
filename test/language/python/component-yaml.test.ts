/** Components of the SDK's first version: what is refused of them, as mutants held against the SDK have shown. */
import { expect, it } from "vitest";
import { analyze } from "./check.ts";
import { loading } from "./component-trials.ts";

const plain =
  "name: a\ninputs:\n- {name: n, type: Integer, optional: true}\nimplementation:\n  container:\n    image: x\n";

function problems(yaml: string): string[] {
  return analyze(loading(yaml)).diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

it.each([
  ["the component", plain.replace("name: a", "nome: a"), /the component has a "nome"/],
  ["an input", plain.replace("optional:", "otional:"), /has a "otional"/],
  ["the container", `${plain}    comand: [a]\n`, /has a "comand"/],
  ["the implementation", `${plain}  args: [a]\n`, /has a "args"/],
  ["a tag that nobody knows", plain.replace("image: x", "image: !t x"), /Unresolved tag/],
])("a word that means nothing in %s", (_, yaml, says) => {
  expect(problems(plain)).toEqual([]);
  expect(problems(yaml).join("\n")).toMatch(says);
});
