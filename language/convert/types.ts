/** Types of inputs and of artifacts, as TypeScript names them. */
import type { ValueType } from "../graph/model.ts";
import type { ArtifactType } from "../spec/types.ts";
import { Unfit } from "./text.ts";

export interface Types {
  /** Throws Unfit. */
  textOf(type: ValueType): string;
  /** Lines that declare those that "millrace" does not have. */
  declarations(): readonly string[];
}

/** `language` gets the names that are to be imported from "millrace"; `unique` gives a name that is free. */
export function createTypes(language: Set<string>, unique: (wanted: string) => string): Types {
  /** By title and version. */
  const interfaces = new Map<string, { readonly name: string; readonly text: readonly string[] }>();

  return { textOf, declarations: () => [...interfaces.values()].flatMap(({ text }) => [...text, ""]) };

  function textOf(type: ValueType): string {
    if (type.kind === "artifact") {
      const name = artifactName(type.type);
      return type.list ? `readonly ${name}[]` : name;
    }
    if (type.literals) return type.literals.map((each) => JSON.stringify(each)).join(" | ");
    switch (type.type) {
      case "STRING":
        return "string";
      case "NUMBER_INTEGER":
        language.add("Int");
        return "Int";
      case "NUMBER_DOUBLE":
        return "number";
      case "BOOLEAN":
        return "boolean";
      case "LIST":
        return `readonly ${listItem(type.element)}[]`;
      case "STRUCT":
        return "Record<string, any>";
      case "TASK_FINAL_STATUS":
        language.add("FinalStatus");
        return "FinalStatus";
      case "TASK_CONFIG":
        language.add("TaskConfig");
        return "TaskConfig";
    }
  }

  /** One of ours, or an interface that the file declares. */
  function artifactName({ schemaTitle = "", schemaVersion = "0.0.1" }: ArtifactType): string {
    const [, title = ""] = /^system\.(.*)$/.exec(schemaTitle) ?? [];
    if (artifactNames.has(title) && schemaVersion === "0.0.1") {
      language.add(title);
      return title;
    }
    const id = `${schemaTitle}@${schemaVersion}`;
    const known = interfaces.get(id);
    if (known) return known.name;
    if (schemaTitle === "") throw new Unfit("an artifact has no type");
    language.add("Artifact");
    const words = schemaTitle.slice(schemaTitle.lastIndexOf(".") + 1).replace(/\W/g, "");
    const name = unique(/^[A-Za-z]/.test(words) ? words : "OwnArtifact");
    const text = [
      `interface ${name} extends Artifact {`,
      `  readonly schemaTitle: ${JSON.stringify(schemaTitle)};`,
      `  readonly schemaVersion: ${JSON.stringify(schemaVersion)};`,
      "}",
    ];
    interfaces.set(id, { name, text });
    return name;
  }

  function listItem(element: ValueType | undefined): string {
    if (!element) return "any";
    const text = textOf(element);
    return /^[\w<>, ]+$/.test(text) && !text.startsWith("readonly ") ? text : `(${text})`;
  }
}

const artifactNames = new Set(
  "Artifact Dataset Model Metrics ClassificationMetrics SlicedClassificationMetrics HTML Markdown".split(" "),
);
