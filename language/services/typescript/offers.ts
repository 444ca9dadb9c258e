/** Components of the workspace that a TypeScript file does not import yet. */
import { languageOf } from "../../analyze-file.ts";

export interface Offered {
  /** As the file would call it. */
  readonly name: string;
  readonly path: string;
  readonly description?: string;
}

/** A compiled component has a name of words; a variable's are in one. */
export function variableName(component: string): string {
  return component.replace(/[^A-Za-z0-9]+(\w)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
}

const decorated =
  /^@(?:\w+\.)*(?:component|container_component|notebook_component|pipeline)\b(?:.*\n)+?(?:async )?def (\w+)\s*\(/gm;

/** What other files could import from a Python or a compiled file, seen at a glance: nothing of it is evaluated. */
export function offersOf(path: string, text: string): readonly Offered[] {
  if (languageOf(path) === "python") {
    if (!text.includes("kfp")) return [];
    return [...text.matchAll(decorated)].map(([, name = ""]) => ({ name, path }));
  }
  if (!text.includes("pipelineInfo")) return [];
  const [, name] = /"?pipelineInfo"?:[\s{]+(?:.*\n)*?\s*"?name"?:\s*["']?([\w.-]+)/.exec(text) ?? [];
  return name === undefined ? [] : [{ name: variableName(name), path }];
}

/** The offers of a workspace, looked for in the background: who asks gets what is known. */
export interface Offers {
  now(): readonly Offered[];
  /** Something on the disk or in an editor is new. */
  stale(): void;
}

export function createOffers(
  files: () => AsyncIterable<string>,
  glance: (path: string) => string | undefined,
  report: (error: unknown) => void,
): Offers {
  let known: readonly Offered[] = [];
  let isStale = true;
  let looking = false;

  async function look(): Promise<void> {
    isStale = false;
    const found = new Map<string, readonly Offered[]>();
    for await (const path of files()) {
      const language = languageOf(path);
      if (found.has(path) || language === undefined || language === "typescript" || path.includes("/.millrace/"))
        continue;
      found.set(path, offersOf(path, glance(path) ?? ""));
    }
    known = [...found.values()].flat();
  }

  function refresh(): void {
    if (!isStale || looking) return;
    looking = true;
    look()
      .catch(report)
      .finally(() => {
        looking = false;
        refresh();
      });
  }

  return {
    now() {
      refresh();
      return known;
    },
    stale() {
      isStale = true;
    },
  };
}
