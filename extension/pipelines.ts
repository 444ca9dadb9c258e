/** What the language server knows about files, typed. Every answer is undefined while it is down. */
import { type Position, Uri } from "vscode";
import type { CellInfo, DefinitionInfo, GraphAnswer, LanguageRequests, Location } from "../language/protocol.ts";
import type { Language } from "./language-client.ts";

export interface Pipelines {
  definitions(file: Uri): Promise<readonly DefinitionInfo[]>;
  /** `drawing`: the one that is there already. */
  graph(
    file: Uri,
    symbol: string | undefined,
    folded: readonly string[],
    drawing?: number,
  ): Promise<GraphAnswer | undefined>;
  sourceOf(file: Uri, symbol: string | undefined, node: string): Promise<Location | undefined>;
  nodeAt(file: Uri, symbol: string | undefined, position: Position): Promise<string | undefined>;
  compile(file: Uri, symbol: string): Promise<{ readonly yaml?: string; readonly problem?: string }>;
  cells(file: Uri): Promise<readonly CellInfo[]>;
}

export function createPipelines(language: Language): Pipelines {
  async function ask<M extends keyof LanguageRequests>(
    method: M,
    params: LanguageRequests[M]["params"],
  ): Promise<LanguageRequests[M]["result"] | undefined> {
    // SAFETY: LanguageRequests types both ends; the server is ours and answers null for nothing.
    return (await language.request(method, params)) ?? undefined;
  }
  const about = (file: Uri, symbol: string | undefined) => ({
    uri: file.toString(),
    ...(symbol === undefined ? {} : { symbol }),
  });
  return {
    definitions: async (file) => (await ask("millrace/definitions", about(file, undefined)))?.definitions ?? [],
    graph: (file, symbol, folded, drawing) =>
      ask("millrace/graph", { ...about(file, symbol), folded, ...(drawing === undefined ? {} : { drawing }) }),
    sourceOf: (file, symbol, node) => ask("millrace/sourceOf", { ...about(file, symbol), node }),
    async nodeAt(file, symbol, { line, character }) {
      const answer = await ask("millrace/nodeAt", { ...about(file, symbol), position: { line, character } });
      return answer?.node;
    },
    compile: async (file, symbol) => (await ask("millrace/compile", about(file, symbol))) ?? {},
    cells: async (file) => (await ask("millrace/cells", about(file, undefined)))?.cells ?? [],
  };
}

export function uriOf(location: Location): Uri {
  return Uri.parse(location.uri);
}
