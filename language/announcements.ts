/**
 * What the server says without being asked: the problems of open files, and that they changed. The newest text
 * comes first; what it overtakes is dropped.
 */
import { DiagnosticSeverity, DiagnosticTag, type Diagnostic as LspDiagnostic } from "vscode-languageserver/node";
import type { Analysis } from "./analyze.ts";
import { type Language, languageOf } from "./analyze-file.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { OpenFiles } from "./open-files.ts";
import type { LanguageNotifications } from "./protocol.ts";
import type { Positions } from "./positions.ts";
import type { TypeProblem } from "./services/typescript/cells.ts";
import { useless } from "./services/typescript/inlay.ts";
import { speaksOfPipelines } from "./speaks-of-pipelines.ts";
import type { Workspace } from "./workspace.ts";

export interface Announcements {
  /** Looks at a file soon. */
  schedule(path: string): void;
  /** A file has a new text: it, and open ones that were read with it, are looked at soon. */
  changed(path: string): void;
  /** Says no more of a file that is no longer open. */
  closed(path: string): void;
  /** Looks at the open files that would now come out differently. */
  scheduleStale(): void;
}

export interface Told {
  sendDiagnostics(params: { uri: string; version?: number; diagnostics: LspDiagnostic[] }): Promise<void>;
  sendChanged(params: LanguageNotifications["millrace/changed"]): Promise<void>;
  /** What TypeScript finds wrong in cells, which have no other server of it. */
  typeProblems(path: string): Promise<readonly TypeProblem[]>;
  /** Before a file is analysed. */
  prepare(path: string): Promise<void>;
  /** Waits for what was asked before, but at least until then (of `performance.now`), and lets in what was sent meanwhile. */
  turn(readyAt?: number): Promise<void>;
  readonly report: (error: unknown) => void;
}

export function createAnnouncements(
  { open, uriOf }: OpenFiles,
  workspace: Workspace,
  { rangeOf }: Positions,
  told: Told,
): Announcements {
  /** Files to look at, and since when they are. */
  const waiting = new Map<string, number>();
  let working = false;

  function schedule(path: string): void {
    if (!waiting.has(path)) waiting.set(path, performance.now());
    if (working) return;
    working = true;
    work().catch(told.report);
  }

  async function work(): Promise<void> {
    try {
      for (let [next] = waiting; next; [next] = waiting) {
        const [path, since] = next;
        const isLong = (open.get(path)?.getText().length ?? 0) > longText;
        // Before a long analysis what a key makes the editor ask is answered.
        await told.turn(isLong ? since + questionsMs : undefined);
        waiting.delete(path);
        await refresh(path).catch(told.report);
      }
    } finally {
      working = false;
    }
  }

  /** Files of which something was said: a diagnostic, or that they changed. */
  const known = new Set<string>();
  /** The analysis that was told of a file: a request may have brought about a newer one. */
  const said = new Map<string, Promise<Analysis>>();

  async function refresh(path: string): Promise<void> {
    const document = open.get(path);
    if (!document) return;
    const version = document.version;
    const concerns = speaksOfPipelines(path, document.getText());
    if (!concerns && !known.has(path)) return;
    if (concerns) {
      known.add(path);
      await told.prepare(path).catch(told.report);
      const reading = workspace.analysis(path);
      const analysis = await reading;
      const types = await told.typeProblems(path);
      // A newer text waits already, and will say it.
      if (waiting.has(path) || open.get(path)?.version !== version) return;
      said.set(path, reading);
      const syntaxOnly = analysis.definitions.length === 0;
      // Only TypeScript leaves marks; components that nobody runs need not be compiled.
      const marks =
        languageOf(path) === "typescript" ? analysis.definitions.flatMap((each) => each.compile().marks ?? []) : [];
      publish(
        path,
        analysis.diagnostics.filter((one) => isOurs(one, languageOf(path), syntaxOnly)),
        [
          ...useless(path, marks, analysis.diagnostics).map((each) => faded(rangeOf(each.span), each.says)),
          ...types.map(ofTypes),
        ],
      );
    } else {
      known.delete(path);
      publish(path, []);
    }
    await told.sendChanged({ uri: document.uri, version });
  }

  /** Diagnostics by the file whose analysis found them. One may stand in a file that is imported. */
  const found = new Map<string, readonly Diagnostic[]>();

  /** `more` stands in the source itself. */
  function publish(source: string, diagnostics: readonly Diagnostic[], more: readonly LspDiagnostic[] = []): void {
    const targets = new Set([
      source,
      ...(found.get(source) ?? []).map(({ span }) => span.path),
      ...diagnostics.map(({ span }) => span.path),
    ]);
    found.set(source, diagnostics);
    for (const target of targets) {
      const all = [...found.values()].flat().filter(({ span }) => span.path === target);
      const unique = new Map(all.map((one) => [`${one.code} ${one.span.start} ${one.message}`, one]));
      const version = open.get(target)?.version;
      told
        .sendDiagnostics({
          uri: uriOf(target),
          ...(version === undefined ? {} : { version }),
          diagnostics: [...[...unique.values()].map(toLsp), ...(target === source ? more : [])],
        })
        .catch(told.report);
    }
  }

  function toLsp(diagnostic: Diagnostic): LspDiagnostic {
    const { code, severity, message, hint, span } = diagnostic;
    return {
      range: rangeOf(span),
      severity: severities[severity],
      code,
      source: "millrace",
      message: hint ? `${message} ${hint}` : message,
      ...(severity === "hint" && { tags: [DiagnosticTag.Unnecessary] }),
    };
  }

  function ofTypes({ span, message, code, severity, isUnused, isDeprecated }: TypeProblem): LspDiagnostic {
    const tags = [
      ...(isUnused ? [DiagnosticTag.Unnecessary] : []),
      ...(isDeprecated ? [DiagnosticTag.Deprecated] : []),
    ];
    return { range: rangeOf(span), message, code, severity: severities[severity], source: "ts", tags };
  }

  function scheduleStale(): void {
    for (const path of open.keys())
      if (known.has(path) && !(workspace.isFresh(path) && workspace.analysis(path) === said.get(path))) schedule(path);
  }

  return {
    schedule,
    scheduleStale,
    changed(path) {
      schedule(path);
      for (const other of open.keys()) if (other !== path && workspace.sources(other).includes(path)) schedule(other);
    },
    closed(path) {
      known.delete(path);
      said.delete(path);
      if (found.has(path)) {
        publish(path, []);
        found.delete(path);
      }
      scheduleStale();
    },
  };
}

/** Characters of a file whose analysis takes as long as a person notices in an answer that waits for it. */
const longText = 30_000;

/** Milliseconds after a key within which an editor asks what could complete it: VS Code waits ten before it asks. */
const questionsMs = 30;

/** What is in no pipeline, drawn as code without use. */
function faded(range: LspDiagnostic["range"], message: string): LspDiagnostic {
  return { range, message, severity: DiagnosticSeverity.Hint, source: "millrace", tags: [DiagnosticTag.Unnecessary] };
}

/** TypeScript's own server says its syntax errors; a Python file without pipelines is none of our business but for those. */
function isOurs(diagnostic: Diagnostic, language: Language | undefined, syntaxOnly: boolean): boolean {
  if (diagnostic.code === "syntax-error") return language !== "typescript";
  // Somebody asked.
  if (diagnostic.code === "python-raised") return true;
  return !syntaxOnly || language === "yaml";
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;
