import { loadedComponent } from "../graph/loaded-component.ts";
import { readPackage } from "../spec/read.ts";
import type { Component } from "../graph/model.ts";
import { readOldComponent } from "./component-yaml.ts";
import type { ComponentReader } from "./context.ts";
import { cleandoc, docstringOf } from "./docstrings.ts";
import { parseModule } from "./parse.ts";

/** A component of either of the SDK's YAML formats. */
export const readComponent: ComponentReader = (text) => {
  try {
    const old = readOldComponent(text);
    if (old !== undefined) return { ...old, problem: "" };
  } catch (problem) {
    // A compiled file has a second one for the platform; of the first version there is one document.
    const hasMore = problem instanceof Error && "code" in problem && problem.code === "MULTIPLE_DOCS";
    if (!hasMore) return { problem: problem instanceof Error ? inWords(problem.message) : "it is not YAML." };
  }
  const read = readPackage("component.yaml", text);
  if (read.package === undefined) return { problem: read.diagnostics[0]?.message ?? "it is not a compiled component." };
  const component = loadedComponent(read.package);
  // Of a pipeline the SDK reads all, of a component what it needs.
  const [unknown] = component.implementation.kind === "graph" ? read.diagnostics : [];
  if (unknown) return { problem: unknown.message };
  const description = describedInside(component) ?? read.package.description;
  return {
    component: description === undefined ? component : { ...component, description },
    compiled: { ...read.package, ...(description !== undefined && { description }) },
    problem: "",
  };
};

/** `extract_description_from_command`: the first docstring of a program, those further out before those in them. */
function describedInside({ implementation }: Component): string | undefined {
  if (implementation.kind !== "container") return undefined;
  for (const program of implementation.container.command?.filter((one) => one.includes("import kfp")) ?? []) {
    const bodies = [parseModule(program).body];
    for (const body of bodies) {
      const text = docstringOf(body);
      if (text) return cleandoc(text);
      for (const one of body) if (one.kind === "function" || one.kind === "class") bodies.push(one.body);
    }
  }
  return undefined;
}

/** What the YAML library says of texts that only a machine writes. */
function inWords(message: string): string {
  if (message.includes("call stack")) return "it is nested too deeply.";
  return message.startsWith("Excessive alias count") ? "its aliases unfold without end." : `${message}.`;
}
