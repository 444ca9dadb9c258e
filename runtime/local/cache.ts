import { createHash } from "node:crypto";
import type { ComponentSpec, ContainerSpec, Json, TaskSpec } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { sourceMapVariable } from "../compile/node-program.ts";
import type { TaskRecord } from "../store/store.ts";
import { isLocal, isUnchanged } from "./artifacts.ts";
import type { Values } from "./state.ts";

export interface CacheHit {
  readonly run: string;
  readonly task: TaskRecord;
}

/** The newest success with a fingerprint: `Store.cached`. */
export type CacheLookup = (fingerprint: string) => CacheHit | undefined;

/**
 * What must be equal for two executions to give the same, as sha-256 hex: what
 * KFP's driver takes (cache_key.proto; kfp.md §D.3), but for artifacts their
 * content and metadata in place of their names. A task's own cache key replaces
 * all but the component, as KFP's master does. Undefined where the task is not
 * to be cached.
 */
export function fingerprint(
  task: TaskSpec,
  component: ComponentSpec,
  container: ContainerSpec,
  inputs: Values,
): string | undefined {
  const { enableCache, cacheKey } = task.cachingOptions ?? {};
  if (!enableCache) return undefined;
  if (cacheKey) return sha256(`${task.componentRef.name}\0${cacheKey}`);
  const artifacts = Object.entries(inputs.artifacts).map(([key, list]) => [key, list.map(content)] as const);
  return sha256(
    canonical({
      image: container.image,
      command: container.command ?? [],
      args: container.args ?? [],
      // A source map moves with every edit above a component, and changes nothing that it does.
      env: (container.env ?? [])
        .filter(({ name }) => name !== sourceMapVariable)
        .map(({ name, value }) => [name, value]),
      inputs: inputs.parameters,
      artifacts: Object.fromEntries(artifacts),
      outputs: component.outputDefinitions ?? {},
    }),
  );
}

/** The earlier task that makes running this one needless: its files must still be there, unchanged. */
export async function lookUp(key: string, cached: CacheLookup): Promise<CacheHit | undefined> {
  const hit = cached(key);
  if (hit === undefined) return undefined;
  const since = hit.task.finishedAt ?? 0;
  for (const { artifact } of hit.task.outputs.artifacts) {
    if (!(await isUnchanged(artifact, since))) return undefined;
  }
  return hit;
}

/** What an artifact is, without where it lies; one that lies elsewhere is its URI. */
function content({ type, digest, uri, metadata }: Artifact): Json {
  return { type, metadata, content: digest ?? (isLocal(uri) ? "nothing" : uri) };
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
