import { analyzePython } from "../../../language/python/front-end.ts";
import type { Analysis, AnalyzeOptions } from "../../../language/analyze.ts";
import type { Files } from "../../../language/source.ts";

/** Files in memory; folders follow from their paths. */
export function memoryFiles(texts: Readonly<Record<string, string>>): Files {
  return {
    read: (path) => texts[path],
    list: (folder) => {
      const names = new Set<string>();
      for (const path of Object.keys(texts)) {
        if (!path.startsWith(`${folder}/`)) continue;
        const [first = "", ...rest] = path.slice(folder.length + 1).split("/");
        names.add(rest.length > 0 ? `${first}/` : first);
      }
      return [...names];
    },
  };
}

/** The analysis of `/w/pipeline.py` beside other files of `/w`. */
export function analyze(
  text: string,
  others: Readonly<Record<string, string>> = {},
  options: Partial<AnalyzeOptions> = {},
): Analysis {
  const files: Record<string, string> = { "/w/pipeline.py": text };
  for (const [name, content] of Object.entries(others)) files[`/w/${name}`] = content;
  return analyzePython("/w/pipeline.py", memoryFiles(files), { sdkVersion: "2.17.0", roots: [], env: {}, ...options });
}

/** The names and image of the last pipeline's tasks, or what keeps them from being. */
export function tasks(
  text: string,
  others: Readonly<Record<string, string>> = {},
  options: Partial<AnalyzeOptions> = {},
) {
  const { definitions, diagnostics } = analyze(text, others, options);
  const compiled = definitions.findLast(({ kind }) => kind === "pipeline")?.compile().compiled;
  return {
    problems: diagnostics.flatMap(({ severity, code, message }) =>
      severity === "hint" ? [] : [`${code}: ${message}`],
    ),
    tasks: Object.fromEntries(
      Object.entries(compiled?.spec.root.dag?.tasks ?? {}).map(([name, task]) => [
        name,
        Object.fromEntries(
          Object.entries(task.inputs?.parameters ?? {}).map(([input, given]) => [
            input,
            given.runtimeValue?.constant ?? given.componentInputParameter ?? given.taskOutputParameter?.producerTask,
          ]),
        ),
      ]),
    ),
  };
}
