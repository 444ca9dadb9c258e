import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ComponentSpec, ContainerSpec, Json, TaskSpec } from "../../language/spec/types.ts";
import type { Artifact, Reason, TaskPath } from "../events.ts";
import { describe, UserError } from "../user-error.ts";
import { isLocal, record } from "./artifacts.ts";
import { type CacheLookup, fingerprint, lookUp } from "./cache.ts";
import { containerCommand, ignoredSettings, planStep } from "./container.ts";
import { type ExecutorInput, executorInput, prepareOutputs, readOutputs } from "./executor.ts";
import { lastWords } from "./last-words.ts";
import { logFile, openLog, taskFolder } from "./logs.ts";
import type { ProcessEnvironment } from "./paths.ts";
import { localPath, type PlaceholderValues, resolveCommand, resolveText } from "./placeholders.ts";
import { type ProcessEnd, runProcess } from "./process.ts";
import { activate, type Environments } from "./python.ts";
import type { Slots } from "./slots.ts";
import { byKey, keyed, type Outcome, type RunContext, type Values } from "./state.ts";

/** What steps of a run share. */
export interface StepContext extends RunContext {
  readonly env: ProcessEnvironment;
  readonly environments: Environments;
  /** The container engine of this machine, asked for once. */
  readonly engine: () => Promise<string | undefined>;
  /** A folder with our `node` in it. */
  readonly nodeFolder: () => Promise<string>;
  readonly slots: Slots;
  readonly cached?: CacheLookup;
  readonly workspacePath: string;
}

export interface Step {
  readonly path: TaskPath;
  readonly name: string;
  readonly task: TaskSpec;
  readonly component: ComponentSpec;
  readonly container: ContainerSpec;
  /** KubernetesExecutorConfig of its executor. */
  readonly platform?: Readonly<Record<string, Json>>;
  readonly inputs: Values;
  readonly retry: TaskSpec["retryPolicy"];
}

/** Runs one container task to its end: from the cache, or as often as its retry policy allows. Never rejects for what the step does. */
export async function runStep(context: StepContext, step: Step): Promise<Outcome> {
  const { run, sink, signal, cached } = context;
  const { path, task, component, container, inputs } = step;
  const key = fingerprint(task, component, container, inputs);
  sink({
    kind: "task-inputs",
    run,
    task: path,
    parameters: inputs.parameters,
    artifacts: keyed(inputs.artifacts),
    at: Date.now(),
  });
  const hit = key === undefined || cached === undefined ? undefined : await lookUp(key, cached);
  if (hit !== undefined) {
    const { parameters, artifacts } = hit.task.outputs;
    sink({ kind: "task-outputs", run, task: path, parameters, artifacts, at: Date.now() });
    const reason: Reason = { kind: "cached", run: hit.run, task: hit.task.id };
    return { state: "CACHED", outputs: { parameters, artifacts: byKey(artifacts) }, reason };
  }
  const attempts = 1 + (step.retry?.maxRetryCount ?? 0);
  for (let attempt = 0; ; attempt++) {
    const outcome = await runAttempt(context, step, attempt, key);
    // Another attempt needs the same environment, and would fail in the same way without it.
    const hopeless = outcome.reason?.kind === "environment" || outcome.reason?.kind === "error";
    if (outcome.state !== "FAILED" || hopeless || attempt + 1 >= attempts) return outcome;
    try {
      await sleep(backoffMs(step.retry, attempt), undefined, { signal });
    } catch {
      return canceled;
    }
  }
}

/** Milliseconds to wait after a failed attempt (counted from 0): KFP's `0s`, factor 2 and `3600s` where the policy says nothing. */
export function backoffMs(policy: TaskSpec["retryPolicy"], attempt: number): number {
  const seconds = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : Number.parseFloat(text);
  const wait = seconds(policy?.backoffDuration, 0) * (policy?.backoffFactor ?? 2) ** attempt;
  return Math.min(wait, seconds(policy?.backoffMaxDuration, 3600)) * 1000;
}

export const canceled: Outcome = {
  state: "CANCELED",
  outputs: { parameters: {}, artifacts: {} },
  reason: { kind: "canceled", by: "user" },
};

async function runAttempt(
  context: StepContext,
  step: Step,
  attempt: number,
  key: string | undefined,
): Promise<Outcome> {
  const { run, sink, signal } = context;
  const { path, container } = step;
  const folder = join(context.runFolder, "outputs", taskFolder(path));
  const log = openLog(logFile(context.runFolder, path, attempt));
  const say = (text: string): void => log.write("system", `[millrace] ${text}\n`);
  let scratch: string | undefined;
  let release: (() => void) | undefined;
  try {
    const plan = await planStep(container, context.package.spec.sdkVersion, context.engine);
    if (plan.kind === "process" && plan.note) say(plan.note);
    const prepare = (message: string): void => {
      say(message);
      sink({
        kind: "task-state",
        run,
        task: path,
        state: "PENDING",
        reason: { kind: "preparing", message },
        at: Date.now(),
      });
    };
    const spec = plan.kind === "process" ? plan.environment : undefined;
    const environment = spec && (await context.environments.get(spec, prepare));
    if (signal.aborted) return canceled;
    release = await context.slots.take(signal);
    if (release === undefined) return canceled;

    // Nothing of an earlier attempt may pass for a result of this one.
    await rm(folder, { recursive: true, force: true });
    const input = executorInput(step.component, step.inputs, folder);
    await prepareOutputs(input);
    // Short, because sockets that Python makes in it have short names only (108 bytes).
    scratch = await mkdtemp(join(tmpdir(), "millrace-"));
    const values = placeholderValues(context, step, input);
    const args = resolveCommand(container.args ?? [], values);
    const env = (container.env ?? []).map(({ name, value }) => [name, resolveText(value, values)] as const);
    const ignored = plan.kind === "process" ? ignoredSettings(container, step.platform) : [];
    if (ignored.length > 0) say(`has no effect on this machine: ${ignored.join(", ")}`);
    const name = `millrace-${run}-${taskFolder(path)}-${attempt}`.replaceAll(/[^\w.-]/g, "-");
    const command =
      plan.kind === "process"
        ? [...resolveCommand(plan.command, values), ...args]
        : containerCommand(
            plan.engine,
            name,
            {
              ...container,
              command: resolveCommand(container.command ?? [], values),
              env: env.map(([name, value]) => ({ name, value })),
            },
            args,
            mounts(context, step),
          );
    const seconds = Number(step.platform?.["activeDeadlineSeconds"] ?? Number.NaN);
    sink({
      kind: "task-state",
      run,
      task: path,
      state: "RUNNING",
      ...(key !== undefined && { fingerprint: key }),
      at: Date.now(),
    });
    const { end, usage } = await runProcess({
      command,
      cwd: scratch,
      env: {
        ...activate(environment, [await context.nodeFolder()], context.env),
        TMPDIR: scratch,
        ...Object.fromEntries(env),
      },
      log,
      signal,
      ...(seconds > 0 && { timeoutMs: seconds * 1000 }),
      started: (pid) => sink({ kind: "task-attempt", run, task: path, attempt, pid, at: Date.now() }),
    });
    if (plan.kind === "container" && (end.kind === "aborted" || end.kind === "timed-out")) {
      // The client is dead; the container would live on.
      await runProcess({
        command: [plan.engine, "rm", "--force", name],
        cwd: scratch,
        env: activate(undefined, [], context.env),
        log,
        signal: AbortSignal.timeout(20_000),
      });
    }
    sink({ kind: "task-usage", run, task: path, ...usage, at: Date.now() });
    if (end.kind === "aborted") return canceled;
    const reason = reasonOf(end, command, seconds, [...log.tail("out"), ...log.tail("err")], log.tail("err"));
    if (reason !== undefined) return { ...canceled, state: "FAILED", reason };
    return { state: "SUCCEEDED", outputs: await keepOutputs(context, step, input) };
  } catch (error) {
    if (signal.aborted) return canceled;
    if (!(error instanceof UserError) && !isSystemError(error)) throw error;
    const reason: Reason =
      error instanceof UserError && (error.code === "environment" || error.code === "no-python")
        ? { kind: "environment", message: describe(error) }
        : {
            kind: "error",
            message: error.message,
            ...(error instanceof UserError && error.action !== undefined && { action: error.action }),
          };
    say(describe(error));
    return { ...canceled, state: "FAILED", reason };
  } finally {
    release?.();
    log.close();
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function keepOutputs(context: StepContext, step: Step, input: ExecutorInput): Promise<Values> {
  const { run, sink } = context;
  const written = await readOutputs(input, step.component.outputDefinitions);
  const artifacts: Record<string, Artifact[]> = {};
  for (const [name, list] of Object.entries(written.artifacts)) {
    artifacts[name] = await Promise.all(
      list.map((one, i) => record(one, `${run}/${step.path}/${name}${list.length > 1 ? `/${i}` : ""}`)),
    );
  }
  const outputs = { parameters: written.parameters, artifacts };
  sink({
    kind: "task-outputs",
    run,
    task: step.path,
    parameters: outputs.parameters,
    artifacts: keyed(artifacts),
    at: Date.now(),
  });
  return outputs;
}

export function placeholderValues(
  context: StepContext,
  step: Pick<Step, "name" | "path">,
  input: ExecutorInput,
): PlaceholderValues {
  return {
    executorInput: input,
    jobName: `${context.pipelineName}-${context.run}`,
    jobId: context.run,
    taskName: step.name,
    taskId: step.path,
    pipelineRoot: join(context.runFolder, "outputs"),
    workspacePath: context.workspacePath,
    createdAt: context.createdAt,
  };
}

/** The run's own folders to write into, and where input artifacts from elsewhere lie. */
function mounts(context: StepContext, step: Step): { path: string; readOnly: boolean }[] {
  const own = { path: context.runFolder, readOnly: false };
  const inputs = Object.values(step.inputs.artifacts)
    .flat()
    .filter(({ uri }) => isLocal(uri));
  const folders = new Set(
    inputs.map(({ uri }) => dirname(localPath(uri))).filter((path) => !path.startsWith(context.runFolder)),
  );
  return [own, ...[...folders].map((path) => ({ path, readOnly: true }))];
}

/** Why an attempt failed; undefined where it did not. */
function reasonOf(
  end: ProcessEnd,
  command: readonly string[],
  seconds: number,
  lines: readonly string[],
  errors: readonly string[],
): Reason | undefined {
  switch (end.kind) {
    case "exited": {
      if (end.code === 0) return undefined;
      const lastLine = lastWords(errors) ?? lastWords(lines);
      return { kind: "exit-code", code: end.code, ...(lastLine !== undefined && { lastLine }) };
    }
    case "signaled":
      return { kind: "signal", signal: end.signal };
    case "timed-out":
      return { kind: "timeout", seconds };
    case "aborted":
      return { kind: "canceled", by: "user" };
    case "unstarted":
      return unstarted(end.error, command[0] ?? "");
  }
}

function unstarted(error: NodeJS.ErrnoException, program: string): Reason {
  switch (error.code) {
    case "ENOENT":
      return {
        kind: "error",
        message: `There is no program ${program} on this machine.`,
        action: "Install it, or run this step in a container or on a cluster.",
      };
    case "E2BIG":
      return {
        kind: "error",
        message: "Its command line is too long for this machine: one argument may have 128 KiB.",
        action: "Pass large values as artifacts.",
      };
    default:
      return { kind: "error", message: `${program} cannot be started: ${error.message}.` };
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
