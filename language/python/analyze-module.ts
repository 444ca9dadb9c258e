import type { Analysis, AnalyzeOptions, Definition } from "../analyze.ts";
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import { inputDefinitions, outputDefinitions } from "../graph/definitions.ts";
import { componentAsPipeline } from "../graph/lower.ts";
import type { Files } from "../source.ts";
import { ComponentValue } from "./component.ts";
import type { DslContext, Made, YamlReaders } from "./context.ts";
import { sdkModule } from "./dsl.ts";
import { createMachine, moduleName } from "./evaluate.ts";
import type { Memory } from "./memory.ts";
import { OutOfBounds } from "./machine.ts";
import { meaningOf, meaningsOf } from "./meanings.ts";
import { runModule } from "./modules.ts";
import { Sightings } from "./sightings.ts";
import { protobufModule } from "./stdlib-protobuf.ts";
import { yamlModule } from "./stdlib-yaml.ts";
import { unreadStep } from "./unread-step.ts";

/**
 * The pipelines and components of a Python file, without Python: the module is
 * executed once over the values that are known, and every pipeline's function
 * with channels for what is not.
 */
export function analyzeModule(
  path: string,
  files: Files,
  options: AnalyzeOptions,
  yaml: YamlReaders,
  memory?: Memory,
): Analysis {
  const diagnostics = new Map<string, Diagnostic>();
  const report = (diagnostic: Diagnostic): void => {
    const key = keyOf(diagnostic);
    if (diagnostics.size < mostDiagnostics && !diagnostics.has(key)) diagnostics.set(key, diagnostic);
  };
  const here = { path, start: 0, end: 0 };
  const text = files.read(path);
  if (text === undefined) return { path, definitions: [], diagnostics: [diagnose("no-such-file", here, path)] };
  // Who keeps a memory asks about the source as well.
  const sightings = memory && new Sightings();
  const context = executeFile(path, text, files, options, yaml, report, sightings, memory);
  for (const { alone = [], component } of context.made) if (!context.used.has(component)) alone.forEach(report);
  const definitions = definitionsOf(context, path, options);
  // The SDK looks at a component's defaults when a pipeline uses it.
  const idle = context.made.filter(({ kind, component }) => kind === "component" && !context.used.has(component));
  const early = idle.flatMap((made) => made.diagnostics.filter(({ code }) => code === "wrong-default")).map(keyOf);
  const all = [...diagnostics].map(
    ([key, one]): Diagnostic => (early.includes(key) ? { ...one, severity: "warning" } : one),
  );
  // What could not be read may be what uses it.
  const isWhole = all.every(({ severity }) => severity !== "error");
  return {
    path,
    definitions,
    diagnostics: isWhole ? all : all.filter(({ severity }) => severity !== "hint"),
    ...(sightings && { meanings: meaningsOf(path, context, sightings) }),
  };
}

function keyOf({ code, span, message }: Diagnostic): string {
  return `${span.path}:${span.start}:${span.end}:${code}:${message}`;
}

/** Of one file: nobody reads more, and an editor shows no more. */
const mostDiagnostics = 1_000;

/** Executes a file as the compiler would meet it; what its expressions come out as is added to `sightings`. */
export function executeFile(
  path: string,
  text: string,
  files: Files,
  options: AnalyzeOptions,
  yaml: YamlReaders,
  report: (diagnostic: Diagnostic) => void,
  sightings?: Sightings,
  memory?: Memory,
  isDraft = false,
): DslContext {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const machine = createMachine({
    files,
    options,
    folder,
    roots: [folder, ...packageRoots(files, folder), ...options.roots],
    own: (_, name) =>
      name === "yaml" ? yamlModule(name, yaml.values) : (protobufModule(name) ?? sdkModule(context, name)),
    report,
    ...(sightings && { seen: { sightings, meaningOf: (value) => meaningOf(machine, value) } }),
    ...(memory && { memory }),
  });
  const context: DslContext = {
    machine,
    yaml,
    pipelines: [],
    made: [],
    loaded: [],
    used: new Set(),
    runsLocally: false,
    isDraft,
  };
  machine.unreadStep = (name, given, why) => unreadStep(context, name, given, why);
  machine.graphChanges = () => context.pipelines.at(-1)?.builder.changes() ?? 0;
  const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\.py$/, "");
  try {
    runModule(machine, path, text, stem === "__init__" ? moduleName(machine, folder, []) : stem);
  } catch (problem) {
    if (problem instanceof OutOfBounds) report(diagnose("endless-evaluation", problem.span, problem.message));
    else if (problem instanceof RangeError)
      report(diagnose("endless-evaluation", { path, start: 0, end: 0 }, "it is nested too deeply"));
    else throw problem;
  }
  return context;
}

/** The folders above a package: there its modules import one another from. */
function packageRoots(files: Files, folder: string): string[] {
  let at = folder;
  while (at.includes("/") && files.read(`${at}/__init__.py`) !== undefined) at = at.slice(0, at.lastIndexOf("/"));
  return at === folder || at === "" ? [] : [at];
}

function definitionsOf(context: DslContext, path: string, options: AnalyzeOptions): Definition[] {
  const { machine } = context;
  const module = machine.modules.get(path);
  const symbols = new Map<Made["component"], string>();
  for (const [symbol, value] of module?.names ?? []) {
    if (value instanceof ComponentValue && !symbols.has(value.component)) symbols.set(value.component, symbol);
  }
  return [...context.made, ...context.loaded]
    .filter((made) => made.span.path === path && symbols.has(made.component))
    .sort((a, b) => a.span.start - b.span.start)
    .map((made) => definition(made, symbols.get(made.component) ?? made.functionName, options));
}

function definition(made: Made, symbol: string, options: AnalyzeOptions): Definition {
  const { component } = made;
  let result: ReturnType<Definition["compile"]> | undefined;
  return {
    kind: made.kind,
    symbol,
    name: component.name,
    ...(component.description !== undefined && { description: component.description }),
    inputs: inputDefinitions(component.inputs) ?? {},
    outputs: outputDefinitions(component.outputs) ?? {},
    span: made.span,
    nameSpan: made.nameSpan,
    component: () => component,
    ...(made.graph && { graph: made.graph }),
    compile: () => {
      result ??=
        made.compiled === undefined
          ? compileComponent(made, options)
          : { compiled: made.compiled, diagnostics: made.diagnostics };
      return result;
    },
  };
}

function compileComponent(made: Made, options: AnalyzeOptions): ReturnType<Definition["compile"]> {
  const diagnostics = [...made.diagnostics];
  const compiled = componentAsPipeline(made.component, {
    sdkVersion: options.sdkVersion,
    report: (diagnostic) => diagnostics.push(diagnostic),
  });
  return { compiled, diagnostics };
}
