/** Pipeline files that mean something: components, and pipelines of them with all that the DSL has. */
import { annotation, component, type Defined, distinct, names, type Port } from "./program-components.ts";
import {
  artifacts,
  constant,
  isArtifact,
  oneOf,
  parameters,
  type Pick,
  quoted,
  rarely,
  several,
  text,
  type Type,
} from "./program-values.ts";

const noop: Defined = {
  name: "noop",
  kind: "python",
  inputs: [],
  outputs: [],
  source: "@dsl.component\ndef noop():\n    pass\n",
};

/** The text of a file. What it is made of is chosen by `pick`, which gives a number below a bound. */
export function program(pick: Pick): string {
  const defined: Defined[] = [noop];
  for (let i = 0; i < 2 + pick(4); i++) defined.push(component(pick, i));
  const inner = several(pick, 2, (i) => {
    const made = pipeline(pick, `inner_${i}`, defined, true);
    defined.push(made);
    return made;
  });
  const last = pipeline(pick, "p", defined, false);
  const head = [
    "from typing import Dict, List, Literal, NamedTuple, Optional",
    "from kfp import components, dsl, kubernetes",
    "from kfp.dsl import *",
    "",
    "",
  ];
  return (
    head.join("\n") +
    [...defined.filter((one) => !inner.includes(one)), ...inner, last].map(({ source }) => source).join("\n\n")
  );
}

/** Something to pass on: an expression, what it gives, and the depth of the group that it is in. */
interface Available extends Port {
  readonly expression: string;
  readonly group: readonly number[];
  readonly task?: string;
}

interface Writing {
  readonly pick: Pick;
  readonly lines: string[];
  readonly components: readonly Defined[];
  readonly values: Available[];
  /** Variables of tasks, with the group that each is in. */
  readonly tasks: {
    readonly name: string;
    readonly group: readonly number[];
    readonly component: Defined | undefined;
  }[];
  count: number;
  groups: number;
  /** Statements left. */
  budget: number;
}

function pipeline(pick: Pick, name: string, components: readonly Defined[], nested: boolean): Defined {
  const inputs: Port[] = [];
  const written: string[] = [];
  for (const each of distinct(pick, names, 3)) {
    const type = rarely(pick, 4) ? oneOf(pick, artifacts) : oneOf(pick, parameters);
    if (isArtifact(type)) {
      const list = rarely(pick, 5);
      written.unshift(`${each}: Input[${list ? `List[${type}]` : type}]`);
      inputs.push({ name: each, type, list });
    } else if (rarely(pick, 2)) {
      written.push(`${each}: ${annotation(pick, type)} = ${constant(pick, type)}`);
      inputs.push({ name: each, type, optional: true });
    } else {
      written.unshift(`${each}: ${annotation(pick, type)}`);
      inputs.push({ name: each, type });
    }
  }
  const writing: Writing = {
    pick,
    lines: [],
    components,
    values: inputs.map((port) => ({ ...port, expression: port.name, group: [] })),
    tasks: [],
    count: 0,
    groups: 0,
    budget: nested ? 4 : 5 + pick(10),
  };
  block(writing, [], 1);
  const returned = results(writing);
  const options = pipelineOptions(pick, nested);
  const doc = rarely(pick, 5)
    ? [
        `    """A pipeline.\n\n    Args:\n${inputs.map((port) => `        ${port.name}: An input.`).join("\n")}\n    """`,
      ]
    : [];
  const source = [
    `@dsl.pipeline${options.length > 0 ? `(${options.join(", ")})` : ""}`,
    `def ${name}(${written.join(", ")})${returned.annotation}:`,
    ...doc,
    ...writing.lines,
    ...returned.lines,
    "",
  ].join("\n");
  return { name, kind: "pipeline", inputs, outputs: returned.outputs, source };
}

function pipelineOptions(pick: Pick, nested: boolean): string[] {
  const config = [
    "ttl_seconds_after_finished=60",
    "active_deadline_seconds=3600",
    'workspace=dsl.WorkspaceConfig(size="5Gi")',
    'workspace=dsl.WorkspaceConfig(size="5Gi", kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"storageClassName": "a"}))',
  ];
  const all = [
    `name=${quoted(oneOf(pick, ["a-pipeline", "My Pipeline", "a_b.c", "x"]))}`,
    `description=${quoted(text(pick))}`,
    `display_name=${quoted(text(pick))}`,
    `pipeline_root=${quoted(oneOf(pick, ["gs://a/b", "minio://x"]))}`,
    ...(nested ? [] : [`pipeline_config=dsl.PipelineConfig(${config[pick(config.length)] ?? ""})`]),
  ];
  return all.filter(() => rarely(pick, 6));
}

function block(writing: Writing, group: readonly number[], depth: number): void {
  const { pick } = writing;
  const before = writing.lines.length;
  const most = group.length === 0 ? writing.budget : 1 + pick(3);
  for (let i = 0; i < most && writing.budget > 0; i++) {
    writing.budget--;
    const kind = depth > 4 ? 0 : pick(12);
    if (kind === 8 || kind === 9) branches(writing, group, depth);
    else if (kind === 10) loop(writing, group, depth);
    else if (kind === 11 && (group.length === 0 || rarely(pick, 10))) exitHandler(writing, group, depth);
    else if (kind === 7) importer(writing, group, depth);
    else task(writing, group, depth);
  }
  // A group without a task is one that the SDK writes wrongly.
  if (writing.lines.length === before) line(writing, depth, "noop()");
}

function line({ lines }: Writing, depth: number, content: string): void {
  lines.push(`${"    ".repeat(depth)}${content}`);
}

/** What stands in this group or in one around it; now and then something else, that both must refuse. */
function visible<T extends { readonly group: readonly number[] }>(
  writing: Writing,
  group: readonly number[],
  from: readonly T[],
): readonly T[] {
  if (rarely(writing.pick, 60)) return from;
  return from.filter((one) => one.group.every((each, i) => group[i] === each));
}

function task(writing: Writing, group: readonly number[], depth: number): string | undefined {
  const { pick, components } = writing;
  const used = components[pick(components.length)];
  if (used === undefined) return undefined;
  const given: string[] = [];
  for (const port of used.inputs) {
    if (port.optional === true && rarely(pick, 2)) continue;
    if (rarely(pick, 150)) continue;
    const value = argument(writing, group, port);
    if (value === undefined) {
      if (port.optional !== true) return undefined;
      continue;
    }
    given.push(`${port.name}=${value}`);
  }
  const name = `t${writing.count++}`;
  line(writing, depth, `${name} = ${used.name}(${given.join(", ")})`);
  for (const port of used.outputs) {
    const expression =
      used.outputs.length === 1 && rarely(pick, 2) ? `${name}.output` : `${name}.outputs["${port.name}"]`;
    writing.values.push({ ...port, optional: false, expression, group, task: name });
  }
  settings(writing, name, used, group, depth);
  writing.tasks.push({ name, group, component: used });
  return name;
}

function argument(writing: Writing, group: readonly number[], port: Port): string | undefined {
  const { pick } = writing;
  const from = visible(writing, group, writing.values);
  const fits = from.filter(({ type, list }) => {
    if ((list ?? false) !== (port.list ?? false)) return false;
    return (
      type === port.type ||
      (isArtifact(type) && port.type === "Artifact") ||
      (rarely(pick, 40) && isArtifact(type) === isArtifact(port.type))
    );
  });
  const one = fits[pick(fits.length)];
  if (isArtifact(port.type)) return one?.expression;
  if (one !== undefined && !rarely(pick, 4)) return one.expression;
  const other = from.filter(({ type }) => !isArtifact(type))[pick(from.length)];
  if (other !== undefined && rarely(pick, 3)) {
    const inText = `f"${oneOf(pick, ["", "a ", "{{x}} ", "é "])}{${other.expression.replaceAll('"', "'")}}${oneOf(pick, ["", " z", "{1}"])}"`;
    if (port.type === "str") return inText;
    if (port.type === "list") return `[${constant(pick, "int")}, ${other.expression}, ${inText}]`;
    if (port.type === "dict") return `{"k": ${other.expression}, "l": [${inText}]}`;
  }
  if (rarely(pick, 60)) return constant(pick, oneOf(pick, parameters));
  return constant(pick, port.type);
}

function importer(writing: Writing, group: readonly number[], depth: number): void {
  const { pick } = writing;
  const type = oneOf(pick, artifacts);
  const uri = argument(writing, group, { name: "artifact_uri", type: "str" }) ?? '"gs://a"';
  const name = `t${writing.count++}`;
  const metadata = argument(writing, group, { name: "metadata", type: "str" }) ?? '"a"';
  const options = [
    `artifact_uri=${rarely(pick, 2) ? uri : '"gs://a/b"'}`,
    `artifact_class=dsl.${type}`,
    ...(rarely(pick, 3) ? [`reimport=${oneOf(pick, ["True", "False"])}`] : []),
    ...(rarely(pick, 3) ? [`metadata={"a": ${metadata}, "b": [1, {"c": "d"}]}`] : []),
  ];
  line(writing, depth, `${name} = dsl.importer(${options.join(", ")})`);
  writing.values.push({ name: "artifact", type, expression: `${name}.output`, group, task: name });
  writing.tasks.push({ name, group, component: undefined });
}

function condition(writing: Writing, group: readonly number[]): string | undefined {
  const { pick } = writing;
  const from = visible(writing, group, writing.values).filter(
    ({ type }) => type !== "list" && type !== "dict" && !isArtifact(type),
  );
  const left = from[pick(from.length)];
  if (left === undefined) return undefined;
  const right = rarely(pick, 4) ? from.find(({ type }) => type === left.type)?.expression : undefined;
  const operator = oneOf(
    pick,
    left.type === "str" || left.type === "bool" ? ["==", "!="] : ["==", "!=", "<", "<=", ">", ">="],
  );
  const other = right ?? constant(pick, left.type);
  return rarely(pick, 6) ? `${other} ${operator} ${left.expression}` : `${left.expression} ${operator} ${other}`;
}

function branches(writing: Writing, group: readonly number[], depth: number): void {
  const { pick } = writing;
  const arm = (head: string): Available[] => {
    const from = writing.values.length;
    line(writing, depth, `with ${head}:`);
    block(writing, [...group, ++writing.groups], depth + 1);
    return writing.values.slice(from).filter((one) => one.group.length === group.length + 1);
  };
  const name = rarely(pick, 6) ? `, name="${oneOf(pick, ["a", "a b", "Branch-1"])}"` : "";
  const asked = condition(writing, group);
  if (asked === undefined) return void task(writing, group, depth);
  const arms = [arm(`dsl.${rarely(pick, 20) ? "Condition" : "If"}(${asked}${name})`)];
  if (rarely(pick, 3)) arms.push(arm(`dsl.Elif(${condition(writing, group) ?? asked})`));
  const otherwise = rarely(pick, 2);
  if (otherwise) arms.push(arm("dsl.Else()"));
  if (!otherwise || arms.length < 2 || rarely(pick, 3)) return;
  const [first = [], ...others] = arms;
  const start = first.find((one) => others.every((arm) => arm.some((other) => alike(one, other))));
  if (start === undefined) return;
  const chosen = [start, ...others.map((arm) => arm.find((other) => alike(start, other)))].map(
    (one) => one?.expression ?? "None",
  );
  const result = `v${writing.count++}`;
  line(writing, depth, `${result} = dsl.OneOf(${chosen.join(", ")})`);
  writing.values.push({ name: result, type: start.type, expression: result, group });
}

function alike(one: Port, other: Port): boolean {
  return one.type === other.type && (one.list ?? false) === (other.list ?? false);
}

function loop(writing: Writing, group: readonly number[], depth: number): void {
  const { pick } = writing;
  const lists = visible(writing, group, writing.values).filter(({ type, list }) => type === "list" || list === true);
  const from = lists[pick(lists.length)];
  const constants = oneOf(pick, [
    "[1, 2, 3]",
    '["a", "b c"]',
    "[0.5, 1.0]",
    '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]',
    "[[1], [2]]",
    "[True, False]",
    `[${constant(pick, "int")}, ${constant(pick, "int")}]`,
  ]);
  const items = from !== undefined && !rarely(pick, 3) ? from.expression : constants;
  const options = [
    rarely(pick, 5) ? `items=${items}` : items,
    ...(rarely(pick, 6) ? ['name="a loop"'] : []),
    ...(rarely(pick, 4) ? [`parallelism=${pick(4)}`] : []),
  ];
  const item = `i${writing.count++}`;
  const inside = [...group, ++writing.groups];
  line(writing, depth, `with dsl.ParallelFor(${options.join(", ")}) as ${item}:`);
  if (from?.list === true && items === from.expression) {
    writing.values.push({ name: item, type: from.type, expression: item, group: inside });
  } else if (items.includes("{")) {
    writing.values.push({ name: item, type: "int", expression: `${item}.a`, group: inside });
    writing.values.push({ name: item, type: "str", expression: `${item}.b`, group: inside });
  } else {
    const type: Type = /^\[\d/.test(items) ? "int" : oneOf(pick, ["str", "str", "int", "float"]);
    writing.values.push({ name: item, type, expression: item, group: inside });
    if (rarely(pick, 5)) writing.values.push({ name: item, type: "str", expression: `${item}.key`, group: inside });
  }
  const start = writing.values.length;
  block(writing, inside, depth + 1);
  for (const made of writing.values.slice(start)) {
    if (made.task === undefined || made.list === true || rarely(pick, 3)) continue;
    const collected = `dsl.Collected(${made.expression})`;
    const port = isArtifact(made.type) ? { type: made.type, list: true } : { type: "list" as const };
    writing.values.push({ name: collected, ...port, expression: collected, group });
  }
}

function exitHandler(writing: Writing, group: readonly number[], depth: number): void {
  const { pick } = writing;
  const exit = task(writing, group, depth);
  if (exit === undefined) return;
  writing.tasks.pop();
  const handler = `e${writing.count++}`;
  line(writing, depth, `with dsl.ExitHandler(${exit}${rarely(pick, 4) ? ', name="on exit"' : ""}) as ${handler}:`);
  block(writing, [...group, ++writing.groups], depth + 1);
  if (rarely(pick, 4)) writing.tasks.push({ name: handler, group, component: undefined });
}

function results(writing: Writing): {
  readonly annotation: string;
  readonly lines: readonly string[];
  readonly outputs: readonly Port[];
} {
  const { pick } = writing;
  const from = visible(writing, [], writing.values).filter(
    ({ task: producer, expression }) =>
      producer !== undefined || expression.startsWith("dsl.C") || /^v\d/.test(expression),
  );
  const one = from[pick(from.length)];
  const two = from[pick(from.length)];
  const written = ({ type, list }: Port): string => (list === true ? `List[${type}]` : type);
  if (one === undefined || two === undefined || rarely(pick, 2)) return { annotation: "", lines: [], outputs: [] };
  if (rarely(pick, 3)) {
    return {
      annotation: ` -> NamedTuple("Outs", first=${written(one)}, second=${written(two)})`,
      lines: [
        `    outs = NamedTuple("Outs", first=${written(one)}, second=${written(two)})`,
        `    return outs(first=${one.expression}, second=${two.expression})`,
      ],
      outputs: [
        { ...one, name: "first" },
        { ...two, name: "second" },
      ].map(({ name, type, list }) => ({ name, type, list: list ?? false })),
    };
  }
  return {
    annotation: ` -> ${written(one)}`,
    lines: [`    return ${one.expression}`],
    outputs: [{ name: "Output", type: one.type, list: one.list ?? false }],
  };
}

function settings(writing: Writing, name: string, used: Defined, group: readonly number[], depth: number): void {
  const { pick } = writing;
  if (used.kind === "pipeline" && !rarely(pick, 10)) {
    if (rarely(pick, 4)) line(writing, depth, `${name}.set_caching_options(False)`);
    return;
  }
  const input = (type: Type): string => argument(writing, group, { name: "", type }) ?? constant(pick, type);
  const channel = (type: Type): string | undefined => {
    const fits = visible(writing, group, writing.values).filter((one) => one.type === type);
    return fits[pick(fits.length)]?.expression;
  };
  const named = (plain: string): string => (rarely(pick, 2) ? (channel("str") ?? plain) : plain);
  const earlier = visible(writing, group, writing.tasks);
  const before = earlier[pick(earlier.length)];
  const key = oneOf(pick, ["a", "app.kubernetes.io/x", "K 1"]);
  const all: readonly [string, ...string[]] = [
    `${name}.set_cpu_limit("${oneOf(pick, ["1", "0.5", "500m", "2.5"])}")`,
    `${name}.set_cpu_request(${rarely(pick, 2) ? '"1"' : (channel("str") ?? '"2"')})`,
    `${name}.set_memory_limit("${oneOf(pick, ["1G", "512Mi", "100", "1.5Gi", "2E"])}")`,
    `${name}.set_memory_request("${oneOf(pick, ["1Gi", "4M"])}")`,
    `${name}.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(${oneOf(pick, ["1", '"2"', "0"])})`,
    `${name}.set_caching_options(${oneOf(pick, ["True", "False"])}${rarely(pick, 3) ? ', cache_key="k"' : ""})`,
    `${name}.set_retry(${pick(4)}${rarely(pick, 2) ? ', backoff_duration="60s", backoff_factor=2.0' : ""}${rarely(pick, 3) ? ', backoff_max_duration="3600s"' : ""})`,
    `${name}.set_display_name(${quoted(text(pick))})`,
    `${name}.set_env_variable(name="${oneOf(pick, ["A", "B_1"])}", value=${rarely(pick, 6) ? input("str") : quoted(text(pick))})`,
    `${name}.set_container_image(${rarely(pick, 2) ? '"x:1"' : input("str")})`,
    `${name}.ignore_upstream_failure()`,
    `${name}.set_debug_pause()`,
    ...(before ? [`${name}.after(${before.name})`, `${name}.after(${before.name})`] : []),
    `kubernetes.use_secret_as_env(${name}, secret_name=${named('"s"')}, secret_key_to_env={"k": "E"}${rarely(pick, 3) ? ", optional=True" : ""})`,
    `kubernetes.use_secret_as_volume(${name}, secret_name=${named('"s"')}, mount_path="/m"${rarely(pick, 3) ? ", optional=True" : ""})`,
    `kubernetes.use_config_map_as_env(${name}, config_map_name=${named('"c"')}, config_map_key_to_env={"k": "E", "l": "F"})`,
    `kubernetes.use_config_map_as_volume(${name}, config_map_name="c", mount_path="/m")`,
    `kubernetes.mount_pvc(${name}, pvc_name=${named('"pvc"')}, mount_path="/d"${rarely(pick, 3) ? ', sub_path="s"' : ""})`,
    `kubernetes.add_node_selector(${name}, label_key=${quoted(key)}, label_value=${quoted(text(pick))})`,
    `kubernetes.add_node_selector_json(${name}, node_selector_json=${channel("dict") ?? '{"a": "b"}'})`,
    `kubernetes.add_toleration(${name}, key="k", operator="Equal", value="v", effect="NoSchedule"${rarely(pick, 2) ? ", toleration_seconds=10" : ""})`,
    `kubernetes.add_toleration_json(${name}, toleration_json=${channel(oneOf(pick, ["dict", "list"])) ?? '{"key": "a"}'})`,
    `kubernetes.add_pod_label(${name}, label_key=${quoted(key)}, label_value=${quoted(text(pick))})`,
    `kubernetes.add_pod_annotation(${name}, annotation_key=${quoted(key)}, annotation_value=${quoted(text(pick))})`,
    `kubernetes.set_image_pull_policy(${name}, "${oneOf(pick, ["Always", "Never", "IfNotPresent"])}")`,
    `kubernetes.set_image_pull_secrets(${name}, [${rarely(pick, 2) ? '"a", "b"' : named('"s"')}])`,
    `kubernetes.use_field_path_as_env(${name}, env_name="N", field_path="metadata.name")`,
    `kubernetes.add_ephemeral_volume(${name}, volume_name="v", mount_path="/e", access_modes=["ReadWriteOnce"], size="1Gi"${rarely(pick, 2) ? ', storage_class_name="fast", labels={"a": "b"}' : ""})`,
    `kubernetes.empty_dir_mount(${name}, volume_name="v", mount_path="/e"${rarely(pick, 2) ? ', medium="Memory", size_limit="1Gi"' : ""})`,
    `kubernetes.set_timeout(${name}, ${oneOf(pick, ["0", "60"])})`,
    `kubernetes.add_node_affinity(${name}, match_expressions=[{"key": "k", "operator": "In", "values": ["a"]}]${rarely(pick, 2) ? ", weight=5" : ""})`,
    `kubernetes.add_node_affinity_json(${name}, node_affinity_json=${channel("dict") ?? '{"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}'})`,
    `kubernetes.set_security_context(${name}, run_as_user=1000${rarely(pick, 2) ? ", run_as_group=0, run_as_non_root=True" : ""})`,
  ];
  for (const one of several(pick, 2, () => oneOf(pick, all))) line(writing, depth, one);
}
