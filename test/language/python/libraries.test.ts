/** Installed packages of components: their source is read as the file's own modules are. */
import { describe, expect, it } from "vitest";
import { environmentsNear, sitePackagesOf } from "../../../language/python/libraries.ts";
import { analyzePython } from "../../../language/python/front-end.ts";
import { memoryFiles } from "./check.ts";

const site = "/env/lib/python3.11/site-packages";
const metadata = (...needs: string[]): string =>
  `Metadata-Version: 2.1\nName: acme\n${needs.map((one) => `Requires-Dist: ${one}\n`).join("")}\nRequires-Dist: kfp in words\n`;
const component = `from kfp import dsl
from acme_parts.helpers import image
import numpy as np

@dsl.component(base_image=image("train"))
def train(rows: int, name: str = "a") -> str:
    return name
`;

/** What is installed is known by its version: every case has its own. */
let version = 0;

function read(needs: string, text: string, more: Readonly<Record<string, string>> = {}, record?: string) {
  const about = `${site}/acme_components-1.${++version}.dist-info`;
  const files = {
    [`${about}/METADATA`]: metadata(needs),
    [`${about}/RECORD`]: record ?? "acme_parts/__init__.py,,\nacme_parts/helpers.py,,\nREADME.md,,\n",
    [`${site}/acme_parts/__init__.py`]: component,
    [`${site}/acme_parts/helpers.py`]:
      'import sys\nTAGS = {"train": 3}\ndef image(name):\n    return f"acme/{name}:{TAGS[name]}"\n',
    [`${site}/numpy-2.0.dist-info/METADATA`]: metadata(),
    [`${site}/numpy-2.0.dist-info/RECORD`]: "numpy/__init__.py,,\n",
    [`${site}/numpy/__init__.py`]: "raise RuntimeError('not to be read')\n",
    ...more,
  };
  const all = memoryFiles({ ...files, "/w/pipeline.py": text });
  return analyzePython("/w/pipeline.py", all, { sdkVersion: "2.17.0", roots: [], env: {}, libraries: [site] });
}

const pipeline = (body: string): string =>
  `from kfp import dsl\nfrom acme_parts import train\n\n@dsl.pipeline\ndef main():\n    ${body}\n`;

describe("a package of components", () => {
  it("is read where it needs kfp", () => {
    const { definitions, diagnostics } = read("kfp>=2", pipeline("train(rows=3)"));
    expect(diagnostics).toEqual([]);
    const spec = definitions[0]?.compile().compiled?.spec;
    expect(JSON.stringify(spec?.deploymentSpec)).toContain("acme/train:3");
    expect(definitions.map(({ symbol }) => symbol)).toEqual(["main"]);
  });

  it.each(["numpy", "kfp-kubernetes", 'kfp ; extra == "pipelines"'])("is not where it needs %s", (needs) => {
    const { diagnostics } = read(needs, pipeline("train(rows=3)"));
    expect(diagnostics.map(({ code }) => code)).toContain("not-known");
  });

  it("tells what is wrong with its use where it is used", () => {
    const text = pipeline("train(rows='many')");
    const { diagnostics } = read("kfp", text);
    expect(diagnostics.map(({ code, span }) => [code, text.slice(span.start, span.end)])).toEqual([
      ["argument-type", "'many'"],
    ]);
  });

  it("tells nothing of what is wrong inside, until it matters", () => {
    const broken = {
      [`${site}/acme_parts/helpers.py`]: "import no_such\nx = 1 / 0\ndef image(name):\n    return no_such.tag(name)\n",
    };
    expect(read("kfp", "from acme_parts import helpers\n", broken).diagnostics).toEqual([]);
    const text =
      "from kfp import dsl\nfrom acme_parts import helpers\n\n@dsl.component(base_image=helpers.image('a'))\ndef c():\n    pass\n";
    const [first] = read("kfp", text, broken).diagnostics;
    expect(first?.code).toBe("not-known");
    expect(first?.span.path).toBe("/w/pipeline.py");
  });

  it("does not spend the file's own steps", () => {
    const endless = { [`${site}/acme_parts/helpers.py`]: "while True:\n    pass\n" };
    const { diagnostics } = read("kfp", pipeline("train(rows=3)"), endless);
    expect(diagnostics.map(({ code }) => code)).not.toContain("endless-evaluation");
  });

  it("is read from its sources where it is installed from them", () => {
    const editable = {
      [`${site}/__editable__.acme.pth`]: "/src/acme\n",
      "/src/acme/acme_parts/__init__.py": component.replace("acme_parts.helpers", "acme_parts.other"),
      "/src/acme/acme_parts/other.py": 'def image(name):\n    return "edited"\n',
    };
    const { definitions } = read("kfp", pipeline("train(rows=3)"), editable, "__editable__.acme.pth,,\n");
    expect(JSON.stringify(definitions[0]?.compile().compiled?.spec.deploymentSpec)).toContain("edited");
  });
});

describe("environments", () => {
  const files = memoryFiles({
    "/w/.venv/pyvenv.cfg": "",
    "/w/.venv/lib/python3.12/site-packages/a.py": "",
    "/w/team/venv/pyvenv.cfg": "",
    "/usr/lib/python3/dist-packages/b.py": "",
    "/win/Lib/site-packages/c.py": "",
  });
  it("are found beside the file and above it", () => {
    expect(environmentsNear(files, "/w/team/deep/pipeline.py", "/w")).toEqual(["/w/team/venv", "/w/.venv"]);
    expect(environmentsNear(files, "/w/team/deep/pipeline.py", undefined)).toEqual([]);
  });
  it("have their packages in site-packages", () => {
    expect(sitePackagesOf(files, "/w/.venv")).toEqual(["/w/.venv/lib/python3.12/site-packages"]);
    expect(sitePackagesOf(files, "/w/.venv/bin/python")).toEqual(["/w/.venv/lib/python3.12/site-packages"]);
    expect(sitePackagesOf(files, "/usr/bin/python3")).toEqual(["/usr/lib/python3/dist-packages"]);
    expect(sitePackagesOf(files, "/win/Scripts/python.exe")).toEqual(["/win/Lib/site-packages"]);
    expect(sitePackagesOf(files, "/nowhere")).toEqual([]);
  });
});
