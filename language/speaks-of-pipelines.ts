import { languageOf } from "./analyze-file.ts";
import { yamlSpeaksOfPipelines } from "./yaml/speaks.ts";

/** Whether a text can hold a pipeline or a component; others are left alone. */
export function speaksOfPipelines(path: string, text: string): boolean {
  switch (languageOf(path)) {
    case "python":
      return /^[ \t]*(?:from|import)[ \t]+[^\n#]*\b(?:kfp|millrace)\b/m.test(text);
    case "typescript":
      return /["']millrace["']/.test(text);
    case "yaml":
      return yamlSpeaksOfPipelines(text);
    case undefined:
      return false;
  }
}
