import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Task } from "./model.ts";

/**
 * A component that passes its task configuration on to what it starts says which parts it
 * can pass on; the task may not have others, which would be without effect.
 */
export function checkPassthroughs(task: Task, report: (diagnostic: Diagnostic) => void): void {
  const passthroughs = task.component.taskConfigPassthroughs ?? [];
  if (passthroughs.length === 0) return;
  const { settings } = task;
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorLimit } = settings;
  const kubernetes = settings.kubernetes ?? {};
  const used: readonly (readonly [field: string, isUsed: boolean])[] = [
    ["RESOURCES", Boolean(cpuRequest ?? cpuLimit ?? memoryRequest ?? memoryLimit ?? acceleratorLimit)],
    ["ENV", settings.env.length > 0],
    ["KUBERNETES_TOLERATIONS", "tolerations" in kubernetes],
    ["KUBERNETES_NODE_SELECTOR", "nodeSelector" in kubernetes],
    ["KUBERNETES_AFFINITY", "nodeAffinity" in kubernetes || "podAffinity" in kubernetes],
    [
      "KUBERNETES_VOLUMES",
      "pvcMount" in kubernetes || "secretAsVolume" in kubernetes || "configMapAsVolume" in kubernetes,
    ],
  ];
  for (const [field, isUsed] of used) {
    if (isUsed && !passthroughs.some((passthrough) => passthrough.field === field)) {
      report(diagnose("setting-refused", task.span, task.name, field));
    }
  }
}
