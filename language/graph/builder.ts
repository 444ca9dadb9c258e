/**
 * The calls that a front end makes while it evaluates a pipeline function: each
 * does what the SDK's construct of that name does, numbering included, and
 * reports what the SDK would refuse. Nothing throws on a wrong pipeline: a call
 * that cannot give anything sensible gives undefined.
 */
import type { Diagnostic } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { ArtifactType } from "../spec/types.ts";
import type {
  Argument,
  Channel,
  Component,
  Condition,
  ExitHandlerGroup,
  Graph,
  Group,
  InputDefinition,
  LoopGroup,
  LoopItem,
  OutputDefinition,
  PipelineConfig,
  Task,
} from "./model.ts";

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
  readonly report: (diagnostic: Diagnostic) => void;
}

/** A value with the expression that it came from. */
export interface GivenArgument {
  readonly value: Argument;
  readonly span: Span;
}

export type GivenArguments = ReadonlyMap<string, GivenArgument>;

export interface ImporterOptions {
  readonly uri: GivenArgument;
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
  task(component: Component, given: GivenArguments, span: Span): Task;
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
  /** Closes what was opened last. */
  close(): void;

  loopItem(loop: LoopGroup): LoopItem;
  /** `item.field` of a loop over structs. */
  loopField(item: LoopItem, field: string, span: Span): Channel | undefined;
  collected(output: Channel, span: Span): Channel | undefined;
  oneOf(channels: readonly Channel[], span: Span): Channel | undefined;

  /** A pipeline output. */
  result(name: string, channel: Channel, span: Span): void;

  finish(): Graph;
}

/** A builder with the root group open. */
export function createBuilder(options: BuilderOptions): Builder {
  throw new Error(`not yet: ${options.name}`);
}
