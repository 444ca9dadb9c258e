/** Components that another language defines: Python files and YAML. */
import type { Definition } from "../analyze.ts";
import { loadedComponent } from "../graph/loaded-component.ts";
import { analyzePython } from "../python/front-end.ts";
import { readComponent } from "../python/read-component.ts";
import type { Span } from "../source.ts";
import { type Context, report } from "./context.ts";
import { type Value, unknown } from "./values.ts";

/** The component of a YAML or JSON file. */
export function yamlComponent(path: string, span: Span, context: Context): Value {
  const text = context.session.files.read(path);
  const read = text === undefined ? undefined : readComponent(text);
  if (read?.component) return { kind: "component", component: read.component };
  const hint = read && `${read.problem.charAt(0).toUpperCase()}${read.problem.slice(1)}`;
  report(context, "wrong-value", span, hint, path, "a component or a compiled pipeline");
  return unknown;
}

/** A component or pipeline of a Python file, by the name of its function. */
export function pythonComponent(path: string, name: string, span: Span, context: Context): Value {
  const definitions = pythonDefinitions(path, context);
  const definition = definitions.find((each) => each.symbol === name);
  if (definition) return definitionValue(definition, span, context);
  const known = definitions.map((each) => each.symbol).join(", ");
  report(context, "unknown-export", span, known ? `It has ${known}.` : undefined, name, path);
  return unknown;
}

export function pythonDefinitions(path: string, { session }: Context): readonly Definition[] {
  let definitions = session.python.get(path);
  if (!definitions) {
    definitions = analyzePython(path, session.files, session.options).definitions;
    session.python.set(path, definitions);
  }
  return definitions;
}

/** What it compiles to alone, as a component: `kfp` loads compiled components in the same way. */
export function definitionValue(definition: Definition, span: Span, context: Context): Value {
  const { compiled, diagnostics } = definition.compile();
  // The workspace is a matter of the pipeline that is compiled, whatever is nested in it.
  const error = diagnostics.find((each) => each.severity === "error" && each.code !== "workspace-missing");
  if (error)
    report(context, "wrong-value", span, error.message, `"${definition.symbol}"`, "free of errors in its own file");
  const own = definition.component?.();
  if (own) return { kind: "component", component: own };
  if (!compiled) return unknown;
  const { sourceMap, bodies, ...pipelinePackage } = compiled;
  const component = loadedComponent(pipelinePackage);
  const { implementation } = component;
  if (implementation.kind !== "graph") return { kind: "component", component };
  return { kind: "component", component: { ...component, implementation: { ...implementation, sourceMap, bodies } } };
}
