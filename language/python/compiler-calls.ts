/** `kfp.compiler.Compiler().compile(…)`: what the SDK says of its arguments, and what it writes. */
import { diagnose } from "../diagnostics.ts";
import { writeCompiled } from "./compiled-file.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext } from "./context.ts";
import { pathText } from "./paths.ts";
import { argument, builtin, type BuiltinValue, type CallArguments, isObject, isUnknown, typeName } from "./values.ts";

const parameters = [
  "pipeline_func",
  "package_path",
  "pipeline_name",
  "pipeline_display_name",
  "pipeline_parameters",
  "type_check",
  "kubernetes_manifest_options",
  "kubernetes_manifest_format",
];

/** `Compiler`: its objects have one method. */
export function compilerClass(context: DslContext): BuiltinValue {
  const compile = builtin(
    "compile",
    (given) => {
      check(context, given);
      writeCompiled(context, given);
      return null;
    },
    "compiler.compile",
  );
  return builtin(
    "Compiler",
    () => ({
      kind: "native",
      type: "Compiler",
      attribute: (name) => (name === "compile" ? compile : undefined),
    }),
    "compiler.Compiler",
  );
}

/** `Compiler.compile` and what it calls, `write_pipeline_spec_to_file` and `modify_pipeline_spec_with_override`. */
function check({ machine }: DslContext, given: CallArguments): void {
  const spanOf = (name: string) =>
    given.positional[parameters.indexOf(name)]?.span ?? given.keywords.get(name)?.span ?? given.span;
  for (const [name, { span }] of given.keywords)
    if (!parameters.includes(name)) machine.report(diagnose("unknown-parameter", span, "compile", name));
  const value = (name: string) => argument(given, parameters.indexOf(name), name);
  for (const name of ["pipeline_func", "package_path"])
    if (value(name) === undefined) machine.report(diagnose("missing-parameter", given.span, "compile", name));
  const target = value("pipeline_func");
  if (target !== undefined && !(target instanceof ComponentValue) && !isUnknown(target)) {
    const wanted = `a pipeline or a component, not a ${typeName(target)}`;
    machine.report(diagnose("wrong-value", spanOf("pipeline_func"), "What is compiled", wanted));
  }
  const component = target instanceof ComponentValue ? target.component : undefined;
  const overrides = value("pipeline_parameters") ?? null;
  if (component !== undefined && isObject(overrides) && overrides.kind === "dict")
    for (const [key] of overrides.entries.values())
      if (typeof key === "string" && component.inputs.every(({ name }) => name !== key))
        machine.report(diagnose("unknown-input", spanOf("pipeline_parameters"), component.name, key));
  const path = pathText(value("package_path") ?? null);
  if (path === undefined || /\.ya?ml$/.test(path) || value("kubernetes_manifest_format") === true) return;
  const span = spanOf("package_path");
  if (!path.endsWith(".json"))
    machine.report(diagnose("wrong-value", span, "The path to compile to", "one that ends with .yaml"));
  else if (component?.implementation.kind === "graph" && component.implementation.package.platform !== undefined)
    machine.report(diagnose("wrong-value", span, "The path of a pipeline with Kubernetes settings", "a .yaml file's"));
  else machine.report(diagnose("deprecated", span, "Compiling to JSON", "a path that ends with .yaml"));
}
