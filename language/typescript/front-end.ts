import type { Analysis, AnalyzeOptions, CompiledPipeline, Definition, FrontEnd } from "../analyze.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import { inputDefinitions, outputDefinitions } from "../graph/definitions.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import type { Component } from "../graph/model.ts";
import type { Files, Span } from "../source.ts";
import type { Definitions } from "../spec/types.ts";
import type { Session } from "./context.ts";
import { load } from "./declarations.ts";
import { evaluate } from "./evaluate.ts";
import { invoke } from "./functions.ts";
import { type Module, importedName, parse } from "./modules.ts";
import { type PipelineDefinition, compilePipeline, pipelineInputs } from "./pipelines.ts";
import { lookUp, read } from "./scope.ts";
import { ts } from "./syntax.ts";

/** Pipelines and components of a TypeScript file, in order. Nothing of it is executed. */
export const analyzeTypeScript: FrontEnd = (path, files, options): Analysis => {
  const text = files.read(path);
  if (text === undefined)
    return { path, definitions: [], diagnostics: [diagnose("not-utf8", { path, start: 0, end: 0 }, path)] };
  const session = createSession(files, options);
  const module = load(path, session);
  const definitions = module ? definitionsOf(module, session) : [];
  const own = [...syntaxErrors(path, text), ...session.diagnostics];
  let all: readonly Diagnostic[] | undefined;
  return {
    path,
    definitions,
    get diagnostics() {
      all ??= distinct(
        [...own, ...definitions.flatMap((each) => each.compile().diagnostics)].filter(({ span }) => span.path === path),
      );
      return all;
    },
  };
};

function createSession(files: Files, options: AnalyzeOptions): Session {
  return {
    files,
    options,
    diagnostics: [],
    marks: [],
    modules: new Map(),
    python: new Map(),
    steps: 0,
    reads: undefined,
    open: [],
    evaluate,
    invoke,
  };
}

function syntaxErrors(path: string, text: string): Diagnostic[] {
  const file = parse(path, text);
  // SAFETY: the parser's own errors are a member of every source file, which the public types leave out.
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] };
  return parseDiagnostics.map(({ start, length, messageText }) => {
    const what = ts.flattenDiagnosticMessageText(messageText, " ").replace(/\.$/, "");
    return diagnose("syntax-error", { path, start, end: start + length }, what);
  });
}

const definers = new Set(["component", "pipeline", "container"]);

function definitionsOf(module: Module, session: Session): Definition[] {
  const definitions: Definition[] = [];
  for (const statement of module.file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const each of statement.declarationList.declarations) {
        if (!ts.isIdentifier(each.name) || !isDefiner(each.initializer, module)) continue;
        const whole = statement.declarationList.declarations.length === 1 ? statement : each;
        add(each.name.text, whole, each.name);
      }
    } else if (ts.isExportAssignment(statement) && isDefiner(statement.expression, module))
      add("default", statement, statement);
  }
  return definitions;

  function add(symbol: string, node: ts.Node, name: ts.Node): void {
    const spans = { span: spanIn(module, node), nameSpan: spanIn(module, name) };
    const definition = definitionOf(symbol, module, session, spans);
    if (definition) definitions.push(definition);
  }
}

function spanIn({ path, file }: Module, node: ts.Node): Span {
  return { path, start: node.getStart(file), end: node.end };
}

function isDefiner(node: ts.Expression | undefined, module: Module): boolean {
  if (!node || !ts.isCallExpression(node)) return false;
  const called = node.expression;
  if (ts.isIdentifier(called)) return definers.has(importedName(module, called.text) ?? "");
  if (!ts.isPropertyAccessExpression(called) || !ts.isIdentifier(called.expression)) return false;
  const namespace = module.imports.get(called.expression.text);
  return namespace?.from === "millrace" && namespace.name === undefined && definers.has(called.name.text);
}

function definitionOf(
  symbol: string,
  module: Module,
  session: Session,
  spans: { span: Span; nameSpan: Span },
): Definition | undefined {
  const binding = lookUp(module.scope, symbol);
  const value = binding && read(binding, undefined);
  if (value?.kind !== "component") return undefined;
  const { pipeline } = value;
  let compiled: ReturnType<Definition["compile"]> | undefined;
  const compile = () => (compiled ??= bounded(spans.nameSpan, () => compileAnew(symbol, module.path, session)));
  if (!pipeline) {
    const { component } = value;
    return {
      kind: "component",
      symbol,
      name: component.name,
      ...(component.description === undefined ? {} : { description: component.description }),
      inputs: inputDefinitions(component.inputs) ?? {},
      outputs: outputDefinitions(component.outputs) ?? {},
      ...spans,
      compile,
    };
  }
  return {
    kind: "pipeline",
    symbol,
    name: pipeline.name,
    ...(pipeline.description === undefined ? {} : { description: pipeline.description }),
    inputs: inputDefinitions(pipelineInputs(pipeline, session)) ?? {},
    get outputs(): Definitions {
      return compile().compiled?.spec.root.outputDefinitions ?? {};
    },
    ...spans,
    compile,
  };
}

/** What is nested or grows beyond what JavaScript itself can hold is said like all else that is too much. */
function bounded(span: Span, work: () => ReturnType<Definition["compile"]>): ReturnType<Definition["compile"]> {
  try {
    return work();
  } catch (problem) {
    if (!(problem instanceof RangeError)) throw problem;
    const what = problem.message.includes("string length") ? "a text grows without end" : "it is nested too deeply";
    return { diagnostics: [diagnose("endless-evaluation", span, what)] };
  }
}

/** In a session of its own: what one definition gets wrong is said of it, whichever was compiled before. */
function compileAnew(symbol: string, path: string, { files, options }: Session): ReturnType<Definition["compile"]> {
  const session = createSession(files, options);
  const module = load(path, session);
  const binding = module && lookUp(module.scope, symbol);
  const value = binding && read(binding, undefined);
  if (value?.kind !== "component") return { diagnostics: distinct(session.diagnostics) };
  const compiled = value.pipeline ? compileTop(value.pipeline, session) : compileAlone(value.component, session);
  const syntax = module ? syntaxErrors(path, module.file.text) : [];
  return { compiled, diagnostics: distinct([...syntax, ...session.diagnostics]), marks: session.marks };
}

function compileTop(pipeline: PipelineDefinition, session: Session): CompiledPipeline {
  session.open.push(`${pipeline.span.path}#${pipeline.symbol}`);
  return compilePipeline(pipeline, session).compiled;
}

function compileAlone(component: Component, { options, diagnostics }: Session): CompiledPipeline {
  return componentAsPipeline(component, { sdkVersion: options.sdkVersion, report: (each) => diagnostics.push(each) });
}

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ code, span, message }) => {
    const key = `${code} ${span.path} ${span.start} ${span.end} ${message}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
