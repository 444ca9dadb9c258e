/** CPU, memory and accelerators of a container, in the spec's new text fields and its old number fields. */
import type { ResourceSpec } from "../spec/types.ts";
import type { Argument, TaskSettings } from "./model.ts";

export function isCpu(text: string): boolean {
  return /^([0-9]*[.])?[0-9]+m?$/.test(text);
}

export function isMemory(text: string): boolean {
  return /^[0-9]+(E|Ei|P|Pi|T|Ti|G|Gi|M|Mi|K|Ki)?$/.test(text);
}

/** CPUs: `500m` is 0.5. */
export function cpuNumber(text: string): number {
  return text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
}

/** Gigabytes (10⁹ bytes): `1Gi` is 1.073741824. */
export function memoryNumber(text: string): number {
  const unit = /[A-Za-z]*$/.exec(text)?.[0] ?? "";
  // The SDK takes no detour for G, and multiplies before it divides: the last digit depends on it.
  const amount = Number(text.slice(0, text.length - unit.length));
  return unit === "G" ? amount : (amount * (unitBytes[unit] ?? 1)) / 1e9;
}

/** `write` gives the text of a setting of that name, channels as placeholders. Undefined: the task asks for nothing. */
export function resourceSpec(
  settings: TaskSettings,
  write: (name: string, value: Argument) => string,
): ResourceSpec | undefined {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
  if (!(cpuRequest ?? cpuLimit ?? memoryRequest ?? memoryLimit ?? acceleratorLimit)) return undefined;
  const spec: ResourceSpec = {};
  if (cpuRequest) {
    spec.resourceCpuRequest = write("cpu_request", cpuRequest);
    setNumber(spec, "cpuRequest", cpuRequest, cpuNumber);
  }
  if (cpuLimit) {
    spec.resourceCpuLimit = write("cpu_limit", cpuLimit);
    setNumber(spec, "cpuLimit", cpuLimit, cpuNumber);
  }
  if (memoryRequest) {
    spec.resourceMemoryRequest = write("memory_request", memoryRequest);
    setNumber(spec, "memoryRequest", memoryRequest, memoryNumber);
  }
  if (memoryLimit) {
    spec.resourceMemoryLimit = write("memory_limit", memoryLimit);
    setNumber(spec, "memoryLimit", memoryLimit, memoryNumber);
  }
  if (acceleratorLimit) {
    const accelerator: NonNullable<ResourceSpec["accelerator"]> = {
      resourceCount: write("accelerator_count", acceleratorLimit),
    };
    if (acceleratorLimit.kind === "string" && Number(acceleratorLimit.value) > 0) {
      accelerator.count = String(Number(acceleratorLimit.value));
    }
    if (acceleratorType) {
      accelerator.resourceType = write("accelerator_type", acceleratorType);
      if (acceleratorType.kind === "string") accelerator.type = acceleratorType.value;
    }
    spec.accelerator = accelerator;
  }
  return spec;
}

const unitBytes: Readonly<Record<string, number>> = {
  E: 1e18,
  Ei: 2 ** 60,
  P: 1e15,
  Pi: 2 ** 50,
  T: 1e12,
  Ti: 2 ** 40,
  Gi: 2 ** 30,
  M: 1e6,
  Mi: 2 ** 20,
  K: 1e3,
  Ki: 2 ** 10,
};

/** The old field, for servers that do not know the new one: constants only; protobuf leaves zero out. */
function setNumber(
  spec: ResourceSpec,
  field: "cpuRequest" | "cpuLimit" | "memoryRequest" | "memoryLimit",
  value: Argument,
  convert: (text: string) => number,
): void {
  if (value.kind !== "string") return;
  const number = convert(value.value);
  if (number !== 0) spec[field] = number;
}
