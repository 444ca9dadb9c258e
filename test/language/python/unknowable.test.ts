/** What no reading can know is named where it is used, with where it comes from. */
import { expect, it } from "vitest";
import { dagView } from "../../../language/dag/from-spec.ts";
import { analyze } from "./check.ts";

it.each([
  ["from datetime import datetime", 'datetime.now().strftime("%Y")', '"datetime.datetime.now" differs from run to run'],
  ["import datetime as d", "d.date.today().isoformat()", '"datetime.date.today" differs from run to run'],
  ["import datetime as d", "d.datetime(2024, 1, 2).isoformat()", '"datetime.datetime" is not worked out while reading'],
  ["import uuid", "str(uuid.uuid4())[:8]", '"uuid.uuid4" differs from run to run: `uuid.uuid4()` in line 8'],
  ["import random", 'random.choice(["a", "b"])', '"random.choice" differs from run to run'],
  ["import time", 'f"{time.time()}"', '"time.time" differs from run to run: `time.time()` in line 8'],
  ["import subprocess", 'subprocess.check_output(["git"]).decode()', '"subprocess.check_output" is not worked out'],
  ["import requests", 'requests.get("u").json()["a"]', '"requests" is not in the workspace'],
  ["import socket", "socket.gethostname()", '"socket.gethostname" is not worked out'],
  ["import os", "str(os.cpu_count())", "it differs from machine to machine"],
  ["from pathlib import Path", "str(Path.home())", "the user's home folder is not known"],
])("%s: %s", (setup, expression, reason) => {
  const head = `${setup}\nfrom kfp import dsl\n\n@dsl.component\ndef use(text: str):\n    pass\n\n`;
  const inPipeline = `@dsl.pipeline\ndef main():\n    use(text=VALUE)\n`;
  const text = `${head}VALUE = ${expression}\n\n${inPipeline}`;
  const [first, ...more] = analyze(text).diagnostics;
  expect(more).toEqual([]);
  expect(first?.code).toBe("not-known");
  expect(first?.message).toContain(reason);
  expect(text.slice(first?.span.start, first?.span.end)).toBe("VALUE");

  const here = `${head}${inPipeline.replace("VALUE", expression)}`;
  const [same] = analyze(here).diagnostics;
  expect(here.slice(same?.span.start, same?.span.end)).toBe(expression);
});

const elsewhere = `from kfp import dsl
from company.components import load_data, train as train_model
import company.report as report

@dsl.component
def score(model: str, rows: int) -> float:
    return 1.0

@dsl.pipeline
def main(rows: int = 10):
    loaded = load_data(rows=rows)
    trained = train_model(data=loaded.outputs["data"]).set_memory_limit("4G")
    scored = score(model=trained.outputs["name"], rows=rows)
    with dsl.If(scored.output > 0.5):
        report.publish(score=scored.output, model=trained.outputs["model"])
    done = report.notify(text="done")
    done.after(scored)
    score(rows=1, model="m").after(done)
    with dsl.ParallelFor(loaded.outputs["parts"]) as part:
        score(model=part, rows=1)
`;

it("steps whose components are elsewhere are drawn, each named once", () => {
  const { diagnostics, definitions } = analyze(elsewhere);
  expect(diagnostics.map(({ code, span }) => `${code} ${elsewhere.slice(span.start, span.end)}`)).toEqual([
    "not-known load_data",
    "not-known train_model",
    "not-known report.publish",
    "not-known report.notify",
  ]);
  const compiled = definitions.findLast(({ kind }) => kind === "pipeline")?.compile().compiled;
  if (!compiled) throw new Error("There is nothing to draw.");
  const { nodes, edges } = dagView(compiled);
  expect(nodes.filter(({ detail }) => detail === "what it is could not be read").map(({ label }) => label)).toEqual([
    "load-data",
    "train-model",
    "publish",
    "notify",
  ]);
  expect(edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`.replaceAll("root.", "")).sort()).toEqual([
    "load-data order score-3",
    "load-data order train-model",
    "notify order score-2",
    "score order notify",
    "score parameter condition-1",
    "score parameter condition-1.publish",
    "train-model order condition-1",
    "train-model order score",
  ]);
});

it("what is set of a step's container besides its image is named", () => {
  const text = `from kfp import dsl

@dsl.component
def c():
    pass

@dsl.pipeline
def main():
    c().container_spec.args = ["x"]
`;
  const [first, ...more] = analyze(text).diagnostics;
  expect(more).toEqual([]);
  expect(first?.message).toContain('"container_spec.args" is the SDK\'s own bookkeeping, and is set here');
});

/** `NOW` is not known; a pipeline uses what the statements leave in `value`. */
const doubtful = (statements: string, use = "use(text=value)"): string =>
  `import time\nfrom kfp import dsl\n\nNOW = time.time()\n\n@dsl.component\ndef use(text: str):\n    pass\n\n${statements}\n\n@dsl.pipeline\ndef main():\n    use(text="first")\n    ${use}\n`;

it.each([
  ["a name that a branch sets", 'value = "a"\nif NOW > 5:\n    value = "b"'],
  ["a name that only the other branch sets", 'if NOW > 5:\n    pass\nelse:\n    value = "b"'],
  ["a list that a branch adds to", 'value = ["a"]\nif NOW > 5:\n    value.append("b")'],
  ["an item that a branch sets", 'values = {"a": "a"}\nif NOW > 5:\n    values["a"] = "b"\nvalue = values["a"]'],
  ["a loop over what is not known", 'value = ["a"]\nfor one in NOW:\n    value.append(one)'],
  ["while something holds", 'value = "a"\nwhile NOW < 5:\n    value = "b"'],
  ["what a helper returns early", 'def pick():\n    if NOW > 5:\n        return "a"\n    return "b"\nvalue = pick()'],
  ["what a loop leaves early", 'value = "a"\nfor one in ["b", "c"]:\n    if NOW > 5:\n        break\n    value = one'],
  ["text of a list that holds it", "value = str([NOW])"],
  ["text of a dictionary that holds it", 'value = f"{dict(a=NOW)}"'],
  ["a format with a list that holds it", 'value = "{}".format([NOW])'],
  ["a percent format of it", 'value = "%d" % NOW'],
  [
    "a dataclass that holds it",
    "import dataclasses\n@dataclasses.dataclass\nclass A:\n    a: int\nvalue = repr(A(NOW))",
  ],
  ["what follows and", 'value = NOW and "a"'],
  ["a comprehension over it", "value = [one for one in NOW]"],
  ["a comprehension that asks it", 'value = [one for one in ["a"] if NOW > 5]'],
  ["a join of what a generator makes of it", 'value = "-".join(str(one) for one in NOW)'],
  ["a list that it is spread in", "value = [*NOW, 1]"],
  ["a filter by it", 'value = list(filter(lambda one: NOW > 5, ["a"]))'],
  ["whether a list has something", 'value = str("a" in [NOW])'],
  ["whether lists are equal", "value = str([1, NOW] == [1, 2])"],
  ["any and all", "value = str(any([False, NOW]))"],
  ["what a dictionary has for it", 'value = {"a": "b"}.get(NOW, "c")'],
  ["what a call gives that is given it in parts", 'value = dict(**NOW).get("a", "b")'],
])("it is not known: %s", (_, statements) => {
  const text = doubtful(statements);
  const { diagnostics } = analyze(text);
  expect(diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`)).toEqual([
    "not-known value",
  ]);
});

it("arguments that are not known are told, and the step is drawn", () => {
  const text = doubtful("", 'use(text="a", **NOW)');
  const { diagnostics, definitions } = analyze(text);
  expect(diagnostics.map(({ code, span }) => `${code} ${text.slice(span.start, span.end)}`)).toEqual([
    "not-known **NOW",
  ]);
  const { compiled } = definitions.at(-1)?.compile() ?? {};
  expect(Object.keys(compiled?.spec.root.dag?.tasks ?? {})).toEqual(["use", "use-2"]);
});

it("a check that may have failed has not", () => {
  const guard = 'def guard(x):\n    if NOW < 5:\n        raise ValueError("early")\n    return x\nvalue = guard("a")';
  expect(analyze(doubtful(guard)).diagnostics).toEqual([]);
});

it("a helper that places a step in doubt is told", () => {
  const helper = 'def more():\n    if NOW < 5:\n        return\n    use(text="late")';
  const text = doubtful(helper, "more()");
  const [only, ...rest] = analyze(text).diagnostics;
  expect(rest).toEqual([]);
  expect(only?.message).toContain("this condition");
});

const parsed = (option: string): string =>
  `import argparse\nfrom kfp import dsl\n\nparser = argparse.ArgumentParser()\n${option}\nargs = parser.parse_args()\n\n@dsl.component\ndef use(text: str):\n    pass\n\n@dsl.pipeline\ndef main():\n    use(text=args.name)\n`;

it("a command line's defaults are taken, with a warning", () => {
  const { diagnostics } = analyze(parsed('parser.add_argument("--name", default="a")'));
  expect(diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(["warning command-line"]);
});

it("an argument that a command line must have is missing", () => {
  const [first] = analyze(parsed('parser.add_argument("--name", "-n", required=True)')).diagnostics;
  expect(first?.message).toBe("SystemExit: the following arguments are required: --name/-n.");
});

it("a character that a docstring names is not known, and nothing is written of it", () => {
  const text =
    'from kfp import dsl\n\n@dsl.component\ndef use(text: str):\n    pass\n\n@dsl.pipeline\ndef main():\n    """One \\N{BULLET} two."""\n    use(text=main.__doc__ or "a")\n';
  const { diagnostics, definitions } = analyze(text);
  expect(text.slice(diagnostics[0]?.span.start, diagnostics[0]?.span.end)).toBe('"""One \\N{BULLET} two."""');
  const result = definitions.find(({ symbol }) => symbol === "main")?.compile();
  expect(result?.diagnostics.map(({ code }) => code)).toContain("not-known");
  expect(analyze(text.replace('"""One', 'r"""One')).diagnostics.map(({ code }) => code)).not.toContain("not-known");
});
