/**
 * A pipeline compiled and run by the local engine, without a process: what a step would give is answered as if it were
 * in the cache.
 */
import type { Diagnostic } from "../../../../language/diagnostics.ts";
import type { ComponentSpec, Json, PipelinePackage } from "../../../../language/spec/types.ts";
import { analyzeTypeScript } from "../../../../language/typescript/front-end.ts";
import type { Artifact, KeyedArtifact, RunEvent } from "../../../../runtime/events.ts";
import type { CacheHit } from "../../../../runtime/local/cache.ts";
import { runGroup } from "../../../../runtime/local/group.ts";
import { completeParameters } from "../../../../runtime/local/parameters.ts";
import { openSlots } from "../../../../runtime/local/slots.ts";
import { canonical, isStub, outputsOf, specKey, type Stub, stubs, type StubName } from "./components.ts";
import { type Flow, runId } from "./flow.ts";

export interface Compiled {
  readonly package: PipelinePackage;
  /** Which component an executor runs. */
  readonly symbols: ReadonlyMap<string, string>;
}

/** The spec of a module's pipeline, or what is wrong with it. */
export function compile(text: string, symbol: string): Compiled | { readonly errors: readonly Diagnostic[] } {
  const files = { read: (path: string) => (path === "/w/p.ts" ? text : undefined), list: () => [] };
  const { definitions, diagnostics } = analyzeTypeScript("/w/p.ts", files, {
    sdkVersion: "2.17.0",
    roots: [],
    env: {},
  });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const { compiled } = definitions.find((each) => each.symbol === symbol)?.compile() ?? {};
  if (errors.length > 0 || compiled === undefined) return { errors };
  const { spec, platform, bodies } = compiled;
  return {
    package: { spec, ...(platform ? { platform } : {}) },
    symbols: new Map(bodies.map((body) => [body.executorLabel, body.symbol])),
  };
}

/** Runs it; throws where the run fails. */
export async function inEngine(compiled: Compiled, inputs: Readonly<Record<string, Json>>): Promise<Flow> {
  const pkg = allCached(compiled.package);
  const { root } = pkg.spec;
  const steps: string[] = [];
  const failures: string[] = [];
  let asked:
    | {
        readonly task: string;
        readonly parameters: Readonly<Record<string, Json>>;
        readonly artifacts: readonly KeyedArtifact[];
      }
    | undefined;
  const bug = Promise.withResolvers<never>();

  const sink = (event: RunEvent): void => {
    // The engine tells what a step is given, and looks into the cache before it does anything else.
    if (event.kind === "task-inputs") asked = event;
    if (event.kind === "task-state" && event.state === "FAILED")
      failures.push(
        `${event.task}: ${event.reason?.kind === "error" ? event.reason.message : (event.reason?.kind ?? "")}`,
      );
  };
  const cached = (): CacheHit => {
    if (asked === undefined) throw new Error("The engine has not said what the step is given.");
    const name = compiled.symbols.get(componentAt(pkg, asked.task).executorLabel ?? "") ?? "";
    if (!isStub(name)) throw new Error(`There is no component ${name}.`);
    const { inputs: known }: Stub = stubs[name];
    const taken = Object.fromEntries(
      Object.entries({ ...asked.parameters, ...plain(asked.artifacts, known) }).filter(([key]) => key in known),
    );
    steps.push(`${name} ${canonical(taken)}`);
    return hit(name, asked.task, outputsOf(name, taken));
  };
  const never = (): never => {
    throw new Error("Nothing is started here.");
  };
  const outcome = await Promise.race([
    bug.promise,
    runGroup(
      {
        run: runId,
        package: pkg,
        runFolder: "/flow",
        pipelineName: pkg.spec.pipelineInfo.name,
        createdAt: 0,
        sink,
        signal: new AbortController().signal,
        env: {},
        environments: { get: never, close: never },
        nodeCache: "",
        engine: never,
        nodeFolder: never,
        slots: openSlots(1),
        workspacePath: "",
        folder: "",
        cached,
        crash: bug.reject,
      },
      root,
      { parameters: completeParameters(inputs, root.inputDefinitions), artifacts: {} },
      { path: "root" },
    ),
  ]);
  if (outcome.state !== "SUCCEEDED") throw new Error(`The run ends as ${outcome.state}: ${failures.join("; ")}`);
  const { parameters, artifacts } = outcome.outputs;
  const outputs: Record<string, Json> = { ...parameters };
  for (const [key, list] of Object.entries(artifacts)) {
    const uris = list.map(({ uri }) => ({ uri }));
    const isList = root.outputDefinitions?.artifacts?.[key]?.isArtifactList === true;
    const [first = null] = uris;
    outputs[key] = isList ? uris : first;
  }
  return { steps: steps.sort(), outputs };
}

/** With every step as one that may come from the cache. */
function allCached(pkg: PipelinePackage): PipelinePackage {
  const copy = structuredClone(pkg);
  for (const component of [copy.spec.root, ...Object.values(copy.spec.components ?? {})])
    for (const task of Object.values(component.dag?.tasks ?? {})) task.cachingOptions = { enableCache: true };
  return copy;
}

/** The component of a task by its path, `root.for-loop-1[0].say`. */
function componentAt({ spec }: PipelinePackage, path: string): ComponentSpec {
  let at = spec.root;
  for (const name of path
    .replaceAll(/\[\d+\]/g, "")
    .split(".")
    .slice(1))
    at = spec.components?.[at.dag?.tasks[name]?.componentRef.name ?? ""] ?? {};
  return at;
}

function plain(artifacts: readonly KeyedArtifact[], known: Stub["inputs"]): Record<string, Json> {
  const all = Map.groupBy(artifacts, ({ key }) => key);
  return Object.fromEntries(
    Object.entries(known).flatMap(([key, type]): [string, Json][] => {
      const uris = (all.get(key) ?? []).map(({ artifact }) => ({ uri: artifact.uri }));
      const [first] = uris;
      if (type === "many") return [[key, uris]];
      return first ? [[key, first]] : [];
    }),
  );
}

function hit(name: StubName, path: string, given: Readonly<Record<string, Json>>): CacheHit {
  const parameters: Record<string, Json> = {};
  const artifacts: KeyedArtifact[] = [];
  const { outputs }: Stub = stubs[name];
  for (const [key, value] of Object.entries(given)) {
    if (outputs[key] !== "data") parameters[specKey(key)] = value;
    else artifacts.push({ key, artifact: artifactOf(value, path, key) });
  }
  return {
    run: "earlier",
    task: {
      id: path,
      path,
      name,
      type: "RUNTIME",
      state: "SUCCEEDED",
      createdAt: 0,
      finishedAt: 0,
      attempts: [],
      inputs: { parameters: {}, artifacts: [] },
      outputs: { parameters, artifacts },
    },
  };
}

function artifactOf(value: Json, path: string, name: string): Artifact {
  const uri = typeof value === "object" && value !== null && "uri" in value ? value.uri : undefined;
  if (typeof uri !== "string") throw new Error("This is no artifact.");
  return { id: `${path}/${name}`, name, type: "system.Dataset", uri, metadata: {} };
}
