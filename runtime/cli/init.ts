import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { newSettings } from "../../language/declarations.ts";
import { commonFiles, writeTypes } from "../../language/types-folder.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { shownPath } from "./diagnostics.ts";

export const init = command({
  usage: "init [DIR]",
  options: { language: { type: "string" } },
  help: [["--language ts|py", "what the pipeline is written in; ts otherwise"]],
  examples: ["init churn", "init churn --language py"],
  arity: [0, 1],
  run({ args: [folder = "."], options, terminal }) {
    const { language = "ts" } = options;
    if (language !== "ts" && language !== "py")
      throw new UserError("usage", `There is no language "${language}".`, { action: "There are ts and py.", exit: 2 });
    const root = resolve(folder);
    const name =
      basename(root)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "") || "hello";
    const made = language === "ts" ? typescriptProject(name) : pythonProject(name);
    const first = Object.keys(made).find((file) => file !== ".gitignore" && existsSync(join(root, file)));
    if (first !== undefined)
      throw new UserError("exists", `${shownPath(join(root, first))} is there already.`, {
        action: "Choose another folder.",
        exit: 2,
      });
    const written = Object.entries(made).filter(([file]) => !existsSync(join(root, file)));
    try {
      mkdirSync(root, { recursive: true });
      for (const [file, text] of written) writeFileSync(join(root, file), text);
      if (language === "ts") writeTypes(root, commonFiles(root));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UserError("cannot-write", `${root} cannot be written: ${why}.`, { cause });
    }
    const pipeline = shownPath(join(root, `pipeline.${language}`));
    if (terminal.json) terminal.document(written.map(([file]) => join(root, file)));
    else for (const [file] of written) terminal.out(shownPath(join(root, file)));
    terminal.note(`Run it: millrace run ${pipeline}`);
    return 0;
  },
});

function typescriptProject(name: string): Readonly<Record<string, string>> {
  return {
    "pipeline.ts": `import { component, pipeline, type Int, type Markdown, type Output } from "millrace";

// %% Steps
/** A body is ordinary code: it runs in a container of its own, or here. */
export const makeNumbers = component({}, ({ count }: { count: Int }): { numbers: number[] } => ({
  numbers: Array.from({ length: count }, (_, index) => (index + 1) ** 2),
}));

export const report = component({}, ({ numbers, page }: { numbers: number[]; page: Output<Markdown> }): void => {
  const sum = numbers.reduce((all, each) => all + each, 0);
  page.write(\`# Squares\\n\\nThe sum of \${numbers.length} squares is **\${sum}**.\\n\`);
  console.log(\`sum: \${sum}\`);
});

// %% Pipeline
/** A pipeline is read, not run: its calls are steps. */
export default pipeline({ name: "${name}" }, ({ count = 10 }: { count?: Int }) => {
  const { numbers } = makeNumbers({ count });
  report({ numbers });
});
`,
    "tsconfig.json": newSettings,
    ".gitignore": "node_modules/\n.millrace/\n",
  };
}

function pythonProject(name: string): Readonly<Record<string, string>> {
  return {
    "pipeline.py": `from typing import List

from kfp import dsl


# %% Steps
@dsl.component
def make_numbers(count: int) -> List[int]:
    """A body runs in a container of its own, or here."""
    return [(index + 1) ** 2 for index in range(count)]


@dsl.component
def report(numbers: List[int], page: dsl.Output[dsl.Markdown]):
    with open(page.path, "w") as file:
        file.write(f"# Squares\\n\\nThe sum of {len(numbers)} squares is **{sum(numbers)}**.\\n")
    print("sum:", sum(numbers))


# %% Pipeline
@dsl.pipeline(name="${name}")
def squares(count: int = 10):
    report(numbers=make_numbers(count=count).output)
`,
    ".gitignore": "__pycache__/\n.venv/\n.millrace/\n",
  };
}
