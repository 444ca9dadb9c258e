import { spawnSync } from "node:child_process";

/** What the SDK says of a file: the YAML, or why not, and the innermost of the file's lines that led there. */
export type Answer =
  | { readonly yaml: string; readonly warnings: readonly { readonly text: string; readonly line: number | null }[] }
  | { readonly error: string; readonly line: number | null };

/** A Python that has kfp and kfp-kubernetes, for who wants to ask the SDK itself. */
export const python = process.env["KFP_PYTHON"];

/** The SDK's answers to texts of files, in order; of each, the pipeline or component of that name, else the last. */
export function askSdk(sources: readonly string[], functions: readonly (string | undefined)[] = []): Answer[] {
  const { stdout, stderr, error } = spawnSync(python ?? "python3", [`${import.meta.dirname}/compile_many.py`], {
    input: sources.map((source, id) => JSON.stringify({ id, source, function: functions[id] ?? null })).join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (error) throw error;
  // SAFETY: `compile_many.py` answers each line so.
  const answers = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Answer);
  if (answers.length !== sources.length)
    throw new Error(`${answers.length} answers to ${sources.length} files: ${stderr}`);
  return answers;
}
