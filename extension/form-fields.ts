/** The fields of a definition's inputs. Pure. */
import type { Json } from "../language/spec/types.ts";
import type { ArtifactRecord } from "../runtime/store/store.ts";
import type { ArtifactField, FormField } from "../webview/protocol.ts";
import { ago, artifactType } from "../webview/words.ts";
import { artifactLabel } from "./lineage-model.ts";
import type { DefinitionInfo } from "../language/protocol.ts";

/** Fields in the order of the definition. Inputs that the system fills in have none. `now` in milliseconds since 1970. */
export function formFields(
  definition: Pick<DefinitionInfo, "inputs">,
  last: Readonly<Record<string, Json>>,
  known: readonly ArtifactRecord[],
  now: number,
): { readonly fields: readonly FormField[]; readonly artifacts: readonly ArtifactField[] } {
  const fields = Object.entries(definition.inputs.parameters ?? {}).flatMap(([name, spec]): FormField[] => {
    if (spec.parameterType === "TASK_FINAL_STATUS" || spec.parameterType === "TASK_CONFIG") return [];
    const lastValue = last[name];
    return [
      {
        name,
        type: spec.parameterType,
        required: spec.defaultValue === undefined && spec.isOptional !== true,
        ...(spec.description === undefined ? {} : { description: spec.description }),
        ...(spec.defaultValue === undefined ? {} : { defaultValue: spec.defaultValue }),
        ...(lastValue === undefined ? {} : { lastValue }),
        ...(spec.literals === undefined ? {} : { literals: spec.literals }),
      },
    ];
  });
  const artifacts = Object.entries(definition.inputs.artifacts ?? {}).map(([name, spec]): ArtifactField => {
    const type = spec.artifactType.schemaTitle ?? "system.Artifact";
    // An input of the general type takes any artifact, as the SDK's type check does.
    const fitting = known.filter((artifact) => artifact.type === type || type === "system.Artifact");
    return {
      name,
      type,
      required: spec.isOptional !== true,
      candidates: fitting.map((artifact) => ({
        id: artifact.id,
        label: `${artifactLabel(artifact)} (${artifactType(artifact.type)}, ${ago(artifact.createdAt, now)})`,
      })),
    };
  });
  return { fields, artifacts };
}
