import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { parseInstall } from "../../../runtime/local/install.ts";

const ensure =
  '\nif ! [ -x "$(command -v pip)" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\n';
const pip = "python3 -m pip install --quiet --no-warn-script-location ";
const kfp = `'kfp==2.17.0' '--no-deps' 'typing-extensions>=3.7.4,<5; python_version<"3.9"'`;
const kfpCall = {
  packages: ["kfp==2.17.0", 'typing-extensions>=3.7.4,<5; python_version<"3.9"'],
  options: ["--no-deps"],
};
const program = ["sh", "-ec", "program", "source"];
const lightweight = (install: string) => [
  "sh",
  "-c",
  `${ensure}PIP_DISABLE_PIP_VERSION_CHECK=1 ${install} && "$0" "$@"\n`,
  ...program,
];

test.each([
  ["only kfp", `${pip}${kfp}`, [kfpCall]],
  [
    "packages and kfp",
    `${pip}'pandas==2.2.0' 'x[all]>=1,<2'  &&  ${pip}${kfp}`,
    [{ packages: ["pandas==2.2.0", "x[all]>=1,<2"], options: [] }, kfpCall],
  ],
  [
    "index and trusted hosts",
    `${pip}--index-url https://one.invalid/simple --extra-index-url https://two.invalid/simple --trusted-host one.invalid 'a'`,
    [
      {
        packages: ["a"],
        options: [
          "--index-url",
          "https://one.invalid/simple",
          "--extra-index-url",
          "https://two.invalid/simple",
          "--trusted-host",
          "one.invalid",
        ],
      },
    ],
  ],
  [
    "a name with a quote, as Python's repr writes it",
    `${pip}"it's==1" 'git+https://example.invalid/kfp.git@main#subdirectory=a/b'`,
    [{ packages: ["it's==1", "git+https://example.invalid/kfp.git@main#subdirectory=a/b"], options: [] }],
  ],
  [
    "a venv of its own",
    `${pip}'pandas'  &&  \nexport PIP_DISABLE_PIP_VERSION_CHECK=1\ntmp=$(mktemp -d)\npython3 -m venv "$tmp/venv" --system-site-packages\n. "$tmp/venv/bin/activate"\n ${pip}${kfp}`,
    [{ packages: ["pandas"], options: [] }, kfpCall],
  ],
])("%s", (_, install, calls) => {
  expect(parseInstall(lightweight(install))).toEqual({ calls, rest: program });
});

test.each([
  ["no wrapper", program],
  ["another command in between", lightweight(`${pip}a && curl x`)],
  ["a pipe", lightweight(`${pip}a | tee log`)],
  ["a variable", lightweight(`${pip}$PACKAGE`)],
  ["nothing after it", ["sh", "-c", `${ensure}${pip}'a' && "$0" "$@"\n`]],
])("%s is not recognised", (_, command) => {
  expect(parseInstall(command)).toBeUndefined();
});

const corpus = join(import.meta.dirname, "../../../../shared/corpus");

test("every lightweight component of the corpus is recognised", ({ skip }) => {
  if (!existsSync(corpus)) skip("no corpus beside the project");
  let seen = 0;
  for (const name of readdirSync(corpus)) {
    const file = join(corpus, name, "expected.yaml");
    if (!existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    if (!text.includes("pip install")) continue;
    // SAFETY: compiled by the SDK.
    const spec = parseAllDocuments(text)[0]?.toJS() as {
      deploymentSpec: { executors: Record<string, { container?: { command?: string[] } }> };
    };
    for (const { container } of Object.values(spec.deploymentSpec.executors)) {
      const command = container?.command ?? [];
      if (command[0] !== "sh" || !command[2]?.includes("pip install")) continue;
      seen++;
      const parsed = parseInstall(command);
      expect(parsed?.calls.flatMap((call) => call.packages).length, `${name}: ${command[2]}`).toBeGreaterThan(0);
    }
  }
  expect(seen).toBeGreaterThan(400);
});
