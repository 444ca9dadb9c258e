/**
 * A pipeline's module run as the JavaScript that it is: types stripped, each component a function that notes what it is
 * called with. What this does is what a pipeline means.
 */
import vm from "node:vm";
import type { Json } from "../../../../language/spec/types.ts";
import { ts } from "../../../../language/typescript/syntax.ts";
import { canonical, isStub, outputsOf, specKey, stubNames, type Stub, stubs, type StubName } from "./components.ts";
import { type Flow, runId } from "./flow.ts";

type Inputs = Readonly<Record<string, Json>>;

/** The world of the programs. Texts of lists and objects are JSON in it, as KFP writes them: not `a,b` and `[object Object]`. */
const world = vm.createContext({});
vm.runInContext(
  "Array.prototype.toString = Object.prototype.toString = function () { return JSON.stringify(this); };",
  world,
);
// SAFETY: that is what it is, of the other world.
const parse = vm.runInContext("JSON.parse", world) as typeof JSON.parse;
const inside = (value: unknown): unknown => (value === undefined ? undefined : parse(JSON.stringify(value)));

/** The pipeline of a module that has this name, to be run with any inputs. */
export function asJavaScript(text: string, symbol: string): (inputs: Inputs) => Flow {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ESNext },
  });
  const module: unknown = vm.runInContext(`(function (exports, require) { ${outputText}\n})`, world);
  if (typeof module !== "function") throw new Error("This is no module.");
  return (inputs) => {
    const steps: string[] = [];
    const exported: Record<string, unknown> = {};
    Reflect.apply(module, undefined, [exported, () => millraceThat((step) => steps.push(step))]);
    const main = exported[symbol];
    if (typeof main !== "function") throw new Error(`There is no ${symbol}.`);
    const returned: unknown = Reflect.apply(main, undefined, [inside(inputs)]);
    // SAFETY: JSON, from JSON.
    const outputs = JSON.parse(JSON.stringify(returned)) as Inputs;
    return {
      steps: steps.sort(),
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, value]) => [specKey(key), value])),
    };
  };
}

/** What programs import, noting each step. Components are told apart by their order in the head. */
function millraceThat(note: (step: string) => void): object {
  let defined = 0;
  function step(name: StubName, given: unknown): unknown {
    const { inputs, defaults }: Stub = stubs[name];
    // SAFETY: what a program gives is JSON; artifacts are `{ uri }`.
    const own = { ...defaults, ...(JSON.parse(JSON.stringify(given ?? {})) as Inputs) };
    const taken = Object.fromEntries(Object.entries(own).filter(([key]) => key in inputs));
    note(`${name} ${canonical(taken)}`);
    return inside(outputsOf(name, taken));
  }
  return {
    component: () => {
      const name = stubNames[defined++] ?? "";
      return (given: unknown) => (isStub(name) ? step(name, given) : undefined);
    },
    pipeline: (_: unknown, body: (given: unknown) => unknown) => (given: unknown) => results(body(given ?? inside({}))),
    parallel: (items: unknown) => items,
    run: { id: runId },
  };
}

/** As a caller of the pipeline sees it: outputs by name, a bare value as `output`. */
function results(returned: unknown): unknown {
  const isBare = typeof returned !== "object" || returned === null || Array.isArray(returned) || "uri" in returned;
  return returned === undefined ? {} : isBare ? { output: returned } : returned;
}
