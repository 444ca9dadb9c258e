/** What `Compiler().compile(…)` writes, for files that read it back. */
import type { CompiledPipeline } from "../analyze.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import type { Json } from "../spec/types.ts";
import { writePackage } from "../spec/write.ts";
import { ComponentValue } from "./component.ts";
import { type DslContext, madeOf } from "./context.ts";
import { toJson } from "./json-values.ts";
import { absolutePath, pathText } from "./paths.ts";
import { argument, type CallArguments, isObject, isUnknown, unknown } from "./values.ts";

/** The text is made when it is read: nearly every file compiles at its end, and nearly none reads it. */
export function writeCompiled(context: DslContext, given: CallArguments): void {
  const { machine } = context;
  const target = argument(given, 0, "pipeline_func") ?? null;
  const path = pathText(argument(given, 1, "package_path") ?? null);
  if (path === undefined) return;
  const absolute = absolutePath(machine, path);
  if (!(target instanceof ComponentValue)) {
    const { span } = given;
    machine.files.write(absolute, isUnknown(target) ? target : unknown("it is not compiled from a component", span));
    return;
  }
  const made = madeOf(context, target.component);
  const compiled = (): CompiledPipeline =>
    made?.compiled ??
    componentAsPipeline(target.component, { sdkVersion: machine.options.sdkVersion, report: machine.report });
  const changed = overrides(given);
  machine.files.write(absolute, () => writePackage(changed(compiled())));
}

/** `pipeline_name`, `pipeline_display_name` and `pipeline_parameters` of the call. */
function overrides(given: CallArguments): (compiled: CompiledPipeline) => CompiledPipeline {
  const name = argument(given, 2, "pipeline_name") ?? null;
  const displayName = argument(given, 3, "pipeline_display_name") ?? null;
  const parameters = argument(given, 4, "pipeline_parameters") ?? null;
  const defaults: [string, Json][] = [];
  if (isObject(parameters) && parameters.kind === "dict")
    for (const [key, value] of parameters.entries.values()) {
      if (typeof key === "string") defaults.push([key, toJson(value) ?? null]);
    }
  return (compiled) => {
    const { spec } = compiled;
    const { inputDefinitions } = spec.root;
    const own = inputDefinitions?.parameters;
    const changed = defaults.flatMap(([input, defaultValue]) => {
      const definition = own?.[input];
      return definition === undefined ? [] : [[input, { ...definition, defaultValue }] as const];
    });
    return {
      ...compiled,
      spec: {
        ...spec,
        pipelineInfo: {
          ...spec.pipelineInfo,
          ...(typeof name === "string" && { name }),
          ...(typeof displayName === "string" && { displayName }),
        },
        root: {
          ...spec.root,
          ...(changed.length > 0 && {
            inputDefinitions: { ...inputDefinitions, parameters: { ...own, ...Object.fromEntries(changed) } },
          }),
        },
      },
    };
  };
}
