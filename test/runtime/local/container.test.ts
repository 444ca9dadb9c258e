import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ContainerSpec } from "../../../language/spec/types.ts";
import { describeReason } from "../../../runtime/events.ts";
import { findEngine, planStep } from "../../../runtime/local/container.ts";
import { constant, packageOf, runPackage, scratch, task, text } from "./run-package.ts";

const none = (): Promise<string | undefined> => Promise.resolve(undefined);
const docker = () => Promise.resolve("/usr/bin/docker");
const install = `\nif ! [ -x "$(command -v pip)" ]; then\n    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\nPIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location 'pandas' && "$0" "$@"\n`;
const program = ["sh", "-ec", "python3 -m kfp.dsl.executor_main", "def f(): ..."];
const lightweight = (image: string, command = ["sh", "-c", install, ...program]): ContainerSpec => ({ image, command });
const kfp = { packages: ["kfp==2.17.0"], options: ["--no-deps"] };
const plan = (container: ContainerSpec, engine = none) => planStep(container, "kfp-2.17.0", process.env, engine);

describe("what needs no image", () => {
  test("a lightweight component on a Python image gets an environment of its packages and kfp", async () => {
    expect(await plan(lightweight("python:3.11"), docker)).toMatchObject({
      kind: "process",
      command: program,
      environment: { python: "3.11", calls: [{ packages: ["pandas"], options: [] }, kfp] },
    });
  });

  test.each([
    "python:3.11-slim",
    "docker.io/library/python:3.11",
    "public.ecr.aws/docker/library/python:3.11",
    "registry.access.redhat.com/ubi9/python-311:latest",
    "python@sha256:0123",
  ])("%s is a Python image", async (image) => {
    expect(await plan(lightweight(image), docker)).toMatchObject({ kind: "process" });
  });

  test("a shell or a program of the machine on an image that is only a shell", async () => {
    expect(await plan({ image: "alpine", command: ["sh", "-c", "true"] }, docker)).toMatchObject({
      kind: "process",
      command: ["sh", "-c", "true"],
    });
    expect(await plan({ image: "python:3.11", command: ["cat"] }, docker)).not.toHaveProperty("environment");
  });

  test("a command that installs something gets an environment that nobody shares", async () => {
    const a = await plan({ image: "python:3.11", command: ["sh", "-c", "pip install x && python a.py"] });
    const b = await plan({ image: "python:3.11", command: ["sh", "-c", "pip install y && python a.py"] });
    expect(a).toHaveProperty("environment.own");
    expect(a).not.toEqual(b);
  });
});

describe("what needs its image", () => {
  test.each([
    ["another image", { image: "gcr.io/me/trainer:1", command: ["python3", "train.py"] }],
    ["an image somebody called python", { image: "me/python:1", command: ["python3", "a.py"] }],
    ["no command", { image: "alpine" }],
    ["a program that only the image has", { image: "alpine", command: ["no-such-program"] }],
    ["a lightweight component on another image", lightweight("tensorflow/tensorflow:2.15")],
  ] as const)("runs in it where there is an engine: %s", async (_, container) => {
    // SAFETY: a literal of the same shape, read-only.
    expect(await plan(container as ContainerSpec, docker)).toEqual({ kind: "container", engine: "/usr/bin/docker" });
  });

  test("is refused without one, unless it brings its own source", async () => {
    await expect(plan({ image: "gcr.io/me/trainer:1", command: ["python3", "train.py"] })).rejects.toThrow(
      "This step runs only in its image gcr.io/me/trainer:1, and there is no Docker or Podman here.",
    );
    const tried = await plan(lightweight("tensorflow/tensorflow:2.15"));
    expect(tried).toMatchObject({
      kind: "process",
      note: expect.stringContaining("runs without its image tensorflow/tensorflow:2.15") as unknown,
    });
  });
});

/** A `docker` that writes down how it was called and runs the command as a process. */
function fakeDocker(answers: boolean): { bin: string; calls: () => string[] } {
  const bin = join(scratch(), "bin");
  mkdirSync(bin);
  const log = join(bin, "calls");
  const script = `#!/bin/sh
echo "$@" >> '${log}'
case "$1" in
version) ${answers ? "echo 28.0" : "echo 'Cannot connect to the Docker daemon' >&2; exit 1"} ;;
rm) pkill -f "$3-marker" ;;
run) while [ "$1" != --entrypoint ]; do shift; done; program=$2; shift 3; exec "$program" "$@" ;;
esac
`;
  writeFileSync(join(bin, "docker"), script);
  chmodSync(join(bin, "docker"), 0o755);
  writeFileSync(log, "");
  return { bin, calls: () => readFileSync(log, "utf8").trim().split("\n") };
}

const pkg = packageOf(
  {
    say: {
      image: "me/say:1",
      command: ["sh", "-c", 'printf %s "$0" > "$1"'],
      args: ["{{$.inputs.parameters['value']}}", "{{$.outputs.parameters['Output'].output_file}}"],
      env: [{ name: "GREETING", value: "a b" }],
      inputs: { parameters: { value: text } },
      outputs: { parameters: { Output: text } },
    },
  },
  { tasks: { say: task("say", { inputs: { parameters: { value: constant("hello") } } }) } },
);

test("a step is run by the engine, with its run's folder, its variables and its entrypoint", async () => {
  const { bin, calls } = fakeDocker(true);
  const told = await runPackage(pkg, { env: { ...process.env, PATH: `${bin}:/usr/bin:/bin` } });
  expect(told.outputs["root.say"]).toEqual({ Output: "hello" });
  const [, run] = calls();
  expect(run).toBe(
    `run --rm --name millrace-run-1-root.say-0 --volume ${told.folder}:${told.folder} --env GREETING=a b --entrypoint sh me/say:1 -c printf %s "$0" > "$1" hello ${told.folder}/outputs/root.say/Output`,
  );
});

test("a client without its daemon is no engine, and the step says what it needs", async () => {
  const { bin } = fakeDocker(false);
  const env = { ...process.env, PATH: `${bin}:/usr/bin:/bin` };
  expect(await findEngine({ PATH: bin })).toBeUndefined();
  const { reasons } = await runPackage(pkg, { env });
  expect(describeReason(reasons["root.say"] ?? { kind: "runner-died" })).toBe(
    "This step runs only in its image me/say:1, and there is no Docker or Podman here. Install and start one of them, or run the pipeline on a cluster.",
  );
});
