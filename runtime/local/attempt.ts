import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ComponentSpec, ContainerSpec, Json, TaskSpec } from "../../language/spec/types.ts";
import { sourceMapVariable } from "../compile/node-program.ts";
import type { Artifact, Reason, TaskPath } from "../events.ts";
import { describe, UserError } from "../user-error.ts";
import { isLocal, record } from "./artifacts.ts";
import { containerCommand, ignoredSettings, planStep } from "./container.ts";
import { type ExecutorInput, executorInput, prepareOutputs, readOutputs } from "./executor.ts";
import { lastWords } from "./last-words.ts";
import { logFile, openLog, taskFolder } from "./logs.ts";
import { nodePackages, placeProgram } from "./node.ts";
import type { ProcessEnvironment } from "./paths.ts";
import { localPath, type PlaceholderValues, resolveCommand, resolveText } from "./placeholders.ts";
import { type ProcessEnd, runProcess } from "./process.ts";
import { activate, type Environments } from "./python.ts";
import type { Slots } from "./slots.ts";
import { canceled, keyed, noValues, type Outcome, type RunContext, type Values } from "./state.ts";

/** What steps of a run share. */
export interface StepContext extends RunContext {
  readonly env: ProcessEnvironment;
  readonly environments: Environments;
  /** Keeps the packages of Node programs across runs. */
  readonly nodeCache: string;
  /** The container engine of this machine, asked for once. */
  readonly engine: () => Promise<string | undefined>;
  /** A folder with our `node` in it. */
  readonly nodeFolder: () => Promise<string>;
  readonly slots: Slots;
  readonly workspacePath: string;
  /** Only what the cache answers is looked at: see `rehearse.ts`. */
  readonly rehearsal?: boolean;
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

/** What is started for an attempt. */
interface Launch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ends what the death of the process leaves running. */
  readonly clear?: readonly string[];
}

/**
 * Runs a container task once: makes its environment, waits for a slot, runs it,
 * and takes what it wrote. `key` is told with the state, for the cache of later
 * runs. Never rejects for what the step, its environment or the disk does.
 */
export async function runAttempt(
  context: StepContext,
  step: Step,
  attempt: number,
  key: string | undefined,
): Promise<Outcome> {
  const { run, sink, signal } = context;
  const { path } = step;
  const folder = join(context.runFolder, "outputs", taskFolder(path));
  const input = executorInput(step.component, step.inputs, folder, context.package.spec.schemaVersion);
  const log = openLog(logFile(context.runFolder, path, attempt));
  const say = (text: string): void => log.write("system", `[millrace] ${text}\n`);
  // Short, because sockets that Python makes in it have short names only (108 bytes).
  const scratch = await mkdtemp(join(tmpdir(), "millrace-"));
  let release: (() => void) | undefined;
  try {
    const launch = await prepare(context, step, attempt, input, scratch, say);
    release = await context.slots.take(signal);
    if (release === undefined) return canceled(signal);
    // Nothing of an earlier attempt may pass for a result of this one.
    await rm(folder, { recursive: true, force: true });
    await prepareOutputs(input);
    sink({
      kind: "task-state",
      run,
      task: path,
      state: "RUNNING",
      ...(key !== undefined && { fingerprint: key }),
      at: Date.now(),
    });
    const seconds = Number(step.platform?.["activeDeadlineSeconds"] ?? 0);
    const started = (pid: number): void =>
      sink({ kind: "task-attempt", run, task: path, attempt, pid, at: Date.now() });
    const { command, env } = launch;
    const { end, usage } = await runProcess({
      command,
      cwd: scratch,
      env,
      log,
      signal,
      started,
      ...(seconds > 0 && { timeoutMs: seconds * 1000 }),
    });
    if (launch.clear && end.kind !== "exited") {
      await runProcess({ command: launch.clear, cwd: scratch, env, log, signal: AbortSignal.timeout(20_000) });
    }
    sink({ kind: "task-usage", run, task: path, ...usage, at: Date.now() });
    const reason = reasonOf(end, command, seconds, log.tail("err"), log.tail("out"));
    if (reason?.kind === "canceled") return canceled(signal);
    if (reason !== undefined) return { state: "FAILED", outputs: noValues, reason };
    return { state: "SUCCEEDED", outputs: await keepOutputs(context, step, input) };
  } catch (error) {
    if (signal.aborted) return canceled(signal);
    if (!(error instanceof UserError) && !isSystemError(error)) throw error;
    say(describe(error));
    return { state: "FAILED", outputs: noValues, reason: reasonFor(error) };
  } finally {
    release?.();
    log.close();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
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

/** Makes ready all that an attempt needs and answers how to start it. */
async function prepare(
  context: StepContext,
  step: Step,
  attempt: number,
  input: ExecutorInput,
  scratch: string,
  say: (text: string) => void,
): Promise<Launch> {
  const { run, sink, signal } = context;
  const values = placeholderValues(context, step, input);
  const variables = Object.fromEntries(
    (step.container.env ?? []).map(({ name, value }) => [name, resolveText(value ?? "", values)]),
  );
  const container = { ...step.container, image: resolveText(step.container.image, values) };
  const args = resolveCommand(container.args ?? [], values);
  const wait = (message: string): void => {
    say(message);
    sink({
      kind: "task-state",
      run,
      task: step.path,
      state: "PENDING",
      reason: { kind: "preparing", message },
      at: Date.now(),
    });
  };
  const plan = await planStep(container, context.package.spec.sdkVersion, context.env, context.engine);
  if (plan.kind === "container") {
    const name = `millrace-${run}-${taskFolder(step.path)}-${attempt}`.replaceAll(/[^\w.-]/g, "-");
    const command = resolveCommand(container.command ?? [], values);
    return {
      command: containerCommand(plan.engine, name, { ...container, command }, variables, args, mounts(context, step)),
      env: activate(undefined, [], context.env),
      clear: [plan.engine, "rm", "--force", name],
    };
  }
  if (plan.note) say(plan.note);
  const ignored = ignoredSettings(container, step.platform);
  if (ignored.length > 0) say(`has no effect on this machine: ${ignored.join(", ")}`);
  const environment = plan.environment && (await context.environments.get(plan.environment, wait));
  const packages =
    plan.program && (await nodePackages(plan.program.packages, context.nodeCache, context.env, signal, wait));
  const command = plan.program
    ? await placeProgram(plan.program, scratch, packages)
    : resolveCommand(plan.command, values);
  // A source map was for the shell that is not needed here; it may be long.
  const own = plan.program
    ? Object.entries(variables).filter(([name]) => name !== sourceMapVariable)
    : Object.entries(variables);
  const outer = activate(environment, [await context.nodeFolder()], context.env);
  const env = { ...outer, TMPDIR: scratch, ...Object.fromEntries(own) };
  return { command: [...command, ...args], env };
}

async function keepOutputs(context: StepContext, step: Step, input: ExecutorInput): Promise<Values> {
  const { run, sink } = context;
  const written = await readOutputs(input, step.component.outputDefinitions);
  const artifacts: Record<string, Artifact[]> = {};
  for (const [name, list] of Object.entries(written.artifacts)) {
    const id = (i: number): string => `${run}/${step.path}/${name}${list.length > 1 ? `/${i}` : ""}`;
    artifacts[name] = await Promise.all(list.map((one, i) => record(one, id(i))));
  }
  sink({
    kind: "task-outputs",
    run,
    task: step.path,
    parameters: written.parameters,
    artifacts: keyed(artifacts),
    at: Date.now(),
  });
  return { parameters: written.parameters, artifacts };
}

/** The run's own folder to write into, and where input artifacts from elsewhere lie. */
function mounts(context: StepContext, step: Step): { path: string; readOnly: boolean }[] {
  const inputs = Object.values(step.inputs.artifacts)
    .flat()
    .filter(({ uri }) => isLocal(uri));
  const folders = new Set(
    inputs.map(({ uri }) => dirname(localPath(uri))).filter((path) => !path.startsWith(context.runFolder)),
  );
  return [{ path: context.runFolder, readOnly: false }, ...[...folders].map((path) => ({ path, readOnly: true }))];
}

/** Why a process that ended so failed; undefined where it did not. */
function reasonOf(
  end: ProcessEnd,
  command: readonly string[],
  seconds: number,
  errors: readonly string[],
  lines: readonly string[],
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

function reasonFor(error: UserError | NodeJS.ErrnoException): Reason {
  if (!(error instanceof UserError)) {
    if (error.code === "ENOSPC")
      return { kind: "error", message: "The disk is full.", action: "Make room and run it again." };
    return { kind: "error", message: error.message };
  }
  if (error.code === "environment" || error.code === "no-python")
    return { kind: "environment", message: describe(error) };
  return { kind: "error", message: error.message, ...(error.action !== undefined && { action: error.action }) };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}
