import { expect, test } from "vitest";
import { complete, mayComplete } from "../../../../language/services/typescript/completion.ts";
import { offersOf } from "../../../../language/services/typescript/offers.ts";
import { readingOf } from "../../../../language/services/typescript/reading.ts";
import { stepHover } from "../../../../language/services/typescript/step-hover.ts";
import { analyzed, head, path } from "./source.ts";

const steps = `from kfp import dsl

@dsl.component(
    base_image="python:3.12",
)
def train(rows: int, rate: float = 0.1) -> float:
    """Trains a model."""
    return 1.0

@component
def evaluate(x: int): ...

def not_one(): ...
`;
const compiled = "pipelineInfo:\n  name: load-data\nschemaVersion: 2.1.0\n";
const offered = [...offersOf("/w/lib/steps.py", steps), ...offersOf("/w/data.yaml", compiled)];

function at(body: string) {
  const marked = `${head}export const p = pipeline({}, ({ n = 3 }: { n?: Int }) => {\n${body}\n});\n`;
  const offset = marked.indexOf("$0");
  const { text, analysis, files } = analyzed(marked.replace("$0", ""));
  const reading = readingOf(analysis, files);
  const found = complete(reading, offset, offered);
  const asked = mayComplete(reading, offset, offered);
  if (found) expect(asked).toBe(true);
  return { found, asked, text, labels: found?.entries.map(({ label }) => label) };
}

test("a glance at other files finds their components", () => {
  expect(offered.map(({ name }) => name)).toEqual(["train", "evaluate", "loadData"]);
  expect(offersOf("/w/a.py", "def train(): ...")).toEqual([]);
});

test.each([
  ["say({ text: 'a' }, { gpu: { type: '$0' } });", ["nvidia.com/gpu", "amd.com/gpu"]],
  ["say({ text: 'a' }, { memory: '$0' });", ["512Mi", "1Gi"]],
  ["say({ text: 'a' }, { memory: '12$0' });", ["12Gi", "12Mi"]],
  ["say({ text: 'a' }, { memory: { request: '2$0' } });", ["2Gi", "2Mi"]],
  ["say({ text: 'a' }, { cpu: $0 });", ['"500m"', '"1"']],
  ["say({ text: 'a' }, { image: '$0' });", ["node:24-slim", "node:24"]],
  [
    "load({}, { image: 'ghcr.io/me/own:1' }); say({ text: 'a' }, { image: '$0' });",
    ["ghcr.io/me/own:1", "node:24-slim"],
  ],
  ["say({ text: 'a' }, { timeout: '$0", ["30s", "5m"]],
  ["say({ text: 'a' }, { retry: { count: 1, backoff: '$0' } });", ["30s", "5m"]],
  ["say({ text: 'a' }, { fieldEnv: { POD: '$0' } });", ["metadata.name", "metadata.namespace"]],
  ["say({ text: 'a' }, { volumes: [{ ephemeral: 'a', mountPath: '/a', size: '1$0' }] });", ["1Gi", "1Mi"]],
  [
    "say({ text: 'a' }, { volumes: [{ ephemeral: 'a', mountPath: '/a', size: '1Gi', accessModes: ['$0'] }] });",
    ["ReadWriteOnce", "ReadWriteMany"],
  ],
  ["tr$0", ["train", "evaluate"]],
  ["const a = tr$0;", ["train", "evaluate"]],
  ["say({ text: tr$0 });", ["train", "evaluate"]],
])("completes %s", (body, first) => expect(at(body).labels?.slice(0, 2)).toEqual(first));

test.each(["say({ te$0 });", "say({ text: 'a' }, { mem$0 });", "const na$0 = 1;", "say($0);", "n.$0"])(
  "leaves %s to TypeScript, and analyses nothing for it",
  (body) => expect(at(body).asked).toBe(false),
);

test.each([
  "say({ text: '$0' });",
  "say({ te$0 });",
  "const tr$0 = 1;",
  "n.to$0",
  "// tr$0",
  "say({ text: 'a' }, { mem$0 });",
  "const a: st$0 = 'a';",
])("leaves %s to TypeScript", (body) => expect(at(body).found).toBeUndefined());

test("a component brings its import along", () => {
  const { found, text } = at("tr$0");
  const [train] = found?.entries ?? [];
  expect(train?.detail).toBe("Import from ./lib/steps.py");
  const [edit] = train?.more ?? [];
  expect(edit?.text).toBe('\nimport { train } from "./lib/steps.py";');
  expect(text.slice(0, edit?.span.start).endsWith('from "millrace";')).toBe(true);
  expect(found?.entries.find(({ label }) => label === "loadData")?.more?.[0]?.text).toBe(
    '\nimport loadData from "./data.yaml";',
  );
});

test("a step's name says what it is: image, resources, inputs with types, defaults and values", () => {
  const source = `import { component, pipeline, type Dataset, type Int, type Output } from "millrace";
import { train } from "./steps.py";
export const load = component({ description: "Loads it.", packages: ["left-pad"] }, ({ rows = 10, data }: { rows?: Int; data: Output<Dataset> }) => {});
export const p = pipeline({}, ({ n = 3 }: { n?: Int }) => {
  const { data } = load({}, { memory: { request: "1Gi", limit: "2Gi" }, gpu: 1, retry: 2, cache: false, image: "node:22" });
  train({ rows: n });
  for (const rows of [1, 2]) load({ rows });
});
`;
  const { analysis, files, text } = analyzed(source, { "steps.py": steps });
  const reading = readingOf(analysis, files);
  const hover = (name: string, nth = 0) => {
    let offset = text.indexOf("pipeline({}");
    for (let i = 0; i <= nth; i++) offset = text.indexOf(`${name}({`, offset + 1);
    return stepHover(reading, offset + 1)?.text;
  };
  expect(hover("load")).toBe(`Step \`load\`

Loads it.

Image \`node:22\`, with \`left-pad\`

Resources: memory 1Gi to 2Gi, 1 × nvidia.com/gpu; tried 2 more times when it fails; never cached

| input | type | default | here |
| --- | --- | --- | --- |
| \`rows\` | Int | \`10\` |  |

Gives \`data\` (Dataset)`);
  expect(hover("train")).toContain("| `rows` | Int |  | input `n` of the pipeline |\n| `rate` | number | `0.1` |  |");
  expect(hover("train")).toContain("Image `python:3.12`");
  expect(hover("load", 1)).toMatch(/^Steps `load-2`, `load-3`\n/);
  expect(stepHover(reading, text.indexOf("rows: n"))).toBeUndefined();
  expect(path).toBe(reading.path);
});
