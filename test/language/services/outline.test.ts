import { expect, test } from "vitest";
import { analyzePython } from "../../../language/python/front-end.ts";
import { type OutlineEntry, outline } from "../../../language/services/outline.ts";
import { body, marked, options, path } from "./marked.ts";

function lines(entries: readonly OutlineEntry[], depth = 0): readonly string[] {
  return entries.flatMap(({ name, kind, detail, children }) => [
    `${"  ".repeat(depth)}${kind} ${name}${detail ? ` (${detail})` : ""}`,
    ...lines(children, depth + 1),
  ]);
}

test("pipelines with their steps in groups, components, nothing of other files", () => {
  const source = `$0${body('a = load(rows=rows)\nwith dsl.ParallelFor(names) as name:\n    train(data=a.outputs["data"])\nmine()')}`;
  const { files } = marked(
    source.replace("@dsl.pipeline", "@dsl.component\ndef mine():\n    pass\n\n@dsl.pipeline(name='the-fit')"),
  );
  const { definitions } = analyzePython(path, files, options);
  const entries = outline(path, definitions, (definition) => definition.compile().compiled);
  expect(lines(entries)).toEqual([
    "component mine (component)",
    "pipeline fit (pipeline the-fit)",
    "  step load",
    "  group for-loop-1",
    "    step train",
    "  step mine",
  ]);
  const inside = ({ span, children }: OutlineEntry): boolean =>
    children.every((child) => child.span.start >= span.start && child.span.end <= span.end && inside(child));
  expect(entries.every(inside)).toBe(true);
});
