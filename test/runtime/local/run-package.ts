import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type {
  ComponentSpec,
  ContainerSpec,
  DagSpec,
  Definitions,
  Json,
  PipelinePackage,
  TaskSpec,
} from "../../../language/spec/types.ts";
import {
  type Artifact,
  finalStates,
  type Reason,
  type RunEvent,
  type RunState,
  type TaskState,
} from "../../../runtime/events.ts";
import type { CacheHit, CacheLookup } from "../../../runtime/local/cache.ts";
import { type LocalRun, runLocally } from "../../../runtime/local/engine.ts";

/** A folder that is gone when the test is. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 9 }));
  return folder;
}

export interface Told {
  readonly state: RunState;
  readonly events: readonly RunEvent[];
  /** Final or last state by task path. */
  readonly states: Readonly<Record<string, TaskState>>;
  readonly reasons: Readonly<Record<string, Reason>>;
  readonly runReason: Reason | undefined;
  /** Output parameters by task path. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly artifacts: Readonly<Record<string, readonly Artifact[]>>;
  readonly inputs: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly folder: string;
}

/** Runs a package in a scratch folder and gathers what it told. */
export async function runPackage(pkg: PipelinePackage, options: Partial<LocalRun> = {}): Promise<Told> {
  const events: RunEvent[] = [];
  const folder = options.runFolder ?? scratch();
  const state = await runLocally({
    run: "run-1",
    package: pkg,
    spec: "digest",
    runFolder: folder,
    parameters: {},
    signal: new AbortController().signal,
    ...options,
    sink: (event) => {
      events.push(event);
      options.sink?.(event);
    },
  });
  return { state, events, folder, ...gather(events) };
}

function gather(events: readonly RunEvent[]): Omit<Told, "state" | "events" | "folder"> {
  const states: Record<string, TaskState> = {};
  const reasons: Record<string, Reason> = {};
  const outputs: Record<string, Readonly<Record<string, Json>>> = {};
  const inputs: Record<string, Readonly<Record<string, Json>>> = {};
  const artifacts: Record<string, Artifact[]> = {};
  let runReason: Reason | undefined;
  for (const event of events) {
    if (event.kind === "task-created") states[event.path] ??= "PENDING";
    if (event.kind === "task-state") {
      states[event.task] = event.state;
      if (event.reason && finalStates.has(event.state)) reasons[event.task] = event.reason;
    }
    if (event.kind === "task-inputs") inputs[event.task] = event.parameters;
    if (event.kind === "task-outputs") {
      outputs[event.task] = event.parameters;
      artifacts[event.task] = event.artifacts.map(({ artifact }) => artifact);
    }
    if (event.kind === "run-state") runReason = event.reason;
  }
  return { states, reasons, outputs, inputs, artifacts, runReason };
}

/** A cache that remembers what earlier runs told, as the store does. */
export function remember(events: readonly RunEvent[]): CacheLookup {
  const { states, outputs } = gather(events);
  const found = new Map<string, CacheHit>();
  for (const event of events) {
    if (event.kind !== "task-state" || event.fingerprint === undefined || states[event.task] !== "SUCCEEDED") continue;
    const told = events.find((other) => other.kind === "task-outputs" && other.task === event.task);
    const artifacts = told?.kind === "task-outputs" ? told.artifacts : [];
    const values = { parameters: outputs[event.task] ?? {}, artifacts };
    const task = {
      id: event.task,
      path: event.task,
      name: event.task,
      type: "RUNTIME",
      state: "SUCCEEDED",
      createdAt: event.at,
      finishedAt: Date.now(),
      attempts: [],
      inputs: { parameters: {}, artifacts: [] },
      outputs: values,
    } as const;
    found.set(event.fingerprint, { run: event.run, task });
  }
  return (fingerprint) => found.get(fingerprint);
}

// Building blocks of packages, as the compiler would write them.

export interface StepSource {
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly image?: string;
  readonly env?: ContainerSpec["env"];
  readonly inputs?: Definitions;
  readonly outputs?: Definitions;
  /** KubernetesExecutorConfig. */
  readonly platform?: Record<string, Json>;
}

/** A package whose components are shell steps and groups, by name without `comp-`. */
export function packageOf(
  steps: Record<string, StepSource>,
  root: DagSpec,
  options: {
    groups?: Record<string, ComponentSpec>;
    inputs?: Definitions;
    importers?: Record<string, Json>;
    pipelineConfig?: Record<string, Json>;
  } = {},
): PipelinePackage {
  const components: Record<string, ComponentSpec> = {};
  const executors: NonNullable<PipelinePackage["spec"]["deploymentSpec"]["executors"]> = {};
  const platform: Record<string, Record<string, Json>> = {};
  for (const [name, step] of Object.entries(steps)) {
    components[`comp-${name}`] = {
      executorLabel: `exec-${name}`,
      ...(step.inputs && { inputDefinitions: step.inputs }),
      ...(step.outputs && { outputDefinitions: step.outputs }),
    };
    executors[`exec-${name}`] = {
      container: {
        image: step.image ?? "alpine",
        command: [...step.command],
        args: [...(step.args ?? [])],
        ...(step.env && { env: step.env }),
      },
    };
    if (step.platform) platform[`exec-${name}`] = step.platform;
  }
  for (const [name, group] of Object.entries(options.groups ?? {})) components[`comp-${name}`] = group;
  return {
    spec: {
      pipelineInfo: { name: "test-pipeline" },
      components,
      deploymentSpec: { executors },
      root: { dag: root, ...(options.inputs && { inputDefinitions: options.inputs }) },
      schemaVersion: "2.1.0",
      sdkVersion: "kfp-2.17.0",
    },
    platform: {
      platforms: {
        kubernetes: {
          deploymentSpec: { executors: platform },
          ...(options.pipelineConfig && { pipelineConfig: options.pipelineConfig }),
        },
      },
    },
  };
}

/** A task of a component by the same name, unless `of` says another. */
export function task(name: string, rest: Partial<TaskSpec> & { of?: string } = {}): TaskSpec {
  const { of: component = name, ...others } = rest;
  return { taskInfo: { name }, componentRef: { name: `comp-${component}` }, ...others };
}

export const from = (producerTask: string, outputParameterKey = "Output") => ({
  taskOutputParameter: { producerTask, outputParameterKey },
});
export const constant = (value: Json) => ({ runtimeValue: { constant: value } });
export const input = (name: string) => ({ componentInputParameter: name });
export const text = { parameterType: "STRING" } as const;
export const integer = { parameterType: "NUMBER_INTEGER" } as const;
export const list = { parameterType: "LIST" } as const;
export const dataset = { artifactType: { schemaTitle: "system.Dataset", schemaVersion: "0.0.1" } };

/** A step that writes its one argument into its one output, `Output`. */
export const echo = (
  parameterType: "STRING" | "NUMBER_INTEGER" | "LIST" | "BOOLEAN" | "NUMBER_DOUBLE" | "STRUCT" = "STRING",
): StepSource => ({
  command: [
    "sh",
    "-c",
    'printf %s "$0" > "$1"',
    "{{$.inputs.parameters['value']}}",
    "{{$.outputs.parameters['Output'].output_file}}",
  ],
  inputs: { parameters: { value: { parameterType } } },
  outputs: { parameters: { Output: { parameterType } } },
});

export const shell = (script: string, rest: Partial<StepSource> = {}): StepSource => ({
  command: ["sh", "-c", script],
  ...rest,
});
