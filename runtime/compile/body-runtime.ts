/**
 * The module `millrace` as it is at run time. `runtime/compile/bundle.ts` bundles it
 * with every TypeScript component: it is KFP's executor (`kfp/dsl/executor.py`, 2.17.0)
 * for Node: executor input in, arguments of the body made, its results written as
 * executor output. Outside of a component's container its functions only refuse.
 *
 * Self-contained on purpose: Node built-ins and nothing else.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, posix } from "node:path";

// biome-ignore format: one table
const localMounts = [["gs://", "/gcs/"], ["minio://", "/minio/"], ["s3://", "/s3/"]] as const;
const ociMount = "/oci/";
const workspaceArtifacts = "/kfp-workspace/.artifacts";

type Metadata = Record<string, unknown>;

/** RuntimeArtifact of `pipeline_spec.proto`. */
interface RuntimeArtifact {
  readonly name?: string;
  readonly uri?: string;
  readonly type?: { readonly schemaTitle?: string };
  readonly metadata?: Metadata;
}

interface ArtifactList {
  readonly artifacts?: readonly RuntimeArtifact[];
}

/** ExecutorInput of `pipeline_spec.proto`, as KFP's launcher writes it. */
export interface ExecutorInput {
  readonly inputs?: {
    readonly parameterValues?: Readonly<Record<string, unknown>>;
    readonly artifacts?: Readonly<Record<string, ArtifactList>>;
  };
  readonly outputs: {
    readonly parameters?: Readonly<Record<string, { readonly outputFile?: string }>>;
    readonly artifacts?: Readonly<Record<string, ArtifactList>>;
    readonly outputFile: string;
  };
}

/** What the executor input does not say about the component's own signature. */
export interface BodySignature {
  /** Inputs that are lists of artifacts. */
  readonly lists: readonly string[];
  /** Inputs of type TASK_FINAL_STATUS and TASK_CONFIG. */
  readonly statuses: readonly string[];
  readonly configs: readonly string[];
  /** Output parameters with their types in the spec. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** An artifact in a body: where it lies, and what is known about it. */
export class Artifact {
  name: string;
  uri: string;
  metadata: Metadata;
  /** Where the file is instead of the usual place; it goes into the executor output. */
  customPath = "";

  constructor(name = "", uri = "", metadata: Metadata = {}) {
    this.name = name;
    this.uri = uri;
    this.metadata = metadata;
  }

  /** The local file or folder. A remote store is mounted: `gs://b/k` is `/gcs/b/k`. */
  get path(): string {
    return localPath(this);
  }

  /** Says where the artifact is; it changes the URI, as in Python. */
  set path(path: string) {
    this.uri = remoteUri(path);
  }

  /** Makes the artifact a file of this text, in UTF-8. */
  write(text: string): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, text);
  }
}

export class Dataset extends Artifact {}
export class HTML extends Artifact {}
export class Markdown extends Artifact {}

export class Model extends Artifact {
  get framework(): string {
    const framework = this.metadata["framework"];
    return typeof framework === "string" ? framework : "";
  }

  set framework(framework: string) {
    this.metadata["framework"] = framework;
  }

  /** A model in a container image lies in its `/models`. */
  override get path(): string {
    return this.uri.startsWith("oci://") ? `${localPath(this)}/models` : localPath(this);
  }

  override set path(path: string) {
    this.uri = remoteUri(path);
  }
}

export class Metrics extends Artifact {
  logMetric(metric: string, value: number): void {
    this.metadata[metric] = value;
  }
}

interface ConfusionMatrix {
  readonly annotationSpecs: { displayName: string }[];
  readonly rows: { row: number[] }[];
}

export class ClassificationMetrics extends Artifact {
  #matrix: ConfusionMatrix = { annotationSpecs: [], rows: [] };

  logRocDataPoint(fpr: number, tpr: number, threshold: number): void {
    const points = this.metadata["confidenceMetrics"];
    const point = { confidenceThreshold: threshold, recall: tpr, falsePositiveRate: fpr };
    if (Array.isArray(points)) points.push(point);
    else this.metadata["confidenceMetrics"] = [point];
  }

  logRocCurve(fpr: readonly number[], tpr: readonly number[], threshold: readonly number[]): void {
    if (fpr.length !== tpr.length || fpr.length !== threshold.length) {
      const lengths = `${fpr.length}, ${tpr.length} and ${threshold.length}`;
      throw new Error(`fpr, tpr and threshold must have one length. They have ${lengths}.`);
    }
    for (const [index, rate] of fpr.entries()) this.logRocDataPoint(rate, tpr[index] ?? 0, threshold[index] ?? 0);
  }

  setConfusionMatrixCategories(categories: readonly string[]): void {
    this.#matrix = {
      annotationSpecs: categories.map((displayName) => ({ displayName })),
      rows: categories.map(() => ({ row: categories.map(() => 0) })),
    };
    this.metadata["confusionMatrix"] = this.#matrix;
  }

  logConfusionMatrixRow(category: string, row: readonly number[]): void {
    if (row.length !== this.#matrix.rows.length) {
      throw new Error(`A row of the confusion matrix has ${this.#matrix.rows.length} numbers, not ${row.length}.`);
    }
    this.#matrix.rows[this.#category(category)] = { row: [...row] };
  }

  logConfusionMatrixCell(rowCategory: string, columnCategory: string, value: number): void {
    const row = this.#matrix.rows[this.#category(rowCategory)];
    if (row) row.row[this.#category(columnCategory)] = value;
  }

  logConfusionMatrix(categories: readonly string[], matrix: readonly (readonly number[])[]): void {
    if (matrix.length !== categories.length) {
      throw new Error(`A matrix of ${categories.length} categories has that many rows, not ${matrix.length}.`);
    }
    this.setConfusionMatrixCategories(categories);
    for (const [index, category] of categories.entries()) this.logConfusionMatrixRow(category, matrix[index] ?? []);
  }

  #category(name: string): number {
    const index = this.#matrix.annotationSpecs.findIndex((each) => each.displayName === name);
    if (index >= 0) return index;
    const known = this.#matrix.annotationSpecs.map((each) => each.displayName).join(", ");
    throw new Error(`"${name}" is no category of the confusion matrix: ${known || "none is set"}.`);
  }
}

export class SlicedClassificationMetrics extends Artifact {
  readonly #slices = new Map<string, ClassificationMetrics>();

  /** The metrics of one slice; what is logged into it becomes metadata of this artifact. */
  slice(name: string): ClassificationMetrics {
    let metrics = this.#slices.get(name);
    if (!metrics) {
      metrics = new ClassificationMetrics();
      this.#slices.set(name, metrics);
      this.metadata["evaluationSlices"] = [...this.#slices].map(([slice, each]) => ({
        slice,
        sliceClassificationMetrics: each.metadata,
      }));
    }
    return metrics;
  }
}

const classes: Readonly<Record<string, typeof Artifact>> = {
  "system.Dataset": Dataset,
  "system.Model": Model,
  "system.Metrics": Metrics,
  "system.ClassificationMetrics": ClassificationMetrics,
  "system.SlicedClassificationMetrics": SlicedClassificationMetrics,
  "system.HTML": HTML,
  "system.Markdown": Markdown,
};

function localPath(artifact: Artifact): string {
  let path = artifact.uri;
  const mount = localMounts.find(([remote]) => artifact.uri.startsWith(remote));
  if (artifact.customPath) path = artifact.customPath;
  else if (mount) path = mount[1] + artifact.uri.slice(mount[0].length);
  else if (artifact.uri.startsWith("oci://"))
    path = ociMount + artifact.uri.slice("oci://".length).replaceAll("/", "_");
  if (artifact.metadata["_kfp_workspace"] !== true) return path;
  return posix.join(workspaceArtifacts, path.replace(/^\/+/, ""));
}

function remoteUri(path: string): string {
  const mount = localMounts.find(([, local]) => path.startsWith(local));
  if (mount) return mount[0] + path.slice(mount[1].length);
  if (!path.startsWith(ociMount)) return path;
  return `oci://${path
    .slice(ociMount.length)
    .replaceAll("_", "/")
    .replace(/\/models$/, "")}`;
}

type Body = (inputs: Record<string, unknown>) => unknown;
const bodies = new WeakMap<object, Body>();

function refuse(what: string): never {
  throw new Error(
    `${what} is part of a pipeline, which is read, not run. Start the pipeline with \`millrace run FILE\`.`,
  );
}

export function component(_options: unknown, body: Body): (...inputs: unknown[]) => unknown {
  const made = () => refuse("A component's call");
  bodies.set(made, body);
  return made;
}

export function pipeline(): (...inputs: unknown[]) => unknown {
  return () => refuse("A pipeline");
}

export function container(): (...inputs: unknown[]) => unknown {
  return () => refuse("A container component's call");
}

export function yaml(): (...inputs: unknown[]) => unknown {
  return () => refuse("A compiled component's call");
}

export const importer = (): never => refuse("importer()");
export const parallel = (): never => refuse("parallel()");
export const volumeClaim = (): never => refuse("volumeClaim()");
export const deleteVolumeClaim = (): never => refuse("deleteVolumeClaim()");
export const run: object = new Proxy({}, { get: (_, name) => refuse(`run.${String(name)}`) });

/**
 * Runs the body of a component on the executor input of the command line and writes
 * its executor output. The entry that `bundle.ts` writes calls it; nobody else does.
 */
export async function runBody(made: unknown, signature: BodySignature): Promise<void> {
  delete process.env["MILLRACE_SOURCE_MAP"];
  const body = typeof made === "function" ? bodies.get(made) : undefined;
  if (!body) throw new Error("This program holds no component.");
  const input = executorInput(process.argv);
  const outputs = outputArtifacts(input);
  const result = await body({ ...inputs(input, signature), ...Object.fromEntries(outputs) });
  writeOutput(input, outputs, namedResults(result, signature), signature);
}

function executorInput(argv: readonly string[]): ExecutorInput {
  const text = argv[argv.indexOf("--executor_input") + 1];
  if (!argv.includes("--executor_input") || text === undefined) throw new Error("--executor_input is missing.");
  // SAFETY: written by KFP's launcher or by Millrace's engine, both from `pipeline_spec.proto`.
  return JSON.parse(text) as ExecutorInput;
}

function inputs(input: ExecutorInput, signature: BodySignature): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input.inputs?.parameterValues ?? {})) {
    if (value !== null) given[name] = signature.statuses.includes(name) ? finalStatus(value) : value;
  }
  for (const name of signature.configs) given[name] ??= {};
  for (const [name, list] of Object.entries(input.inputs?.artifacts ?? {})) {
    const artifacts = (list.artifacts ?? []).map(makeArtifact);
    if (signature.lists.includes(name)) given[name] = artifacts;
    else if (artifacts[0]) given[name] = artifacts[0];
  }
  return given;
}

function outputArtifacts(input: ExecutorInput): Map<string, Artifact> {
  const outputs = new Map<string, Artifact>();
  for (const [name, list] of Object.entries(input.outputs.artifacts ?? {})) {
    const first = list.artifacts?.[0];
    if (!first) continue;
    const artifact = makeArtifact(first);
    outputs.set(name, artifact);
    mkdirSync(dirname(artifact.path), { recursive: true });
  }
  return outputs;
}

function makeArtifact(artifact: RuntimeArtifact): Artifact {
  const Class = classes[artifact.type?.schemaTitle ?? ""] ?? Artifact;
  return new Class(artifact.name, artifact.uri, artifact.metadata);
}

/** Both spellings of the names: old servers write the first. */
function finalStatus(value: unknown): object {
  // SAFETY: PipelineTaskFinalStatus of `pipeline_spec.proto`; each field is looked at before use.
  const status = value as Record<string, unknown> & { error?: { code?: unknown; message?: unknown } };
  return {
    state: status["state"],
    pipelineJobResourceName: status["pipelineJobResourceName"] ?? status["pipeline_job_resource_name"],
    pipelineTaskName: status["pipelineTaskName"] ?? status["pipeline_task_name"],
    errorCode: status.error?.code,
    errorMessage: status.error?.message,
  };
}

/** An object's members are outputs of their names; any other value is the output `Output`, as is an object where that is a struct. */
function namedResults(result: unknown, { outputs }: BodySignature): ReadonlyMap<string, unknown> {
  if (result === undefined || result === null) return new Map();
  const isBare = typeof result !== "object" || Array.isArray(result) || outputs["Output"] === "STRUCT";
  return new Map(isBare ? [["Output", result]] : Object.entries(result));
}

function writeOutput(
  input: ExecutorInput,
  outputs: ReadonlyMap<string, Artifact>,
  results: ReadonlyMap<string, unknown>,
  signature: BodySignature,
): void {
  const output: { parameterValues?: Record<string, unknown>; artifacts?: Record<string, unknown> } = {};
  for (const [name, value] of results) {
    const type = signature.outputs[name];
    if (type === undefined) continue; // The front end has said so already: a value that is no output.
    checkType(name, type, value);
    (output.parameterValues ??= {})[name] = value;
  }
  for (const [name, artifact] of outputs) {
    (output.artifacts ??= {})[name] = { artifacts: [runtimeArtifact(artifact)] };
  }
  mkdirSync(dirname(input.outputs.outputFile), { recursive: true });
  writeFileSync(input.outputs.outputFile, JSON.stringify(output));
}

function runtimeArtifact({ name, uri, metadata, customPath }: Artifact): object {
  return { name, uri, metadata, ...(customPath ? { custom_path: customPath } : {}) };
}

function checkType(name: string, type: string, value: unknown): void {
  const found = Array.isArray(value) ? "a list" : value === null ? "null" : typeof value;
  const fits = {
    STRING: typeof value === "string",
    NUMBER_INTEGER: Number.isSafeInteger(value),
    NUMBER_DOUBLE: Number.isFinite(value),
    BOOLEAN: typeof value === "boolean",
    LIST: Array.isArray(value),
    STRUCT: found === "object",
  }[type];
  if (fits === false)
    throw new Error(`The output "${name}" has the type ${type}; the body returned ${found} ${String(value)}.`);
}
