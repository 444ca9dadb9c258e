import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { describeReason } from "../../../runtime/events.ts";
import { isAlive } from "../../../runtime/store/process.ts";
import {
  constant,
  dataset,
  echo,
  from,
  input,
  integer,
  list,
  packageOf,
  remember,
  runPackage,
  scratch,
  shell,
  task,
  text,
} from "./run-package.ts";

describe("values flow", () => {
  test("between steps, with integers staying integers and placeholders in texts", async () => {
    const pkg = packageOf(
      { number: echo("NUMBER_INTEGER"), say: echo() },
      {
        tasks: {
          number: task("number", { inputs: { parameters: { value: input("n") } } }),
          say: task("say", {
            dependentTasks: ["number"],
            inputs: {
              parameters: {
                "pipelinechannel--number-Output": from("number"),
                value: constant(
                  "n is {{$.inputs.parameters['pipelinechannel--number-Output']}} in {{$.pipeline_job_uuid}}",
                ),
              },
            },
          }),
        },
      },
      { inputs: { parameters: { n: { ...integer, defaultValue: 3, isOptional: true } } } },
    );
    const told = await runPackage(pkg, { parameters: { n: 41 } });
    expect(told.state).toBe("SUCCEEDED");
    expect(told.outputs["root.number"]).toEqual({ Output: 41 });
    expect(told.outputs["root.say"]).toEqual({ Output: "n is 41 in run-1" });
    expect((await runPackage(pkg)).outputs["root.say"]).toEqual({ Output: "n is 3 in run-1" });
  });

  test("of artifacts: path, metadata, digest and size, and on to the next step", async () => {
    const pkg = packageOf(
      {
        make: shell(
          `printf abc > "$0"; printf '{"artifacts":{"data":{"artifacts":[{"name":"data","uri":"%s","metadata":{"rows":3}}]}}}' "$0" > "$1"`,
          {
            args: ["{{$.outputs.artifacts['data'].path}}", "{{$.outputs.output_file}}"],
            outputs: { artifacts: { data: dataset } },
          },
        ),
        read: shell(`cat "$0" > "$1"; printf %s "$2" >> "$1"`, {
          args: [
            "{{$.inputs.artifacts['data'].path}}",
            "{{$.outputs.parameters['Output'].output_file}}",
            "{{$.inputs.artifacts['data'].metadata['rows']}}",
          ],
          inputs: { artifacts: { data: dataset } },
          outputs: { parameters: { Output: text } },
        }),
      },
      {
        tasks: {
          make: task("make"),
          read: task("read", {
            inputs: {
              artifacts: { data: { taskOutputArtifact: { producerTask: "make", outputArtifactKey: "data" } } },
            },
          }),
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.outputs["root.read"]).toEqual({ Output: "abc3" });
    expect(told.artifacts["root.make"]).toEqual([
      {
        id: "run-1/root.make/data",
        name: "data",
        type: "system.Dataset",
        uri: join(told.folder, "outputs/root.make/data"),
        metadata: { rows: 3 },
        digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        sizeBytes: 3,
      },
    ]);
  });

  test("through a nested pipeline and its defaults", async () => {
    const pkg = packageOf(
      { echo: echo() },
      {
        tasks: {
          inner: task("inner", { inputs: { parameters: { a: constant("given") } } }),
          after: task("after", { of: "echo", inputs: { parameters: { value: from("inner", "both") } } }),
        },
      },
      {
        groups: {
          inner: {
            inputDefinitions: { parameters: { a: text, b: { ...text, defaultValue: "default", isOptional: true } } },
            outputDefinitions: { parameters: { both: text } },
            dag: {
              tasks: {
                echo: task("echo", {
                  inputs: {
                    parameters: {
                      "pipelinechannel--a": input("a"),
                      "pipelinechannel--b": input("b"),
                      value: constant(
                        "{{$.inputs.parameters['pipelinechannel--a']}}-{{$.inputs.parameters['pipelinechannel--b']}}",
                      ),
                    },
                  },
                }),
              },
              outputs: {
                parameters: { both: { valueFromParameter: { producerSubtask: "echo", outputParameterKey: "Output" } } },
              },
            },
          },
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.outputs["root.after"]).toEqual({ Output: "given-default" });
    expect(told.states).toEqual({
      root: "SUCCEEDED",
      "root.inner": "SUCCEEDED",
      "root.inner.echo": "SUCCEEDED",
      "root.after": "SUCCEEDED",
    });
  });
});

describe("conditions", () => {
  const branch = (name: string, condition: string) =>
    task(name, { inputs: { parameters: { x: input("x") } }, triggerPolicy: { condition } });
  const arm = (value: string) => ({
    inputDefinitions: { parameters: { x: text } },
    outputDefinitions: { parameters: { chosen: text } },
    dag: {
      tasks: { echo: task("echo", { inputs: { parameters: { value: constant(value) } } }) },
      outputs: {
        parameters: { chosen: { valueFromParameter: { producerSubtask: "echo", outputParameterKey: "Output" } } },
      },
    },
  });
  const pkg = packageOf(
    { echo: echo() },
    {
      tasks: {
        "condition-branches-1": task("condition-branches-1", { inputs: { parameters: { x: input("x") } } }),
        after: task("after", { of: "echo", inputs: { parameters: { value: from("condition-branches-1", "one") } } }),
      },
    },
    {
      inputs: { parameters: { x: text } },
      groups: {
        "condition-2": arm("big"),
        "condition-3": arm("small"),
        "condition-branches-1": {
          inputDefinitions: { parameters: { x: text } },
          dag: {
            tasks: {
              "condition-2": branch("condition-2", "inputs.parameter_values['x'] == 'heads'"),
              "condition-3": branch("condition-3", "!(inputs.parameter_values['x'] == 'heads')"),
            },
            outputs: {
              parameters: {
                one: {
                  valueFromOneof: {
                    parameterSelectors: ["condition-2", "condition-3"].map((producerSubtask) => ({
                      producerSubtask,
                      outputParameterKey: "chosen",
                    })),
                  },
                },
              },
            },
          },
        },
      },
    },
  );

  test("run one branch, skip the other with all in it, and OneOf takes the one that ran", async () => {
    const told = await runPackage(pkg, { parameters: { x: "it's tails" } });
    expect(told.outputs["root.after"]).toEqual({ Output: "small" });
    expect(told.states).toMatchObject({
      "root.condition-branches-1": "SUCCEEDED",
      "root.condition-branches-1.condition-2": "SKIPPED",
      "root.condition-branches-1.condition-2.echo": "SKIPPED",
      "root.condition-branches-1.condition-3.echo": "SUCCEEDED",
    });
    expect(told.reasons["root.condition-branches-1.condition-2"]).toEqual({
      kind: "condition-false",
      condition: "inputs.parameter_values['x'] == 'heads'",
    });
    const types = Object.fromEntries(
      told.events.flatMap((event) => (event.kind === "task-created" ? [[event.path, event.type]] : [])),
    );
    expect(types).toMatchObject({
      root: "ROOT",
      "root.condition-branches-1": "CONDITION_BRANCH",
      "root.condition-branches-1.condition-2": "CONDITION",
      "root.after": "RUNTIME",
    });
  });

  test("that cannot be evaluated fail the task and say why", async () => {
    const broken = packageOf(
      { echo: echo() },
      {
        tasks: {
          a: task("a", {
            of: "echo",
            inputs: { parameters: { value: constant("1") } },
            triggerPolicy: { condition: "inputs.parameter_values['y'] == 1" },
          }),
        },
      },
    );
    const told = await runPackage(broken);
    expect(told.state).toBe("FAILED");
    expect(describeReason(told.reasons["root.a"] ?? { kind: "runner-died" })).toContain("No such key: y");
  });
});

describe("loops", () => {
  const loop = (rest: object) => task("for-loop-1", rest);
  const body = {
    inputDefinitions: { parameters: { item: integer } },
    outputDefinitions: { parameters: { doubled: list } },
    dag: {
      tasks: { double: task("double", { inputs: { parameters: { n: input("item") } } }) },
      outputs: {
        parameters: { doubled: { valueFromParameter: { producerSubtask: "double", outputParameterKey: "Output" } } },
      },
    },
  };
  const double = shell('printf %s $(( $0 * 2 )) > "$1"', {
    args: ["{{$.inputs.parameters['n']}}", "{{$.outputs.parameters['Output'].output_file}}"],
    inputs: { parameters: { n: integer } },
    outputs: { parameters: { Output: integer } },
  });

  test("over constants collect in order; a collected list of integers stays integers", async () => {
    const pkg = packageOf(
      { double, sum: echo("LIST") },
      {
        tasks: {
          "for-loop-1": loop({ parameterIterator: { itemInput: "item", items: { raw: "[3, 1, 2]" } } }),
          sum: task("sum", { inputs: { parameters: { value: from("for-loop-1", "doubled") } } }),
        },
      },
      { groups: { "for-loop-1": body } },
    );
    const told = await runPackage(pkg);
    expect(told.outputs["root.sum"]).toEqual({ Output: [6, 2, 4] });
    expect(told.states["root.for-loop-1[2].double"]).toBe("SUCCEEDED");
    expect(
      told.events.find((event) => event.kind === "task-created" && event.path === "root.for-loop-1[2]"),
    ).toMatchObject({ iteration: 2, parent: "root.for-loop-1" });
  });

  test("over nothing collect nothing", async () => {
    const pkg = packageOf(
      { double, sum: echo("LIST") },
      {
        tasks: {
          "for-loop-1": loop({ parameterIterator: { itemInput: "item", items: { raw: "[]" } } }),
          sum: task("sum", { inputs: { parameters: { value: from("for-loop-1", "doubled") } } }),
        },
      },
      { groups: { "for-loop-1": body } },
    );
    expect((await runPackage(pkg)).outputs["root.sum"]).toEqual({ Output: [] });
  });

  test("over a step's list, nested, with a field of each item", async () => {
    const pkg = packageOf(
      { items: echo("LIST"), name: echo(), join: echo("LIST") },
      {
        tasks: {
          items: task("items", {
            inputs: {
              parameters: {
                value: constant([
                  { name: "a", n: [1, 2] },
                  { name: "b", n: [3] },
                ]),
              },
            },
          }),
          outer: task("outer", {
            inputs: { parameters: { items: from("items") } },
            parameterIterator: { itemInput: "item", items: { inputParameter: "items" } },
          }),
          join: task("join", { inputs: { parameters: { value: from("outer", "names") } } }),
        },
      },
      {
        groups: {
          outer: {
            inputDefinitions: { parameters: { items: list, item: { parameterType: "STRUCT" } } },
            outputDefinitions: { parameters: { names: list } },
            dag: {
              tasks: {
                inner: task("inner", {
                  inputs: {
                    parameters: {
                      name: { ...input("item"), parameterExpressionSelector: 'parseJson(string_value)["name"]' },
                      ns: { ...input("item"), parameterExpressionSelector: 'parseJson(string_value)["n"]' },
                    },
                  },
                  parameterIterator: { itemInput: "n", items: { inputParameter: "ns" } },
                }),
              },
              outputs: {
                parameters: {
                  names: { valueFromParameter: { producerSubtask: "inner", outputParameterKey: "names" } },
                },
              },
            },
          },
          inner: {
            inputDefinitions: { parameters: { name: text, n: integer, ns: list } },
            outputDefinitions: { parameters: { names: list } },
            dag: {
              tasks: {
                name: task("name", {
                  inputs: {
                    parameters: {
                      a: input("name"),
                      b: input("n"),
                      value: constant("{{$.inputs.parameters['a']}}{{$.inputs.parameters['b']}}"),
                    },
                  },
                }),
              },
              outputs: {
                parameters: {
                  names: { valueFromParameter: { producerSubtask: "name", outputParameterKey: "Output" } },
                },
              },
            },
          },
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.runReason).toBeUndefined();
    expect(told.outputs["root.join"]).toEqual({ Output: [["a1", "a2"], ["b3"]] });
    expect(told.states["root.outer[1].inner[0].name"]).toBe("SUCCEEDED");
  });

  test("over artifacts, and artifacts collected", async () => {
    const make = shell('printf %s "$0" > "$1"', {
      args: ["{{$.inputs.parameters['n']}}", "{{$.outputs.artifacts['file'].path}}"],
      inputs: { parameters: { n: integer } },
      outputs: { artifacts: { file: dataset } },
    });
    const read = shell('cat "$0" > "$1"', {
      args: ["{{$.inputs.artifacts['file'].path}}", "{{$.outputs.parameters['Output'].output_file}}"],
      inputs: { artifacts: { file: dataset } },
      outputs: { parameters: { Output: text } },
    });
    const pkg = packageOf(
      { make, read },
      {
        tasks: {
          makers: task("makers", { parameterIterator: { itemInput: "n", items: { raw: "[7, 8]" } } }),
          readers: task("readers", {
            inputs: {
              artifacts: { files: { taskOutputArtifact: { producerTask: "makers", outputArtifactKey: "files" } } },
            },
            artifactIterator: { itemInput: "file", items: { inputArtifact: "files" } },
          }),
        },
      },
      {
        groups: {
          makers: {
            inputDefinitions: { parameters: { n: integer } },
            outputDefinitions: { artifacts: { files: { ...dataset, isArtifactList: true } } },
            dag: {
              tasks: { make: task("make", { inputs: { parameters: { n: input("n") } } }) },
              outputs: {
                artifacts: { files: { artifactSelectors: [{ producerSubtask: "make", outputArtifactKey: "file" }] } },
              },
            },
          },
          readers: {
            inputDefinitions: { artifacts: { files: { ...dataset, isArtifactList: true }, file: dataset } },
            dag: {
              tasks: { read: task("read", { inputs: { artifacts: { file: { componentInputArtifact: "file" } } } }) },
            },
          },
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.outputs["root.readers[0].read"]).toEqual({ Output: "7" });
    expect(told.outputs["root.readers[1].read"]).toEqual({ Output: "8" });
  });

  test("keep to their parallelism limit", async () => {
    const folder = scratch();
    // Each marks itself, counts the marks, and takes its own away.
    const count = shell('mkdir "$1/$0"; ls "$1" | wc -l | tr -d " \\n" > "$2"; sleep 0.1; rmdir "$1/$0"', {
      args: ["{{$.inputs.parameters['n']}}", folder, "{{$.outputs.parameters['Output'].output_file}}"],
      inputs: { parameters: { n: integer } },
      outputs: { parameters: { Output: integer } },
    });
    const at = async (parallelismLimit: number): Promise<number> => {
      const pkg = packageOf(
        { count },
        {
          tasks: {
            loop: task("loop", {
              of: "count",
              parameterIterator: { itemInput: "n", items: { raw: "[1,2,3,4,5,6]" } },
              iteratorPolicy: { parallelismLimit },
            }),
          },
        },
      );
      const told = await runPackage(pkg, { parallelism: 6 });
      expect(told.state).toBe("SUCCEEDED");
      return Math.max(
        ...Object.values(told.outputs).flatMap(({ Output }) => (typeof Output === "number" ? [Output] : [])),
      );
    };
    expect(await at(1)).toBe(1);
    expect(await at(2)).toBe(2);
    expect(await at(0)).toBeGreaterThan(2);
  });

  test("over what is no list fail and say so", async () => {
    const pkg = packageOf(
      { double },
      { tasks: { loop: task("loop", { of: "double", parameterIterator: { itemInput: "n", items: { raw: "5" } } }) } },
    );
    expect((await runPackage(pkg)).reasons["root.loop"]).toEqual({
      kind: "error",
      message: 'The items of the loop are "5", not a list.',
    });
  });
});

describe("failure", () => {
  const boom = shell(
    "echo working; echo 'Traceback (most recent call last):' >&2; echo '  File \"x.py\", line 1' >&2; echo 'ValueError: no such customer' >&2; exit 3",
  );

  test("has its exit code and the program's last words; what depends on it is skipped, the rest runs", async () => {
    const pkg = packageOf(
      { boom, ok: shell("sleep 0.1") },
      {
        tasks: {
          boom: task("boom"),
          after: task("after", { of: "ok", dependentTasks: ["boom"] }),
          later: task("later", { of: "ok", dependentTasks: ["after"] }),
          other: task("other", { of: "ok" }),
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.state).toBe("FAILED");
    expect(told.states).toEqual({
      root: "FAILED",
      "root.boom": "FAILED",
      "root.after": "SKIPPED",
      "root.later": "SKIPPED",
      "root.other": "SUCCEEDED",
    });
    expect(told.reasons["root.boom"]).toEqual({ kind: "exit-code", code: 3, lastLine: "ValueError: no such customer" });
    expect(told.reasons["root.after"]).toEqual({ kind: "upstream-failed", task: "boom" });
    expect(told.reasons["root.later"]).toEqual({ kind: "upstream-skipped", task: "after" });
    expect(told.runReason && describeReason(told.runReason)).toBe(
      "boom failed: exit code 3: ValueError: no such customer",
    );
  });

  test("reaches an exit task as its final status; the run has failed all the same", async () => {
    const pkg = packageOf(
      {
        boom,
        notify: shell('printf %s "$0" > "$1"', {
          args: ["{{$.inputs.parameters['status']}}", "{{$.outputs.parameters['Output'].output_file}}"],
          inputs: { parameters: { status: { parameterType: "TASK_FINAL_STATUS", isOptional: true } } },
          outputs: { parameters: { Output: { parameterType: "STRUCT" } } },
        }),
      },
      {
        tasks: {
          "exit-handler-1": task("exit-handler-1"),
          notify: task("notify", {
            dependentTasks: ["exit-handler-1"],
            inputs: { parameters: { status: { taskFinalStatus: { producerTask: "exit-handler-1" } } } },
            triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" },
          }),
        },
      },
      { groups: { "exit-handler-1": { dag: { tasks: { boom: task("boom") } } } } },
    );
    const told = await runPackage(pkg);
    expect(told.state).toBe("FAILED");
    expect(told.states).toMatchObject({ "root.exit-handler-1": "FAILED", "root.notify": "SUCCEEDED" });
    expect(told.outputs["root.notify"]).toEqual({
      Output: {
        state: "FAILED",
        pipelineJobResourceName: "run-1",
        pipelineTaskName: "exit-handler-1",
        error: { code: 2, message: "root.exit-handler-1.boom: exit code 3: ValueError: no such customer" },
      },
    });
  });

  test("is ignored by a task that says so, which gets its default", async () => {
    const pkg = packageOf(
      {
        boom: { ...boom, outputs: { parameters: { Output: text } } },
        say: {
          ...echo(),
          inputs: { parameters: { value: { ...text, defaultValue: "nothing came", isOptional: true } } },
        },
      },
      {
        tasks: {
          boom: task("boom"),
          say: task("say", {
            dependentTasks: ["boom"],
            inputs: { parameters: { value: from("boom") } },
            triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" },
          }),
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.outputs["root.say"]).toEqual({ Output: "nothing came" });
    expect(told.state).toBe("FAILED");
  });

  test("is tried again as often as the policy says, and leaves a log of each attempt", async () => {
    const folder = scratch();
    const flaky = shell('n=$(ls "$0" | wc -l); touch "$0/$n"; echo "attempt $n"; [ "$n" -ge 2 ]', { args: [folder] });
    const policy = { maxRetryCount: 2, backoffDuration: "0s", backoffFactor: 2, backoffMaxDuration: "3600s" };
    const told = await runPackage(packageOf({ flaky }, { tasks: { flaky: task("flaky", { retryPolicy: policy }) } }));
    expect(told.state).toBe("SUCCEEDED");
    expect(told.events.flatMap((event) => (event.kind === "task-attempt" ? [event.attempt] : []))).toEqual([0, 1, 2]);
    expect(readFileSync(join(told.folder, "logs/root.flaky/2.log"), "utf8")).toMatch(/^attempt +2\n$/);
  });

  test("of the policy of a group around it, too", async () => {
    const folder = scratch();
    const flaky = shell('n=$(ls "$0" | wc -l); touch "$0/$n"; [ "$n" -ge 1 ]', { args: [folder] });
    const pkg = packageOf(
      { flaky },
      { tasks: { group: task("group", { retryPolicy: { maxRetryCount: 1 } }) } },
      { groups: { group: { dag: { tasks: { flaky: task("flaky") } } } } },
    );
    expect((await runPackage(pkg)).state).toBe("SUCCEEDED");
  });

  test("by a limit of time: of a step, and of the run", async () => {
    const slow = shell("sleep 30", { platform: { activeDeadlineSeconds: "1" } });
    const told = await runPackage(packageOf({ slow }, { tasks: { slow: task("slow") } }));
    expect(told.reasons["root.slow"]).toEqual({ kind: "timeout", seconds: 1 });
    const run = await runPackage(
      packageOf(
        { slow: shell("sleep 30") },
        { tasks: { slow: task("slow") } },
        { pipelineConfig: { activeDeadlineSeconds: 1 } },
      ),
    );
    expect(run.state).toBe("FAILED");
    expect(run.runReason).toEqual({ kind: "timeout", seconds: 1 });
    expect(run.reasons["root.slow"]).toEqual({ kind: "canceled", by: "deadline" });
  });

  test("to start, to write an output, and to be killed, each in words", async () => {
    const pkg = packageOf(
      {
        missing: { command: ["no-such-program-here"] },
        killed: shell("kill -9 $$"),
        wrong: shell('echo three > "$0"', {
          args: ["{{$.outputs.parameters['Output'].output_file}}"],
          outputs: { parameters: { Output: integer } },
        }),
        silent: { ...echo(), command: ["sh", "-c", "true"] },
        needs: echo(),
      },
      {
        tasks: {
          missing: task("missing"),
          killed: task("killed"),
          wrong: task("wrong"),
          silent: task("silent", { inputs: { parameters: { value: constant("x") } } }),
          needs: task("needs", { inputs: { parameters: { value: from("silent") } } }),
        },
      },
    );
    const { reasons } = await runPackage(pkg);
    const words = Object.fromEntries(Object.entries(reasons).map(([path, reason]) => [path, describeReason(reason)]));
    expect(words).toMatchObject({
      "root.missing":
        "There is no program no-such-program-here on this machine. Install it, or run this step in a container or on a cluster.",
      "root.killed": "killed by SIGKILL",
      "root.wrong": 'Output Output was written as "three\\n", which is not NUMBER_INTEGER.',
      "root.needs": "Input value has no value: silent did not write it.",
    });
  });

  test("of a package that is not valid or parameters that do not fit comes before any event", async () => {
    const pkg = packageOf({ echo: echo() }, { tasks: { a: task("a", { of: "nothing" }) } });
    await expect(runPackage(pkg)).rejects.toThrow("task a refers to component comp-nothing, which is not there");
    const empty = packageOf({}, { tasks: { a: task("a", { of: "condition-1" }) } }, { groups: { "condition-1": {} } });
    await expect(runPackage(empty)).rejects.toThrow("The group condition-1 has no step in it.");
    const typed = packageOf(
      { echo: echo() },
      { tasks: {} },
      { inputs: { parameters: { n: integer, size: { ...text, literals: ["s", "l"] }, need: text } } },
    );
    await expect(runPackage(typed, { parameters: { n: 1.5, size: "m", other: 1 } })).rejects.toThrow(
      'The parameters do not fit the pipeline: input n is 1.5, which is not a whole number; input size is "m", which is none of "s", "l"; there is no input other; input need has no value and no default.',
    );
  });

  test("of tasks that wait for one another is told, and nothing hangs", async () => {
    const pkg = packageOf(
      { ok: shell("true") },
      {
        tasks: {
          a: task("a", { of: "ok", dependentTasks: ["b"] }),
          b: task("b", { of: "ok", dependentTasks: ["a"] }),
          c: task("c", { of: "ok" }),
        },
      },
    );
    const told = await runPackage(pkg);
    expect(told.states).toEqual({ root: "FAILED", "root.a": "FAILED", "root.b": "FAILED", "root.c": "SUCCEEDED" });
  });
});

describe("the cache", () => {
  const make = shell('printf %s "$0" > "$1"; printf %s "$0" > "$2"', {
    args: [
      "{{$.inputs.parameters['value']}}",
      "{{$.outputs.artifacts['data'].path}}",
      "{{$.outputs.parameters['Output'].output_file}}",
    ],
    inputs: { parameters: { value: text } },
    outputs: { artifacts: { data: dataset }, parameters: { Output: text } },
  });
  const read = shell('cat "$0"', {
    args: ["{{$.inputs.artifacts['data'].path}}"],
    inputs: { artifacts: { data: dataset } },
  });
  const pkg = (cachingOptions = { enableCache: true }) =>
    packageOf(
      { make, read },
      {
        tasks: {
          make: task("make", { cachingOptions, inputs: { parameters: { value: input("v") } } }),
          read: task("read", {
            cachingOptions,
            inputs: {
              artifacts: { data: { taskOutputArtifact: { producerTask: "make", outputArtifactKey: "data" } } },
            },
          }),
        },
      },
      { inputs: { parameters: { v: text } } },
    );

  test("answers where nothing changed, whatever folder and run it is", async () => {
    const first = await runPackage(pkg(), { parameters: { v: "x" } });
    const second = await runPackage(pkg(), { run: "run-2", parameters: { v: "x" }, cached: remember(first.events) });
    expect(second.states).toEqual({ root: "SUCCEEDED", "root.make": "CACHED", "root.read": "CACHED" });
    expect(second.reasons["root.make"]).toEqual({ kind: "cached", run: "run-1", task: "root.make" });
    expect(second.artifacts["root.make"]).toEqual(first.artifacts["root.make"]);
    expect(second.outputs["root.make"]).toEqual({ Output: "x" });
  });

  test("does not where an input changed, caching is off, or the file is gone or different", async () => {
    const first = await runPackage(pkg(), { parameters: { v: "x" } });
    const cached = remember(first.events);
    const other = await runPackage(pkg(), { parameters: { v: "y" }, cached });
    expect(other.states).toMatchObject({ "root.make": "SUCCEEDED", "root.read": "SUCCEEDED" });
    expect((await runPackage(pkg({ enableCache: false }), { parameters: { v: "x" }, cached })).states).toMatchObject({
      "root.make": "SUCCEEDED",
    });
    const file = join(first.folder, "outputs/root.make/data");
    writeFileSync(file, "z");
    expect((await runPackage(pkg(), { parameters: { v: "x" }, cached })).states).toMatchObject({
      "root.make": "SUCCEEDED",
      "root.read": "CACHED",
    });
    rmSync(file);
    expect((await runPackage(pkg(), { parameters: { v: "x" }, cached })).states).toMatchObject({
      "root.make": "SUCCEEDED",
    });
  });
});

describe("importers", () => {
  const pkg = (uri: string) => {
    const made = packageOf(
      {
        read: shell('cat "$0" > "$1"', {
          args: ["{{$.inputs.artifacts['data'].path}}", "{{$.outputs.parameters['Output'].output_file}}"],
          inputs: { artifacts: { data: dataset } },
          outputs: { parameters: { Output: text } },
        }),
      },
      {
        tasks: {
          importer: task("importer", { inputs: { parameters: { uri: constant(uri), n: constant(5) } } }),
          read: task("read", {
            inputs: {
              artifacts: { data: { taskOutputArtifact: { producerTask: "importer", outputArtifactKey: "artifact" } } },
            },
          }),
        },
      },
    );
    (made.spec.components ?? {})["comp-importer"] = {
      executorLabel: "exec-importer",
      inputDefinitions: { parameters: { uri: text, n: integer } },
      outputDefinitions: { artifacts: { artifact: dataset } },
    };
    (made.spec.deploymentSpec.executors ?? {})["exec-importer"] = {
      importer: {
        artifactUri: { runtimeParameter: "uri" },
        typeSchema: { schemaTitle: "system.Dataset", schemaVersion: "0.0.1" },
        metadata: { rows: "{{$.inputs.parameters['n']}}", source: "from {{$.inputs.parameters['uri']}}" },
      },
    };
    return made;
  };

  test("record a file of this machine with its digest, relative to the workspace", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "in.csv"), "1,2");
    const told = await runPackage(pkg("in.csv"), { folder });
    expect(told.outputs["root.read"]).toEqual({ Output: "1,2" });
    expect(told.artifacts["root.importer"]).toMatchObject([
      {
        type: "system.Dataset",
        uri: join(folder, "in.csv"),
        metadata: { rows: 5, source: "from in.csv" },
        sizeBytes: 3,
      },
    ]);
  });

  test("record a URI of elsewhere as it is, and refuse a file that is not there", async () => {
    const told = await runPackage(pkg("gs://bucket/in.csv"));
    expect(told.artifacts["root.importer"]).toMatchObject([{ uri: "gs://bucket/in.csv" }]);
    expect(told.artifacts["root.importer"]?.[0]).not.toHaveProperty("digest");
    expect((await runPackage(pkg("/nowhere/in.csv"))).reasons["root.importer"]).toEqual({
      kind: "error",
      message: "There is nothing to import at /nowhere/in.csv.",
    });
  });
});

describe("a step's world", () => {
  test("has its variables, an empty folder to stand in, a workspace, and our node", async () => {
    const step = shell(
      'printf "%s|%s|%s" "$GREETING" "$(ls | wc -l | tr -d " ")" "$(node --version)" > "$1"; echo kept > "$0/file"',
      {
        args: ["{{$.workspace_path}}", "{{$.outputs.parameters['Output'].output_file}}"],
        env: [{ name: "GREETING", value: "hello" }],
        outputs: { parameters: { Output: text } },
      },
    );
    const told = await runPackage(
      packageOf({ step }, { tasks: { step: task("step") } }, { pipelineConfig: { workspace: { size: "1Gi" } } }),
    );
    expect(told.outputs["root.step"]).toEqual({ Output: `hello|0|${process.version}` });
    expect(readFileSync(join(told.folder, "workspace/file"), "utf8")).toBe("kept\n");
  });

  test("is left as it was: no scratch folder, no process", async () => {
    const step = shell('pwd > "$0"; echo "$TMPDIR" >> "$0"; sleep 600 & echo $! >> "$0"', {
      args: ["{{$.outputs.parameters['Output'].output_file}}"],
      outputs: { parameters: { Output: text } },
    });
    // Long before what it leaves behind would end: the test would be over by then.
    const told = await runPackage(packageOf({ step }, { tasks: { step: task("step") } }));
    const [folder, tmp, pid] = JSON.stringify(told.outputs["root.step"]?.["Output"]).slice(1, -1).split("\\n");
    expect(folder).toBe(tmp);
    expect(existsSync(folder ?? "/")).toBe(false);
    // Killed with its group; whoever inherits it may take a moment to bury it.
    await vi.waitFor(() => expect(isAlive(Number(pid), undefined)).toBe(false), 10_000);
  });
});

describe("cancellation", () => {
  test("ends every process, marks what ran and what waited, and tells it", async () => {
    const stop = new AbortController();
    // Far longer than a test may take.
    const told = await runPackage(
      packageOf(
        { slow: shell("trap '' TERM; echo $$; sleep 600 & echo $!; wait; sleep 600"), next: shell("true") },
        {
          tasks: {
            a: task("a", { of: "slow" }),
            b: task("b", { of: "slow" }),
            next: task("next", { dependentTasks: ["a"] }),
          },
        },
      ),
      {
        signal: stop.signal,
        parallelism: 1,
        sink: (event) => event.kind === "task-attempt" && setTimeout(() => stop.abort(), 100),
      },
    );
    expect(told.state).toBe("CANCELED");
    expect(told.states).toEqual({
      root: "CANCELED",
      "root.a": "CANCELED",
      "root.b": "CANCELED",
      "root.next": "CANCELED",
    });
    expect(told.events.flatMap((event) => (event.kind === "run-state" ? [event.state] : []))).toEqual([
      "RUNNING",
      "CANCELING",
      "CANCELED",
    ]);
    const pids = readFileSync(join(told.folder, "logs/root.a/0.log"), "utf8").trim().split("\n").map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.map((pid) => isAlive(pid, undefined))).toEqual([false, false]);
  });
});

test("independent steps run at the same time, as many as there is room for", async () => {
  const pair = { tasks: { a: task("a", { of: "meet" }), b: task("b", { of: "meet" }) } };
  const folder = scratch();
  // Each waits until it sees the other: alone, it would give up.
  const meet = shell(
    'touch "$0/$$"; for i in $(seq 50); do [ $(ls "$0" | wc -l) = 2 ] && exit 0; sleep 0.1; done; exit 1',
    { args: [folder] },
  );
  expect((await runPackage(packageOf({ meet }, pair), { parallelism: 2 })).state).toBe("SUCCEEDED");
});
