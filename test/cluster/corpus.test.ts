/**
 * Whether a real KFP server takes what we compile. Its upload only reads a file; what it cannot do it finds when it
 * makes the workflow of it. For a recurring run that is at once, and a disabled one starts no pod: such a one is made of
 * each file of the corpus and deleted again. A few are run, for what only a run asks for, and cancelled.
 */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { CompiledPipeline } from "../../language/analyze.ts";
import type { Json, ParameterType } from "../../language/spec/types.ts";
import { type Cluster, connect, findKfp, type KfpPlace } from "../../runtime/cluster/connect.ts";
import { HttpError, send } from "../../runtime/cluster/http.ts";
import { text } from "../../runtime/cluster/json.ts";
import { needed } from "../language/python/corpus-failures.ts";
import { installedPackage } from "../support/real-kfp.ts";
import { analyzeCase, corpus, type CorpusCase, corpusCases } from "../language/python/corpus.ts";

const kubeconfig = process.env["MILLRACE_TEST_KUBECONFIG"];
const namespace = process.env["MILLRACE_TEST_NAMESPACE"] ?? "kubeflow";

/** The server's own reasons; each is one of KFP 2.17, whoever compiled the file. */
const refused: Readonly<Record<string, string>> = {
  pipeline_with_parallelfor_list_artifacts: "artifact iterator not implemented yet",
  uncompiled_task_config: "workspace PVC spec must specify accessModes",
};

/** Loops, branches, an exit handler, a pipeline in a pipeline, Kubernetes settings. */
const run = [
  "pipeline_with_nested_loops",
  "if_elif_else_complex",
  "pipeline_with_exit_handler",
  "pipeline_in_pipeline_complex",
  "k8s_secret_as_env",
];

describe.skipIf(kubeconfig === undefined || !existsSync(corpus))("the server takes what we compile", () => {
  test("of the corpus all, and we warn of the rest", { timeout: 300_000 }, async () => {
    await withKfp(async (ask) => {
      const answers = new Map<string, string | undefined>();
      const warned = new Set<string>();
      const queue = [...compiledCases()];
      const started = Date.now();
      const next = async (): Promise<void> => {
        for (let one = queue.shift(); one; one = queue.shift()) {
          const [{ name }, compiled, warns] = one;
          if (warns) warned.add(name);
          answers.set(name, await refusal(ask, name, compiled));
        }
      };
      await Promise.all(Array.from({ length: 8 }, next));
      const no = [...answers].filter(([, why]) => why !== undefined);
      const seconds = Math.round((Date.now() - started) / 1000);
      console.log(`the server takes ${answers.size - no.length} of ${answers.size} compiled files (${seconds} s)`);
      for (const [name, why] of no) console.log(`  ${name}: ${why ?? ""}`);
      expect(Object.fromEntries(no)).toEqual(refused);
      expect([...warned].sort()).toEqual(Object.keys(refused).sort());
    });
  });

  test("runs of a few begin, and are cancelled", { timeout: 120_000 }, async () => {
    await withKfp(async (ask) => {
      const chosen = compiledCases().filter(([{ name }]) => run.includes(name));
      expect(chosen).toHaveLength(run.length);
      for (const [{ name }, compiled] of chosen) {
        const made = await ask("POST", "/runs", request(name, compiled));
        const id = text(made, "run_id") ?? "";
        await ask("POST", `/runs/${id}:terminate`);
        const state = async (): Promise<string | undefined> => text(await ask("GET", `/runs/${id}`), "state");
        await expect.poll(state, { timeout: 60_000, interval: 500 }).toMatch(/^(?:CANCEL|FAILED)/);
        await ask("POST", `/runs/${id}:archive`);
        await ask("DELETE", `/runs/${id}`);
      }
    });
  });
});

type Ask = (method: "GET" | "POST" | "DELETE", path: string, body?: Json) => Promise<Json>;

async function withKfp(work: (ask: Ask) => Promise<void>): Promise<void> {
  const cluster: Cluster = await connect({
    name: "cluster",
    kind: "kubernetes",
    namespace,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  });
  try {
    const { service }: KfpPlace = await findKfp(cluster);
    const prefix = `/api/v1/namespaces/${service}/services/ml-pipeline:8888/proxy/apis/v2beta1`;
    await work((method, path, body) =>
      send(cluster, { method, path: prefix + path, timeoutMs: 60_000, ...(body !== undefined && { body }) }),
    );
  } finally {
    cluster.close();
  }
}

/** What we compile of the corpus, and whether we say that the server refuses it. */
function compiledCases(): (readonly [CorpusCase, CompiledPipeline, boolean])[] {
  return corpusCases()
    .filter(({ ok }) => ok)
    .flatMap((one) => {
      const requirement = needed.get(one.name);
      const { analysis, definition } = analyzeCase(one, requirement && installedPackage(requirement));
      const result = definition?.compile();
      const said = [...analysis.diagnostics, ...(result?.diagnostics ?? [])];
      // Without the package that it is made of, for one.
      if (result?.compiled === undefined || said.some(({ severity }) => severity === "error")) {
        console.log(`  ${one.name}: not compiled`);
        return [];
      }
      // A driver that has no room for a component fails in the run; that a file is taken says nothing of it.
      const refuses = said.some(
        ({ code, message }) => code === "server-refuses" && !message.includes("for its driver"),
      );
      return [[one, result.compiled, refuses] as const];
    });
}

/** What the server says against it; undefined: nothing. */
async function refusal(ask: Ask, name: string, compiled: CompiledPipeline): Promise<string | undefined> {
  try {
    const made = await ask("POST", "/recurringruns", {
      ...request(name, compiled),
      mode: "DISABLE",
      max_concurrency: "1",
      trigger: { cron_schedule: { cron: "0 0 0 1 1 *" } },
    });
    await ask("DELETE", `/recurringruns/${text(made, "recurring_run_id") ?? ""}`);
    return undefined;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status === 404) throw error;
    const [, reason = error.message] = /(?:compiling DAG \S+: |Internal error: )([^\n]+)/.exec(error.message) ?? [];
    return reason.replace(/^compiling DAG \S+: /, "");
  }
}

const values: Readonly<Record<ParameterType, Json>> = {
  STRING: "a",
  NUMBER_INTEGER: 1,
  NUMBER_DOUBLE: 0.5,
  BOOLEAN: true,
  LIST: [],
  STRUCT: {},
  TASK_FINAL_STATUS: {},
  TASK_CONFIG: {},
};

/** A run of it, with something for each input that needs a value. */
function request(name: string, { spec, platform }: CompiledPipeline): { readonly [key: string]: Json } {
  const parameters = Object.entries(spec.root.inputDefinitions?.parameters ?? {})
    .filter(([, { defaultValue, isOptional }]) => defaultValue === undefined && isOptional !== true)
    .map(([key, { parameterType, literals }]) => [key, literals?.[0] ?? values[parameterType]] as const);
  // SAFETY: specs are plain JSON; their interfaces only lack the index signature of `Json`.
  const [pipeline_spec, platform_spec] = [spec, platform ?? null] as unknown as [Json, Json];
  return {
    display_name: `corpus ${name}`,
    pipeline_spec: platform_spec === null ? pipeline_spec : { pipeline_spec, platform_spec },
    runtime_config: { parameters: Object.fromEntries(parameters) },
  };
}
