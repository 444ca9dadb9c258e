import { loadedComponent } from "../graph/loaded-component.ts";
import { readPackage } from "../spec/read.ts";
import { readOldComponent } from "./component-yaml.ts";
import type { ComponentReader } from "./context.ts";

/** A component of either of the SDK's YAML formats. */
export const readComponent: ComponentReader = (text) => {
  try {
    const old = readOldComponent(text);
    if (old !== undefined) return { ...old, problem: "" };
  } catch (problem) {
    return { problem: problem instanceof Error ? inWords(problem.message) : "it is not YAML." };
  }
  const read = readPackage("component.yaml", text);
  if (read.package === undefined) return { problem: read.diagnostics[0]?.message ?? "it is not a compiled component." };
  return { component: loadedComponent(read.package), compiled: read.package, problem: "" };
};

/** What the YAML library says of texts that only a machine writes. */
function inWords(message: string): string {
  if (message.includes("call stack")) return "it is nested too deeply.";
  return message.startsWith("Excessive alias count") ? "its aliases unfold without end." : `${message}.`;
}
