/** The pipelines of many files, for who looks at a whole workspace. */
import type { Analysis } from "../analyze.ts";
import { languageOf } from "../analyze-file.ts";
import type { Span } from "../source.ts";

export interface ListedPipeline {
  readonly symbol: string;
  readonly name: string;
  readonly description?: string;
  readonly nameSpan: Span;
  /** Whether errors keep it from being compiled. */
  readonly broken: boolean;
}

export interface Listing {
  readonly pipelines: readonly ListedPipeline[];
  /** False where the time was up, or there were too many, before all files had been looked at. */
  readonly complete: boolean;
}

export interface ListingSource {
  /** Text of one of many files; undefined where it is not to be read. */
  glance(path: string): string | undefined;
  /** Not kept by who answers: hundreds of files are asked about. */
  analyze(path: string): Promise<Analysis>;
  /** Lets who else waits have their turn. */
  pause(): Promise<void>;
  /** Milliseconds, of any clock. */
  now(): number;
  readonly signal?: AbortSignal;
}

const mostPipelines = 5_000;

/** In the order of the paths; a file that many say twice is looked at once. Takes at most `timeLimitMs`, and one file more. */
export async function listPipelines(
  paths: AsyncIterable<string>,
  source: ListingSource,
  timeLimitMs: number,
): Promise<Listing> {
  const pipelines: ListedPipeline[] = [];
  const seen = new Set<string>();
  const begun = source.now();
  let paused = begun;
  for await (const path of paths) {
    const now = source.now();
    if (source.signal?.aborted || now - begun > timeLimitMs || pipelines.length >= mostPipelines)
      return { pipelines, complete: false };
    if (now - paused > 20) {
      await source.pause();
      paused = source.now();
    }
    if (seen.has(path)) continue;
    seen.add(path);
    const text = source.glance(path);
    if (text === undefined || !mayHoldPipeline(path, text)) continue;
    const { definitions } = await source.analyze(path);
    for (const { kind, symbol, name, description, nameSpan, span, compile } of definitions) {
      if (kind !== "pipeline" || span.path !== path) continue;
      const { compiled, diagnostics } = compile();
      const broken = !compiled || diagnostics.some(({ severity }) => severity === "error");
      pipelines.push({ symbol, name, nameSpan, broken, ...(description ? { description } : {}) });
    }
  }
  return { pipelines, complete: true };
}

/** From the text alone, which is a thousand times faster than reading it as a program. */
function mayHoldPipeline(path: string, text: string): boolean {
  switch (languageOf(path)) {
    case "python":
      return /\bpipeline\b/.test(text) && /^[ \t]*(?:from|import)[ \t]+[^\n#]*\bkfp\b/m.test(text);
    case "typescript":
      return /\bpipeline\s*\(/.test(text) && /["']millrace["']/.test(text);
    case "yaml":
      return text.includes("pipelineInfo");
    case undefined:
      return false;
  }
}
