/** Sources with `$0` where the cursor stands. */
import { memoryFiles } from "../python/check.ts";
import type { Files } from "../../../language/source.ts";

export const path = "/w/pipeline.py";
export const options = { sdkVersion: "2.17.0", roots: [], env: {} };

export const steps = `from typing import NamedTuple
from kfp import dsl

@dsl.component(base_image="python:3.12", packages_to_install=["pandas==2.2.0"])
def load(rows: int, seed: int = 7, data: dsl.Output[dsl.Dataset] = None) -> float:
    """Loads customers.

    Args:
        rows: How many customers.
        data: The customers.
    """
    print(rows, f"{rows:>5}")
    def inner(rows):
        return rows
    return [rows for _ in range(rows)] and 0.5

@dsl.component
def train(data: dsl.Input[dsl.Dataset], rate: float = 0.1) -> NamedTuple("O", [("loss", float), ("epochs", int)]):
    return (0.1, 1)
`;

export interface Marked {
  readonly text: string;
  readonly offset: number;
  readonly files: Files;
}

/** The text of `/w/pipeline.py` without its mark, beside `/w/steps.py` and others of `/w`. */
export function marked(source: string, others: Readonly<Record<string, string>> = {}): Marked {
  const offset = source.indexOf("$0");
  if (offset < 0) throw new Error("no $0");
  const text = source.slice(0, offset) + source.slice(offset + 2);
  const all: Record<string, string> = { [path]: text, "/w/steps.py": steps };
  for (const [name, content] of Object.entries(others)) all[`/w/${name}`] = content;
  return { text, offset, files: memoryFiles(all) };
}

/** A pipeline over `steps.py` with these lines as its body. */
export function body(lines: string): string {
  const indented = lines.split("\n").map((line) => (line === "" ? line : `    ${line}`));
  return `from kfp import dsl, kubernetes
from steps import load, train

@dsl.pipeline
def fit(rows: int = 3, names: list = ["a"]):
${indented.join("\n")}
`;
}
