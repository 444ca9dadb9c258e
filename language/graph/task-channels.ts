/** The channels in what a task is given and how it is set. */
import { channelsIn } from "./channels.ts";
import { isPlatformInput } from "./kubernetes.ts";
import type { Channel, PlatformValue, Task } from "./model.ts";

/** The channels that a task waits for: in its arguments, its image and its Kubernetes settings. */
export function channelsOfTask(task: Task): readonly Channel[] {
  const { image, kubernetes } = task.settings;
  const channels: Channel[] = [];
  for (const value of task.arguments.values()) channels.push(...channelsIn(value));
  if (image) channels.push(...channelsIn(image));
  if (kubernetes) channels.push(...channelsOfPlatform(kubernetes));
  return channels;
}

/** The channels in a task's resources. The SDK does not make a task wait for them. */
export function channelsOfResources({ settings }: Task): readonly Channel[] {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
  const values = [cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit];
  return values.flatMap((value) => (value ? channelsIn(value) : []));
}

function channelsOfPlatform(value: PlatformValue): readonly Channel[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(channelsOfPlatform);
  if (isPlatformInput(value)) return channelsIn(value.value);
  return Object.values(value).flatMap(channelsOfPlatform);
}
