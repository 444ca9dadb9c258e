import type { TaskPath } from "../events.ts";
import { compileFile, Rejected } from "../compile/compile-file.ts";
import { rehearse } from "../local/rehearse.ts";
import type { Store } from "../store/store.ts";
import type { Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { readTargets } from "./targets.ts";

/**
 * The steps of a pipeline, by their paths in its spec, that a run on this machine would answer from the cache: with the
 * parameters of its last run, or else its defaults. None where runs go to a cluster, or where the file cannot be run.
 */
export async function forecast(
  path: string,
  symbol: string,
  workspace: Workspace,
  store: Store,
  signal: AbortSignal,
): Promise<readonly TaskPath[]> {
  if (readTargets(workspace).chosen !== "local") return [];
  try {
    const file = await compileFile(path, { pipeline: symbol, roots: [workspace.root] });
    const inputs = file.package.spec.root.inputDefinitions?.parameters ?? {};
    const pipeline = file.package.spec.pipelineInfo.name;
    const last = store.runs({ pipeline, limit: 20 }).find(({ source }) => source?.symbol === symbol);
    const known = Object.entries((last && store.run(last.id))?.parameters ?? {}).filter(([name]) => name in inputs);
    return await rehearse({
      package: file.package,
      parameters: Object.fromEntries(known),
      cached: (fingerprint) => store.cached(fingerprint),
      signal,
    });
  } catch (error) {
    // What is wrong with the file, or with its parameters, is said when it is run.
    if (error instanceof Rejected || error instanceof UserError) return [];
    throw error;
  }
}
