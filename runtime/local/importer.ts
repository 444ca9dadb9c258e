import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ImporterSpec, Json } from "../../language/spec/types.ts";
import type { Artifact } from "../events.ts";
import { UserError } from "../user-error.ts";
import { isLocal, record } from "./artifacts.ts";
import { localPath, type PlaceholderValues, resolveValue } from "./placeholders.ts";

/**
 * The artifact that an importer names. A path is taken relative to `from`; one
 * on this machine must exist (UserError), and its content is measured. A URI of
 * elsewhere is only recorded, as KFP does.
 */
export async function importArtifact(
  importer: ImporterSpec,
  values: PlaceholderValues,
  id: string,
  from: string,
): Promise<Artifact> {
  const { parameterValues } = values.executorInput.inputs;
  const { constant, runtimeParameter } = importer.artifactUri;
  const given = constant === undefined ? parameterValues[runtimeParameter ?? ""] : resolveValue(constant, values, true);
  if (typeof given !== "string" || given === "") throw new UserError("importer", "The importer has no URI.");
  const uri = /^[a-z][a-z0-9+.-]+:\/\//i.test(given) ? given : resolve(from, given);
  if (isLocal(uri) && !(await stat(localPath(uri)).catch(() => undefined))) {
    throw new UserError("importer", `There is nothing to import at ${localPath(uri)}.`);
  }
  const metadata = resolveValue(importer.metadata ?? {}, values, false);
  const type = importer.typeSchema.schemaTitle ?? "system.Artifact";
  // SAFETY: an object resolves to an object.
  return record({ name: "artifact", type, uri, metadata: metadata as Readonly<Record<string, Json>> }, id);
}
