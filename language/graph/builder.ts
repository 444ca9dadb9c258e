/**
 * The calls that a front end makes while it evaluates a pipeline function: each
 * does what the SDK's construct of that name does, numbering included, and
 * reports what the SDK would refuse. Nothing throws on a wrong pipeline: a call
 * that cannot give anything sensible gives undefined.
 */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { ArtifactType } from "../spec/types.ts";
import { checkArguments, type GivenArgument, type GivenArguments } from "./arguments.ts";
import { channelsOfCondition, producerOf } from "./channels.ts";
import { channelsOfTask } from "./task-channels.ts";
import { asSdkCompares, comparesBooleanWithNumber, whyNotComparable } from "./conditions.ts";
import { checkConfig } from "./config.ts";
import { applySetting } from "./configuration.ts";
import { importerCall } from "./importer.ts";
import { itemType, loopItems } from "./loops.ts";
import type {
  Argument,
  BranchesGroup,
  Channel,
  Component,
  Condition,
  ConditionGroup,
  ExitHandlerGroup,
  Graph,
  Group,
  InputDefinition,
  LoopGroup,
  LoopItem,
  OutputDefinition,
  PipelineConfig,
  RootGroup,
  Task,
  ValueType,
} from "./model.ts";
import { createNameSet, isChannelName, isPipelineName, sanitizeName } from "./names.ts";
import { chooseOneOf } from "./one-of.ts";
import { isCompatible, memberType, typeName } from "./types.ts";

export type { GivenArgument, GivenArguments } from "./arguments.ts";

export interface BuilderOptions {
  /** As the spec has it: `churn-training-v2`. */
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly pipelineRoot?: string;
  readonly config?: PipelineConfig;
  readonly inputs: readonly InputDefinition[];
  /** The declared outputs (Python's return annotation); absent: the results' own types declare them. */
  readonly outputs?: readonly OutputDefinition[];
  /** Where errors of the whole stand: the pipeline's name. */
  readonly span: Span;
  /** Where the name was chosen, and the configuration; absent: `span`. */
  readonly nameSpan?: Span;
  readonly configSpan?: Span;
  /** Whether an integer may be given where a float is asked for: in a language that has one kind of number. */
  readonly oneKindOfNumber?: boolean;
  /** See `Graph`. */
  readonly isExact?: boolean;
  readonly report: (diagnostic: Diagnostic) => void;
}

export interface ImporterOptions {
  readonly uri: GivenArgument;
  /** What the importer itself is given as its URI, where that is not the argument. */
  readonly uriText?: string;
  readonly type: ArtifactType;
  readonly reimport?: boolean;
  /** A struct; keys and values may hold channels. */
  readonly metadata?: GivenArgument;
  readonly downloadToWorkspace?: boolean;
}

export interface Builder {
  /** The channel of a pipeline input. */
  input(name: string): Channel | undefined;

  /** A task of a component (or of a pipeline used as one) in the open group. Always given, so that evaluation goes on. */
  task(component: Component, given: GivenArguments, span: Span, unreadable?: ReadonlySet<string>): Task;
  importer(options: ImporterOptions, span: Span): Task;

  /** `task.outputs[key]`; without a key, the single output. */
  output(task: Task, key: string | undefined, span: Span): Channel | undefined;

  /**
   * A call that configures a task, by the SDK's name and with its parameter names:
   * `configure(task, "set_cpu_limit", { cpu: "1" })`, and for kfp.kubernetes
   * `configure(task, "kubernetes.mount_pvc", { pvc_name, mount_path })`.
   * `configuration.ts` has them all with their parameters in order.
   */
  configure(task: Task, method: string, given: GivenArguments, span: Span): void;
  after(task: Task, upstream: readonly (Task | Group)[], span: Span): void;

  openIf(condition: Condition, span: Span, name?: string): void;
  /** Follows a closed If or Elif of the same group, with nothing between. */
  openElif(condition: Condition, span: Span, name?: string): void;
  openElse(span: Span, name?: string): void;
  /** `items`: a list constant or a channel. Undefined: not something to loop over; nothing was opened. */
  openLoop(
    items: Argument,
    options: { readonly parallelism?: number; readonly name?: string },
    span: Span,
  ): LoopGroup | undefined;
  openExitHandler(exitTask: Task, span: Span, name?: string): ExitHandlerGroup;
  /** Closes what was opened last; an Else with its ladder. As in the SDK, a ladder with an Elif stays open without an Else. */
  close(): void;
  /** Ends a ladder that has no Else: what follows stands after it. A front end whose language has no such quirk calls it. */
  endLadder(): void;

  loopItem(loop: LoopGroup): LoopItem;
  /** `item.field` of a loop over structs. `type`: what the front end knows of it, which else follows from the item's. */
  loopField(item: LoopItem, field: string, span: Span, type?: ValueType): Channel | undefined;
  collected(output: Channel, span: Span): Channel | undefined;
  oneOf(channels: readonly Channel[], span: Span): Channel | undefined;

  /** A pipeline output. */
  result(name: string, channel: Channel, span: Span, description?: string): void;

  /** How many steps and groups were placed and settings made so far. */
  changes(): number;

  finish(): Graph;
}

/** A builder with the root group open. */
export function createBuilder(options: BuilderOptions): Builder {
  const { report } = options;
  const root: RootGroup = { kind: "root", name: "root", children: [], span: options.span };
  const open: Group[] = [root];
  const tasks: Task[] = [];
  const taskNames = createNameSet();
  const results: (OutputDefinition & { readonly channel: Channel })[] = [];
  const inputs = new Map(options.inputs.map((input) => [input.name, input]));
  for (const input of options.inputs)
    if (!isChannelName(input.name))
      report(diagnose("channel-name", input.span ?? options.span, "A pipeline's input", input.name));
  let groupCount = 0;
  let changeCount = 0;

  const current = (): Group => open.at(-1) ?? root;
  const nextNumber = (): number => ++groupCount;

  function newTask(component: Component, given: ReadonlyMap<string, Argument>, span: Span): Task {
    const task: Task = {
      kind: "task",
      name: taskNames.claim(sanitizeName(component.name) || "task"),
      component,
      arguments: given,
      settings: { env: [], after: [] },
      group: current(),
      exitTask: false,
      span,
    };
    place(task, span);
    tasks.push(task);
    return task;
  }

  function place(node: Task | Group, span: Span): void {
    changeCount++;
    const group = current();
    // An arm of the ladder belongs here; anything else got here because no Else has closed it.
    if (group.kind === "branches" && node.kind !== "condition") report(diagnose("open-ladder", span));
    group.children.push(node);
  }

  function openGroup<G extends Group>(group: G, span: Span): G {
    place(group, span);
    open.push(group);
    return group;
  }

  /** The If or Elif that an arm continues. */
  function armBefore(arm: "Elif" | "Else", span: Span): ConditionGroup | undefined {
    const last = current().children.findLast((child) => child.kind !== "task");
    if (last?.kind === "condition" && last.condition) return last;
    report(diagnose("not-after-if", span, arm));
    return undefined;
  }

  /** Puts an If that gets a second arm into a branches group, as if that had been there first: they swap numbers. */
  function wrapInBranches(first: ConditionGroup): void {
    const parent = current();
    if (parent.kind === "branches") return;
    const number = /\d+$/.exec(first.name)?.[0] ?? "";
    const branches: BranchesGroup = {
      kind: "branches",
      name: `condition-branches-${number}`,
      parent,
      children: [first],
      oneOfs: 0,
      ...(first.span ? { span: first.span } : {}),
    };
    first.name = `condition-${String(nextNumber())}`;
    first.parent = branches;
    parent.children.splice(parent.children.lastIndexOf(first), 1);
    parent.children.push(branches);
    open.push(branches);
  }

  function openArm(condition: Condition | undefined, denied: readonly Condition[], span: Span, name?: string): void {
    openGroup<ConditionGroup>(
      {
        kind: "condition",
        name: `condition-${String(nextNumber())}`,
        parent: current(),
        children: [],
        denied,
        span,
        ...(condition ? { condition: asSdkCompares(condition) } : {}),
        ...(name === undefined ? {} : { displayName: name }),
      },
      span,
    );
  }

  function checkCondition(condition: Condition, span: Span): void {
    if (channelsOfCondition(condition).length === 0) report(diagnose("condition-constant", span));
    for (const { left, right } of comparisonsIn(condition)) {
      for (const side of [left, right]) {
        const why = whyNotComparable(side);
        if (why) report(diagnose("condition-operand", span, why));
      }
      if (comparesBooleanWithNumber(left, right)) report(diagnose("boolean-as-number", span));
    }
  }

  return {
    input(name) {
      const input = inputs.get(name);
      return input && { kind: "pipeline-input", name, type: input.type };
    },

    task(component, given, span, unreadable) {
      for (const { name } of component.outputs)
        if (!isChannelName(name)) report(diagnose("channel-name", span, `An output of "${component.name}"`, name));
      return newTask(component, checkArguments(component, given, span, options, unreadable), span);
    },

    importer(importer, span) {
      const { component, given } = importerCall(importer);
      return newTask(component, checkArguments(component, given, span, options), span);
    },

    output(task, key, span) {
      const { outputs } = task.component;
      const [first, second] = outputs;
      if (key === undefined && second) {
        report(diagnose("which-output", span, task.name, outputs.map((output) => output.name).join(", ")));
        return undefined;
      }
      const output = key === undefined ? first : outputs.find((candidate) => candidate.name === key);
      if (output) return { kind: "task-output", task, key: output.name, type: output.type };
      report(
        key === undefined ? diagnose("no-output", span, task.name) : diagnose("unknown-output", span, task.name, key),
      );
      return undefined;
    },

    configure: (task, method, given, span) => {
      changeCount++;
      applySetting(task, method, given, span, report);
    },

    after(task, upstream, span) {
      changeCount++;
      for (const node of upstream) {
        if (node.kind === "task" || node.kind === "exit-handler") task.settings.after.push({ node, span });
        else report(diagnose("after-group", span, groupName(node)));
      }
    },

    openIf(condition, span, name) {
      checkCondition(condition, span);
      openArm(condition, [], span, name);
    },

    openElif(condition, span, name) {
      checkCondition(condition, span);
      const before = armBefore("Elif", span);
      if (before) wrapInBranches(before);
      openArm(condition, before ? deniedAfter(before) : [], span, name);
    },

    openElse(span, name) {
      const before = armBefore("Else", span);
      if (before) wrapInBranches(before);
      openArm(undefined, before ? deniedAfter(before) : [], span, name);
    },

    endLadder() {
      if (current().kind === "branches") open.pop();
    },

    openLoop(items, { parallelism = 0, name }, span) {
      if (parallelism < 0) report(diagnose("loop-parallelism", span, parallelism));
      const source = loopItems(items, span, nextNumber, report);
      if (!source) return undefined;
      if (source.kind === "channel" && source.channel.type.kind === "artifact")
        report(diagnose("server-refuses", span, "loops over artifacts"));
      return openGroup<LoopGroup>(
        {
          kind: "loop",
          name: `for-loop-${String(nextNumber())}`,
          parent: current(),
          children: [],
          items: source,
          span,
          ...(parallelism > 0 ? { parallelism } : {}),
          ...(name === undefined ? {} : { displayName: name }),
        },
        span,
      );
    },

    openExitHandler(exitTask, span, name) {
      const depends = channelsOfTask(exitTask).some((channel) => producerOf(channel));
      if (depends || exitTask.settings.after.length > 0) report(diagnose("exit-task-depends", span, exitTask.name));
      if (exitTask.component.implementation.kind === "importer") {
        report(diagnose("exit-task-kind", span, exitTask.name));
      }
      if (current().kind !== "root") report(diagnose("exit-handler-nested", span));
      const { children } = exitTask.group;
      if (!exitTask.exitTask) children.splice(children.indexOf(exitTask), 1);
      exitTask.exitTask = true;
      return openGroup<ExitHandlerGroup>(
        {
          kind: "exit-handler",
          name: `exit-handler-${String(nextNumber())}`,
          parent: current(),
          children: [],
          exitTask,
          span,
          ...(name === undefined ? {} : { displayName: name }),
        },
        span,
      );
    },

    close() {
      const closed = open.length > 1 ? open.pop() : undefined;
      // An Else ends its ladder.
      if (closed?.kind === "condition" && !closed.condition && current().kind === "branches") open.pop();
    },

    loopItem: (loop) => ({ kind: "loop-item", loop, type: itemType(loop) }),

    loopField(item, field, span, type = memberType(item, field)) {
      if (!/^[a-zA-Z_][0-9a-zA-Z_]*$/.test(field)) {
        report(diagnose("loop-field", span, field));
        return undefined;
      }
      return { kind: "loop-field", item, field, type };
    },

    collected(output, span) {
      if (output.kind !== "task-output") {
        report(diagnose("collected-of", span, channelKind(output)));
        return undefined;
      }
      const type: ValueType =
        output.type.kind === "artifact"
          ? { ...output.type, list: true }
          : { kind: "parameter", type: "LIST", element: output.type };
      return { kind: "collected", output, type };
    },

    oneOf(channels, span) {
      const chosen = chooseOneOf(channels);
      if ("channel" in chosen) {
        if (chosen.outside !== undefined) report(diagnose("one-of-outside", span, chosen.outside));
        return chosen.channel;
      }
      report(diagnose("one-of", span, chosen.why));
      return undefined;
    },

    result(name, channel, span, description) {
      if (channel.kind === "pipeline-input" || channel.kind === "loop-item" || channel.kind === "loop-field") {
        report(diagnose("result-of", span, channelKind(channel)));
        return;
      }
      const inside =
        channel.kind === "task-output"
          ? channel.task.group
          : channel.kind === "one-of"
            ? channel.branches.parent
            : root;
      if (inside.kind !== "root") {
        report(diagnose("result-inside", span, groupName(inside)));
        return;
      }
      const declared = options.outputs?.find((output) => output.name === name);
      if (options.outputs && !declared) {
        report(diagnose("result-undeclared", span, name));
        return;
      }
      if (declared && !isCompatible(channel.type, declared.type)) {
        report(diagnose("result-type", span, name, typeName(channel.type), typeName(declared.type)));
      }
      const own = { name, type: channel.type, ...(description === undefined ? {} : { description }) };
      results.push({ span, ...(declared ?? own), channel });
    },

    changes: () => changeCount,

    finish() {
      if (!isPipelineName(options.name))
        report(diagnose("pipeline-name", options.nameSpan ?? options.span, options.name));
      if (tasks.length === 0) report(diagnose("pipeline-empty", options.span));
      for (const output of options.outputs ?? []) {
        if (results.some((result) => result.name === output.name)) continue;
        report(diagnose("result-missing", output.span ?? options.span, output.name));
      }
      checkConfig(options.config, tasks, options.configSpan ?? options.span, report);
      const { name, displayName, description, pipelineRoot, config, isExact, span } = options;
      return {
        name,
        ...(displayName === undefined ? {} : { displayName }),
        ...(description === undefined ? {} : { description }),
        ...(pipelineRoot === undefined ? {} : { pipelineRoot }),
        ...(config ? { config } : {}),
        ...(isExact ? { isExact } : {}),
        inputs: options.inputs,
        outputs: results,
        root,
        tasks,
        span,
      };
    },
  };
}

/** As messages say it: `a loop`. */
export function groupName(group: Group): string {
  switch (group.kind) {
    case "root":
      return "the pipeline";
    case "condition":
    case "branches":
      return "an If";
    case "loop":
      return "a loop";
    case "exit-handler":
      return "an exit handler";
  }
}

function deniedAfter(arm: ConditionGroup): readonly Condition[] {
  return arm.condition ? [...arm.denied, arm.condition] : arm.denied;
}

function comparisonsIn(condition: Condition): readonly (Condition & { kind: "compare" })[] {
  switch (condition.kind) {
    case "compare":
      return [condition];
    case "not":
      return comparisonsIn(condition.operand);
    case "and":
    case "or":
      return condition.operands.flatMap(comparisonsIn);
  }
}

function channelKind(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return "a pipeline's input";
    case "task-output":
      return "a task's output";
    case "loop-item":
    case "loop-field":
      return "a loop's item";
    case "collected":
      return "a Collected";
    case "one-of":
      return "a OneOf";
  }
}
