/** What the server answers: LSP, and the methods of `protocol.ts`. */
import {
  type CancellationToken,
  type Connection,
  type DocumentSymbol,
  ErrorCodes,
  LSPErrorCodes,
  ResponseError,
} from "vscode-languageserver/node";
import type { AnalyzeOptions, Definition } from "./analyze.ts";
import { type AnalysisMemory, analyzeFile, languageOf } from "./analyze-file.ts";
import { unknowable } from "./diagnostics.ts";
import { readCells } from "./cells.ts";
import type { LaidOutDag } from "./dag/view.ts";
import { definitionHover, taskHover } from "./hover.ts";
import { linkedPlace } from "./links.ts";
import type { OpenFiles } from "./open-files.ts";
import type { Positions } from "./positions.ts";
import type {
  BesideOthers,
  DefinitionInfo,
  Forecast,
  LanguageRequests,
  Location,
  Range,
  WorkspaceRequests,
} from "./protocol.ts";
import { type PythonAnswers, Refusal } from "./services/answers.ts";
import type { YamlAnswers } from "./services/yaml.ts";
import type { TypeScriptAnswers } from "./services/typescript/answers.ts";
import { cellFolds, pythonFolds } from "./services/folding.ts";
import { onlySteps, outline, type OutlineEntry } from "./services/outline.ts";
import { listPipelines } from "./services/pipelines.ts";
import type { Position, Span } from "./source.ts";
import { speaksOfPipelines } from "./speaks-of-pipelines.ts";
import { writePackage } from "./spec/write.ts";
import { askingPython, placeOf, taskAt, type Workspace } from "./workspace.ts";

export interface Host {
  /** What analyses leave to those after them. */
  readonly memory: AnalysisMemory;
  readonly files: OpenFiles;
  readonly positions: Positions;
  readonly workspace: Workspace;
  readonly python: PythonAnswers;
  /** Loaded when the first TypeScript file is asked about. */
  readonly typescript: () => Promise<TypeScriptAnswers>;
  optionsFor(path: string): AnalyzeOptions;
  /** The path of a URI that a client asks about: that of its open document, where it is one. */
  readonly pathAsked: (uri: string) => string;
  /** Open documents, then what the folders hold; a file that is open comes twice. */
  readonly workspaceFiles: () => AsyncIterable<string>;
  /** Lets who else waits have their turn. */
  readonly pause: () => Promise<void>;
  /** Waits for what was asked before, and lets in what an editor has sent until then: edits, and the cancelling of what they supersede. */
  readonly turn: () => Promise<void>;
  readonly report: (error: unknown) => void;
}

export function registerRequests(connection: Connection, host: Host): void {
  const { files, workspace, python, pathAsked, workspaceFiles, report } = host;
  const { rangeOf, offsetOf } = host.positions;
  const { open, uriOf } = files;

  function locationOf(span: Span): Location {
    return { uri: uriOf(span.path), range: rangeOf(span) };
  }

  /** A handler whose errors end in the log and in null, never in a dead server. */
  function answer<P extends { readonly uri: string }, R>(
    handler: (params: P, token: CancellationToken) => Promise<R | undefined> | R | undefined,
  ): (params: P, token: CancellationToken) => Promise<R | null> {
    return async (params, token) => {
      try {
        if (typeof (params as Partial<P> | undefined)?.uri !== "string") return null;
        // It waited while something else was worked out, and nobody waits for it any more.
        if (token.isCancellationRequested) throw superseded;
        return (await handler(params, token)) ?? null;
      } catch (error) {
        // What the user asked for and cannot have is said to the user.
        if (error instanceof Refusal) throw new ResponseError(ErrorCodes.InvalidParams, error.message);
        if (error === superseded || error === outdated) throw error;
        report(error);
        return null;
      }
    };
  }

  /**
   * As `answer`, of what is asked after every key: first all is taken in that was sent since, so that the answer is
   * of the newest text. `mayBeNewer`: that is no matter, since the answer says of which version it is.
   */
  function answerNewest<P extends { readonly uri: string }, R>(
    handler: (params: P, token: CancellationToken) => Promise<R | undefined> | R | undefined,
    mayBeNewer = false,
  ): (params: P, token: CancellationToken) => Promise<R | null> {
    return answer(async (params, token) => {
      const versionNow = () => open.get(pathAsked(params.uri))?.version;
      const version = versionNow();
      await host.turn();
      if (token.isCancellationRequested) throw superseded;
      if (!mayBeNewer && versionNow() !== version) throw outdated;
      return handler(params, token);
    });
  }

  /** Handlers for a Python file that speaks of pipelines, for such a TypeScript file, and for a compiled one; others are another server's. */
  function onPython(
    method: string,
    handler: (path: string, asked: Asked) => unknown,
    onTypeScript?: (path: string, asked: Asked, typescript: TypeScriptAnswers) => unknown,
    onYaml?: (path: string, asked: Asked, yaml: YamlAnswers) => unknown,
  ): void {
    const answering = afterKeys.has(method) ? answerNewest : answer;
    connection.onRequest(method, (asked: Asked, token: CancellationToken) =>
      answering(async ({ uri }: { uri: string }) => {
        const path = pathAsked(uri);
        const language = languageOf(path);
        if (!speaksOfPipelines(path, files.read(path) ?? "")) return undefined;
        if (language === "python") return handler(path, asked);
        if (language === "yaml") return onYaml?.(path, asked, await yaml());
        return language === "typescript" ? onTypeScript?.(path, asked, await host.typescript()) : undefined;
      })(asked.textDocument, token),
    );
  }

  let yamlAnswers: Promise<YamlAnswers> | undefined;
  /** What reads YAML is loaded when such a file is first asked about. */
  function yaml(): Promise<YamlAnswers> {
    return (yamlAnswers ??= import("./services/yaml.ts").then(({ createYamlAnswers }) => createYamlAnswers(files)));
  }

  function on<M extends keyof LanguageRequests>(
    method: M,
    handler: (
      params: LanguageRequests[M]["params"],
      token: CancellationToken,
    ) => Promise<LanguageRequests[M]["result"] | undefined> | LanguageRequests[M]["result"] | undefined,
  ): void {
    connection.onRequest(method, afterKeys.has(method) ? answerNewest(handler, true) : answer(handler));
  }

  const versionOf = (path: string): { version?: number } => {
    const version = open.get(path)?.version;
    return version === undefined ? {} : { version };
  };

  on("millrace/definitions", async ({ uri }) => {
    const path = pathAsked(uri);
    if (!speaksOfPipelines(path, files.read(path) ?? "")) return { definitions: [] };
    const analysis = await workspace.analysis(path);
    const asking = askingPython(analysis);
    const definitions = analysis.definitions.map((one) => describe(one, asking.has(one)));
    return { ...versionOf(path), definitions };
  });

  function describe(definition: Definition, asksPython: boolean): DefinitionInfo {
    const { kind, symbol, name, description, inputs, outputs, span, nameSpan, byPython } = definition;
    return {
      kind,
      symbol,
      name,
      ...(description ? { description } : {}),
      inputs,
      outputs,
      range: rangeOf(span),
      nameRange: rangeOf(nameSpan),
      ...(byPython ? { byPython } : {}),
      ...(asksPython ? { asksPython } : {}),
    };
  }

  const drawings = new WeakMap<LaidOutDag, number>();
  let lastDrawing = 0;

  on("millrace/graph", async ({ uri, symbol, folded, drawing: known }) => {
    const path = pathAsked(uri);
    const version = versionOf(path);
    const { graph, definition, diagnostics } = await workspace.graph(path, symbol, folded ?? []);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const [first] = errors;
    const drawing = graph && (drawings.get(graph) ?? ++lastDrawing);
    if (graph && drawing) drawings.set(graph, drawing);
    return {
      ...version,
      ...(graph && { drawing, ...(drawing !== known && { graph }) }),
      ...(first ? { problem: { message: first.message, count: errors.length } } : {}),
      ...(definition?.byPython ? { byPython: definition.byPython } : {}),
      ...(errors.some(({ code }) => unknowable.has(code)) ? { asksPython: true } : {}),
    };
  });

  on("millrace/sourceOf", async ({ uri, symbol, node }) => {
    const { compiled } = await workspace.compiled(pathAsked(uri), symbol);
    const span = compiled && placeOf(compiled, node);
    return span && locationOf(span);
  });

  on("millrace/nodeAt", async ({ uri, symbol, position }) => {
    const path = pathAsked(uri);
    return await nodeAt(path, symbol, offsetOf(path, position));
  });

  async function nodeAt(
    path: string,
    symbol: string | undefined,
    offset: number,
  ): Promise<{ symbol: string; node: string } | undefined> {
    const { definitions } = await workspace.analysis(path);
    const around = definitions.filter(({ symbol: own, name, span }) =>
      symbol === undefined
        ? span.path === path && span.start <= offset && offset <= span.end
        : own === symbol || name === symbol,
    );
    for (const definition of around) {
      const { compiled } = await workspace.compiled(path, definition.symbol);
      const node = compiled && taskAt(compiled, path, offset);
      if (node !== undefined) return { symbol: definition.symbol, node };
    }
    return undefined;
  }

  on("millrace/cells", ({ uri }) => {
    const path = pathAsked(uri);
    const text = files.read(path);
    if (text === undefined) return undefined;
    let start = 0;
    const cells = readCells(text, languageOf(path) === "typescript" ? "typescript" : "python").map(
      ({ kind, title, text: shown, raw }) => {
        const end = start + (raw ? raw.marker.length + raw.source.length : 0);
        const range = rangeOf({ path, start, end });
        start = end;
        return { kind, ...(title ? { title } : {}), text: shown, range };
      },
    );
    return { cells };
  });

  on("millrace/compile", async ({ uri, symbol }) => {
    const { definition, compiled, diagnostics } = await workspace.compiled(pathAsked(uri), symbol);
    const problem = diagnostics.find(({ severity }) => severity === "error")?.message;
    if (problem !== undefined) return { problem };
    if (!definition)
      return {
        problem: symbol === undefined ? "This file has no pipeline." : `This file has no pipeline "${symbol}".`,
      };
    return compiled
      ? { yaml: compiled.yaml ?? writePackage(compiled) }
      : { problem: `"${definition.name}" cannot be compiled.` };
  });

  connection.onHover((params: Asked, token) =>
    answer(async ({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      if (!speaksOfPipelines(path, files.read(path) ?? "")) return undefined;
      const offset = offsetOf(path, params.position);
      if (languageOf(path) === "typescript") {
        const found = await (await host.typescript()).hover(path, params.position);
        const at = found && (await nodeAt(path, undefined, offset));
        return found && { ...found, subjects: at ? [{ uri, ...at }] : [] };
      }
      if (languageOf(path) === "python") {
        const found = await python.hover(path, params.position, typeof params.others === "string" ? params.others : "");
        if (!found) return undefined;
        const { contents, range, about, uses = [], isUse } = found;
        const here = isUse ? await nodeAt(path, undefined, offset) : undefined;
        const steps = here ? [here] : await stepsAt(path, uses);
        const own = about && !here ? [{ uri: uriOf(about.path), symbol: about.symbol }] : [];
        const subjects = [...own, ...steps.map((step) => ({ uri, ...step }))];
        return { contents, range, subjects };
      }
      const { definitions } = await workspace.analysis(path);
      const named = definitions.find(
        ({ nameSpan }) => nameSpan.path === path && nameSpan.start <= offset && offset <= nameSpan.end,
      );
      // A file has one pipeline; what a name means in it is told before the step around it.
      const whole = named ? undefined : (await workspace.compiled(path)).compiled;
      const found = whole && (await yaml()).hover(path, offset, whole);
      if (found) {
        const { text, span, node } = found;
        const subjects = node === undefined ? [] : [{ uri, symbol: whole.spec.pipelineInfo.name, node }];
        return { contents: { kind: "markdown" as const, value: text }, range: rangeOf(span), subjects };
      }
      if (named) {
        const { compiled } = await workspace.compiled(path, named.symbol);
        return {
          contents: { kind: "markdown" as const, value: definitionHover(named, compiled) },
          range: rangeOf(named.nameSpan),
          subjects: [{ uri, symbol: named.symbol }],
        };
      }
      const at = await nodeAt(path, undefined, offset);
      if (!at) return undefined;
      const { compiled } = await workspace.compiled(path, at.symbol);
      const value = compiled && taskHover(compiled, at.node);
      if (value === undefined) return undefined;
      const subjects = [{ uri, ...at }];
      return { contents: { kind: "markdown" as const, value }, subjects };
    })(params.textDocument, token),
  );

  /** The steps that stand at some places of a file. */
  async function stepsAt(path: string, places: readonly Span[]): Promise<readonly { symbol: string; node: string }[]> {
    const found = new Map<string, { symbol: string; node: string }>();
    for (const { start } of places.slice(0, mostPlaces)) {
      const at = await nodeAt(path, undefined, start);
      if (at) found.set(`${at.symbol} ${at.node}`, at);
    }
    return [...found.values()];
  }

  connection.onDefinition((params, token) =>
    answer(async ({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      const text = files.read(path);
      if (text === undefined || !speaksOfPipelines(path, text)) return undefined;
      if (languageOf(path) === "python") return python.definition(path, params.position);
      if (languageOf(path) === "yaml") {
        const found = (await yaml()).definition(path, offsetOf(path, params.position));
        return found && locationOf(found);
      }
      const span = await linkedPlace(path, text, offsetOf(path, params.position), files, workspace);
      if (span) return locationOf(span);
      return languageOf(path) === "typescript"
        ? (await host.typescript()).definition(path, params.position)
        : undefined;
    })(params.textDocument, token),
  );

  connection.onCodeAction((params, token) =>
    answerNewest(async ({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      const text = files.read(path);
      if (text === undefined || !speaksOfPipelines(path, text)) return undefined;
      if (languageOf(path) === "python") {
        const { range, context } = params;
        return [
          ...(await python.codeActions(path, range, context.diagnostics)),
          ...python.askUser(path, context.diagnostics),
          ...python.askPython(path, context.diagnostics),
        ];
      }
      if (languageOf(path) !== "typescript") return undefined;
      return (await host.typescript()).codeActions(path, params.range, params.context.diagnostics);
    })(params.textDocument, token),
  );

  onPython(
    "textDocument/documentHighlight",
    (path, { position }) => python.highlights(path, position),
    nothing,
    (path, { position }, answers) =>
      answers.references(path, offsetOf(path, position), true).map((span) => ({ range: rangeOf(span) })),
  );
  onPython(
    "textDocument/completion",
    (path, { position, alone }) => python.completion(path, position, alone ?? true),
    (path, { position }, typescript) => typescript.completion(path, position),
  );
  onPython(
    "textDocument/inlayHint",
    nothing,
    (path, { range, constructs = true, cached = [] }, typescript) =>
      range && typescript.inlayHints(path, range, { constructs, cached }),
  );
  connection.onRequest("completionItem/resolve", async ({ label, data }: ResolvedCompletion) => {
    try {
      return (await (await host.typescript()).resolve(data.path, data.offset, label)) ?? null;
    } catch (error) {
      report(error);
      return null;
    }
  });
  onPython(
    "textDocument/signatureHelp",
    (path, { position }) => python.signatureHelp(path, position),
    (path, { position }, typescript) => typescript.signatureHelp(path, position),
  );
  onPython(
    "textDocument/references",
    (path, { position, context }) => python.references(path, position, context?.includeDeclaration ?? true),
    (path, { position }, typescript) => typescript.references(path, position),
    (path, { position, context }, answers) =>
      answers.references(path, offsetOf(path, position), context?.includeDeclaration ?? true).map(locationOf),
  );
  onPython(
    "textDocument/prepareRename",
    (path, { position }) => python.prepareRename(path, position),
    (path, { position }, typescript) => typescript.prepareRename(path, position),
  );
  onPython(
    "textDocument/rename",
    (path, { position, newName = "" }) => python.rename(path, position, newName),
    (path, { position, newName = "" }, typescript) => typescript.rename(path, position, newName),
  );
  onPython("textDocument/semanticTokens/full", (path) => python.semanticTokens(path));

  connection.onDocumentSymbol((params: Pick<Asked, "textDocument" | "alone">, token) =>
    answerNewest(async ({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      // TypeScript's own server has an outline of the same names.
      if (languageOf(path) === "typescript" || !speaksOfPipelines(path, files.read(path) ?? "")) return undefined;
      const analysis = await workspace.analysis(path);
      if (languageOf(path) === "yaml") return (await yaml()).outline(path, analysis).map(toSymbol);
      const { definitions } = analysis;
      const entries = outline(path, definitions, (definition) => definition.compile().compiled);
      return (params.alone === false ? onlySteps(entries) : entries).map(toSymbol);
    })(params.textDocument, token),
  );

  function toSymbol({ name, detail, kind, span, nameSpan, children }: OutlineEntry): DocumentSymbol {
    const [range, selectionRange] = [rangeOf(span), rangeOf(nameSpan)];
    return { name, detail, kind: symbolKinds[kind], range, selectionRange, children: children.map(toSymbol) };
  }

  connection.onFoldingRanges((params, token) =>
    answerNewest(async ({ uri }: { uri: string }) => {
      const path = pathAsked(uri);
      const text = files.read(path);
      const language = languageOf(path);
      if (text === undefined || !speaksOfPipelines(path, text) || language === "yaml") return undefined;
      // TypeScript's own server knows the rest; beside us VS Code folds no Python by indentation.
      const folds =
        language === "python"
          ? pythonFolds(text, (await workspace.analysis(path)).meanings?.tree(path))
          : cellFolds(text, "typescript");
      return folds.map(({ start, end, kind }) => ({ startLine: start, endLine: end, ...(kind && { kind }) }));
    })(params.textDocument, token),
  );

  connection.onRequest(
    "millrace/pipelines",
    async (_: unknown, token: CancellationToken): Promise<WorkspaceRequests["millrace/pipelines"]["result"]> => {
      const cancelled = new AbortController();
      const subscription = token.onCancellationRequested(() => cancelled.abort());
      try {
        const { pipelines, complete } = await listPipelines(
          workspaceFiles(),
          {
            glance: (path) => files.glance(path),
            analyze: (path) =>
              open.has(path) ? workspace.analysis(path) : analyzeFile(path, files, host.optionsFor(path), host.memory),
            pause: host.pause,
            now: () => performance.now(),
            signal: cancelled.signal,
          },
          listingLimitMs,
        );
        const listed = pipelines.map(({ nameSpan, ...rest }) => ({
          ...rest,
          uri: uriOf(nameSpan.path),
          nameRange: rangeOf(nameSpan),
        }));
        return { complete, pipelines: listed.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0)) };
      } finally {
        subscription.dispose();
      }
    },
  );
}

const nothing = () => undefined;

/** What editors ask by themselves, for what they show beside a text. */
const afterKeys: ReadonlySet<string> = new Set([
  "millrace/definitions",
  "millrace/graph",
  "textDocument/documentHighlight",
  "textDocument/inlayHint",
  "textDocument/semanticTokens/full",
]);

const outdated = new ResponseError(LSPErrorCodes.ContentModified, "The text has changed since.");
const superseded = new ResponseError(LSPErrorCodes.RequestCancelled, "The request was cancelled.");

/** A completion of TypeScript's own, of which more is to be said. */
interface ResolvedCompletion {
  readonly label: string;
  readonly data: { readonly path: string; readonly offset: number };
}

/** What LSP asks about a place or a file; only some methods have the rest. */
interface Asked extends BesideOthers {
  readonly textDocument: { readonly uri: string };
  readonly position: Position;
  readonly range?: Range;
  readonly constructs?: boolean;
  readonly cached?: readonly Forecast[];
  readonly context?: { readonly includeDeclaration?: boolean };
  readonly newName?: string;
}

/** Of uses of a component whose last runs a hover looks for. */
const mostPlaces = 50;

/** Milliseconds; a view shows what was found by then. */
const listingLimitMs = 10_000;

/** LSP's numbers: a namespace, a function, an event, an array. */
const symbolKinds = { pipeline: 3, component: 12, step: 24, group: 18 } as const;
