/** Follows a run on a cluster to its end and tells of it in events. */
import type { Json, PipelineSpec } from "../../language/spec/types.ts";
import { type EventSink, finalStates, type RunId, type RunState } from "../events.ts";
import { describe, UserError } from "../user-error.ts";
import { backoff, isAborted, pause } from "./backoff.ts";
import { claim } from "./claim.ts";
import { type Cluster, explain, type KfpPlace } from "./connect.ts";
import { HttpError } from "./http.ts";
import type { Kfp, KfpRun } from "./kfp.ts";
import { type Mlmd, openMlmd, type TaskData } from "./mlmd.ts";
import { hasNodes, type Node, readNodes } from "./nodes.ts";
import { podOfService, type Pod, readPod } from "./pods.ts";
import { number, text } from "./json.ts";
import { stepLogs } from "./step-logs.ts";
import { eventsBetween, type Task, tasksOf } from "./tasks.ts";
import { watch } from "./watch.ts";

export interface ObserveOptions {
  readonly run: RunId;
  /** The run's id in KFP. */
  readonly remote: string;
  readonly spec: PipelineSpec;
  readonly cluster: Cluster;
  readonly kfp: Kfp;
  readonly place: KfpPlace;
  readonly sink: EventSink;
  /** Folder of the run: logs are in `logs/` of it. */
  readonly folder: string;
  /** Terminates the run on the cluster, and follows it to its end. */
  readonly signal: AbortSignal;
  /** Leaves the run alone and stops following it. */
  readonly detach?: AbortSignal | undefined;
  /** Something a person may want to know: a connection lost, found again, a permission missing. */
  readonly notice?: (line: string) => void;
  /** How long a cluster may be away before the run is given up. Default: an hour. */
  readonly patienceMs?: number;
  /** How long it may be away before that is said. Default: ten seconds. */
  readonly quietMs?: number;
}

const pollMs = 1_000;
const lookMs = 50;

/**
 * Answers the run's state: a final one, or the last that was seen where
 * `detach` ended it. Throws UserError where the cluster stays away.
 */
export async function observe(options: ObserveOptions): Promise<RunState> {
  const { cluster, kfp, place, remote, run, sink } = options;
  const notice = options.notice ?? (() => undefined);
  const stop = new AbortController();
  const quietMs = options.quietMs ?? 10_000;
  const patienceMs = options.patienceMs ?? 3_600_000;

  const pods = new Map<string, Pod>();
  let workflow: readonly Node[] | undefined;
  let data: readonly TaskData[] = [];
  let tasks: readonly Task[] = [];
  let seen: KfpRun = { id: remote, name: "", state: "PENDING" };
  let told: RunState | undefined;
  let over = false;
  // KFP ends a run by a deadline of zero. Its own history can lose that somebody wanted this,
  // where its persistence agent reports at the same moment.
  let wantedEnd = false;

  const release = claim(options.folder);
  if (!release) notice("Another process follows this run and keeps its logs.");
  const logs = stepLogs({
    cluster,
    kfp,
    remote,
    folder: options.folder,
    write: release !== undefined,
    signal: stop.signal,
    onEnd: lookSoon,
  });
  let timer: NodeJS.Timeout | undefined;

  function lookSoon(): void {
    timer ??= setTimeout(look, lookMs);
  }

  function look(): void {
    clearTimeout(timer);
    timer = undefined;
    const now = tasksOf({
      spec: options.spec,
      // Where the workflow may not be seen, or is gone after its time to live, ML Metadata knows what became of each task.
      nodes: workflow ?? data.flatMap(nodesOfData),
      pods: [...pods.values()],
      logs: logs.ends,
      run: over || !finalStates.has(seen.state) ? seen.state : seen.state === "CANCELED" ? "CANCELING" : "RUNNING",
      createdAt: seen.createdAt ?? Date.now(),
      ...(over && seen.finishedAt !== undefined ? { finishedAt: seen.finishedAt } : {}),
    });
    for (const event of eventsBetween(run, tasks, now)) {
      sink(event);
      if (event.kind === "task-state" && finalStates.has(event.state)) dataWanted = true;
    }
    tasks = now;
    for (const task of now) for (const { attempt, pod } of task.attempts) logs.see(task.path, attempt, pod);
    for (const pod of pods.values()) if (pod.role === "driver" && pod.phase === "FAILED") logs.explainDriver(pod);
  }

  function tellRun(state: RunState, reason?: Parameters<typeof describeTrouble>[0]): void {
    if (told === state && reason === undefined) return;
    told = state;
    const at = finalStates.has(state) ? (seen.finishedAt ?? Date.now()) : Date.now();
    sink({
      kind: "run-state",
      run,
      state,
      at,
      ...(reason === undefined ? {} : { reason: { kind: "error", message: describeTrouble(reason) } }),
    });
  }

  // --- What finished tasks read and wrote.
  let dataWanted = true;
  let mlmd: Mlmd | undefined;
  const given = new Map<string, string>();

  async function readData(): Promise<void> {
    dataWanted = false;
    mlmd ??= await openMlmd(async () => {
      const pod = await podOfService(cluster, place.service, "metadata-grpc-service", stop.signal);
      if (pod === undefined) throw new Error("no pod of metadata-grpc-service is ready");
      return cluster.tunnel(place.service, pod, 8080);
    }, cluster.name);
    data = await mlmd.tasks(remote, stop.signal);
    const ofSteps = new Set(
      tasks.filter(({ type }) => type === "RUNTIME" || type === "IMPORTER").map(({ path }) => path),
    );
    for (const { path, state, inputs, outputs } of data) {
      if (!ofSteps.has(path) || state === "RUNNING") continue;
      const files = outputs.artifacts.filter(({ key }) => key !== "executor-logs");
      const values = JSON.stringify([inputs, outputs]);
      if (given.get(path) === values) continue;
      given.set(path, values);
      const at = tasks.find((task) => task.path === path)?.at ?? Date.now();
      sink({ kind: "task-inputs", run, task: path, parameters: inputs.parameters, artifacts: inputs.artifacts, at });
      sink({ kind: "task-outputs", run, task: path, parameters: outputs.parameters, artifacts: files, at });
    }
    if (workflow === undefined) lookSoon();
  }

  async function keepData(): Promise<void> {
    const wait = backoff({ firstMs: 1_000 });
    let complained = false;
    while (!stop.signal.aborted) {
      try {
        if (dataWanted) await readData();
        wait.reset();
        await pause(pollMs, stop.signal);
      } catch (error) {
        if (isAborted(stop.signal)) return;
        dataWanted = true;
        if (!complained) notice(`Artifacts and metrics cannot be read from ML Metadata now: ${describe(error)}`);
        complained = true;
        await wait.wait(stop.signal);
      }
    }
  }

  // --- Pods and nodes.
  async function keepWatch(kind: string, path: string, onObject: (object: Json) => void): Promise<void> {
    try {
      await watch(cluster, { path, labelSelector: `pipeline/runid=${remote}`, signal: stop.signal, onObject });
    } catch (error) {
      if (!stop.signal.aborted)
        notice(
          `${kind} of the run cannot be watched: ${describe(explain(cluster, error, `watch ${kind} in namespace ${place.runs}`))}`,
        );
    }
  }

  const keepers = [
    keepWatch("pods", `/api/v1/namespaces/${place.runs}/pods`, (object) => {
      const pod = readPod(object);
      if (!pod) return;
      pods.set(pod.uid, pod);
      lookSoon();
    }),
    keepWatch("workflows", `/apis/argoproj.io/v1alpha1/namespaces/${place.runs}/workflows`, (object) => {
      if (hasNodes(object)) workflow = readNodes(object);
      if (number(object, "spec", "activeDeadlineSeconds") === 0) wantedEnd = true;
      if (text(object, "metadata", "name") !== undefined) lookSoon();
    }),
    keepData(),
  ];

  // --- The run itself; its answers are the cluster's sign of life.
  async function follow(): Promise<RunState> {
    let contact = Date.now();
    let away = false;
    let terminated = false;
    const wait = backoff({ firstMs: pollMs });
    for (;;) {
      if (options.detach?.aborted) return seen.state;
      try {
        if (options.signal.aborted && !terminated) {
          await terminate(kfp, remote);
          terminated = true;
        }
        seen = await kfp.get(remote, options.detach);
        if ((terminated || wantedEnd) && seen.state === "FAILED") seen = { ...seen, state: "CANCELED" };
        contact = Date.now();
        if (away) notice(`Cluster "${cluster.name}" answers again.`);
        if (away && !finalStates.has(seen.state)) told = undefined;
        away = false;
        wait.reset();
        if (finalStates.has(seen.state)) return seen.state;
        tellRun(options.signal.aborted ? "CANCELING" : seen.state);
        lookSoon();
      } catch (error) {
        if (options.detach?.aborted) return seen.state;
        if (error instanceof HttpError && error.status === 404) {
          seen = {
            ...seen,
            state: "FAILED",
            finishedAt: Date.now(),
            error: `KFP on cluster "${cluster.name}" no longer knows this run: somebody deleted it.`,
          };
          return seen.state;
        }
        const silent = Date.now() - contact;
        if (silent > patienceMs) {
          throw new UserError(
            "cluster-lost",
            `${explain(cluster, error).message} It has been away for ${Math.round(silent / 60_000)} minutes; the run may go on there.`,
            {
              action: "Follow the run again when the cluster is back.",
              cause: error,
            },
          );
        }
        if (!away && silent > quietMs) {
          away = true;
          notice(`${explain(cluster, error).message} Waiting for it; the run goes on there.`);
          tellRun(seen.state, error);
        }
        await wait.wait(either(options.detach, terminated ? undefined : options.signal));
        continue;
      }
      await pause(pollMs, either(options.detach, terminated ? undefined : options.signal));
    }
  }

  function describeTrouble(error: unknown): string {
    return typeof error === "string" ? error : `${explain(cluster, error).message} Waiting for it to come back.`;
  }

  try {
    const state = await follow();
    if (!finalStates.has(state)) return state;
    // What is still on its way: the last nodes and pods, the ends of logs, the last outputs.
    const patience = AbortSignal.any([AbortSignal.timeout(20_000), ...(options.detach ? [options.detach] : [])]);
    await settle(
      () => tasks.every((task) => task.type === "ROOT" || finalStates.has(task.state)) || state === "CANCELED",
      patience,
    );
    look();
    await logs.settled(patience);
    over = true;
    look();
    await lastData(patience);
    tellRun(state, state === "FAILED" ? seen.error : undefined);
    return state;
  } finally {
    stop.abort();
    clearTimeout(timer);
    mlmd?.close();
    await Promise.all(keepers);
    await logs.settled(AbortSignal.timeout(1_000));
    release?.();
  }

  /** Until `done`, or nothing has changed for a while: a failed run leaves tasks that never begin. */
  async function settle(done: () => boolean, signal: AbortSignal): Promise<void> {
    for (let still = 0; still < 6 && !signal.aborted && !done(); still++) {
      const before = tasks;
      await pause(250, signal);
      if (eventsBetween(run, before, tasks).length > 0) still = 0;
    }
  }

  async function lastData(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; attempt < 3 && !signal.aborted; attempt++) {
      try {
        await readData();
        return;
      } catch {
        await pause(500, signal);
      }
    }
  }
}

/** Asked for until the server has heard it, or says that there is nothing to end. */
async function terminate(kfp: Kfp, remote: string): Promise<void> {
  try {
    await kfp.terminate(remote);
  } catch (error) {
    if (error instanceof HttpError && error.status >= 400 && error.status < 500 && error.status !== 401) return;
    throw error;
  }
}

function nodesOfData(data: TaskData): readonly Node[] {
  const { path, state } = data;
  switch (state) {
    case "COMPLETE":
      return [{ path, part: "task", phase: "SUCCEEDED" }];
    case "CACHED":
      return [
        { path, part: "task", phase: "SUCCEEDED" },
        { path, part: "driver", phase: "SUCCEEDED", cached: true },
      ];
    case "FAILED":
      return [{ path, part: "task", phase: "FAILED" }];
    case "CANCELED":
      return [{ path, part: "task", phase: "SKIPPED" }];
    case "RUNNING":
    case "UNKNOWN":
      return [{ path, part: "task", phase: "RUNNING" }];
  }
}

function either(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
