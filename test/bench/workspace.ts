/** What a language server that has just been started makes of a workspace of many files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LanguageRequests, WorkspaceRequests } from "../../language/protocol.ts";
import { startLanguageServer } from "../support/language-server.ts";

export interface Opened {
  /** Milliseconds from the start of the process to what the first CodeLens of the open file needs. */
  readonly firstLens: number;
  /** Milliseconds from asking for all pipelines to having them. */
  readonly listed: number;
  /** As `listed`, of the second time. */
  readonly listedAgain: number;
}

/** 500 Python files in 25 packages, 50 of them with a pipeline over components of their package. */
export function writeWorkspace(folder: string): { readonly open: string; readonly pipelines: number } {
  let pipelines = 0;
  for (let i = 0; i < 500; i++) {
    const path = join(
      folder,
      `package_${i % 25}`,
      `${i < 25 ? "steps" : i % 10 === 0 ? `pipeline_${i}` : `module_${i}`}.py`,
    );
    mkdirSync(dirname(path), { recursive: true });
    const isPipeline = i >= 25 && i % 10 === 0;
    if (isPipeline) pipelines++;
    writeFileSync(path, i < 25 ? components : isPipeline ? pipeline(i) : module(i));
  }
  const open = join(folder, "package_0", "first.py");
  for (; pipelines < 50; pipelines++)
    writeFileSync(pipelines === 49 ? open : join(folder, "package_0", `more_${pipelines}.py`), pipeline(pipelines));
  return { open, pipelines };
}

export async function measureOpening(
  script: string,
  folder: string,
  open: string,
): Promise<Opened & { found: number }> {
  const begun = performance.now();
  const server = await startLanguageServer(script, folder);
  try {
    await server.open(open, pipeline(0));
    const { definitions }: LanguageRequests["millrace/definitions"]["result"] = await server.connection.sendRequest(
      "millrace/definitions",
      { uri: pathToFileURL(open).href },
    );
    const firstLens = performance.now() - begun;
    if (definitions.length === 0) throw new Error("no lens");
    const [first, listed] = await list(server.connection);
    const [, listedAgain] = await list(server.connection);
    return { firstLens, listed, listedAgain, found: first };
  } finally {
    await server.stop();
  }
}

async function list(
  connection: Awaited<ReturnType<typeof startLanguageServer>>["connection"],
): Promise<[number, number]> {
  const begun = performance.now();
  const { pipelines, complete }: WorkspaceRequests["millrace/pipelines"]["result"] = await connection.sendRequest(
    "millrace/pipelines",
    {},
  );
  if (!complete) throw new Error("not all files were looked at");
  return [pipelines.filter(({ broken }) => !broken).length, performance.now() - begun];
}

const components = `from kfp import dsl

${Array.from(
  { length: 8 },
  (_, i) => `
@dsl.component(base_image="python:3.12", packages_to_install=["pandas==2.2.0"])
def step_${i}(rows: int, rate: float = 0.1, data: dsl.Output[dsl.Dataset] = None) -> int:
    """Does step ${i}."""
    import pandas
    frame = pandas.DataFrame({"a": range(rows)})
    frame.to_csv(data.path)
    return len(frame)
`,
).join("\n")}`;

function pipeline(i: number): string {
  const tasks = Array.from(
    { length: 12 },
    (_, k) => `    t${k} = step_${k % 8}(rows=${k === 0 ? "rows" : `t${k - 1}.outputs["Output"]`})`,
  );
  return `from kfp import dsl
from steps import ${Array.from({ length: 8 }, (_, k) => `step_${k}`).join(", ")}


@dsl.pipeline(name="pipeline-${i}")
def pipeline_${i}(rows: int = 10):
${tasks.join("\n")}
`;
}

/** About 200 lines of a program that has nothing to do with pipelines. */
function module(i: number): string {
  const functions = Array.from(
    { length: 25 },
    (_, k) => `def work_${i}_${k}(items, limit=${k}):
    """Works."""
    found = []
    for item in items:
        if item.value > limit:
            found.append({"name": item.name, "value": item.value * ${k}})
    return found
`,
  );
  return `import json\nimport os\n\n\n${functions.join("\n\n")}`;
}
