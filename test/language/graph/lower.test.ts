import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Builder, type BuilderOptions, createBuilder } from "../../../language/graph/builder.ts";
import { componentAsPipeline, lower } from "../../../language/graph/lower.ts";
import type {
  Argument,
  Channel,
  Comparison,
  Component,
  Condition,
  InputDefinition,
  Task,
} from "../../../language/graph/model.ts";
import type { Diagnostic } from "../../../language/diagnostics.ts";
import { writePackage } from "../../../language/spec/write.ts";
import {
  artifact,
  argument,
  boolean,
  container,
  count,
  echo,
  float,
  gather,
  given,
  input,
  integer,
  join,
  list,
  make,
  records,
  recordsOf,
  reportStatus,
  span,
  status,
  struct,
  template,
  text,
  use,
  type Value,
} from "./components.ts";

/** What fixtures/NAME.py says, said to the builder; it must give what the SDK gave: fixtures/NAME.yaml. */
function check(
  fixture: string,
  inputs: readonly InputDefinition[],
  describe: (pipeline: Pipeline) => void,
  options: Partial<BuilderOptions> = {},
): void {
  test(fixture, () => {
    const diagnostics: Diagnostic[] = [];
    const { graph } = build(fixture, inputs, describe, options, diagnostics);
    const compiled = lower(graph, { sdkVersion: "2.17.0", report: (diagnostic) => diagnostics.push(diagnostic) });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(writePackage(compiled)).toBe(read(fixture));
  });
}

function read(fixture: string): string {
  return readFileSync(new URL(`fixtures/${fixture}.yaml`, import.meta.url), "utf8");
}

/** Shorter calls of the builder. */
interface Pipeline {
  readonly builder: Builder;
  readonly at: (name: string) => Channel;
  readonly run: (component: Component, values?: Readonly<Record<string, Value>>) => Task;
  readonly out: (task: Task, key?: string) => Channel;
  readonly set: (task: Task, method: string, values?: Readonly<Record<string, Value>>) => void;
  readonly when: (left: Value, operator: Comparison, right: Value, body: () => void, name?: string) => void;
  readonly orWhen: (left: Value, operator: Comparison, right: Value, body: () => void) => void;
  readonly otherwise: (body: () => void) => void;
  readonly each: (
    items: Value,
    body: (item: Channel, field: (name: string) => Channel) => void,
    options?: { parallelism?: number; name?: string },
  ) => void;
}

function build(
  name: string,
  inputs: readonly InputDefinition[],
  describe: (pipeline: Pipeline) => void,
  options: Partial<BuilderOptions>,
  diagnostics: Diagnostic[],
) {
  const builder = createBuilder({
    name,
    inputs,
    span,
    report: (diagnostic) => diagnostics.push(diagnostic),
    ...options,
  });
  const compare = (left: Value, operator: Comparison, right: Value): Condition => ({
    kind: "compare",
    operator,
    left: argument(left),
    right: argument(right),
  });
  const pipeline: Pipeline = {
    builder,
    at: (input) => some(builder.input(input)),
    run: (component, values = {}) => builder.task(component, given(values), span),
    out: (task, key) => some(builder.output(task, key, span)),
    set: (task, method, values = {}) => builder.configure(task, method, given(values), span),
    when(left, operator, right, body, label) {
      builder.openIf(compare(left, operator, right), span, label);
      body();
      builder.close();
    },
    orWhen(left, operator, right, body) {
      builder.openElif(compare(left, operator, right), span);
      body();
      builder.close();
    },
    otherwise(body) {
      builder.openElse(span);
      body();
      builder.close();
    },
    each(items, body, settings = {}) {
      const loop = some(builder.openLoop(argument(items), settings, span));
      const item = builder.loopItem(loop);
      const field = (name: string): Channel => some(builder.loopField(item, name, span));
      body(item, field);
      builder.close();
    },
  };
  describe(pipeline);
  return { graph: builder.finish() };
}

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the builder gave nothing");
  return value;
}

check(
  "conditions",
  [input("x", text), input("n", integer), input("f", float), input("b", boolean)],
  ({ at, run, out, when, orWhen, otherwise, each }) => {
    const first = run(echo, { text: "start" });
    when(out(first, "out"), "==", "heads", () => run(echo, { text: at("x") }), "named");
    when(at("n"), ">", 3, () => {
      const inner = run(echo, { text: template(at("x"), " and ", at("n")) });
      when(out(inner), "!=", at("x"), () => run(echo, { text: "deep" }));
    });
    orWhen(at("n"), "==", 3.5, () => run(count, { n: at("n") }));
    otherwise(() => when(at("b"), "==", true, () => run(count, { f: at("f") })));
    when(at("f"), "<", at("n"), () => run(echo, { text: out(first) }));
    when(at("x"), "==", 3, () => run(echo, { text: "" }));
    when(at("x"), ">=", 1e-7, () => run(echo, { text: "a" }));
    each(["p", "q"], (item) => when(at("x"), "<", item, () => run(echo, { text: item })));
  },
);

check(
  "loops",
  [
    input("x", text),
    input("names", { ...list, element: text } as typeof list),
    input("rows", records),
    input("anything", list),
  ],
  ({ builder, at, run, out, when, each }) => {
    const source = run(recordsOf);
    each(
      out(source),
      (it, field) => {
        when(field("a"), ">", 3, () => {
          run(count, { n: field("a") });
          when(at("x"), "==", "q", () => run(echo, { text: at("x") }));
        });
        when(at("x"), "==", "p", () => run(gather, { options: it }));
      },
      { name: "over records" },
    );
    each(at("rows"), (_row, row) => {
      each(row("parts"), (part) => {
        run(echo, { text: part });
        run(count, { n: row("b") });
      });
    });
    each(
      at("anything"),
      (thing, field) => {
        when(field("k"), "==", "v", () => {
          each(field("list"), (member) => run(echo, { text: member }));
        });
        run(echo, { text: template(thing, " ", at("x")) });
      },
      { parallelism: 2 },
    );
    const two: Argument = { kind: "number", value: 2 };
    each(
      [
        { b: 1, a: two },
        { a: 'é"', b: null },
      ],
      (item, field) => {
        run(gather, { options: item });
        run(count, { n: field("b") });
        each(["s", "t"], (letter) => {
          run(gather, { texts: [letter, at("x"), 1, { k: letter }], options: item });
        });
      },
    );
    when(at("x"), "==", "z", () => {
      each([1, 2], (number) => when(number, "==", 2, () => run(count, { n: number })));
    });
    each(at("names"), (name) => builder.after(run(echo, { text: name }), [source], span));
  },
);

check(
  "settings",
  [input("x", text), input("cpu", text), input("kind", text), input("number", text)],
  ({ builder, at, run, out, set, when }) => {
    const first = run(echo, { text: "x" });
    set(first, "set_cpu_request", { cpu: "0.5" });
    set(first, "set_cpu_limit", { cpu: "500m" });
    set(first, "set_memory_request", { memory: "200M" });
    set(first, "set_memory_limit", { memory: "1Gi" });
    set(first, "set_accelerator_type", { accelerator: "nvidia.com/gpu" });
    set(first, "set_accelerator_limit", { limit: 2 });
    set(first, "set_env_variable", { name: "A", value: "1" });
    set(first, "set_env_variable", { name: "B", value: "é" });
    set(first, "set_env_variable", { name: "A", value: "2" });
    set(first, "set_retry", { num_retries: 3, backoff_duration: "1 hour", backoff_factor: 1.5 });
    set(first, "set_display_name", { name: "First one" });
    set(first, "set_caching_options", { enable_caching: false });
    const second = run(echo, { text: out(first) });
    set(second, "set_container_image", { name: template("a/", at("x"), ":latest") });
    set(second, "set_caching_options", { enable_caching: true, cache_key: "key" });
    set(second, "set_cpu_limit", { cpu: at("cpu") });
    set(second, "set_accelerator_type", { accelerator: at("kind") });
    set(second, "set_accelerator_limit", { limit: at("number") });
    when(at("x"), "==", "a", () => {
      const third = run(echo, { text: "" });
      set(third, "set_container_image", { name: out(first) });
      set(third, "set_retry", { num_retries: 0 });
      set(third, "set_debug_pause", { before: true });
    });
    const last = run(echo, { text: "{{$.workspace_path}}/f" });
    builder.after(last, [first, second], span);
    set(last, "set_memory_limit", { memory: "7" });
  },
  {
    displayName: "All settings",
    description: "What a task can have.",
    pipelineRoot: "s3://b/root",
    config: { workspace: { size: "1Gi" }, ttlSecondsAfterFinished: 60, activeDeadlineSeconds: 3600 },
  },
);

check("kubernetes", [input("s", text, "sec"), input("d", struct, {})], ({ at, run, out, set, each }) => {
  const first = run(echo, { text: "x" });
  each(
    ["a", "b"],
    (it) => {
      const t = run(echo, { text: it });
      set(t, "kubernetes.use_secret_as_env", { secret_name: at("s"), secret_key_to_env: { a: "B" } });
      set(t, "kubernetes.use_secret_as_volume", { secret_name: out(first), mount_path: "/x" });
      set(t, "kubernetes.use_config_map_as_volume", { config_map_name: it, mount_path: "/y", optional: true });
      set(t, "kubernetes.use_config_map_as_env", {
        config_map_name: "map",
        config_map_key_to_env: { k: "V", l: "W" },
        optional: true,
      });
      set(t, "kubernetes.add_node_selector_json", { node_selector_json: at("d") });
      set(t, "kubernetes.mount_pvc", { pvc_name: out(first), mount_path: "/x" });
    },
    { parallelism: 2 },
  );
  const t = run(echo, { text: "k" });
  set(t, "kubernetes.mount_pvc", { pvc_name: at("s"), mount_path: "/x" });
  set(t, "kubernetes.mount_pvc", { pvc_name: out(first), mount_path: "/x" });
  set(t, "kubernetes.mount_pvc", { pvc_name: "abc", mount_path: "/x", sub_path: "sub" });
  set(t, "kubernetes.set_timeout", { seconds: 20 });
  set(t, "kubernetes.add_toleration", {
    key: "k",
    operator: "Equal",
    value: "v",
    effect: "NoSchedule",
    toleration_seconds: 30,
  });
  set(t, "kubernetes.add_toleration_json", { toleration_json: at("d") });
  set(t, "kubernetes.add_toleration_json", { toleration_json: [{ key: "a", operator: "Exists" }] });
  set(t, "kubernetes.set_security_context", { run_as_user: 0, run_as_group: 5, run_as_non_root: false });
  set(t, "kubernetes.add_node_affinity", {
    match_expressions: [{ key: "a", operator: "In", values: ["b"] }],
    weight: 5,
  });
  set(t, "kubernetes.add_node_affinity_json", {
    node_affinity_json: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "k", operator: "In", values: ["v"] }] }],
      },
    },
  });
  set(t, "kubernetes.add_ephemeral_volume", {
    volume_name: "v",
    mount_path: "/m",
    access_modes: ["ReadWriteOnce"],
    size: "5Gi",
    labels: { a: "b" },
  });
  set(t, "kubernetes.add_ephemeral_volume", {
    volume_name: "w",
    mount_path: "/n",
    access_modes: ["ReadWriteOnce"],
    size: "5Gi",
    storage_class_name: "fast",
  });
  set(t, "kubernetes.empty_dir_mount", { volume_name: "v", mount_path: "/m", medium: "Memory", size_limit: "1Gi" });
  set(t, "kubernetes.set_image_pull_policy", { policy: "Always" });
  set(t, "kubernetes.set_image_pull_secrets", { secret_names: ["a", at("s")] });
  set(t, "kubernetes.use_field_path_as_env", { env_name: "A", field_path: "b.c" });
  set(t, "kubernetes.add_pod_label", { label_key: "a", label_value: "b" });
  set(t, "kubernetes.add_pod_label", { label_key: "c", label_value: "d" });
  set(t, "kubernetes.add_pod_annotation", { annotation_key: "a", annotation_value: "b" });
  set(t, "kubernetes.add_node_selector", { label_key: "a", label_value: "b" });
  set(run(echo, { text: "" }), "kubernetes.set_timeout", { seconds: 0 });
});

/** The pipeline `inner` of fixtures/nested.py as a component. */
function inner(): Component {
  const inputs = [input("x", text, "d")];
  const outputs = [{ name: "Output", type: text }];
  const { graph } = build(
    "inner",
    inputs,
    ({ builder, at, run, out, set, when }) => {
      const a = run(echo, { text: at("x") });
      set(a, "kubernetes.set_timeout", { seconds: 5 });
      when(at("x"), "==", "1", () => run(echo, { text: "" }));
      builder.result("Output", out(a), span);
    },
    { outputs },
    [],
  );
  const compiled = lower(graph, { sdkVersion: "2.17.0", report: () => {} });
  return {
    name: "inner",
    inputs,
    outputs,
    implementation: { kind: "graph", package: compiled, sourceMap: compiled.sourceMap },
  };
}

check(
  "nested",
  [input("x", text)],
  ({ builder, at, run, out, when }) => {
    const component = inner();
    when(at("x"), "==", "y", () => {
      const one = run(component, { x: at("x") });
      run(echo, { text: out(one) });
    });
    run(component);
    const two = run(component, { x: at("x") });
    builder.result("Output", out(two), span);
  },
  { outputs: [{ name: "Output", type: text }] },
);

check(
  "fan",
  [input("x", text), input("rows", list)],
  ({ builder, at, run, out, when, orWhen, otherwise, each }) => {
    const tasks: Task[] = [];
    const collect = (task: Task | undefined): Channel => some(builder.collected(out(some(task)), span));
    each(at("rows"), () => {
      each(["a", "b"], (letter) => tasks.push(run(echo, { text: letter })));
      when(at("x"), "==", "a", () => run(make));
      when(at("x"), "==", "a", () => tasks.push(run(make)));
    });
    each([1, 2], () => tasks.push(run(make)));
    const [one, two, three] = tasks;
    run(gather, { texts: collect(one) });
    run(join, { sets: collect(two) });
    when(at("x"), "==", "b", () => run(gather, { texts: collect(one) }));
    const texts: Channel[] = [];
    const sets: Channel[] = [];
    const arm = (word: string): void => {
      texts.push(out(run(echo, { text: word })));
      sets.push(out(run(make)));
    };
    when(at("x"), "==", "a", () => arm("h"));
    orWhen(at("x"), "==", "b", () => arm("t"));
    otherwise(() => arm("e"));
    const chosen = some(builder.oneOf(texts, span));
    const data = some(builder.oneOf(sets, span));
    run(echo, { text: chosen });
    when(at("x"), "==", "c", () => {
      run(echo, { text: chosen });
      run(use, { data });
    });
    builder.result("a", chosen, span);
    builder.result("b", collect(one), span);
    builder.result("c", collect(three), span);
    builder.result("d", data, span);
  },
  {
    outputs: [
      { name: "a", type: text },
      { name: "b", type: list },
      { name: "c", type: artifact("Dataset", true) },
      { name: "d", type: artifact("Dataset") },
    ],
  },
);

check("exits", [input("x", text)], ({ builder, at, run, out, set, when }) => {
  const done = run(reportStatus, { text: at("x") });
  builder.openExitHandler(done, span, "Tidy up");
  const a = run(echo, { text: at("x") });
  when(out(a), "==", "q", () => run(echo, { text: at("x") }));
  builder.close();
  const other = run(echo, { text: "z" });
  builder.openExitHandler(other, span);
  run(count);
  builder.close();
  run(echo, { text: "l" });
  const fails = run(echo, { text: "f" });
  set(run(reportStatus, { text: out(fails) }), "ignore_upstream_failure");
  const last = run(echo, { text: "" });
  set(last, "ignore_upstream_failure");
  builder.after(last, [fails], span);
});

check("imports", [input("uri", text), input("note", text)], ({ builder, at, run, out, when }) => {
  const first = run(echo, { text: "u" });
  const type = (name: string) => ({ schemaTitle: `system.${name}`, schemaVersion: "0.0.1" });
  const located = (value: Value) => ({ value: argument(value), span });
  const a = builder.importer({ uri: located("gs://b/f"), type: type("Dataset"), reimport: true }, span);
  const metadata: Argument = {
    kind: "struct",
    entries: [
      ["k", argument([at("note"), 1])],
      ["l", template("-", at("note"), "-")],
      ["m", out(first)],
    ],
  };
  const b = builder.importer({ uri: located(at("uri")), type: type("Model"), metadata: located(metadata) }, span);
  run(use, { data: out(a) });
  when(at("uri"), "==", "x", () => {
    const c = builder.importer({ uri: located(out(first)), type: type("Artifact") }, span);
    run(use, { data: out(b) });
    run(use, { data: out(c) });
  });
});

test("a component alone", () => {
  const compiled = componentAsPipeline(echo, { sdkVersion: "2.17.0", report: () => {} });
  expect(writePackage(compiled)).toBe(read("echo"));
});

test("a task's source by its path, inside of groups and nested pipelines", () => {
  const { graph } = build(
    "paths",
    [input("x", text)],
    ({ at, run, each }) => {
      each([1], () => run(inner(), { x: at("x") }));
    },
    {},
    [],
  );
  const { sourceMap } = lower(graph, { sdkVersion: "2.17.0", report: () => {} });
  expect([...sourceMap.keys()].sort()).toEqual([
    "root.for-loop-2",
    "root.for-loop-2.inner",
    "root.for-loop-2.inner.condition-1",
    "root.for-loop-2.inner.condition-1.echo-2",
    "root.for-loop-2.inner.echo",
  ]);
});

test("items of loops in loops over one list: the SDK's one name; exactly, two where the inner loop uses both", () => {
  const items = (isExact: boolean, inner: (outer: Channel, item: Channel) => Value) => {
    const { graph } = build(
      "items",
      [input("names", { ...list, element: text } as typeof list)],
      ({ at, run, each }) => {
        each(at("names"), (outer) => each(at("names"), (item) => run(echo, { text: inner(outer, item) })));
      },
      { isExact },
      [],
    );
    const diagnostics: Diagnostic[] = [];
    const { spec } = lower(graph, { sdkVersion: "2.17.0", report: (one) => diagnostics.push(one) });
    const { components = {} } = spec;
    const { parameterIterator } = components["comp-for-loop-1"]?.dag?.tasks["for-loop-2"] ?? {};
    const { text: given } = components["comp-for-loop-2"]?.dag?.tasks["echo"]?.inputs?.parameters ?? {};
    const codes = diagnostics.map(({ code }) => code);
    return [parameterIterator?.itemInput, given?.componentInputParameter, ...codes];
  };
  const [first, second] = ["pipelinechannel--names-loop-item", "pipelinechannel--names-loop-item-2"];
  expect(items(true, (outer) => outer)).toEqual([second, first]);
  expect(items(true, (_, item) => item)).toEqual([first, first]);
  expect(items(false, (outer) => outer)).toEqual([first, first, "hidden-item"]);
  expect(items(false, (_, item) => item)).toEqual([first, first]);
});

test("a status for a component alone", () => {
  const diagnostics: Diagnostic[] = [];
  const component = container("watch", [input("s", status)]);
  componentAsPipeline(component, { sdkVersion: "2.17.0", report: (diagnostic) => diagnostics.push(diagnostic) });
  expect(diagnostics).toEqual([]);
});
