/** Kubeflow Pipelines in TypeScript: components, pipelines, and the values that flow between them. */

declare const kind: unique symbol;
declare const out: unique symbol;
declare const filled: unique symbol;
declare const step: unique symbol;

/** A whole number: `NUMBER_INTEGER` in the spec, where `number` is `NUMBER_DOUBLE`. */
export type Int = number;

/** A file or folder that a step made, with what is known about it. */
export interface Artifact {
  readonly name: string;
  /** Where it is kept: `s3://…`, or a path on this machine. */
  uri: string;
  /** The local file or folder: read it, or write it if it is an output. Only in a component's body. */
  path: string;
  /** What is known about it: shown, stored, and asked for by lineage queries. */
  metadata: Record<string, unknown>;
  /** Makes it a file of this text: a page, a table, a report. Only in a component's body. */
  write(text: string): void;
  readonly [kind]?: any;
}
export interface Dataset extends Artifact {
  readonly [kind]?: "system.Dataset";
}
export interface HTML extends Artifact {
  readonly [kind]?: "system.HTML";
}
export interface Markdown extends Artifact {
  readonly [kind]?: "system.Markdown";
}
export interface Model extends Artifact {
  readonly [kind]?: "system.Model";
  /** `metadata.framework`, `""` where there is none. */
  framework: string;
}
/** Numbers by name. */
export interface Metrics extends Artifact {
  readonly [kind]?: "system.Metrics";
  logMetric(name: string, value: number): void;
}
/** A ROC curve and a confusion matrix. */
export interface ClassificationMetrics extends Artifact {
  readonly [kind]?: "system.ClassificationMetrics";
  logRocDataPoint(fpr: number, tpr: number, threshold: number): void;
  logRocCurve(fpr: readonly number[], tpr: readonly number[], threshold: readonly number[]): void;
  setConfusionMatrixCategories(categories: readonly string[]): void;
  logConfusionMatrixRow(category: string, row: readonly number[]): void;
  logConfusionMatrixCell(rowCategory: string, columnCategory: string, value: number): void;
  logConfusionMatrix(categories: readonly string[], matrix: readonly (readonly number[])[]): void;
}
/** Classification metrics of parts of the data. */
export interface SlicedClassificationMetrics extends Artifact {
  readonly [kind]?: "system.SlicedClassificationMetrics";
  slice(name: string): ClassificationMetrics;
}

/** An artifact that a component takes; the same as the plain type, for those who like to see it. */
export type Input<A extends Artifact | readonly Artifact[]> = A;
/** An artifact that a component makes: write `path`, set `metadata`. */
export type Output<A extends Artifact> = A & { readonly [out]: A };
/** A parameter that a container component writes into the file `path`. */
export interface OutputPath<T> {
  readonly path: string;
  readonly [out]: T;
}
/** How the steps of a `try` ended; filled in by the system. */
export interface FinalStatus {
  readonly state: "SUCCEEDED" | "FAILED" | "CANCELLED";
  readonly pipelineJobResourceName: string;
  readonly pipelineTaskName: string;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  readonly [filled]?: "status";
}
/** The Kubernetes settings that the step was given; filled in by the system. */
export interface TaskConfig {
  readonly affinity?: object;
  readonly tolerations?: readonly object[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly env?: readonly object[];
  readonly volumes?: readonly object[];
  readonly volumeMounts?: readonly object[];
  readonly resources?: object;
  readonly [filled]?: "config";
}

/** A component in use: one step of a pipeline. */
export interface Step {
  readonly [step]: true;
}

type OutputKeys<P> = { [K in keyof P]-?: NonNullable<P[K]> extends { readonly [out]: unknown } ? K : never }[keyof P];
type FilledKeys<P> = {
  [K in keyof P]-?: NonNullable<P[K]> extends FinalStatus | TaskConfig
    ? typeof filled extends keyof NonNullable<P[K]>
      ? K
      : never
    : never;
}[keyof P];
/** What a caller gives. */
export type Inputs<P> = { [K in keyof P as K extends OutputKeys<P> | FilledKeys<P> ? never : K]: P[K] };
type Returned<R> = [R] extends [void]
  ? {}
  : R extends readonly unknown[] | Artifact
    ? { readonly output: R }
    : R extends object
      ? Readonly<R>
      : { readonly output: R };
/** What a call gives: the outputs by name. */
export type Results<P, R> = {
  readonly [K in OutputKeys<P>]: NonNullable<P[K]> extends { readonly [out]: infer A } ? A : never;
} & Returned<Awaited<R>>;

/** Call it in a pipeline to make a step: inputs first, then settings of this one step. */
export interface Component<P = {}, R = void> {
  (
    ...args: {} extends Inputs<P> ? [inputs?: Inputs<P>, step?: StepOptions] : [inputs: Inputs<P>, step?: StepOptions]
  ): Results<P, R> & Step;
}

/** `"500m"`, `"16Gi"`: as Kubernetes writes quantities. */
export type Quantity = string;
/** Seconds, or `"90s"`, `"30m"`, `"2h"`. */
export type Duration = number | string;

interface KeyedSource {
  name: string;
  env: Readonly<Record<string, string>>;
  optional?: boolean;
}
interface MountedSource {
  name: string;
  mountPath: string;
  optional?: boolean;
}
interface MatchExpression {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  values?: readonly string[];
}

/** Settings of one step. */
export interface StepOptions {
  /** The name that people see. */
  name?: string;
  /** A container image instead of the component's. */
  image?: string;
  /** Processors: one value is the limit. `"500m"`, `"4"`. */
  cpu?: Quantity | { request?: Quantity; limit?: Quantity };
  /** Memory: one value is the limit. `"16Gi"`. */
  memory?: Quantity | { request?: Quantity; limit?: Quantity };
  /** Accelerators: a count of `nvidia.com/gpu`, or another type. */
  gpu?: number | { type?: string; count?: number | string };
  /** How often to try again after a failure. Waits `backoff`, then `factor` times as long each time, at most `max`. */
  retry?: number | { count: number; backoff?: Duration; factor?: number; max?: Duration };
  /** `false` runs it always; a text is the cache key. */
  cache?: boolean | string;
  /** Stops the step after this time. */
  timeout?: Duration;
  /** Steps that must have ended before, though no data flows. */
  after?: readonly Step[];
  /** Runs even if a step before it failed. Its inputs from there need defaults. */
  evenIfUpstreamFails?: boolean;
  /** Keeps the pod for a look inside. */
  debugPause?: { before?: boolean; after?: boolean; onError?: boolean };
  /** Environment variables. */
  env?: Readonly<Record<string, string>>;
  /** Environment variables from fields of the pod: `{ POD: "metadata.name" }`. */
  fieldEnv?: Readonly<Record<string, string>>;
  /** Kubernetes secrets, as environment (`env`: key to variable) or as files. */
  secrets?: readonly (KeyedSource | MountedSource)[];
  /** Config maps, in the same two forms. */
  configMaps?: readonly (KeyedSource | MountedSource)[];
  /** Volumes to mount. */
  volumes?: readonly (
    | { claim: string; mountPath: string; subPath?: string }
    | { emptyDir: string; mountPath: string; medium?: string; sizeLimit?: Quantity }
    | {
        ephemeral: string;
        mountPath: string;
        size: Quantity;
        accessModes: readonly string[];
        storageClass?: string;
        labels?: Readonly<Record<string, string>>;
        annotations?: Readonly<Record<string, string>>;
      }
  )[];
  /** Labels that the node must have. */
  nodeSelector?: Readonly<Record<string, string>>;
  /** Node affinity; with a weight it is a wish. */
  nodeAffinity?: readonly {
    matchExpressions?: readonly MatchExpression[];
    matchFields?: readonly MatchExpression[];
    weight?: number;
    /** As Kubernetes has it: takes the place of the above, and of an image's own. */
    requiredDuringSchedulingIgnoredDuringExecution?: object;
    preferredDuringSchedulingIgnoredDuringExecution?: readonly object[];
  }[];
  /** Pod affinity; `anti` keeps apart. */
  podAffinity?: readonly {
    matchPodExpressions?: readonly MatchExpression[];
    matchPodLabels?: Readonly<Record<string, string>>;
    topologyKey?: string;
    namespaces?: readonly string[];
    matchNamespaceExpressions?: readonly MatchExpression[];
    matchNamespaceLabels?: Readonly<Record<string, string>>;
    weight?: number;
    anti?: boolean;
  }[];
  /** Taints that the step tolerates. */
  tolerations?: readonly {
    key?: string;
    operator?: "Exists" | "Equal";
    value?: string;
    effect?: "NoExecute" | "NoSchedule" | "PreferNoSchedule";
    tolerationSeconds?: number;
  }[];
  /** Labels of the pod. */
  labels?: Readonly<Record<string, string>>;
  /** Annotations of the pod. */
  annotations?: Readonly<Record<string, string>>;
  /** When the node fetches the image. */
  imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Secrets for the image registry. */
  imagePullSecrets?: readonly string[];
  /** User and group of the step's process. */
  securityContext?: { runAsUser?: number; runAsGroup?: number; runAsNonRoot?: boolean };
  /** Size of `/dev/shm`, `"2Gi"`. */
  sharedMemory?: Quantity;
}

/** What a component is, beside its body. */
export interface ComponentOptions {
  /** The component's own name; else the variable's in kebab-case. */
  name?: string;
  /** The image that the body runs in; it must have Node. `node:24-slim` where absent. */
  image?: string;
  /** npm packages to install in the image; pure JavaScript needs none, it is bundled. */
  packages?: readonly string[];
  description?: string;
}

/** What a pipeline is, beside its steps. */
export interface PipelineOptions {
  /** The pipeline's own name; else the variable's in kebab-case. */
  name?: string;
  /** The name that people see. */
  displayName?: string;
  description?: string;
  /** Where artifacts are kept: `s3://bucket/path`. */
  root?: string;
  /** A volume that all steps share. */
  workspace?: { size: Quantity; pvcSpecPatch?: object };
  /** Seconds until the run's objects are removed from the cluster. */
  ttl?: number | { success?: number; failure?: number; finished?: number };
  /** Seconds after which the whole run is stopped. */
  deadline?: number;
  /** Settings of every step; the step's own win. */
  defaults?: StepOptions;
}

/**
 * A component: its body is ordinary code that runs in a container, bundled with the local modules and the
 * pure-JavaScript packages that it imports.
 *
 * @param options Name, image, packages.
 * @param body Takes one argument, whose type names the inputs and the outputs (`Output<…>`); a destructuring default is
 * the input's default. What it returns is outputs too: of an object each member, else one named `output`.
 * @returns What a pipeline calls to make a step.
 * @example
 * ```ts
 * export const train = component(
 *   { packages: ["nodejs-polars@0.20"] },
 *   async ({ data, trees = 200, model }: { data: Dataset; trees?: Int; model: Output<Model> }) => {
 *     const accuracy = await fit(data.path, trees, model.path);
 *     model.metadata.trees = trees;
 *     return { accuracy };
 *   },
 * );
 * ```
 */
export declare function component<P = {}, R = void>(options: ComponentOptions, body: (inputs: P) => R): Component<P, R>;

/**
 * A pipeline: its body is read, not run. Calls of components in it are steps; `if`, `for`, `try … finally` and `? :` over
 * what steps give become conditions, loops, exit handlers and choices of the run.
 *
 * @param options Name, description, settings of the run and of every step.
 * @param body Takes one argument, whose type names the inputs. What it returns is the pipeline's outputs.
 * @returns What another pipeline calls to nest it. Called in plain Node, it throws and says what runs it.
 * @example
 * ```ts
 * export const churn = pipeline({ name: "churn" }, ({ trees = 200, wanted = 0.9 }: { trees?: Int; wanted?: number }) => {
 *   const { data } = loadData();
 *   const { model, accuracy } = train({ data, trees }, { gpu: 1, memory: "16Gi", retry: 3 });
 *   if (accuracy > wanted) register({ model });
 * });
 * ```
 */
export declare function pipeline<P = {}, R = void>(options: PipelineOptions, body: (inputs: P) => R): Component<P, R>;

/** An image with a command, as Kubernetes starts it. */
export interface ContainerSpec {
  image: string;
  command?: readonly string[];
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}
/**
 * A component that is a container image with a command. Inputs stand where they are written; of artifacts `.path`,
 * `.uri` and `.metadata`.
 *
 * @example
 * ```ts
 * const count = container(({ text, out }: { text: string; out: OutputPath<Int> }) => ({
 *   image: "alpine:3.22",
 *   command: ["sh", "-c", 'printf "%s" "$0" | wc -c > "$1"'],
 *   args: [text, out.path],
 * }));
 * ```
 */
export declare function container<P = {}>(spec: (inputs: P) => ContainerSpec): Component<P>;
/** The same, with a name of its own. */
export declare function container<P = {}>(
  options: { name?: string; description?: string },
  spec: (inputs: P) => ContainerSpec,
): Component<P>;

/**
 * An artifact that exists already, by its URI.
 *
 * @param artifact `reimport` makes a new artifact though one of this URI is known; `downloadToWorkspace` copies it into
 * the pipeline's workspace.
 * @example
 * ```ts
 * const data = importer<Dataset>({ uri: "s3://bucket/customers.parquet", metadata: { rows: 5000 } });
 * ```
 */
export declare function importer<A extends Artifact = Artifact>(
  artifact: {
    uri: string;
    metadata?: Readonly<Record<string, unknown>>;
    reimport?: boolean;
    downloadToWorkspace?: boolean;
  },
  step?: StepOptions,
): A;

/**
 * A list to loop over in the run: also makes a constant list such a loop, whose steps would be written out one by one else.
 *
 * @param list Known while compiling, or an output of a step.
 * @param options `limit`: how many iterations run at once, all where absent. `name`: of the loop's group.
 * @example
 * ```ts
 * for (const depth of parallel([2, 4, 8], { limit: 2 })) train({ data, depth });
 * ```
 */
export declare function parallel<T>(list: readonly T[], options?: { limit?: Int; name?: string }): readonly T[];

/**
 * A component from compiled YAML, as `import c from "./component.yaml"` gives it, but without types.
 *
 * @param path Relative to the file that it is written in.
 */
export declare function yaml(
  path: string,
): (inputs?: Readonly<Record<string, any>>, step?: StepOptions) => Step & Readonly<Record<string, any>>;
/** The same, with types for its inputs and outputs. */
export declare function yaml<P, R>(path: string): Component<P, R>;

/** A persistent volume claim, made when the run gets there (KFP's CreatePVC); gives its name. */
export declare function volumeClaim(
  claim: {
    name?: string;
    nameSuffix?: string;
    size: Quantity;
    accessModes: readonly string[];
    storageClass?: string;
    volumeName?: string;
    annotations?: Readonly<Record<string, string>>;
    /** A snapshot or another claim to begin with: `{ apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name }`. */
    dataSource?: { apiGroup?: string; kind: string; name: string };
  },
  step?: StepOptions,
): { readonly name: string } & Step;
/** Removes a persistent volume claim when the run gets there (KFP's DeletePVC). */
export declare function deleteVolumeClaim(claim: { name: string }, step?: StepOptions): Step;

/** Facts of the run, known when it runs: usable as inputs and in template strings. */
export declare const run: {
  readonly id: string;
  readonly name: string;
  readonly root: string;
  readonly createTime: string;
  readonly scheduleTime: string;
  readonly workspace: string;
};
