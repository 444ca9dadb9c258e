import { dirname } from "node:path";
import { dagView } from "../../language/dag/from-spec.ts";
import { readDefinition, Rejected } from "../compile/compile-file.ts";
import { findWorkspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { diagnosticLine, place } from "./diagnostics.ts";
import { compileHelp, compileOptions, writeResult } from "./compile.ts";
import { refusing } from "./refusing.ts";
import type { Terminal } from "./terminal.ts";
import { compiledBy, hintAtPython, withPython } from "./with-python.ts";

const formats = ["text", "json", "mermaid", "svg"] as const;
type Format = (typeof formats)[number];

export const graph = command({
  usage: "graph FILE [--format text|json|mermaid|svg]",
  options: { ...compileOptions, format: { type: "string", short: "f" }, output: { type: "string", short: "o" } },
  help: [
    ["-f, --format FORMAT", "text (a picture for the terminal), json, mermaid or svg"],
    ["-o, --output FILE", "where to write it; stdout otherwise"],
    ...compileHelp,
  ],
  examples: ["graph samples/churn/pipeline.py", "graph pipeline.yaml --format svg -o pipeline.svg"],
  arity: [1, 1],
  run: ({ args: [path = ""], options, terminal, signal }) =>
    refusing(terminal, async () => {
      const format = formatOf(options.format ?? (terminal.json ? "json" : "text"));
      const roots = [findWorkspace(dirname(path)).root, ...(options["python-path"] ?? [])];
      const { definition, compiled, diagnostics } = await readDefinition(path, {
        pipeline: options.pipeline,
        sdkVersion: options["sdk-version"],
        roots,
        ...withPython(path, options, roots, terminal, signal),
      });
      if (!compiled) throw new Rejected(path, diagnostics);
      const text = await draw(format, dagView(compiled), terminal, options.output === undefined);
      if (options.output === undefined) terminal.write(text.endsWith("\n") ? text : `${text}\n`);
      else writeResult(options.output, text);
      // What is left of a pipeline with errors is drawn, as the editor does.
      for (const diagnostic of place(diagnostics)) terminal.complain(diagnosticLine(diagnostic, terminal));
      if (definition.byPython) terminal.note(compiledBy(definition.byPython));
      else hintAtPython(diagnostics, terminal);
      return diagnostics.some(({ severity }) => severity === "error") ? 2 : 0;
    }),
});

function formatOf(name: string): Format {
  const found = formats.find((format) => format === name);
  if (!found)
    throw new UserError("usage", `There is no format "${name}".`, {
      action: `Formats: ${formats.join(", ")}.`,
      exit: 2,
    });
  return found;
}

async function draw(
  format: Format,
  dag: ReturnType<typeof dagView>,
  terminal: Terminal,
  onScreen: boolean,
): Promise<string> {
  switch (format) {
    case "text":
      return (await import("../../language/dag/text.ts")).toText(dag, {
        color: onScreen && terminal.paint("bold", "x") !== "x",
        ...(onScreen && terminal.live ? { width: terminal.columns } : {}),
      });
    case "json":
      return JSON.stringify(dag);
    case "mermaid":
      return (await import("../../language/dag/mermaid.ts")).toMermaid(dag);
    case "svg": {
      const [{ layout }, { toSvg }] = await Promise.all([
        import("../../language/dag/layout.ts"),
        import("../../language/dag/svg.ts"),
      ]);
      return toSvg(await layout(dag));
    }
  }
}
