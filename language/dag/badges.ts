import type { ResourceSpec } from "../spec/types.ts";

/** `1 GPU`, `4 CPU`, `16Gi`: limits before requests. `say` puts names for placeholders. */
export function resourceBadges(resources: ResourceSpec | undefined, say: (text: string) => string): readonly string[] {
  if (!resources) return [];
  const badges: string[] = [];
  const { accelerator } = resources;
  const count = say(accelerator?.resourceCount ?? accelerator?.count ?? "");
  if (count !== "" && count !== "0")
    badges.push(`${count} ${deviceWord(say(accelerator?.resourceType ?? accelerator?.type ?? "GPU"))}`);
  const cpu = resources.resourceCpuLimit ?? resources.cpuLimit ?? resources.resourceCpuRequest ?? resources.cpuRequest;
  if (cpu !== undefined) badges.push(`${say(String(cpu))} CPU`);
  const memory = resources.resourceMemoryLimit ?? resources.resourceMemoryRequest;
  // The older fields are in units of 10^9 bytes.
  const gigabytes = resources.memoryLimit ?? resources.memoryRequest;
  if (memory !== undefined) badges.push(say(memory));
  else if (gigabytes !== undefined) badges.push(`${gigabytes}G`);
  return badges;
}

/** `nvidia.com/gpu` is a GPU; of others the name says what it is. */
function deviceWord(type: string): string {
  const name = type.slice(type.lastIndexOf("/") + 1);
  return /^gpu$/i.test(name) ? "GPU" : name;
}
