/** What a file reads of its environment, and what it asks from the network. */
import { describe, expect, it } from "vitest";
import { fetchedFolder, fetchedName, fetchedText, isFetchable } from "../../../language/python/fetched.ts";
import { analyze, memoryFiles } from "./check.ts";

const head = `import os
from kfp import dsl

@dsl.component
def use(text: str):
    pass

`;

function assumptions(setup: string, assumed: Readonly<Record<string, string>> | undefined, env = {}) {
  const text = `${head}${setup}\n`;
  const { diagnostics } = analyze(text, {}, { env: { ...env, ...assumed }, ...(assumed && { assumed }) });
  return diagnostics
    .filter(({ code }) => code === "assumed-environment")
    .map(({ span, message, severity }) => [text.slice(span.start, span.end), message, severity]);
}

describe("the environment", () => {
  it.each([
    ['x = os.environ.get("TAG", "latest")', 'os.environ.get("TAG", "latest")'],
    ['x = os.getenv("TAG") or "latest"', 'os.getenv("TAG")'],
    ['x = "TAG" in os.environ', '"TAG" in os.environ'],
    ['x = int(os.environ.get(\n    "TAG", 1))', 'os.environ.get(\n    "TAG", 1)'],
    ['try:\n    x = os.environ["TAG"]\nexcept KeyError:\n    x = ""', 'os.environ["TAG"]'],
  ])("is an assumption where it is read: %s", (setup, where) => {
    expect(assumptions(setup, {})).toEqual([[where, "TAG is taken to be not set.", "information"]]);
  });

  it("has the value that the settings give it", () => {
    const setup = 'x = os.environ["TAG"]\n@dsl.pipeline\ndef main():\n    use(text=x)';
    expect(assumptions(setup, { TAG: "v1" })).toEqual([
      ['os.environ["TAG"]', 'TAG is taken to be "v1", as in the settings.', "information"],
    ]);
    const { definitions } = analyze(`${head}${setup}\n`, {}, { env: { TAG: "v1" } });
    expect(JSON.stringify(definitions.at(-1)?.compile().compiled?.spec.root)).toContain('"v1"');
  });

  it("does not show a value of the process, which may be a secret", () => {
    expect(assumptions('x = os.environ["TOKEN"]', {}, { TOKEN: "s3cret" })).toEqual([
      ['os.environ["TOKEN"]', "TOKEN is taken to be what it is in the editor's environment.", "information"],
    ]);
  });

  it("is none where the file sets it, nor where it is the process's own", () => {
    expect(assumptions('os.environ["TAG"] = "x"\ny = os.environ["TAG"]', {})).toEqual([]);
    expect(assumptions('y = os.environ.get("TAG")', undefined)).toEqual([]);
  });

  it("says at the read what is not set, and nowhere later", () => {
    const text = `${head}x = os.environ["TAG"]\ny = {}.get("a")\n`;
    const { diagnostics } = analyze(text, {}, { assumed: {} });
    expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
      ["assumed-environment", 'os.environ["TAG"]'],
      ["python-error", 'os.environ["TAG"]'],
    ]);
  });
});

describe("a component from a URL", () => {
  const url = "https://example.org/components/train/component.yaml?v=1";
  const text = `from kfp import components, dsl
train = components.load_component_from_url("${url}")

@dsl.pipeline
def main():
    train(rows=3)
`;
  const yaml = `name: Train
inputs:
- {name: rows, type: Integer}
implementation:
  container:
    image: train:1
    command: [train, {inputValue: rows}]
`;
  it("is asked for where it is loaded", () => {
    const { diagnostics } = analyze(text);
    expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])[0]).toEqual([
      "not-fetched",
      `components.load_component_from_url("${url}")`,
    ]);
  });
  it("is read where it was fetched, in the folder or above it", () => {
    const { definitions, diagnostics } = analyze(text, { [`${fetchedFolder}/${fetchedName(url)}`]: yaml });
    expect(diagnostics).toEqual([]);
    expect(JSON.stringify(definitions[0]?.compile().compiled?.spec.deploymentSpec)).toContain("train:1");
    const files = memoryFiles({ [`/${fetchedFolder}/${fetchedName(url)}`]: yaml });
    expect(fetchedText(files, "/w/a/b", url)).toBe(yaml);
  });
  it("has a name of its own", () => {
    const names = [url, url.replace("v=1", "v=2"), url.replace("https", "http"), `${url}${"x".repeat(500)}`].map(
      fetchedName,
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[\w][\w.-]{1,100}\.yaml$/);
  });
  it.each(["file:///etc/passwd", "https://", "ftp://a/b", "https:///x", "components/a.yaml"])("is not %s", (one) =>
    expect(isFetchable(one)).toBe(false),
  );
  it("is of the web", () => expect(isFetchable(url)).toBe(true));
});
