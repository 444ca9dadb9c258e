/** `@dsl.component`, what other decorators share with it, and what a call of a component does. */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Component } from "../graph/model.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import { sanitizeName } from "../graph/names.ts";
import type { GivenArgument } from "../graph/builder.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { docstring } from "./attributes.ts";
import { artifactImports } from "./artifact-imports.ts";
import { type Interface, readInterface } from "./annotations.ts";
import { TaskValue, toArgument } from "./channels.ts";
import { componentProgram } from "./component-program.ts";
import { checkBody } from "./check-body.ts";
import { checkReturns } from "./check-returns.ts";
import { collecting, type DslContext, madeOf } from "./context.ts";
import { characterIn, docstringDescription, outputDescriptions, parseDocstring } from "./docstrings.ts";
import { embeddedArchive, notebookArchive } from "./embedded.ts";
import { rememberConstant } from "./late-constants.ts";
import { type Machine, raise, stepsOfDefinition } from "./machine.ts";
import { remembered } from "./remembered.ts";
import { functionSource } from "./source-text.ts";
import { waitForUnread } from "./unread-order.ts";
import { unwritable } from "./json-values.ts";
import { MessageValue } from "./protobuf-message.ts";
import { absolutePath, pathText } from "./paths.ts";
import {
  argument,
  builtin,
  type CallArguments,
  type FunctionValue,
  isObject,
  isUnknown,
  type NativeValue,
  truth,
  typeName,
  type UnknownValue,
  unknown,
  unknownCharacter,
  type Value,
} from "./values.ts";

/** A component as a Python value: a call makes a task. */
export class ComponentValue implements NativeValue {
  readonly kind = "native";
  readonly type: string;
  component: Component;
  private readonly context: DslContext;
  private readonly target: FunctionValue | undefined;
  /** What is wrong with its definition is wrong with every pipeline that uses it. */
  private readonly problems: readonly Diagnostic[];

  constructor(context: DslContext, component: Component, target?: FunctionValue, problems: readonly Diagnostic[] = []) {
    this.context = context;
    this.problems = problems;
    this.component = component;
    this.target = target;
    this.type = component.implementation.kind === "graph" ? "GraphComponent" : "PythonComponent";
  }

  call(given: CallArguments): Value {
    const { context, component } = this;
    const pipeline = context.pipelines.at(-1);
    for (const { span } of given.positional)
      context.machine.report(diagnose("positional-argument", span, component.name));
    if (pipeline === undefined) {
      if (!context.runsLocally) context.machine.report(diagnose("outside-pipeline", given.span, component.name));
      return unknown(`"${component.name}" is called outside of a pipeline`, given.span);
    }
    context.machine.stepsLeft -= stepsOfDefinition;
    context.used.add(component);
    for (const problem of this.problems) context.machine.report(problem);
    const bound = new Map<string, GivenArgument>();
    const unreadable = new Set<string>();
    for (const [name, { value, span }] of given.keywords) {
      const wrong = unwritable(value);
      if (wrong !== undefined) context.machine.report(diagnose("not-an-argument", span, `"${name}"`, wrong));
      const converted = toArgument(context, value, span, `"${name}"`);
      rememberConstant(context, pipeline, value, converted, span);
      if (converted === undefined && component.inputs.some((input) => input.name === name)) unreadable.add(name);
      else bound.set(name, { value: converted ?? { kind: "null" }, span });
    }
    const task = pipeline.builder.task(component, bound, given.span, unreadable);
    waitForUnread(task, given);
    return new TaskValue(context, pipeline, task);
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case "name":
        return this.component.name;
      case "description":
        return this.component.description ?? null;
      case "python_func":
      case "pipeline_func":
        return this.target;
      case "__name__":
        // A component is an object, not a function.
        return undefined;
      case "component_spec":
        return componentSpec(this);
      case "pipeline_spec":
        // A graph's is kept by the SDK, so that who changes it changes the pipeline; of others it is made when asked for.
        return this.component.implementation.kind === "graph"
          ? { ...bookkeeping(name), says: () => specOf(this.context, this.component) }
          : new MessageValue(specOf(this.context, this.component));
      case "platform_spec":
        return bookkeeping(name);
      default:
        return undefined;
    }
  }

  setAttribute(name: string, value: Value): boolean {
    if (name === "description" && typeof value === "string") this.change({ description: value });
    return true;
  }

  /** What it is from now on, also where it is listed. */
  change(what: Pick<Component, "description"> | Pick<Component, "name">): void {
    const before = this.component;
    this.component = { ...before, ...what };
    for (const list of [this.context.made, this.context.loaded])
      for (const [i, made] of list.entries()) {
        if (made.component !== before) continue;
        const compiled = made.compiled && "description" in what && { compiled: { ...made.compiled, ...what } };
        list[i] = { ...made, component: this.component, ...compiled };
      }
  }
}

function bookkeeping(name: string): UnknownValue {
  return unknown(`"${name}" is the SDK's own bookkeeping`);
}

/** `component.component_spec`: a library that makes a component of another gives it the other's name. */
function componentSpec(owner: ComponentValue): NativeValue {
  return {
    kind: "native",
    type: "ComponentSpec",
    attribute: (name) =>
      name === "name"
        ? owner.component.name
        : name === "description"
          ? (owner.component.description ?? null)
          : bookkeeping("component_spec"),
    setAttribute: (name, value) => {
      if (name === "name" && typeof value === "string") owner.change({ name: value });
      return true;
    },
  };
}

function specOf(context: DslContext, component: Component): Record<string, Json> {
  const { sdkVersion } = context.machine.options;
  const compiled =
    madeOf(context, component)?.compiled ?? componentAsPipeline(component, { sdkVersion, report: () => undefined });
  // SAFETY: a spec is plain data.
  return JSON.parse(JSON.stringify(compiled.spec)) as Record<string, Json>;
}

/** The function that a decorator is given; a partial call of the decorator where there is none. */
export function decorator(
  context: DslContext,
  name: string,
  options: readonly string[],
  work: (target: FunctionValue, given: CallArguments) => Value,
): Value {
  const apply = (given: CallArguments): Value => {
    for (const [option, { span }] of given.keywords)
      if (option !== "func" && !options.includes(option))
        context.machine.report(diagnose("unknown-parameter", span, `@${name}`, option));
    const target = argument(given, 0, "func");
    if (target === undefined || target === null) {
      // `container_component` alone has no options, and cannot be called without its function.
      if (options.length === 0) return raise("TypeError", `write @${name} without "()"`, given.span);
      return builtin(name, (later) => {
        const keywords = new Map([...given.keywords, ...later.keywords]);
        return apply({ positional: later.positional, keywords, span: given.span });
      });
    }
    if (isObject(target) && target.kind === "function") return work(target, given);
    if (isUnknown(target)) return target;
    return raise("TypeError", `@${name} takes a function, not a ${typeName(target)}`, given.span);
  };
  return builtin(name, apply);
}

/** The keyword values of a decorator, with what is wrong about them reported. */
export class Options {
  private readonly machine: Machine;
  private readonly given: CallArguments;
  constructor(machine: Machine, given: CallArguments) {
    this.machine = machine;
    this.given = given;
  }
  private known(name: string): { value: Value; span: Span } | undefined {
    const given = this.given.keywords.get(name);
    if (given === undefined || given.value === null) return undefined;
    if (!isUnknown(given.value)) return given;
    this.machine.report(diagnose("not-known", given.span, `"${name}"`, given.value.reason));
    return undefined;
  }
  text(name: string): string | undefined {
    const given = this.known(name);
    if (given === undefined) return undefined;
    if (typeof given.value === "string") return given.value;
    const text =
      pathText(given.value) ??
      (isObject(given.value) && given.value.kind === "native" ? given.value.text?.() : undefined);
    if (text === undefined) this.machine.report(diagnose("wrong-value", given.span, `"${name}"`, "text"));
    return text;
  }
  flag(name: string, otherwise: boolean): boolean {
    const given = this.known(name);
    return given === undefined ? otherwise : truth(given.value);
  }
  texts(name: string): readonly string[] | undefined {
    const given = this.known(name);
    if (given === undefined) return undefined;
    const items: string[] = [];
    for (const item of this.machine.iterate(given.value, given.span)) {
      if (isUnknown(item)) this.machine.report(diagnose("not-known", given.span, `"${name}"`, item.reason));
      else if (isObject(item) || typeof item === "string") items.push(this.machine.str(item, given.span));
      else this.machine.report(diagnose("wrong-value", given.span, `"${name}"`, "a list of texts"));
    }
    return items;
  }
  value(name: string): Value | undefined {
    return this.known(name)?.value;
  }
  span(name: string): Span {
    return this.given.keywords.get(name)?.span ?? this.given.span;
  }
}

/** `inspect` looks through wrappers that `functools.wraps` made. */
export function unwrapped(target: FunctionValue): FunctionValue {
  let at = target;
  for (let i = 0; i < 20; i++) {
    const inner = at.attributes.get("__wrapped__");
    if (inner === undefined || !isObject(inner) || inner.kind !== "function") break;
    at = inner;
  }
  return at;
}

export function describedInterface(
  machine: Machine,
  target: FunctionValue,
  of: "component" | "container" | "pipeline",
): { readonly face: Interface; readonly description: string | undefined } {
  const text = docstring(target);
  const character = target.body.kind === "lambda" ? undefined : characterIn(target.body.body);
  if (character !== undefined) {
    const span = { ...character.at, path: target.span.path };
    const { reason } = unknownCharacter(character.name, span);
    machine.report(
      diagnose("not-known", { path: span.path, start: span.start, end: span.end }, "this description", reason),
    );
  }
  const parsed = parseDocstring(text);
  return {
    face: readInterface(machine, target, parsed, outputDescriptions(text), of),
    description: docstringDescription(parsed),
  };
}

/** The name of a definition's own name in the source. */
export function nameSpanOf(target: FunctionValue): Span {
  const { body, span } = target;
  return body.kind === "lambda"
    ? span
    : { path: span.path, start: body.nameStart, end: body.nameStart + target.name.length };
}

export function pythonComponent(
  context: DslContext,
  written: FunctionValue,
  given: CallArguments,
  notebook = false,
): Value {
  return defineComponent(context, written, given, false, (target) =>
    buildPythonComponent(context, target, given, notebook),
  );
}

/** A component that a decorator makes of a function; `runs`: by calling it. What was made of the same before is taken again. */
export function defineComponent(
  context: DslContext,
  written: FunctionValue,
  given: CallArguments,
  runs: boolean,
  build: (target: FunctionValue) => Component,
): Value {
  const target = unwrapped(written);
  const { result, diagnostics } = collecting(
    context.machine,
    () => remembered(context, "component", written, given, runs, () => ({ component: build(target) })).component,
  );
  context.made.push({
    kind: "component",
    functionName: target.name,
    component: result,
    span: target.span,
    nameSpan: nameSpanOf(target),
    diagnostics,
  });
  return new ComponentValue(context, result, target, diagnostics);
}

function buildPythonComponent(
  context: DslContext,
  target: FunctionValue,
  given: CallArguments,
  notebook: boolean,
): Component {
  const { machine } = context;
  const options = new Options(machine, given);
  if (given.keywords.has("output_component_file")) {
    const instead = "kfp.compiler.Compiler().compile()";
    machine.report(diagnose("deprecated", options.span("output_component_file"), "output_component_file", instead));
  }
  const { face, description } = describedInterface(machine, target, "component");
  const targetImage = notebook ? undefined : options.text("target_image");
  const kfpPackagePath = options.text("kfp_package_path");
  const packages =
    options.texts("packages_to_install") ??
    (notebook ? ["nbclient>=0.10,<1", "ipykernel>=6,<7", "jupyter_client>=7,<9"] : []);
  const helper = notebook ? notebookArchive(machine, options) : embeddedArchive(machine, options);
  const imports = artifactImports(machine, target, face);
  const sourceOf = (one: FunctionValue): string => functionSource(one, machine.texts.get(one.span.path) ?? "");
  const additional =
    (options.value("additional_funcs") ?? null) === null
      ? []
      : machine.iterate(options.value("additional_funcs") ?? null, options.span("additional_funcs"));
  for (const one of additional)
    if (!isUnknown(one) && !(isObject(one) && (one.kind === "function" || one.kind === "class")))
      machine.report(
        diagnose(
          "wrong-value",
          options.span("additional_funcs"),
          '"additional_funcs"',
          `a list of functions, not of ${typeName(one)}`,
        ),
      );
  const travelling = additional.flatMap((one) => (isObject(one) && one.kind === "function" ? [unwrapped(one)] : []));
  const { command, args } = componentProgram({
    functionName: target.name,
    source: sourceOf(target),
    artifactImports: imports,
    additionalSources: travelling.map(sourceOf),
    ...(helper !== undefined && { helper }),
    packages,
    indexUrls: options.texts("pip_index_urls") ?? [],
    trustedHosts: options.texts("pip_trusted_hosts") ?? null,
    useVenv: options.flag("use_venv", false),
    installKfp: options.flag("install_kfp_package", true),
    kfpPackagePath,
    kfpPathExists:
      kfpPackagePath !== undefined &&
      kfpPackagePath !== "" &&
      machine.files.list(absolutePath(machine, kfpPackagePath)).length > 0,
    targetImage: targetImage === "" ? undefined : targetImage,
    sdkVersion: machine.options.sdkVersion,
  });
  const image = (targetImage === "" ? undefined : targetImage) ?? options.text("base_image") ?? "python:3.11";
  if (targetImage === undefined || targetImage === "") {
    const names = [
      ...travelling.map((one) => one.name),
      ...imports.flatMap((statement) => /import (\w+)/.exec(statement)?.slice(1) ?? []),
    ];
    const around = { component: target.name, image, packages, names, embedded: helper !== undefined };
    for (const one of [target, ...travelling]) checkBody(machine, one, around);
    checkReturns(machine, target, face.returns, face.outputs);
  }
  const passthroughs = taskConfigPassthroughs(machine, options);
  return {
    name: componentNameOf(target.name),
    ...(description !== undefined && { description }),
    inputs: face.inputs,
    outputs: face.outputs,
    implementation: { kind: "container", container: { image, command, args } },
    ...(passthroughs.length > 0 && { taskConfigPassthroughs: passthroughs }),
    span: target.span,
  };
}

/** `load_data` → `load-data`, by way of `Load data`. */
export function componentNameOf(functionName: string): string {
  return sanitizeName(functionName.replaceAll("_", " "));
}

function taskConfigPassthroughs(machine: Machine, options: Options): { field: string; applyToTask: boolean }[] {
  const value = options.value("task_config_passthroughs");
  if (value === undefined) return [];
  const span = options.span("task_config_passthroughs");
  return machine.iterate(value, span).flatMap((one) => {
    // A bare field is short for a passthrough that is not applied to the task itself.
    const field = machine.attribute(one, "field", span) ?? one;
    const apply = machine.attribute(one, "apply_to_task", span);
    const name = machine.attribute(field, "name", span);
    if (typeof name === "string") return [{ field: name, applyToTask: apply !== undefined && truth(apply) }];
    if (!isUnknown(one))
      machine.report(
        diagnose("wrong-value", span, "A passthrough", "a dsl.TaskConfigField or a dsl.TaskConfigPassthrough"),
      );
    return [];
  });
}
