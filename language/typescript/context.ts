import type { AnalyzeOptions, Definition } from "../analyze.ts";
import { type DiagnosticCode, type Diagnostic, type catalogue, diagnose } from "../diagnostics.ts";
import type { Builder } from "../graph/builder.ts";
import type { Task } from "../graph/model.ts";
import type { Files, Span } from "../source.ts";
import type { Mark } from "./marks.ts";
import type { Module } from "./modules.ts";
import type { Binding, Region, Scope } from "./scope.ts";
import type { ts } from "./syntax.ts";
import type { Entry, FunctionValue, ObjectValue, Value } from "./values.ts";

/** One evaluation: of a module's constants, or of a pipeline with a builder. */
export interface Context {
  readonly session: Session;
  /** Absent at the top level of a module: nothing can make a step there. */
  readonly builder: Builder | undefined;
  readonly region: Region | undefined;
  /** What a component or pipeline that is defined here is called. */
  readonly naming: Naming | undefined;
  /** Calls of helper functions that are open. */
  readonly depth: number;
  /** The pipeline's own settings of every step. */
  readonly defaults: ObjectValue | undefined;
  /** Steps in order of creation. */
  readonly tasks: Task[];
  /** Inputs of the pipeline that may not be given and have no default. */
  readonly absent?: ReadonlySet<string>;
  /** Where the loop or `switch` stands that `break` ends, and the loop whose next turn `continue` begins. */
  readonly breaks?: Region | undefined;
  readonly continues?: Region | undefined;
}

export interface Naming {
  readonly symbol: string;
  readonly span: Span;
  readonly topLevel: boolean;
}

/** What the evaluations of one compilation share. */
export interface Session {
  readonly files: Files;
  readonly options: AnalyzeOptions;
  readonly diagnostics: Diagnostic[];
  readonly marks: Mark[];
  readonly modules: Map<string, Module>;
  /** What the Python files that are imported define. */
  readonly python: Map<string, readonly Definition[]>;
  /** Evaluated expressions and statements so far. */
  steps: number;
  /** The variables that have been read, while somebody wants to know. */
  reads: Set<Binding> | undefined;
  /** Pipelines that are being compiled, the outermost first. */
  readonly open: string[];
  /** Entry points of the mutually recursive parts, so that their modules need not import one another. */
  readonly evaluate: (node: ts.Expression, scope: Scope, context: Context) => Value;
  readonly invoke: (callee: FunctionValue, given: readonly Entry[], span: Span, context: Context) => Value;
}

export function report<C extends DiagnosticCode>(
  context: { readonly session: Session },
  code: C,
  span: Span,
  hint: string | undefined,
  ...details: Parameters<(typeof catalogue)[C][1]>
): void {
  const diagnostic = diagnose(code, span, ...details);
  context.session.diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
}

/** Reports what the run cannot do with an input that nobody gave; whether it may be one. */
export function refuseAbsent(value: Value, what: string, span: Span, context: Context): boolean {
  if (value.kind !== "channel" || value.channel.kind !== "pipeline-input") return false;
  const { name } = value.channel;
  if (!context.absent?.has(name)) return false;
  const hint = "Give it a default; what may be absent can only be handed to a step whose input may be absent, too.";
  report(context, "no-meaning", span, hint, `${what} the input "${name}", which may not be given,`);
  return true;
}

export function spanOf(node: ts.Node, scope: { readonly path: string }): Span {
  return { path: scope.path, start: node.getStart(), end: node.getEnd() };
}

/** So many expressions and statements are evaluated at most for one pipeline. */
const mostSteps = 200_000;

/** Counts a step of evaluation; false when there were too many, which is said once. */
export function goOn(node: ts.Node, scope: { readonly path: string }, { session }: { session: Session }): boolean {
  session.steps++;
  if (session.steps === mostSteps) {
    report(
      { session },
      "endless-evaluation",
      spanOf(node, scope),
      "Make fewer steps, or loop in the run with `parallel(…)`.",
      `more than ${mostSteps} steps`,
    );
  }
  return session.steps < mostSteps;
}
