import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type NamePlace, readNames, rootName, sameSymbol } from "../../../language/yaml/names.ts";

const corpus = resolve(import.meta.dirname, "../../../../shared/corpus");
const isHere = existsSync(corpus);
if (!isHere) console.log("No corpus beside the project: the names of compiled files are not tried on it.");

/** What the server's backend or the SDK give a group and no task passes. */
const isDefined = (places: readonly NamePlace[], { symbol }: NamePlace): boolean =>
  places.some((other) => other.whole !== undefined && sameSymbol(other.symbol, symbol));

test.runIf(isHere)("in what the SDK wrote every name that is used is defined, and stands where it is said to", () => {
  let uses = 0;
  const dangling: string[] = [];
  for (const name of readdirSync(corpus)) {
    const file = join(corpus, name, "expected.yaml");
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    const places = readNames(file, text);
    expect(places.length).toBeGreaterThan(3);
    for (const place of places) {
      expect(text.slice(place.span.start, place.span.end)).toBe(place.symbol.name);
      if (place.whole) continue;
      uses++;
      if (!isDefined(places, place)) dangling.push(`${name}: ${JSON.stringify(place.symbol)}`);
    }
  }
  expect(dangling).toEqual([]);
  expect(uses).toBeGreaterThan(4000);
});

test("in JSON and in YAML, with one document or two, the same names", () => {
  const spec = {
    pipelineInfo: { name: "p" },
    root: {
      inputDefinitions: { parameters: { n: { parameterType: "NUMBER_INTEGER" } } },
      dag: {
        tasks: {
          a: { componentRef: { name: "comp-a" }, inputs: { parameters: { x: { componentInputParameter: "n" } } } },
          b: {
            componentRef: { name: "comp-a" },
            dependentTasks: ["a"],
            inputs: { parameters: { x: { taskOutputParameter: { producerTask: "a", outputParameterKey: "Output" } } } },
            triggerPolicy: { condition: "inputs.parameter_values['x'] == 1" },
          },
        },
      },
    },
    components: {
      "comp-a": {
        executorLabel: "exec-a",
        inputDefinitions: { parameters: { x: { parameterType: "NUMBER_INTEGER" } } },
        outputDefinitions: { parameters: { Output: { parameterType: "NUMBER_INTEGER" } } },
      },
    },
    deploymentSpec: { executors: { "exec-a": { container: { args: ["{{$.inputs.parameters['x']}}"], image: "i" } } } },
  };
  const platform = { platforms: { kubernetes: { deploymentSpec: { executors: { "exec-a": {} } } } } };
  const shown = (text: string) =>
    readNames("/p", text)
      .map(({ symbol, whole }) => {
        const of = "component" in symbol ? `${symbol.component === rootName ? "" : symbol.component}.` : "";
        return `${whole ? "def" : "use"} ${symbol.kind} ${of}${symbol.name}`;
      })
      .sort();
  const two = `${JSON.stringify(spec)}\n---\n${JSON.stringify(platform)}\n`;
  expect(shown(two)).toEqual([
    "def component comp-a",
    "def executor exec-a",
    "def input .n",
    "def input comp-a.x",
    "def output comp-a.Output",
    "def task .a",
    "def task .b",
    "use component comp-a",
    "use component comp-a",
    "use executor exec-a",
    "use executor exec-a",
    "use input .n",
    "use input comp-a.x",
    "use input comp-a.x",
    "use input comp-a.x",
    "use input comp-a.x",
    "use output comp-a.Output",
    "use task .a",
    "use task .a",
  ]);
  expect(shown(JSON.stringify(spec, null, 2))).toEqual(shown(two).filter((_, i) => i !== 9));
  expect(shown(JSON.stringify({ pipeline_spec: spec, platform_spec: platform }))).toEqual(shown(two));
});

test("garbage has no names, half a file has its half", () => {
  expect(readNames("/p", "a: [")).toEqual([]);
  expect(readNames("/p", "")).toEqual([]);
  expect(readNames("/p", "pipelineInfo:\nroot: 5\ncomponents: []\n")).toEqual([]);
  expect(readNames("/p", "pipelineInfo:\n  name: p\nroot:\n  dag:\n    tasks:\n      a:\n")).toHaveLength(1);
});
