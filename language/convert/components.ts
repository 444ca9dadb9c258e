/** Where the components of a pipeline come from: Python files, or compiled files that are written beside it. */
import type { Definition } from "../analyze.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import type { Component } from "../graph/model.ts";
import { writePackage } from "../spec/write.ts";
import { camelCase, relative, Unfit } from "./text.ts";

export interface Components {
  /** What it is called here. Throws Unfit. */
  nameOf(component: Component): string;
  /** Import statements, a line each. */
  imports(): readonly string[];
  /** What nothing defines by name. */
  files(): readonly { readonly path: string; readonly text: string }[];
}

export interface Place {
  /** The Python file of the pipeline. */
  readonly path: string;
  /** The TypeScript file. */
  readonly target: string;
  readonly sdkVersion: string;
  readonly definitionsOf: (path: string) => readonly Definition[];
  /** A name that is free. */
  readonly unique: (wanted: string) => string;
}

export function createComponents({ path, target, sdkVersion, definitionsOf, unique }: Place): Components {
  /** Path → symbol there → name here. */
  const imports = new Map<string, Map<string, string>>();
  const files = new Map<Component, ComponentFile>();

  return {
    nameOf,
    imports: () => [
      ...[...imports].map(([file, symbols]) => {
        const all = [...symbols].map(([there, here]) => (there === here ? there : `${there} as ${here}`));
        return `import { ${all.sort().join(", ")} } from ${JSON.stringify(relative(target, file))};`;
      }),
      ...[...files.values()].map((each) => `import ${each.name} from ${JSON.stringify(relative(target, each.path))};`),
    ],
    files: () => [...files.values()].map((each) => ({ path: each.path, text: each.text })),
  };

  function nameOf(component: Component): string {
    const file = component.span?.path ?? path;
    const found =
      definitionsOf(path).find((each) => each.component?.() === component) ??
      definitionsOf(file).find(
        (each) => each.name === component.name && each.span.start === component.span?.start && file !== path,
      );
    if (!found) return besideName(component);
    const symbols = imports.get(found.span.path) ?? new Map<string, string>();
    imports.set(found.span.path, symbols);
    const name = symbols.get(found.symbol) ?? unique(found.symbol);
    symbols.set(found.symbol, name);
    return name;
  }

  /** The component as a compiled file of its own. */
  function besideName(component: Component): string {
    const known = files.get(component);
    if (known) return known.name;
    const name = unique(camelCase(component.name));
    const all = [...files.values()];
    const folder = target.slice(0, target.lastIndexOf("/") + 1);
    let file = `${folder}${component.name}.yaml`;
    for (let i = 2; all.some((each) => each.path === file); i++) file = `${folder}${component.name}-${i}.yaml`;
    files.set(component, { name, path: file, text: componentText(component, sdkVersion) });
    return name;
  }
}

interface ComponentFile {
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

function componentText(component: Component, sdkVersion: string): string {
  const { implementation } = component;
  if (implementation.kind === "graph" && (implementation.bodies?.length ?? 0) > 0)
    throw new Unfit(`the component "${component.name}" has no name in a Python file`);
  const compiled = componentAsPipeline(component, {
    sdkVersion,
    report: ({ severity, message }) => {
      if (severity === "error") throw new Unfit(`the component "${component.name}" cannot stand alone: ${message}`);
    },
  });
  return writePackage(compiled);
}
