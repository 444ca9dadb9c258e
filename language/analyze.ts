import type { Diagnostic } from "./diagnostics.ts";
import type { Component, Graph } from "./graph/model.ts";
import type { Files, Span } from "./source.ts";
import type { Definitions, PipelinePackage } from "./spec/types.ts";
import type { Meanings } from "./python/meanings.ts";
import type { Mark } from "./typescript/marks.ts";

/**
 * Which span of which file made a task: keys are task paths of the spec,
 * `root.train`, `root.for-loop-1.train`, without iteration numbers.
 */
export type SourceMap = ReadonlyMap<string, Span>;

/** A TypeScript component body: text of its program is made by `runtime/compile`, not here. */
export interface ComponentBody {
  readonly executorLabel: string;
  readonly path: string;
  /** The exported or local variable that holds the component. */
  readonly symbol: string;
  readonly packages: readonly string[];
}

/** A pipeline, or a component compiled as a pipeline of one task. */
export interface CompiledPipeline extends PipelinePackage {
  readonly sourceMap: SourceMap;
  /** Empty but for TypeScript components; see `runtime/compile/bundle.ts`. */
  readonly bodies: readonly ComponentBody[];
  /** The text itself, where another compiler wrote it. */
  readonly yaml?: string;
}

/** Which Python and which `kfp` compiled a definition: `3.11.2`, `2.17.0`. */
export interface ByPython {
  readonly python: string;
  readonly kfp: string;
  /** The sources have changed since. */
  readonly older: boolean;
}

/** One pipeline or component that a file defines. */
export interface Definition {
  readonly kind: "pipeline" | "component";
  /** The function's or variable's name in the source. */
  readonly symbol: string;
  /** The pipeline's or component's own name in the spec, `churn-training-v2`. */
  readonly name: string;
  readonly description?: string;
  readonly inputs: Definitions;
  readonly outputs: Definitions;
  /** The whole definition with its decorators. */
  readonly span: Span;
  /** Its name, where a CodeLens stands. */
  readonly nameSpan: Span;
  /**
   * As another pipeline uses it, with what the spec does not keep (types of list items). Absent: what it
   * compiles to is all there is.
   */
  readonly component?: () => Component | undefined;
  /** What a pipeline's function builds, where its front end keeps it. */
  readonly graph?: Graph;
  /** The user's own Python and `kfp` compiled it, where it was not read. */
  readonly byPython?: ByPython;
  /** Lazily compiled; undefined where errors leave nothing to compile. */
  readonly compile: () => {
    readonly compiled?: CompiledPipeline;
    readonly diagnostics: readonly Diagnostic[];
    /** Of TypeScript alone. */
    readonly marks?: readonly Mark[];
  };
}

export interface Analysis {
  readonly path: string;
  readonly definitions: readonly Definition[];
  /** Of the file, those of compiling its definitions included. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the expressions of a Python file came out as, where the analysis has a memory. */
  readonly meanings?: Meanings;
}

export interface AnalyzeOptions {
  /** Version of the SDK that is written into the spec, `2.17.0`. */
  readonly sdkVersion: string;
  /** Import roots beside the file's folder. */
  readonly roots: readonly string[];
  /** Values that `os.environ` has; undefined names are absent. */
  readonly env: Readonly<Record<string, string>>;
  /** Of `env`, what the user's settings say. Where this is there, what a file reads of `env` is told as an assumption. */
  readonly assumed?: Readonly<Record<string, string>>;
  /** `site-packages` folders: packages of components that are installed there are read too. */
  readonly libraries?: readonly string[];
}

/** What an analysis had to do: nothing is said of what was still known. */
export type Work =
  /** So many statements of a file's outermost block were parsed. */
  | { readonly kind: "parse"; readonly path: string; readonly statements: number }
  /** A module was executed. */
  | { readonly kind: "module"; readonly path: string }
  /** A component was made of a function, or a pipeline's function was evaluated. */
  | { readonly kind: "component" | "pipeline"; readonly path: string; readonly name: string };

export type FrontEnd = (path: string, files: Files, options: AnalyzeOptions) => Analysis;
