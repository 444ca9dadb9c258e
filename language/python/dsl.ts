/** The modules of the SDK that a pipeline file imports: `kfp`, `kfp.dsl`, `kfp.components`, `kfp.compiler`, … */
import { diagnose } from "../diagnostics.ts";
import { artifactClasses, IoType, markerClasses, pathClass } from "./artifact-types.ts";
import { asDataclass } from "./dataclasses.ts";
import { compilerClass } from "./compiler-calls.ts";
import { ComponentValue, decorator, pythonComponent } from "./component.ts";
import { containerComponent } from "./container-component.ts";
import type { DslContext } from "./context.ts";
import { fetchedText } from "./fetched.ts";
import { groupBuiltins } from "./groups.ts";
import { importerBuiltin } from "./importer.ts";
import { kubernetesModule } from "./kubernetes.ts";
import { pipelineComponent } from "./pipeline.ts";
import { hasModule, hasName } from "./sdk-names.ts";
import { placeholderClasses, placeholderTypes } from "./placeholders.ts";
import { absolutePath, pathText } from "./paths.ts";
import type { Machine } from "./machine.ts";
import {
  argument,
  builtin,
  type BuiltinValue,
  type CallArguments,
  type ClassValue,
  dict,
  isUnknown,
  type ModuleValue,
  tuple,
  unknown,
  type Value,
} from "./values.ts";

/** The SDK's module of a dotted name; undefined where the SDK has none. */
export function sdkModule(context: DslContext, name: string): ModuleValue | undefined {
  if (name !== "kfp" && !name.startsWith("kfp.")) return undefined;
  const module = (names: Readonly<Record<string, Value>>, lookup?: ModuleValue["lookup"]): ModuleValue => ({
    kind: "module",
    name,
    path: undefined,
    names: new Map(Object.entries(names)),
    ...(lookup && { lookup }),
  });
  const listed = (member: string): Value | undefined =>
    hasName(name, member) ? inert(`${name}.${member}`) : undefined;
  if (!hasModule(name)) return undefined;
  switch (name) {
    case "kfp":
      return module({ __version__: context.machine.options.sdkVersion, TYPE_CHECK: true }, (member) => {
        if (!hasName(name, member)) return undefined;
        return member === "Client" ? inert("kfp.Client") : context.machine.module(`kfp.${member}`);
      });
    case "kfp.dsl":
    case "kfp.v2.dsl":
      return module(dslNames(context), (member) =>
        hasName("kfp.dsl", member)
          ? (context.machine.module(`kfp.dsl.${member}`) ?? inert(`kfp.dsl.${member}`))
          : undefined,
      );
    case "kfp.components":
      return module(componentNames(context), (member) =>
        member === "placeholders" ? context.machine.module(`${name}.${member}`) : listed(member),
      );
    case "kfp.kubernetes":
      return kubernetesModule(context);
    case "kfp.compiler":
      return module({ Compiler: compilerClass(context) }, listed);
    case "kfp.local": {
      const init = builtin("init", () => {
        context.runsLocally = true;
        return null;
      });
      return module({ init }, listed);
    }
    case "kfp.v2":
      return module({}, (member) => context.machine.module(`kfp.${member}`));
    case "kfp.dsl.placeholders":
    case "kfp.components.placeholders": {
      const dsl = context.machine.module("kfp.dsl");
      return module({ ...placeholderTypes }, (member) => dsl?.names.get(member) ?? inert(`${name}.${member}`));
    }
    case "kfp.dsl.types":
    case "kfp.dsl.types.artifact_types":
    case "kfp.dsl.types.type_annotations":
    case "kfp.dsl.structures":
    case "kfp.dsl.pipeline_task":
    case "kfp.dsl.pipeline_channel":
    case "kfp.dsl.pipeline_config":
    case "kfp.dsl.base_component":
    case "kfp.dsl.python_component":
    case "kfp.dsl.graph_component":
    case "kfp.dsl.component_decorator":
    case "kfp.dsl.for_loop":
    case "kfp.dsl.tasks_group": {
      const dsl = context.machine.module("kfp.dsl");
      return module({}, (member) => dsl?.names.get(member) ?? dsl?.lookup?.(member) ?? inert(`${name}.${member}`));
    }
    default:
      // Its functions are also found in the modules that define them.
      if (name.startsWith("kfp.kubernetes.")) return kubernetesModule(context, name);
      // The rest of the SDK (client, local execution, registry, …) has no part in a pipeline.
      return name.startsWith("kfp.dsl.") ? undefined : module({}, listed);
  }
}

/** Something of the SDK that can be used and does nothing to the pipeline. */
function inert(name: string): Value {
  return unknown(`"${name}" has no part in what a pipeline is`);
}

const constants: Readonly<Record<string, string>> = {
  PIPELINE_JOB_NAME_PLACEHOLDER: "{{$.pipeline_job_name}}",
  PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER: "{{$.pipeline_job_resource_name}}",
  PIPELINE_JOB_ID_PLACEHOLDER: "{{$.pipeline_job_uuid}}",
  PIPELINE_TASK_NAME_PLACEHOLDER: "{{$.pipeline_task_name}}",
  PIPELINE_TASK_ID_PLACEHOLDER: "{{$.pipeline_task_uuid}}",
  PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER: "{{$.outputs.output_file}}",
  PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER: "{{$}}",
  PIPELINE_ROOT_PLACEHOLDER: "{{$.pipeline_root}}",
  PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER: "{{$.pipeline_job_create_time_utc}}",
  PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER: "{{$.pipeline_job_schedule_time_utc}}",
  WORKSPACE_PATH_PLACEHOLDER: "{{$.workspace_path}}",
};

const commonOptions = [
  "base_image",
  "packages_to_install",
  "pip_index_urls",
  "pip_trusted_hosts",
  "use_venv",
  "kfp_package_path",
  "install_kfp_package",
  "task_config_passthroughs",
];
const componentOptions = [
  ...commonOptions,
  "target_image",
  "output_component_file",
  "additional_funcs",
  "embedded_artifact_path",
];
const notebookOptions = [...commonOptions, "notebook_path"];
const pipelineOptions = ["name", "description", "pipeline_root", "display_name", "pipeline_config"];

function dslNames(context: DslContext): Record<string, Value> {
  const { machine } = context;
  return {
    ...constants,
    ...Object.fromEntries(artifactClasses()),
    ...groupBuiltins(context),
    ...placeholderClasses(machine),
    Input: new IoType("Input"),
    Output: new IoType("Output"),
    EmbeddedInput: new IoType("EmbeddedInput"),
    ...markerClasses(),
    InputPath: pathClass("InputPath"),
    OutputPath: pathClass("OutputPath"),
    PipelineTaskFinalStatus: sdkClass("PipelineTaskFinalStatus"),
    TaskConfig: sdkClass("TaskConfig"),
    TaskConfigField: taskConfigField(),
    TaskConfigPassthrough: fieldClass(machine, "TaskConfigPassthrough", [["field"], ["apply_to_task", false]]),
    PipelineTask: sdkClass("PipelineTask"),
    PipelineConfig: fieldClass(machine, "PipelineConfig", [
      ["workspace", null],
      ["ttl_seconds_after_finished", null],
      ["ttl_seconds_after_success", null],
      ["ttl_seconds_after_failure", null],
      ["active_deadline_seconds", null],
    ]),
    WorkspaceConfig: fieldClass(machine, "WorkspaceConfig", [["size"], ["kubernetes", null]]),
    KubernetesWorkspaceConfig: fieldClass(machine, "KubernetesWorkspaceConfig", [["pvcSpecPatch", null]]),
    component: decorator(context, "dsl.component", componentOptions, (target, given) =>
      pythonComponent(context, target, given),
    ),
    container_component: decorator(context, "dsl.container_component", [], (target, given) =>
      containerComponent(context, target, given),
    ),
    notebook_component: decorator(context, "dsl.notebook_component", notebookOptions, (target, given) =>
      pythonComponent(context, target, given, true),
    ),
    pipeline: decorator(context, "dsl.pipeline", pipelineOptions, (target, given) =>
      pipelineComponent(context, target, given),
    ),
    importer: importerBuiltin(context),
    get_uri: builtin("get_uri", ({ span }) => unknown("dsl.get_uri() works only while running", span)),
    run_notebook: builtin("run_notebook", ({ span }) => unknown("dsl.run_notebook() works only while running", span)),
    graph_component: inert("dsl.graph_component"),
  };
}

function sdkClass(name: string): ClassValue {
  return { kind: "class", name, qualname: name, module: "kfp.dsl", bases: [], attributes: new Map() };
}

/** A class that only holds its arguments. A field without a default is required. */
function fieldClass(machine: Machine, name: string, fields: readonly (readonly [string, Value?])[]): ClassValue {
  const made = sdkClass(name);
  made.attributes.set("__annotations__", dict(fields.map(([field]) => [field, null] as const)));
  for (const [field, standard] of fields) if (standard !== undefined) made.attributes.set(field, standard);
  return asDataclass(machine, made);
}

function taskConfigField(): ClassValue {
  const type = sdkClass("TaskConfigField");
  for (const name of [
    "RESOURCES",
    "ENV",
    "KUBERNETES_AFFINITY",
    "KUBERNETES_TOLERATIONS",
    "KUBERNETES_NODE_SELECTOR",
    "KUBERNETES_VOLUMES",
  ]) {
    type.attributes.set(name, { kind: "instance", class: type, attributes: new Map([["name", name]]) });
  }
  type.attributes.set("__members__", tuple([]));
  return type;
}

/** A component that is not known: where it is called, a step would be missing. */
function notLoaded(from: Value, otherwise: string, { span }: CallArguments): Value {
  return { ...(isUnknown(from) ? from : unknown(otherwise, span)), component: true };
}

function componentNames(context: DslContext): Record<string, Value> {
  const { machine } = context;
  const load = (text: string, given: CallArguments): Value => {
    const { span } = given;
    const { component, compiled, problem, mismatches = [] } = context.yaml.component(text);
    if (component === undefined) {
      machine.report(diagnose("component-text", span, problem));
      return unknown("its YAML cannot be read", span);
    }
    const diagnostics = mismatches.map((one) => diagnose("component-text", span, `${one}.`));
    context.loaded.push({
      kind: "component",
      functionName: component.name,
      component,
      span,
      nameSpan: span,
      diagnostics,
      ...(compiled && { compiled: { ...compiled, sourceMap: new Map(), bodies: [] } }),
    });
    return new ComponentValue(context, component, undefined, diagnostics);
  };
  const loader = (name: string, call: BuiltinValue["call"]) => builtin(name, call, `components.${name}`);
  return {
    load_component_from_text: loader("load_component_from_text", (given) => {
      const text = argument(given, 0, "text") ?? null;
      const said = isUnknown(text) ? text.says?.() : undefined;
      if (said !== undefined) return load(JSON.stringify(said), given);
      return typeof text === "string" ? load(text, given) : notLoaded(text, "its text is not known", given);
    }),
    load_component_from_file: loader("load_component_from_file", (given) => {
      const file = argument(given, 0, "file_path") ?? null;
      const path = pathText(file);
      if (path === undefined) return notLoaded(file, "its path is not known", given);
      const text = machine.files.read(absolutePath(machine, path));
      if (text !== undefined) return load(text, given);
      machine.report(diagnose("no-such-file", given.span, path));
      return unknown(`${path} does not exist`, given.span);
    }),
    load_component_from_url: loader("load_component_from_url", (given) => {
      const url = argument(given, 0, "url") ?? null;
      if (typeof url !== "string") return notLoaded(url, "its URL is not known", given);
      const text = fetchedText(machine.files, machine.folder, url);
      if (text !== undefined) return load(text, given);
      machine.report({
        ...diagnose("not-fetched", given.span, url),
        hint: `Nothing is fetched while reading: ask for it, or run millrace fetch ${url}`,
      });
      return unknown("it was not fetched yet", given.span);
    }),
    ...Object.fromEntries(
      Object.entries({
        BaseComponent: sdkClass("BaseComponent"),
        PythonComponent: sdkClass("PythonComponent"),
        YamlComponent: sdkClass("YamlComponent"),
        ContainerComponent: sdkClass("ContainerComponent"),
        GraphComponent: sdkClass("GraphComponent"),
      }),
    ),
  };
}
