import type { Span } from "./source.ts";

/** `hint`: said quietly, in the source alone; an editor fades what it is about. */
export type Severity = "error" | "warning" | "information" | "hint";

/** Something wrong with the user's pipeline. Returned beside a result, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What happened, to what. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it, where that is known. */
  readonly hint?: string;
}

/**
 * Every code with its severity and the sentence it makes. One line a code;
 * the arguments of the sentence are the arguments of `diagnose`.
 */
export const catalogue = {
  "syntax-error": ["error", (what: string) => `Syntax error: ${what}.`],
  "not-utf8": ["error", (path: string) => `${path} is not UTF-8 text.`],
  "no-such-file": ["error", (path: string) => `${path} does not exist.`],
  "unknown-language": ["error", (path: string) => `${path} is not a .ts, .py, .yaml or .json file.`],
  "file-too-large": ["error", (what: string) => `Too large to be a pipeline: ${what}.`],
  "spec-shape": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "spec-missing": ["error", (what: string, member: string) => `${what} has no "${member}".`],
  "spec-unknown": [
    "warning",
    (name: string, what: string, does: string) =>
      `KFP 2.17 knows no "${name}" of ${what.replace(/^(?:The|An) /, (article) => article.toLowerCase())}: its server ${does}.`,
  ],
  "spec-reference": ["error", (what: string, name: string) => `There is no ${what} "${name}".`],
  "spec-cycle": ["error", (component: string) => `Component "${component}" contains itself.`],
  // TypeScript: what to write instead is each one's hint.
  "no-meaning": ["error", (what: string) => `${what} has no meaning in a pipeline: its body is read, not run.`],
  "runtime-only": ["error", (what: string) => `${what} needs a value that only the run knows.`],
  "undefined-name": ["error", (name: string) => `"${name}" is not defined.`],
  "unknown-export": ["error", (name: string, path: string) => `${path} has no export "${name}".`],
  "unresolved-import": ["error", (path: string) => `The import "${path}" leads to no file.`],
  "circular-definition": ["error", (name: string) => `"${name}" is defined by itself.`],
  "not-a-type": ["error", (type: string) => `The type \`${type}\` is none that a pipeline can pass on.`],
  "untyped-inputs": ["error", (what: string) => `The inputs of ${what} have no type.`],
  "output-type-unknown": ["error", (name: string) => `The type of the output "${name}" cannot be read here.`],
  "not-callable": ["error", (what: string) => `${what} is not something to call.`],
  "wrong-default": ["error", (name: string, wanted: string) => `The default of "${name}" must be ${wanted}.`],
  "wrong-value": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "unknown-option": ["error", (name: string, known: string) => `There is no option "${name}". There are ${known}.`],
  "image-reference": ["warning", (image: string, why: string) => `"${image}" is not the name of an image: ${why}.`],
  "unknown-accelerator": ["warning", (type: string) => `"${type}" is no resource that accelerators are asked for by.`],
  "odd-amount": ["warning", (text: string, unit: string) => `${text} alone means so many ${unit}.`],
  "request-above-limit": [
    "warning",
    (name: string) => `More ${name} is requested than the limit allows: no pod starts.`,
  ],
  "kubernetes-amount": [
    "warning",
    (name: string, given: string) => `"${given}" is no amount that Kubernetes takes as \`${name}\`.`,
  ],
  "not-top-level": ["error", (what: string) => `${what} must be a variable of the module itself.`],
  "step-in-body": ["error", (what: string) => `${what} makes steps of a pipeline: where a body runs it does nothing.`],
  "unfit-choice": ["error", () => "Each arm must give an output of a step of its own."],
  "endless-evaluation": ["error", (what: string) => `Evaluation was stopped: ${what}.`],
  // Python: what its evaluation needs and cannot have, and what the SDK refuses in a definition.
  "python-error": ["error", (type: string, message: string) => (message === "" ? `${type}.` : `${type}: ${message}.`)],
  "not-known": ["error", (what: string, why: string) => `It cannot be known while reading what ${what} is: ${why}.`],
  "unresolved-name": [
    "error",
    (name: string, module: string, advice = "") => `"${module}" has no "${name}" to import${advice}.`,
  ],
  "not-an-argument": ["error", (what: string, given: string) => `${given} cannot be passed to a task as ${what}.`],
  "positional-argument": ["error", (component: string) => `"${component}" takes its inputs by name only.`],
  "parameter-name": ["error", (name: string) => `"${name}" cannot be the name of an input.`],
  "parameter-form": [
    "error",
    (name: string) => `A pipeline is given its inputs by position, and "${name}" takes none: drop the * before it.`,
  ],
  "outside-pipeline": [
    "error",
    (component: string) =>
      `"${component}" is called outside of a pipeline: a component makes a task in a pipeline only.`,
  ],
  "untyped-parameter": ["error", (name: string) => `Parameter "${name}" has no type.`],
  "artifact-default": ["error", (name: string) => `Artifact "${name}" can only have None as its default.`],
  "artifact-marker": ["error", (name: string) => `"${name}" of a container component must be Input[…] or Output[…].`],
  "artifact-alias": [
    "error",
    (name: string) => `${name} must be written in the annotation by the name that it was defined with.`,
  ],
  "artifact-schema": [
    "error",
    (what: string, given: string, wanted: string) => `The schema ${what} "${given}" of an artifact must be ${wanted}.`,
  ],
  "output-list": ["error", (name: string) => `Output "${name}" is a list of artifacts: only pipelines can give one.`],
  "container-returns": ["error", () => "A container component must return a ContainerSpec."],
  "component-text": ["error", (why: string) => `The component cannot be read: ${why}`],
  "decided-now": [
    "warning",
    () => "This is decided while compiling, and is always true: only the run knows the value.",
  ],
  "fraction-default": [
    "warning",
    (name: string, given: number) => `"${name}" is a whole number, and its default ${given} is not: nobody rounds it.`,
  ],
  "returned-type": [
    "warning",
    (component: string, given: string, declared: string) =>
      `"${component}" returns ${given} here, and ${declared} is declared: the step fails at its end.`,
  ],
  "outside-name": [
    "warning",
    (name: string, component: string) =>
      `"${name}" is defined outside of "${component}", whose code runs alone in its container.`,
  ],
  "absent-module": [
    "warning",
    (module: string, image: string) => `Neither ${image} nor packages_to_install has the module "${module}".`,
  ],
  "too-large": [
    "warning",
    (size: string) =>
      `The compiled pipeline has ${size} MB, and a cluster keeps no more than about 1.5 MB of a run in one object.`,
  ],
  "unused-input": ["hint", (name: string) => `No step uses the input "${name}".`],
  "unused-output": ["hint", (what: string) => `Nothing uses what ${what} gives.`],
  "server-refuses": ["warning", (what: string) => `KFP 2.17's server does not run ${what}.`],
  "server-ignores": ["warning", (what: string) => `KFP 2.17's server ignores ${what}.`],
  deprecated: ["warning", (what: string, instead: string) => `${what} is deprecated: use ${instead}.`],
  "python-raised": ["error", (message: string) => `Python could not compile it: ${message}`],
  "not-embedded": ["error", (path: string) => `${path} cannot be embedded while reading: compile with Python instead.`],
  // Graph: what the SDK refuses (or silently gets wrong) while it builds and lowers a pipeline.
  "unknown-input": ["error", (component: string, input: string) => `"${component}" has no input "${input}".`],
  "missing-inputs": ["error", (component: string, names: string) => `"${component}" also needs ${names}.`],
  "system-input": ["error", (input: string) => `"${input}" is filled in by the system, not by the caller.`],
  "argument-type": [
    "error",
    (input: string, component: string, given: string, expected: string) =>
      `Input "${input}" of "${component}" takes ${expected}, not ${given}.`,
  ],
  "text-of": ["error", (what: string) => `${what} cannot stand in text, a list or a struct.`],
  "channel-name": [
    "error",
    (what: string, name: string) =>
      `${what} cannot be called "${name}": letters, digits, spaces, "_" and "-", and a letter first.`,
  ],
  "unknown-output": ["error", (task: string, output: string) => `Task "${task}" has no output "${output}".`],
  "which-output": ["error", (task: string, names: string) => `Task "${task}" has several outputs: ${names}. Name one.`],
  "no-output": ["error", (task: string) => `Task "${task}" has no outputs.`],
  "condition-operand": ["error", (what: string) => `A condition cannot compare ${what}.`],
  "condition-constant": ["error", () => "This condition compares nothing that only the run knows."],
  "boolean-as-number": [
    "warning",
    () => "KFP's compiler reads 0 as true and other numbers as false here. Compare with a boolean.",
  ],
  "not-after-if": ["error", (arm: string) => `${arm} must follow an If or Elif of the same block.`],
  "open-ladder": [
    "warning",
    () => "KFP's compiler ends an Elif only with an Else: this is placed inside the ladder before it.",
  ],
  "not-iterable": ["error", (what: string) => `A loop goes over a list, not over ${what}.`],
  "loop-items": ["error", (what: string) => `A loop over constants cannot have ${what} among its items.`],
  "loop-too-early": [
    "warning",
    (task: string) =>
      `No step in this loop uses its item, so KFP's compiler does not let it wait for "${task}", which gives the items.`,
  ],
  "hidden-item": [
    "warning",
    (list: string) =>
      `This loop is in another one over "${list}": KFP's compiler calls their items by one name, so the outer item is the inner one here.`,
  ],
  "loop-parallelism": ["error", (given: number) => `parallelism must be 0 or more, not ${given}.`],
  "loop-field": ["error", (field: string) => `"${field}" is not a name that a loop item's member can have.`],
  "exit-handler-nested": ["error", () => "An exit handler can only stand at the top level of a pipeline."],
  "exit-task-depends": ["error", (task: string) => `Exit task "${task}" cannot depend on other tasks.`],
  "exit-task-used": ["error", (task: string) => `Nothing can depend on "${task}": it is an exit task.`],
  "exit-task-kind": ["error", (task: string) => `"${task}" cannot be an exit task: it is an importer.`],
  "collected-of": ["error", (what: string) => `Collected gathers the output of a task, not ${what}.`],
  "collected-inside": [
    "error",
    (task: string) => `"${task}" is in no loop that this is outside of: there is nothing to collect.`,
  ],
  "one-of": ["error", (why: string) => `OneOf ${why}.`],
  "one-of-outside": [
    "warning",
    (task: string) => `"${task}" is in no arm of this If: no server finds the output that OneOf would choose.`,
  ],
  "no-value-inside": [
    "warning",
    (what: string, where: string) =>
      `${what} has no value inside ${where}: the step will be given a text that means nothing.`,
  ],
  "outside-group": [
    "error",
    (task: string, upstream: string, group: string) =>
      `"${task}" depends on "${upstream}", which is inside ${group} that "${task}" is not in.`,
  ],
  "after-group": ["error", (what: string) => `A task can run after a task or an exit handler, not after ${what}.`],
  "ambiguous-name": [
    "error",
    (name: string) => `"${name}" is the name of a task and of an exit handler: give the task's component another one.`,
  ],
  "after-itself": ["error", (task: string) => `"${task}" cannot wait for itself.`],
  "dependency-cycle": ["warning", (names: string) => `These wait for one another: ${names}.`],
  "result-undeclared": ["error", (output: string) => `The pipeline does not declare an output "${output}".`],
  "result-missing": ["error", (output: string) => `The pipeline never returns its output "${output}".`],
  "result-type": [
    "error",
    (output: string, given: string, declared: string) =>
      `Output "${output}" is declared as ${declared}, but is ${given}.`,
  ],
  "result-inside": ["error", (group: string) => `A pipeline cannot return an output from inside ${group}.`],
  "result-of": ["error", (what: string) => `A pipeline returns outputs of tasks, not ${what}.`],
  "final-status": ["error", (input: string) => `Input "${input}" takes a final status: only an exit task can have it.`],
  "final-status-upstream": [
    "error",
    (task: string, count: number) =>
      `"${task}" takes a final status, so it must have one upstream task beside it, not ${count}.`,
  ],
  "ignore-failure-default": [
    "error",
    (task: string, input: string) =>
      `"${task}" may run although what feeds its input "${input}" has failed, so that input needs a default.`,
  ],
  "pipeline-empty": ["error", () => "The pipeline has no task."],
  "pipeline-name": [
    "error",
    (name: string) => `"${name}" cannot be a pipeline's name: lower-case letters, digits and dashes, at most 128.`,
  ],
  "pipeline-config": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "workspace-missing": ["error", () => "The workspace is used, but the pipeline's configuration has no workspace."],
  "unknown-setting": ["error", (name: string) => `Tasks have no setting "${name}".`],
  "unknown-parameter": ["error", (method: string, name: string) => `${method} has no parameter "${name}".`],
  "missing-parameter": ["error", (method: string, name: string) => `${method} needs "${name}".`],
  "setting-value": ["error", (what: string, wanted: string) => `${what} must be ${wanted}.`],
  "container-only": [
    "error",
    (method: string) => `${method} is for tasks with a container, not for pipelines or importers.`,
  ],
  "setting-refused": [
    "error",
    (task: string, field: string) => `"${task}" passes its task configuration on, but not ${field}.`,
  ],
  "command-line": [
    "warning",
    () =>
      "With kfp dsl compile this reads that command's own arguments and stops; without any, as here, defaults are taken.",
  ],
  "assumed-environment": ["information", (name: string, what: string) => `${name} is taken to be ${what}.`],
  "not-fetched": ["error", (url: string) => `The component at ${url} was not fetched yet.`],
  "platform-on-pipeline": ["error", () => "Kubernetes settings are for tasks with a container, not for pipelines."],
} as const satisfies Record<string, readonly [Severity, (...details: never[]) => string]>;

export type DiagnosticCode = keyof typeof catalogue;

/** What reading gives up at and Python would know. */
export const unknowable: ReadonlySet<DiagnosticCode> = new Set([
  "not-known",
  "not-embedded",
  "endless-evaluation",
  "not-fetched",
]);

/** The diagnostic of a code at a span. */
export function diagnose<C extends DiagnosticCode>(
  code: C,
  span: Span,
  ...details: Parameters<(typeof catalogue)[C][1]>
): Diagnostic {
  const [severity, sentence] = catalogue[code];
  // SAFETY: `details` are the parameters of this very code's sentence.
  return { code, severity, message: (sentence as (...details: unknown[]) => string)(...details), span };
}
