/** What editors ask of a compiled pipeline: where a name is defined and used, what it is, an outline. */
import type { Analysis, CompiledPipeline } from "../analyze.ts";
import { componentHover, executorHover, memberHover, taskHover } from "../hover.ts";
import type { Files, Span } from "../source.ts";
import { type NamePlace, readNames, rootName, sameSymbol, type SpecSymbol } from "../yaml/names.ts";
import type { OutlineEntry } from "./outline.ts";

export interface SpecHover {
  readonly text: string;
  readonly span: Span;
  /** The step that it is about. */
  readonly node?: string;
}

export type YamlAnswers = ReturnType<typeof createYamlAnswers>;

export function createYamlAnswers(files: Files) {
  /** Of the file that was asked about last: reading 60,000 lines takes a second. */
  let last: { readonly path: string; readonly text: string; readonly names: readonly NamePlace[] } | undefined;

  function namesOf(path: string): readonly NamePlace[] {
    const text = files.read(path) ?? "";
    if (last?.path !== path || last.text !== text) last = { path, text, names: readNames(path, text) };
    return last.names;
  }

  const placeAt = (path: string, offset: number) =>
    namesOf(path).find(({ span }) => span.start <= offset && offset <= span.end);

  return {
    definition(path: string, offset: number): Span | undefined {
      const at = placeAt(path, offset);
      return at && namesOf(path).find(({ symbol, whole }) => whole && sameSymbol(symbol, at.symbol))?.span;
    },

    references(path: string, offset: number, includeDeclaration: boolean): readonly Span[] {
      const at = placeAt(path, offset);
      if (!at) return [];
      return namesOf(path)
        .filter(({ symbol, whole }) => sameSymbol(symbol, at.symbol) && (includeDeclaration || !whole))
        .map(({ span }) => span);
    },

    hover(path: string, offset: number, compiled: CompiledPipeline): SpecHover | undefined {
      const at = placeAt(path, offset);
      if (!at) return undefined;
      const { symbol, span } = at;
      const node = symbol.kind === "task" ? nodeOf(namesOf(path), symbol, compiled) : undefined;
      const text = node === undefined ? facts(symbol, compiled) : taskHover(compiled, node);
      return text ? { text, span, ...(node === undefined ? {} : { node }) } : undefined;
    },

    /** The pipeline with the steps at its top; components with theirs; executors. */
    outline(path: string, { definitions: [pipeline] }: Analysis): readonly OutlineEntry[] {
      const defined = namesOf(path).filter(({ whole }) => whole);
      const stepsOf = (component: string): readonly OutlineEntry[] =>
        defined
          .filter(({ symbol }) => symbol.kind === "task" && symbol.component === component)
          .map((task) => ({ ...bare(task), kind: "step", detail: "", children: [] }));
      const parts = defined.flatMap((place): readonly OutlineEntry[] => {
        const { kind, name } = place.symbol;
        if (kind !== "component" && kind !== "executor") return [];
        return [{ ...bare(place), kind: "component", detail: kind, children: stepsOf(name) }];
      });
      if (!pipeline) return parts;
      const { name, span, nameSpan } = pipeline;
      const children = [...stepsOf(rootName), ...parts].sort((a, b) => a.span.start - b.span.start);
      return [{ name, detail: "pipeline", kind: "pipeline", span, nameSpan, children }];
    },
  };
}

function bare({ symbol: { name }, span, whole }: NamePlace) {
  return { name, span: whole ?? span, nameSpan: span };
}

/** The first task path that the task stands for. */
function nodeOf(names: readonly NamePlace[], task: SpecSymbol, compiled: CompiledPipeline): string | undefined {
  const definition = names.find(({ symbol, whole }) => whole && sameSymbol(symbol, task))?.whole;
  if (!definition) return undefined;
  for (const [node, { start }] of compiled.sourceMap) if (start === definition.start) return node;
  return undefined;
}

function facts(symbol: SpecSymbol, { spec }: CompiledPipeline): string | undefined {
  switch (symbol.kind) {
    case "component":
      return componentHover(spec, symbol.name);
    case "executor":
      return executorHover(spec, symbol.name);
    case "input":
    case "output":
      return memberHover(spec, symbol.component === rootName ? undefined : symbol.component, symbol.kind, symbol.name);
    case "task":
      return undefined;
  }
}
