/**
 * What both front ends build: tasks in groups, joined by channels. Types only.
 * `builder.ts` makes these, `lower.ts` turns a finished graph into a PipelineSpec.
 * Words and numbering are those of the KFP SDK (`kfp.dsl`), because the spec shows them.
 */
import type { ComponentBody } from "../analyze.ts";
import type { Span } from "../source.ts";
import type { ArtifactType, ContainerSpec, ImporterSpec, Json, ParameterType, PipelinePackage } from "../spec/types.ts";

/** Type of an input, an output or a channel. */
export type ValueType = ParameterValueType | ArtifactValueType;

export interface ParameterValueType {
  readonly kind: "parameter";
  readonly type: ParameterType;
  /** Of a list's items or a struct's values, where the source says: `list[int]`, `Dict[str, int]`. */
  readonly element?: ValueType;
  /** Of a struct, where TypeScript says more: by name. */
  readonly members?: Readonly<Record<string, ValueType>>;
  /** The text of the declaration where it says more than the type: `typing.List[int]`. */
  readonly declared?: string;
  readonly literals?: readonly Json[];
}

export interface ArtifactValueType {
  readonly kind: "artifact";
  readonly type: ArtifactType;
  readonly list: boolean;
}

export interface InputDefinition {
  readonly name: string;
  readonly type: ValueType;
  readonly optional: boolean;
  /** Absent: no default, or a default of None. */
  readonly defaultValue?: Json;
  readonly description?: string;
  readonly span?: Span;
}

export interface OutputDefinition {
  readonly name: string;
  readonly type: ValueType;
  readonly description?: string;
  readonly span?: Span;
}

/** What a task is made from. `name` is as the spec writes it: `load-data`. */
export interface Component {
  readonly name: string;
  readonly description?: string;
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly OutputDefinition[];
  readonly implementation: Implementation;
  readonly taskConfigPassthroughs?: readonly { readonly field: string; readonly applyToTask: boolean }[];
  readonly span?: Span;
  /** Read from a compiled file: what describes its inputs is for people, since the SDK forgets it there. */
  readonly loaded?: boolean;
}

export type Implementation =
  | {
      readonly kind: "container";
      readonly container: ContainerSpec;
      readonly body?: { readonly path: string; readonly symbol: string; readonly packages: readonly string[] };
    }
  | { readonly kind: "importer"; readonly importer: ImporterSpec }
  /** Only a call of it could be read, which was reported: it is drawn, and never compiled. */
  | { readonly kind: "unread" }
  /** A pipeline used as a component: compiled by itself, then merged in (labels are renamed on a clash). */
  | {
      readonly kind: "graph";
      readonly package: PipelinePackage;
      readonly sourceMap?: ReadonlyMap<string, Span>;
      readonly bodies?: readonly ComponentBody[];
    };

/** A value that exists only while running. */
export type Channel =
  | { readonly kind: "pipeline-input"; readonly name: string; readonly type: ValueType }
  | TaskOutput
  | LoopItem
  /** `item.key` of a loop over structs, or `.key` of a struct channel's item. */
  | { readonly kind: "loop-field"; readonly item: LoopItem; readonly field: string; readonly type: ValueType }
  /** Fan-in over the loops that `output`'s task is in. */
  | { readonly kind: "collected"; readonly output: TaskOutput; readonly type: ValueType }
  | {
      readonly kind: "one-of";
      readonly branches: BranchesGroup;
      readonly index: number;
      readonly channels: readonly TaskOutput[];
      readonly type: ValueType;
    };

export interface TaskOutput {
  readonly kind: "task-output";
  readonly task: Task;
  readonly key: string;
  readonly type: ValueType;
}

export interface LoopItem {
  readonly kind: "loop-item";
  readonly loop: LoopGroup;
  readonly type: ValueType;
}

/** Text with channels in it. */
export interface Template {
  readonly kind: "template";
  readonly parts: readonly (string | Channel)[];
  /** As the SDK has the text, its own marks for channels in it: what it writes where no channel can stand. */
  readonly written?: string;
}

/**
 * What a task's input gets. `integer` and `number` differ although JSON has one
 * kind: the SDK checks types by it. Lists and structs may hold channels.
 */
export type Argument =
  | Channel
  | Template
  | { readonly kind: "null" }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "integer"; readonly value: number }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "struct"; readonly entries: readonly (readonly [key: string | Template, value: Argument])[] };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Python writes single comparisons; TypeScript whole expressions, which become one CEL condition. */
export type Condition =
  | { readonly kind: "compare"; readonly operator: Comparison; readonly left: Argument; readonly right: Argument }
  | { readonly kind: "and" | "or"; readonly operands: readonly Condition[] }
  | { readonly kind: "not"; readonly operand: Condition };

/** A field of the platform configuration that takes a constant or a channel (`InputParameterSpec` of the proto). */
export interface PlatformInput {
  readonly kind: "platform-input";
  readonly value: Argument;
  /** Its fields stand beside the others of the object that it is in, and its own name goes. */
  readonly spread?: boolean;
}

/** JSON of `kubernetes_executor_config.proto`, with the places where channels may stand still open. */
export type PlatformValue =
  | null
  | boolean
  | number
  | string
  | PlatformInput
  | PlatformValue[]
  | { [key: string]: PlatformValue };

/** Settings of a task that its component does not decide. Each lowers to what the SDK's call of that name writes. */
export interface TaskSettings {
  displayName?: string;
  image?: Argument;
  cpuRequest?: Argument;
  cpuLimit?: Argument;
  memoryRequest?: Argument;
  memoryLimit?: Argument;
  acceleratorType?: Argument;
  acceleratorLimit?: Argument;
  env: [name: string, value: string][];
  retry?: { count: number; backoffSeconds: number; factor: number; maxSeconds: number };
  caching?: { enabled: boolean; key?: string };
  after: { readonly node: Task | ExitHandlerGroup; readonly span: Span }[];
  ignoreUpstreamFailure?: boolean;
  /** KubernetesExecutorConfig; `kubernetes.ts` fills it. */
  kubernetes?: Record<string, PlatformValue>;
}

export interface Task {
  readonly kind: "task";
  /** Unique in its pipeline: `train-2`. */
  readonly name: string;
  readonly component: Component;
  readonly arguments: ReadonlyMap<string, Argument>;
  readonly settings: TaskSettings;
  readonly group: Group;
  /** Taken out of its group to run when an exit handler's tasks are over. */
  exitTask: boolean;
  readonly span: Span;
}

export type Group = RootGroup | ConditionGroup | BranchesGroup | LoopGroup | ExitHandlerGroup;

interface GroupBase {
  /** `condition-2`, `for-loop-1`; numbered across the pipeline in order of creation. An If changes its when an arm follows. */
  name: string;
  readonly displayName?: string;
  readonly children: (Task | Group)[];
  readonly span?: Span;
}
export interface RootGroup extends GroupBase {
  readonly kind: "root";
}
export interface ConditionGroup extends GroupBase {
  readonly kind: "condition";
  /** The branches group, once there is a second arm. */
  parent: Group;
  /** Its own condition; absent: Else. */
  readonly condition?: Condition;
  /** The arms before it in its ladder, whose conditions it denies. */
  readonly denied: readonly Condition[];
}
/** An If / Elif / Else ladder of more than one arm. */
export interface BranchesGroup extends GroupBase {
  readonly kind: "branches";
  readonly parent: Group;
  /** How many OneOf channels choose among its arms. */
  oneOfs: number;
}
export interface LoopGroup extends GroupBase {
  readonly kind: "loop";
  readonly parent: Group;
  /** `code` is the number in a constant loop's `loop-item-param-1`. */
  readonly items:
    | { readonly kind: "constant"; readonly items: readonly Argument[]; readonly code: number }
    | { readonly kind: "channel"; readonly channel: Channel };
  readonly parallelism?: number;
  /** What tells its item from that of a loop around it over the same list: `-2`. `loops.ts` sets it. */
  itemSuffix?: string;
}
export interface ExitHandlerGroup extends GroupBase {
  readonly kind: "exit-handler";
  readonly parent: Group;
  readonly exitTask: Task;
}

/** PipelineConfig of the SDK. */
export interface PipelineConfig {
  workspace?: { size: string; pvcSpecPatch?: Json };
  ttlSecondsAfterFinished?: number;
  ttlSecondsAfterSuccess?: number;
  ttlSecondsAfterFailure?: number;
  activeDeadlineSeconds?: number;
}

export interface Graph {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly pipelineRoot?: string;
  readonly config?: PipelineConfig;
  readonly inputs: readonly InputDefinition[];
  readonly outputs: readonly (OutputDefinition & { readonly channel: Channel })[];
  readonly root: RootGroup;
  /** In order of creation. */
  readonly tasks: readonly Task[];
  /**
   * Means what its source says where the SDK's spec would not: groups are handed only members of constant items that
   * there are, and loops over one list have items of their own. Absent: as the SDK writes it, with a warning.
   */
  readonly isExact?: boolean;
  readonly span?: Span;
}
