import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Json, PipelinePackage } from "../../language/spec/types.ts";
import {
  type Artifact,
  describeReason,
  type EventSink,
  type Reason,
  type RunId,
  type RunState,
  type SourceRef,
} from "../events.ts";
import type { CacheLookup } from "./cache.ts";
import { checkPackage } from "./check.ts";
import { findEngine, plannedEnvironments } from "./container.ts";
import { end, type GroupContext, runGroup } from "./group.ts";
import { nodeFolder } from "./node.ts";
import { completeParameters } from "./parameters.ts";
import { cacheFolder, type ProcessEnvironment } from "./paths.ts";
import { openEnvironments } from "./python.ts";
import { openSlots } from "./slots.ts";
import { crashed, type Outcome } from "./state.ts";

export interface LocalRun {
  readonly run: RunId;
  readonly package: PipelinePackage;
  /** Key of the package in the store's `specs`. */
  readonly spec: string;
  /** Holds `outputs/`, `logs/` and `workspace/` of the run; made where it is not there. */
  readonly runFolder: string;
  readonly parameters: Readonly<Record<string, Json>>;
  /** Artifacts for the inputs of a component that runs alone. */
  readonly artifacts?: Readonly<Record<string, readonly Artifact[]>>;
  readonly source?: SourceRef;
  readonly sink: EventSink;
  /** `Store.cached`; absent, nothing comes from the cache. */
  readonly cached?: CacheLookup;
  /** Stops everything: first SIGTERM, then SIGKILL. */
  readonly signal: AbortSignal;
  /** Steps at a time; as many as there are cores where absent. */
  readonly parallelism?: number;
  /** Relative paths of importers start here; the current folder where absent. */
  readonly folder?: string;
  readonly env?: ProcessEnvironment;
}

/**
 * Runs a package on this machine and tells of it in events, the first being
 * `run-created` and the last `run-state`. Answers the run's final state; throws
 * UserError only before the first event, where the package is not valid or the
 * parameters do not fit it. When
 * it answers, no process of the run is left.
 */
export async function runLocally(request: LocalRun): Promise<RunState> {
  const { run, package: pkg, sink, env = process.env } = request;
  checkPackage(pkg);
  const runFolder = resolve(request.runFolder);
  const { root, pipelineInfo } = pkg.spec;
  const parameters = completeParameters(request.parameters, root.inputDefinitions);
  const config = pkg.platform?.platforms.kubernetes?.pipelineConfig;
  const deadline = Number(config?.["activeDeadlineSeconds"] ?? 0);
  const internal = new AbortController();
  const late = deadline > 0 ? AbortSignal.timeout(deadline * 1000) : undefined;
  const signal = AbortSignal.any([request.signal, internal.signal, ...(late ? [late] : [])]);
  const createdAt = Date.now();
  await mkdir(runFolder, { recursive: true });
  sink({
    kind: "run-created",
    run,
    at: createdAt,
    spec: request.spec,
    pipeline: pipelineInfo.name,
    target: "local",
    parameters,
    pid: process.pid,
    ...(request.source && { source: request.source }),
  });
  const runState = (state: RunState, reason?: Reason): void =>
    sink({ kind: "run-state", run, state, ...(reason && { reason }), at: Date.now() });
  const canceling = (): void => runState("CANCELING");
  request.signal.addEventListener("abort", canceling, { once: true });

  const containers = Object.values(pkg.spec.deploymentSpec.executors ?? {}).flatMap(({ container }) =>
    container ? [container] : [],
  );
  const environments = openEnvironments(
    plannedEnvironments(containers, pkg.spec.sdkVersion),
    join(cacheFolder(env), "python"),
    env,
    signal,
  );
  let engine: Promise<string | undefined> | undefined;
  let scratch: Promise<string> | undefined;
  let programs: Promise<string> | undefined;
  let bug: { readonly error: unknown } | undefined;
  const context: GroupContext = {
    run,
    package: pkg,
    runFolder,
    pipelineName: pipelineInfo.name,
    createdAt,
    sink,
    signal,
    env,
    environments,
    nodeCache: join(cacheFolder(env), "node"),
    engine: () => (engine ??= findEngine(env)),
    nodeFolder: () => (programs ??= (scratch ??= mkdtemp(join(tmpdir(), "millrace-"))).then(nodeFolder)),
    slots: openSlots(request.parallelism ?? availableParallelism()),
    ...(request.cached && { cached: request.cached }),
    workspacePath: join(runFolder, "workspace"),
    folder: request.folder ?? process.cwd(),
    crash(error) {
      bug ??= { error };
      internal.abort(crashed);
    },
  };
  try {
    if (config?.["workspace"] !== undefined) await mkdir(context.workspacePath, { recursive: true });
    runState("RUNNING");
    sink({
      kind: "task-created",
      run,
      task: "root",
      path: "root",
      name: pipelineInfo.name,
      type: "ROOT",
      at: Date.now(),
    });
    sink({ kind: "task-state", run, task: "root", state: "RUNNING", at: Date.now() });
    sink({ kind: "task-inputs", run, task: "root", parameters, artifacts: [], at: Date.now() });
    const outcome = await runGroup(context, root, { parameters, artifacts: request.artifacts ?? {} }, { path: "root" });
    end(context, "root", outcome);
    const [state, reason] = request.signal.aborted
      ? canceledRun
      : late?.aborted
        ? (["FAILED", { kind: "timeout", seconds: deadline }] as const)
        : stateOf(outcome);
    runState(state, reason);
    return state;
  } catch (error) {
    const first = bug?.error ?? error;
    const reason: Reason = { kind: "error", message: first instanceof Error ? first.message : String(first) };
    sink({ kind: "task-state", run, task: "root", state: "FAILED", reason, at: Date.now() });
    runState("FAILED", reason);
    throw first;
  } finally {
    request.signal.removeEventListener("abort", canceling);
    await environments.close();
    if (scratch !== undefined) await rm(await scratch, { recursive: true, force: true });
  }
}

const canceledRun: readonly [RunState, Reason] = ["CANCELED", { kind: "canceled", by: "user" }];

function stateOf(outcome: Outcome): readonly [RunState, Reason?] {
  switch (outcome.state) {
    case "FAILED":
      return [
        "FAILED",
        {
          kind: "error",
          message: `${(outcome.culprit ?? "root").replace(/^root\./, "")} failed: ${outcome.reason ? describeReason(outcome.reason) : "no reason was given"}`,
        },
      ];
    case "CANCELED":
      return canceledRun;
    case "SUCCEEDED":
    case "CACHED":
    case "SKIPPED":
      return ["SUCCEEDED"];
  }
}
