/** What the language server knows about files, typed. Every answer is undefined while it is down. */
import { type Position, Uri } from "vscode";
import type { LaidOutDag } from "../language/dag/view.ts";
import type { Definitions } from "../language/spec/types.ts";
import type { Language, LspRange } from "./language-client.ts";

export interface DefinitionInfo {
  readonly kind: "pipeline" | "component";
  readonly symbol: string;
  readonly name: string;
  readonly description?: string;
  readonly inputs: Definitions;
  readonly outputs: Definitions;
  readonly range: LspRange;
  readonly nameRange: LspRange;
}

export interface GraphAnswer {
  /** Absent where errors leave nothing to draw. */
  readonly graph?: LaidOutDag;
  readonly problem?: { readonly message: string; readonly count: number };
}

export interface SourceLocation {
  readonly uri: string;
  readonly range: LspRange;
}

export interface Pipelines {
  definitions(file: Uri): Promise<readonly DefinitionInfo[]>;
  graph(file: Uri, symbol: string | undefined, folded: readonly string[]): Promise<GraphAnswer | undefined>;
  sourceOf(file: Uri, symbol: string | undefined, node: string): Promise<SourceLocation | undefined>;
  nodeAt(file: Uri, symbol: string | undefined, position: Position): Promise<string | undefined>;
  compile(file: Uri, symbol: string): Promise<{ readonly yaml?: string; readonly problem?: string }>;
}

export function createPipelines(language: Language): Pipelines {
  // SAFETY: language/protocol.ts types both ends; the server is ours.
  const ask = async <T>(method: string, params: object): Promise<T> => (await language.request(method, params)) as T;
  return {
    async definitions(file) {
      const answer = await ask<{ definitions?: readonly DefinitionInfo[] } | null>("millrace/definitions", { uri: file.toString() });
      return answer?.definitions ?? [];
    },
    async graph(file, symbol, folded) {
      return (await ask<GraphAnswer | null>("millrace/graph", { uri: file.toString(), symbol, folded })) ?? undefined;
    },
    async sourceOf(file, symbol, node) {
      return (await ask<SourceLocation | null>("millrace/sourceOf", { uri: file.toString(), symbol, node })) ?? undefined;
    },
    async nodeAt(file, symbol, position) {
      const answer = await ask<{ node?: string } | null>("millrace/nodeAt", {
        uri: file.toString(),
        symbol,
        position: { line: position.line, character: position.character },
      });
      return answer?.node;
    },
    compile: (file, symbol) => ask("millrace/compile", { uri: file.toString(), symbol }),
  };
}

export function uriOf(location: SourceLocation): Uri {
  return Uri.parse(location.uri);
}
