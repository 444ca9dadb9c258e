/**
 * Other extensions that answer for Python files: what they say of a place, so that we do not say it again. They are
 * asked through the editor's own commands, which ask us, too; the echo of our question gets no answer.
 */
import {
  commands,
  CompletionItemKind,
  type CompletionItem,
  type CompletionList,
  EventEmitter,
  type Event,
  extensions,
  type Hover,
  Location,
  type LocationLink,
  type Position,
  type TextDocument,
} from "vscode";
import type { Owned } from "./owned.ts";

type Question = "hover" | "completion" | "definition" | "references";

export interface OtherPython extends Owned {
  /** Whether another server answers for a document: as far as is known within a moment. */
  answers(document: TextDocument): Promise<boolean>;
  /** Whether a question is our own to the others, come back to us. */
  isEcho(question: Question, document: TextDocument, position: Position): boolean;
  /** As plain text; empty where they say nothing, or think for too long. */
  hover(document: TextDocument, position: Position): Promise<string>;
  /** Which of our labels they offer as well. */
  completions(
    document: TextDocument,
    position: Position,
    trigger: string | undefined,
    ours: readonly string[],
  ): Promise<ReadonlySet<string>>;
  places(
    question: "definition" | "references",
    document: TextDocument,
    position: Position,
  ): Promise<readonly Location[]>;
  /** A server began to answer: what is registered later is asked first. */
  readonly onAppeared: Event<void>;
}

/** Milliseconds that a question waits to learn whether there are others, and for what they say. */
const patienceMs = 150;
const longestMs = 1000;

/** Milliseconds for which others are taken to offer the same of our labels; then they are asked for the next time. */
const freshMs = 10_000;
const mostShared = 100;

const commandsOf = {
  hover: "vscode.executeHoverProvider",
  completion: "vscode.executeCompletionItemProvider",
  definition: "vscode.executeDefinitionProvider",
  references: "vscode.executeReferenceProvider",
} as const;

export function createOtherPython(): OtherPython {
  const appeared = new EventEmitter<void>();
  /** Documents are of files or of cells; a server may know the one and not the other. */
  const known = new Set<string>();
  const probes = new Map<string, Promise<boolean>>();
  const echoes = new Map<string, number>();
  /** What they offered of our labels, by the file and the labels. */
  const shared = new Map<string, { readonly askedAt: number; readonly labels: ReadonlySet<string> }>();
  const keyOf = (question: Question, { uri }: TextDocument, { line, character }: Position) =>
    `${question} ${uri.toString()} ${line}:${character}`;

  async function ask<T>(
    question: Question,
    document: TextDocument,
    position: Position,
    ...more: readonly unknown[]
  ): Promise<T | undefined> {
    const key = keyOf(question, document, position);
    echoes.set(key, (echoes.get(key) ?? 0) + 1);
    try {
      return await commands.executeCommand<T | undefined>(commandsOf[question], document.uri, position, ...more);
    } catch {
      // The document is closed, or a server failed: they say nothing.
      return undefined;
    } finally {
      isEcho(key);
    }
  }

  function isEcho(key: string): boolean {
    const count = echoes.get(key);
    if (count === undefined) return false;
    if (count > 1) echoes.set(key, count - 1);
    else echoes.delete(key);
    return true;
  }

  /** Every Python server can tell what the first function of a file is. */
  async function probe(document: TextDocument): Promise<boolean> {
    const name = /^[ \t]*(?:async[ \t]+def|def|class)[ \t]+(?=\w)/m.exec(document.getText());
    if (!name) return false;
    const position = document.positionAt(name.index + name[0].length);
    const hovers = await ask<readonly Hover[]>("hover", document, position);
    if (!hovers || hovers.length === 0) return false;
    known.add(document.uri.scheme);
    appeared.fire();
    return true;
  }

  async function sharedLabels(
    key: string,
    ours: ReadonlySet<string>,
    ...asked: readonly [TextDocument, Position, string | undefined]
  ): Promise<ReadonlySet<string>> {
    const list = await ask<CompletionList>("completion", ...asked);
    const theirs = (list?.items ?? []).filter(isTheirs).map(labelOf);
    const labels = new Set(theirs.filter((label) => ours.has(label)));
    shared.delete(key);
    // Who says nothing may not have read everything yet, and says it quickly.
    if (theirs.length > 0) shared.set(key, { askedAt: Date.now(), labels });
    for (const [oldest] of shared) if (shared.size > mostShared) shared.delete(oldest);
    return labels;
  }

  const subscription = extensions.onDidChange(() => {
    known.clear();
    shared.clear();
  });

  return {
    async answers(document) {
      const { scheme } = document.uri;
      if (document.languageId !== "python") return false;
      if (known.has(scheme)) return true;
      if (!isPossible()) return false;
      let waiting = probes.get(scheme);
      if (!waiting) {
        waiting = probe(document).finally(() => probes.delete(scheme));
        probes.set(scheme, waiting);
      }
      return (await within(patienceMs, waiting)) ?? false;
    },
    isEcho: (question, document, position) => isEcho(keyOf(question, document, position)),
    async hover(document, position) {
      const hovers = await within(longestMs, ask<readonly Hover[]>("hover", document, position));
      return (hovers ?? [])
        .flatMap(({ contents }) => contents.map((content: unknown) => plainText(content)))
        .join("\n");
    },
    async completions(document, position, trigger, ours) {
      const key = [document.uri.toString(), ...ours].join("\n");
      const before = shared.get(key);
      if (before && Date.now() - before.askedAt < freshMs) return before.labels;
      const now = sharedLabels(key, new Set(ours), document, position, trigger);
      // All that they complete, asked for once more, takes longer than all else: who types gets what is known.
      return before ? before.labels : now;
    },
    async places(question, document, position) {
      const found = await ask<readonly (Location | LocationLink)[]>(question, document, position);
      return (found ?? []).map((one) =>
        "targetUri" in one ? new Location(one.targetUri, one.targetSelectionRange ?? one.targetRange) : one,
      );
    },
    onAppeared: appeared.event,
    dispose() {
      subscription.dispose();
      appeared.dispose();
    },
  };
}

/** An extension that starts with Python files, is at work, and is neither ours nor the editor's own. */
function isPossible(): boolean {
  return extensions.all.some(({ id, isActive, packageJSON }) => {
    const manifest: unknown = packageJSON;
    if (!isActive || id.startsWith("vscode.") || id === "millrace.millrace") return false;
    const events: unknown =
      typeof manifest === "object" && manifest !== null ? Reflect.get(manifest, "activationEvents") : undefined;
    return Array.isArray(events) && events.includes("onLanguage:python");
  });
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function plainText(content: unknown): string {
  const value: unknown = typeof content === "object" && content !== null ? Reflect.get(content, "value") : content;
  return typeof value === "string" ? value : "";
}

/** The editor adds words of the file and snippets, which no server said. */
function isTheirs({ kind }: CompletionItem): boolean {
  return kind !== CompletionItemKind.Text && kind !== CompletionItemKind.Snippet;
}

function labelOf({ label }: CompletionItem): string {
  return typeof label === "string" ? label : label.label;
}
