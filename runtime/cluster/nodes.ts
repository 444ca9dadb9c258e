/**
 * Argo's nodes of a run, told as KFP 2.17's compiler names them (observed on a
 * real server; the fixtures of test/runtime/cluster hold such runs):
 *
 *     wf(0).root(0).for-loop-4(0).iteration-iterations(1:1)(0).iteration-item(0).work(0).executor(0)
 *     wf(0).root(0).exit-handler-1.onExit(0).done(0).executor(0)
 *
 * `(n)` is an attempt (upstream's configuration retries every node), `(i:i)` an
 * iteration. A node without an attempt stands for all of its attempts.
 */
import type { Json } from "../../language/spec/types.ts";
import type { TaskPath, Time } from "../events.ts";
import { get, list, record, text, time } from "./json.ts";

export interface Position {
  /** `root.for-loop-4[1].work`. */
  readonly path: TaskPath;
  /** The task itself, its container's attempts, or KFP's driver before it. */
  readonly part: "task" | "executor" | "driver";
  /** Absent on the node that stands for all attempts. */
  readonly attempt?: number;
}

/** Which task a node belongs to; undefined for nodes that are none of the spec's (the workflow itself, scaffolding of loops). */
export function positionOf(nodeName: string, driver: boolean): Position | undefined {
  const start = nodeName.indexOf(".");
  if (start < 0) return undefined;
  const path: string[] = [];
  let part: Position["part"] = "task";
  let attempt: number | undefined;
  let inIteration = false;
  const segments = nodeName.slice(start + 1).split(".");
  for (const [index, segment] of segments.entries()) {
    const { name, item, attempt: times } = parseSegment(segment);
    const last = index === segments.length - 1;
    attempt = times;
    if (name === "onExit") {
      // The exit task is its exit handler's neighbour, not its child.
      path.pop();
      if (last) return undefined;
    } else if (item !== undefined) {
      path.push(`${path.pop() ?? ""}[${item}]`);
      inIteration = true;
      if (last) return { path: path.join("."), part: "task", ...attempted(attempt) };
    } else if (inIteration && name.startsWith("iteration-item")) {
      inIteration = false;
      if (!last) continue;
      if (!driver) return undefined;
      part = "driver";
    } else if (last && name === "iteration-iterations") {
      return undefined;
    } else if (last && driver && name === "iteration-driver") {
      part = "driver";
    } else if (last && name === "executor") {
      part = "executor";
    } else if (last && driver) {
      part = "driver";
      path.push(name.replace(/-driver$/, ""));
    } else {
      path.push(name);
    }
  }
  return { path: path.join("."), part, ...attempted(attempt) };
}

function attempted(attempt: number | undefined): { attempt?: number } {
  return attempt === undefined ? {} : { attempt };
}

function parseSegment(segment: string): { name: string; item?: number; attempt?: number } {
  const [, name = segment, item, attempt] = /^([^(]*)(?:\((\d+):[^)]*\))?(?:\((\d+)\))?$/.exec(segment) ?? [];
  return {
    name,
    ...(item === undefined ? {} : { item: Number(item) }),
    ...(attempt === undefined ? {} : { attempt: Number(attempt) }),
  };
}

export interface Node extends Position {
  readonly phase: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "SKIPPED" | "OMITTED";
  readonly message?: string;
  readonly startedAt?: Time;
  readonly finishedAt?: Time;
  /** What the driver before a task found: its outputs are in the cache. */
  readonly cached?: boolean;
}

/** The nodes of a Workflow that tell of tasks. Empty where Argo keeps them elsewhere (`offloadNodeStatusVersion`). */
export function readNodes(workflow: Json): readonly Node[] {
  return Object.values(record(workflow, "status", "nodes")).flatMap((node) => {
    const name = text(node, "name");
    if (name === undefined) return [];
    const position = positionOf(name, (text(node, "templateName") ?? "").endsWith("-driver"));
    if (position === undefined) return [];
    const message = text(node, "message");
    const startedAt = time(node, "startedAt");
    const finishedAt = time(node, "finishedAt");
    const cached = list(node, "outputs", "parameters").some(
      (output) => text(output, "name") === "cached-decision" && text(output, "value") === "true",
    );
    return [
      {
        ...position,
        phase: phases[text(node, "phase") ?? ""] ?? "PENDING",
        ...(message === undefined ? {} : { message }),
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(finishedAt === undefined ? {} : { finishedAt }),
        ...(cached ? { cached } : {}),
      },
    ];
  });
}

/** Whether the workflow holds its nodes where a watch can see them. */
export function hasNodes(workflow: Json): boolean {
  return get(workflow, "status", "nodes") !== undefined;
}

const phases: Readonly<Record<string, Node["phase"]>> = {
  Pending: "PENDING",
  Running: "RUNNING",
  Succeeded: "SUCCEEDED",
  Failed: "FAILED",
  Error: "FAILED",
  Skipped: "SKIPPED",
  Omitted: "OMITTED",
};
