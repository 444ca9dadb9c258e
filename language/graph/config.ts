/** The pipeline's own configuration (`kfp/dsl/pipeline_config.py`): what it may be and what it lowers to. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import type { Argument, PipelineConfig, Task } from "./model.ts";

/** Reports values that the SDK refuses, and a workspace that is used but not there. */
export function checkConfig(
  config: PipelineConfig | undefined,
  tasks: readonly Task[],
  span: Span,
  report: (diagnostic: Diagnostic) => void,
): void {
  const size = config?.workspace?.size;
  if (size !== undefined && !/^(?:0|[1-9]\d*)(?:\.\d+)?(?:Ki|Mi|Gi|Ti|Pi|Ei|K|M|G|T|P|E)?$/.test(size.trim())) {
    report(diagnose("pipeline-config", span, "The workspace's size", 'an amount such as "10Gi" or "500Mi"'));
  }
  if (config?.workspace && !hasAccessModes(config.workspace.pvcSpecPatch)) {
    report({
      ...diagnose("server-refuses", span, "a workspace without access modes, where its own configuration has none"),
      hint: 'Add {"accessModes": ["ReadWriteOnce"]} to pvcSpecPatch.',
    });
  }
  for (const field of secondFields) {
    const seconds = config?.[field];
    if (seconds === undefined || (Number.isInteger(seconds) && seconds >= 0 && seconds <= 2_147_483_647)) continue;
    report(diagnose("pipeline-config", span, field, "a whole number of seconds, 0 or more"));
  }
  if (config?.workspace) return;
  const user = tasks.find(usesWorkspace);
  if (user) report(diagnose("workspace-missing", user.span));
}

function hasAccessModes(patch: Json | undefined): boolean {
  if (typeof patch !== "object" || patch === null || !("accessModes" in patch)) return false;
  return Array.isArray(patch.accessModes) && patch.accessModes.length > 0;
}

/** `pipelineConfig` of the platform spec; undefined: nothing in it. Zero is the same as not set. */
export function configJson(config: PipelineConfig): Record<string, Json> | undefined {
  const json: Record<string, Json> = {};
  if (config.workspace) {
    const { size, pvcSpecPatch } = config.workspace;
    json["workspace"] = { size: size.trim(), kubernetes: { pvcSpecPatch: pvcSpecPatch ?? {} } };
  }
  if (config.ttlSecondsAfterFinished) json["resourceTtlOnCompletion"] = config.ttlSecondsAfterFinished;
  if (config.ttlSecondsAfterSuccess) json["resourceTtlOnSuccess"] = config.ttlSecondsAfterSuccess;
  if (config.ttlSecondsAfterFailure) json["resourceTtlOnFailure"] = config.ttlSecondsAfterFailure;
  if (config.activeDeadlineSeconds) json["activeDeadlineSeconds"] = config.activeDeadlineSeconds;
  return Object.keys(json).length > 0 ? json : undefined;
}

const secondFields = [
  "ttlSecondsAfterFinished",
  "ttlSecondsAfterSuccess",
  "ttlSecondsAfterFailure",
  "activeDeadlineSeconds",
] as const;

function usesWorkspace(task: Task): boolean {
  const { implementation } = task.component;
  if (implementation.kind === "importer" && implementation.importer.downloadToWorkspace) return true;
  return [...task.arguments.values()].some(namesWorkspace);
}

function namesWorkspace(value: Argument): boolean {
  const text =
    value.kind === "string"
      ? value.value
      : value.kind === "template"
        ? value.parts.map((part) => (typeof part === "string" ? part : "")).join("")
        : "";
  return text.includes("{{$.workspace_path}}") || text.startsWith("/kfp-workspace");
}
