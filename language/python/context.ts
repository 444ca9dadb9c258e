/** What the parts of the DSL share while a file is evaluated. */
import type { Builder } from "../graph/builder.ts";
import type { Channel, Component, Graph } from "../graph/model.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { CompiledPipeline } from "../analyze.ts";
import type { PipelinePackage } from "../spec/types.ts";
import type { Machine } from "./machine.ts";
import type { UnknownValue, Value } from "./values.ts";

/** A pipeline whose function is being evaluated. */
export interface OpenPipeline {
  readonly builder: Builder;
  /** Channels by the text that stands for them inside strings. */
  readonly channels: Map<string, Channel>;
  /** What Collected and OneOf gave, for who asks whether it is used. */
  readonly gathered: { readonly channel: Channel; readonly name: string; readonly span: Span }[];
  /** What is done when its function has ended. */
  readonly atEnd: (() => void)[];
}

/** A component or pipeline that a decorator made. */
export interface Made {
  readonly kind: "pipeline" | "component";
  readonly functionName: string;
  readonly component: Component;
  readonly span: Span;
  readonly nameSpan: Span;
  /** What was reported while it was made. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of these, what is wrong with it only as long as no other pipeline uses it. */
  readonly alone?: readonly Diagnostic[];
  /** What a pipeline's function built. */
  readonly graph?: Graph;
  readonly compiled?: CompiledPipeline;
}

/** The component of a YAML text; without one, what is wrong with the text. */
export type ComponentReader = (text: string) => {
  readonly component?: Component;
  /** Of a compiled file: what it is alone. */
  readonly compiled?: PipelinePackage;
  readonly problem: string;
  /** What the SDK refuses only when the component is used. */
  readonly mismatches?: readonly string[];
};

/** The Python values of a YAML text, one a document; without them, what is wrong with the text. */
export type ValuesReader = (text: string) => { readonly values: readonly Value[]; readonly problem: string };

/** What reads YAML: given, since most files never need it and its library is large. */
export interface YamlReaders {
  readonly component: ComponentReader;
  readonly values: ValuesReader;
}

export interface DslContext {
  readonly machine: Machine;
  readonly yaml: YamlReaders;
  /** The innermost last: a pipeline can be made while another is read. */
  readonly pipelines: OpenPipeline[];
  readonly made: Made[];
  /** The components that were read from YAML. */
  readonly loaded: Made[];
  /** The components that pipelines were seen to use. */
  readonly used: Set<Component>;
  /** `kfp.local.init()` was called: from then on a component that is called outside of a pipeline runs. */
  runsLocally: boolean;
  /** Of a text that nobody compiles, as it has a word put in where somebody types: a spec is made when it is looked at. */
  readonly isDraft: boolean;
}

/** Says that a value is not known, unless that was said where the step was called that gave it. */
export function sayUnknown({ machine }: DslContext, span: Span, what: string, { reason, step }: UnknownValue): void {
  if (step === undefined) machine.report(diagnose("not-known", span, what, reason));
}

/** A component or pipeline as it was made. */
export function madeOf({ made, loaded }: DslContext, component: Component): Made | undefined {
  return made.find((one) => one.component === component) ?? loaded.find((one) => one.component === component);
}

/** Runs work and returns what it reported, which is still reported as ever. */
export function collecting<T>(
  machine: Machine,
  work: () => T,
): { readonly result: T; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const { report } = machine;
  machine.report = (diagnostic) => {
    diagnostics.push(diagnostic);
    report(diagnostic);
  };
  try {
    return { result: work(), diagnostics };
  } finally {
    machine.report = report;
  }
}
