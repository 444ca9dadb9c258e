import { describe, expect, test } from "vitest";
import { type Builder, createBuilder } from "../../../language/graph/builder.ts";
import { lower } from "../../../language/graph/lower.ts";
import type { Channel, Comparison, Condition, Task } from "../../../language/graph/model.ts";
import type { Diagnostic } from "../../../language/diagnostics.ts";
import {
  argument,
  artifact,
  boolean,
  container,
  count,
  echo,
  gather,
  given,
  input,
  join,
  list,
  make,
  reportStatus,
  span,
  struct,
  template,
  text,
  use,
  type Value,
} from "./components.ts";

const inputs = [input("x", text), input("flag", boolean), input("many", list), input("data", artifact("Dataset"))];

/** Codes of everything that is said about a pipeline, in order. */
function check(title: string, describePipeline: (pipeline: Builder) => void, ...codes: readonly string[]): void {
  test(title, () => {
    const said: Diagnostic[] = [];
    const report = (diagnostic: Diagnostic): void => void said.push(diagnostic);
    const builder = createBuilder({ name: "p", inputs, span, report });
    builder.task(count, new Map(), span);
    describePipeline(builder);
    lower(builder.finish(), { sdkVersion: "2.17.0", report });
    // That a group is empty is beside the point here.
    const refused = said.filter(({ severity, code }) => severity === "error" || codes.includes(code));
    expect(refused.map(({ code }) => code)).toEqual(codes);
  });
}

const run = (builder: Builder, component = echo, values: Readonly<Record<string, Value>> = { text: "" }): Task =>
  builder.task(component, given(values), span);

function out(builder: Builder, task: Task): Channel {
  const channel = builder.output(task, undefined, span);
  if (!channel) throw new Error("no output");
  return channel;
}

function at(builder: Builder, name: string): Channel {
  const channel = builder.input(name);
  if (!channel) throw new Error("no input");
  return channel;
}

const compare = (left: Value, operator: Comparison, right: Value): Condition => ({
  kind: "compare",
  operator,
  left: argument(left),
  right: argument(right),
});

describe("arguments", () => {
  check("an input that the component has not", (b) => void run(b, echo, { text: "", more: 1 }), "unknown-input");
  check("a missing input", (b) => void run(b, echo, {}), "missing-inputs");
  check("an integer for text", (b) => void run(b, echo, { text: 1 }), "argument-type");
  check("an integer for a float", (b) => void run(b, count, { f: 1 }), "argument-type");
  check("null", (b) => void run(b, echo, { text: null }), "argument-type");
  check("a constant for an artifact", (b) => void run(b, use, { data: "s3://b" }), "argument-type");
  check("one artifact for a list", (b) => void run(b, join, { sets: at(b, "data") }), "argument-type");
  check("any artifact for a generic one", (b) => void run(b, use, { data: at(b, "data") }));
  check(
    "a status that the caller gives",
    (b) => void run(b, reportStatus, { status: {} }),
    "system-input",
    "final-status",
  );
  check("an artifact in text", (b) => void run(b, echo, { text: template("a ", at(b, "data")) }), "text-of");
  check("an artifact in a struct", (b) => void run(b, gather, { options: { k: at(b, "data") } }), "no-value-inside");
});

describe("outputs", () => {
  check("an output that there is not", (b) => void b.output(run(b), "other", span), "unknown-output");
  check("the output of a task without", (b) => void b.output(run(b, count, {}), undefined, span), "no-output");
  const two = { ...echo, outputs: [...echo.outputs, { name: "other", type: text }] };
  check("the one output of two", (b) => void b.output(run(b, two), undefined, span), "which-output");
});

describe("conditions", () => {
  const inside = (b: Builder, condition: Condition): void => {
    b.openIf(condition, span);
    run(b);
    b.close();
  };
  check("of constants", (b) => inside(b, compare(1, "==", 1)), "condition-constant");
  check("of a list", (b) => inside(b, compare(at(b, "many"), "==", 1)), "condition-operand");
  check("of an artifact", (b) => inside(b, compare(at(b, "data"), "==", "a")), "condition-operand");
  check("of a boolean and a number", (b) => inside(b, compare(at(b, "flag"), "==", 1)), "boolean-as-number");
  check(
    "Elif without If",
    (b) => {
      b.openElif(compare(at(b, "x"), "==", ""), span);
      b.close();
    },
    "not-after-if",
  );
  check(
    "Else after Else",
    (b) => {
      inside(b, compare(at(b, "x"), "==", ""));
      b.openElse(span);
      b.close();
      b.openElse(span);
      b.close();
    },
    "not-after-if",
  );
  const ladder = (b: Builder): void => {
    inside(b, compare(at(b, "x"), "==", ""));
    b.openElif(compare(at(b, "x"), "==", "a"), span);
    run(b);
    b.close();
  };
  check(
    "a task after an Elif that no Else ends",
    (b) => {
      ladder(b);
      run(b);
    },
    "open-ladder",
  );
  check("a task after a ladder that the front end ends", (b) => {
    ladder(b);
    b.endLadder();
    run(b);
  });
});

describe("loops", () => {
  check("over one thing", (b) => void b.openLoop(at(b, "x"), {}, span), "not-iterable");
  check("over one artifact", (b) => void b.openLoop(at(b, "data"), {}, span), "not-iterable");
  check("over nothing", (b) => void b.openLoop(argument([]), {}, span), "not-iterable");
  check("over constants with a channel", (b) => void b.openLoop(argument([at(b, "x")]), {}, span), "loop-items");
  check("with a negative limit", (b) => void b.openLoop(argument([1]), { parallelism: -1 }, span), "loop-parallelism");
  check(
    "a member with a strange name",
    (b) => {
      const loop = b.openLoop(at(b, "many"), {}, span);
      if (loop) b.loopField(b.loopItem(loop), "a-b", span);
      b.close();
    },
    "loop-field",
  );
});

describe("across groups", () => {
  const inLoop = (b: Builder, component = echo): Channel => {
    b.openLoop(at(b, "many"), {}, span);
    const task = component === echo ? run(b) : run(b, component, {});
    b.close();
    return out(b, task);
  };
  const inIf = (b: Builder): Task => {
    b.openIf(compare(at(b, "x"), "==", ""), span);
    const task = run(b);
    b.close();
    return task;
  };
  check("data out of a loop", (b) => void run(b, echo, { text: inLoop(b) }), "outside-group");
  check("data out of an If", (b) => void run(b, echo, { text: out(b, inIf(b)) }), "outside-group");
  check("after a task in an If", (b) => b.after(run(b), [inIf(b)], span), "outside-group");
  check("after a task in a loop", (b) => {
    const inner = inLoop(b);
    if (inner.kind === "task-output") b.after(run(b), [inner.task], span);
  });
  check(
    "collected from no loop",
    (b) => {
      const collected = b.collected(out(b, run(b)), span);
      if (collected) run(b, gather, { texts: collected });
    },
    "collected-inside",
  );
  check(
    "collected inside the loop",
    (b) => {
      b.openLoop(at(b, "many"), {}, span);
      const collected = b.collected(out(b, run(b)), span);
      if (collected) run(b, gather, { texts: collected });
      b.close();
    },
    "collected-inside",
  );
  check("collected from an input", (b) => void b.collected(at(b, "x"), span), "collected-of");
  check(
    "OneOf without Else",
    (b) => {
      const first = inIf(b);
      b.openElif(compare(at(b, "x"), "==", "a"), span);
      const second = run(b);
      b.close();
      b.endLadder();
      b.oneOf([out(b, first), out(b, second)], span);
    },
    "one-of",
  );
  check(
    "OneOf of two types",
    (b) => {
      const first = inIf(b);
      b.openElse(span);
      const second = run(b, make, {});
      b.close();
      b.oneOf([out(b, first), out(b, second)], span);
    },
    "one-of",
  );
  check("OneOf of inputs", (b) => void b.oneOf([at(b, "x")], span), "one-of");
});

describe("exit handlers", () => {
  check(
    "inside a loop",
    (b) => {
      const done = run(b);
      b.openLoop(at(b, "many"), {}, span);
      b.openExitHandler(done, span);
      b.close();
      b.close();
    },
    "exit-handler-nested",
  );
  check(
    "with a task that waits",
    (b) => {
      b.openExitHandler(run(b, echo, { text: out(b, run(b)) }), span);
      b.close();
    },
    "exit-task-depends",
  );
  check(
    "data of the exit task",
    (b) => {
      const done = run(b);
      b.openExitHandler(done, span);
      run(b, echo, { text: out(b, done) });
      b.close();
    },
    "exit-task-used",
  );
  check("a status outside", (b) => void run(b, reportStatus, {}), "final-status");
  check(
    "a status of nothing",
    (b) => {
      b.configure(run(b, reportStatus, {}), "ignore_upstream_failure", new Map(), span);
    },
    "final-status-upstream",
  );
  check(
    "failure ignored, data needed",
    (b) => {
      const task = run(b, echo, { text: out(b, run(b)) });
      b.configure(task, "ignore_upstream_failure", new Map(), span);
    },
    "ignore-failure-default",
  );
});

describe("order", () => {
  check(
    "two that wait for one another",
    (b) => {
      const first = run(b);
      const second = run(b);
      b.after(first, [second], span);
      b.after(second, [first], span);
    },
    "dependency-cycle",
  );
  check(
    "one that waits for itself",
    (b) => {
      const only = run(b);
      b.after(only, [only], span);
    },
    "after-itself",
  );
  check(
    "after a loop",
    (b) => {
      const loop = b.openLoop(at(b, "many"), {}, span);
      b.close();
      if (loop) b.after(run(b), [loop], span);
    },
    "after-group",
  );
});

describe("results", () => {
  check("an input", (b) => b.result("x", at(b, "x"), span), "result-of");
  check(
    "from inside a loop",
    (b) => {
      b.openLoop(at(b, "many"), {}, span);
      const task = run(b);
      b.close();
      b.result("Output", out(b, task), span);
    },
    "result-inside",
  );

  const declared = (describePipeline: (b: Builder) => void): readonly string[] => {
    const said: string[] = [];
    const report = ({ code }: Diagnostic): void => void said.push(code);
    const b = createBuilder({ name: "p", inputs, outputs: [{ name: "Output", type: struct }], span, report });
    describePipeline(b);
    b.finish();
    return said;
  };
  test("none of the declared", () => {
    expect(declared((b) => void run(b))).toEqual(["result-missing"]);
  });
  test("another type than declared", () => {
    expect(declared((b) => b.result("Output", out(b, run(b)), span))).toEqual(["result-type"]);
  });
  test("one that is not declared", () => {
    expect(declared((b) => b.result("other", out(b, run(b)), span))).toEqual(["result-undeclared", "result-missing"]);
  });
});

describe("settings", () => {
  const set = (method: string, values: Readonly<Record<string, Value>>) => (b: Builder) =>
    b.configure(run(b), method, given(values), span);
  check("that there is not", set("set_colour", { name: "red" }), "unknown-setting");
  check("with a parameter that it has not", set("set_cpu_limit", { cpu: "1", gpu: "1" }), "unknown-parameter");
  check("without what it needs", set("kubernetes.mount_pvc", { pvc_name: "a" }), "missing-parameter");
  check("CPUs in words", set("set_cpu_limit", { cpu: "two" }), "setting-value");
  check("memory with a fraction", set("set_memory_limit", { memory: "1.5Gi" }), "setting-value");
  check("a negative limit", set("set_accelerator_limit", { limit: -1 }), "setting-value");
  check("a time without a unit", set("set_retry", { num_retries: 1, backoff_duration: "30" }), "setting-value");
  check("no pause", set("set_debug_pause", { after: false }), "setting-value");
  check("a pull policy", set("kubernetes.set_image_pull_policy", { policy: "Sometimes" }), "setting-value");
  check("an affinity's weight", set("kubernetes.add_node_affinity", { weight: 101 }), "setting-value");
  check("an empty security context", set("kubernetes.set_security_context", {}), "setting-value");
  check(
    "of a container on an importer",
    (b) => {
      const uri = { value: argument("s3://b"), span };
      const task = b.importer({ uri, type: { schemaTitle: "system.Model", schemaVersion: "0.0.1" } }, span);
      b.configure(task, "set_cpu_limit", given({ cpu: "1" }), span);
    },
    "container-only",
  );
  check(
    "that the component does not pass on",
    (b) => {
      const component = { ...container("launch", []), taskConfigPassthroughs: [{ field: "ENV", applyToTask: false }] };
      const task = run(b, component, {});
      b.configure(task, "set_env_variable", given({ name: "A", value: "b" }), span);
      b.configure(task, "set_cpu_limit", given({ cpu: "1" }), span);
    },
    "setting-refused",
  );
  check("the workspace without one", (b) => void run(b, echo, { text: "{{$.workspace_path}}/a" }), "workspace-missing");
});

test("a pipeline without tasks, with a bad name and configuration", () => {
  const said: string[] = [];
  const config = {
    workspace: { size: "much", pvcSpecPatch: { accessModes: ["ReadWriteOnce"] } },
    ttlSecondsAfterFinished: -1,
  };
  createBuilder({ name: "No Name", inputs: [], config, span, report: ({ code }) => said.push(code) }).finish();
  expect(said).toEqual(["pipeline-name", "pipeline-empty", "pipeline-config", "pipeline-config"]);
});
