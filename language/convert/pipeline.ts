/**
 * A Python pipeline as TypeScript over the same components: printed from the graph that its function builds, so
 * that what is unrolled there is unrolled here. Both compile to the same spec, or the reason why not comes back.
 */
import type { Definition } from "./analyze.ts";
import type {
  Argument,
  Channel,
  Condition,
  Graph,
  Group,
  LoopGroup,
  Task,
  TaskOutput,
  ValueType,
} from "./graph/model.ts";
import type { Json } from "./spec/types.ts";

export type Conversion =
  | { readonly kind: "converted"; readonly text: string }
  /** What TypeScript has no words for. */
  | { readonly kind: "unfit"; readonly reason: string };

/**
 * `definitionsOf` gives the definitions of a Python file that the pipeline takes components from; `target` is
 * the TypeScript file, which its imports are relative to.
 */
export function convertPipeline(
  definition: Definition,
  definitionsOf: (path: string) => readonly Definition[],
  target = definition.span.path.replace(/\.py$/, ".ts"),
): Conversion {
  const graph = definition.graph;
  if (!graph) return { kind: "unfit", reason: `${definition.symbol} is no pipeline` };
  try {
    return { kind: "converted", text: print(graph, definition, definitionsOf, target) };
  } catch (problem) {
    if (problem instanceof Unfit) return { kind: "unfit", reason: problem.message };
    throw problem;
  }
}

class Unfit extends Error {}

function print(
  graph: Graph,
  definition: Definition,
  definitionsOf: (path: string) => readonly Definition[],
  target: string,
): string {
  const path = definition.span.path;
  const language = new Set(["pipeline"]);
  /** Path → symbol there → name here. */
  const imports = new Map<string, Map<string, string>>();
  const names = new Set([...reserved, ...graph.inputs.map(({ name }) => name)]);
  const symbol = unique(definition.symbol);
  const variables = new Map<Task | LoopGroup, string>();
  const collectedOf = new Map<LoopGroup, TaskOutput[]>();
  const choices = new Map<object, { readonly name: string; readonly channels: readonly TaskOutput[] }[]>();
  const gatheredNames = new Map<LoopGroup, string>();
  const used = new Set<Task>();
  let here: Group = graph.root;
  for (const channel of channelsOf(graph)) note(channel);

  // Components have the first choice of names.
  for (const each of graph.tasks) if (each.component.implementation.kind !== "importer") componentName(each);
  const body = children(graph.root, 2);
  if (graph.outputs.some(({ description }) => description)) throw new Unfit("an output has a description");
  const results = graph.outputs.map(({ name, channel }) =>
    name === "Output" ? channelText(channel) : `${key(name)}: ${channelText(channel)}`,
  );
  if (results.length > 0)
    body.push(`  return ${graph.outputs[0]?.name === "Output" ? (results[0] ?? "") : `{ ${results.join(", ")} }`};`);
  const parameters = graph.inputs.map(({ name, defaultValue }) =>
    defaultValue === undefined ? name : `${name} = ${json(defaultValue)}`,
  );
  const types = graph.inputs.map((input) => {
    const comment = input.description ? `/** ${input.description.replaceAll("*/", "* /")} */ ` : "";
    return `${comment}${input.name}${input.optional ? "?" : ""}: ${typeText(input.type)}`;
  });
  const head = parameters.length > 0 ? `{ ${parameters.join(", ")} }: { ${types.join("; ")} }` : "";
  const lines = [
    `export const ${symbol} = pipeline(`,
    `  ${optionsText(graph)},`,
    `  (${head}) => {`,
    ...body.map((line) => `  ${line}`),
    "  },",
    ");",
  ];
  const from = [...imports].map(([file, symbols]) => {
    const all = [...symbols].map(([there, here]) => (there === here ? there : `${there} as ${here}`));
    return `import { ${all.sort().join(", ")} } from ${JSON.stringify(relative(target, file))};`;
  });
  const ours = [...language].sort().map((name) => (/^[A-Z]/.test(name) ? `type ${name}` : name));
  return [`import { ${ours.join(", ")} } from "millrace";`, ...from, "", ...lines, ""].join("\n");

  /** Loops whose outputs are gathered, arms that are chosen from, steps that are named later. */
  function note(channel: Channel): void {
    if (channel.kind === "task-output") used.add(channel.task);
    else if (channel.kind === "loop-field") note(channel.item);
    else if (channel.kind === "collected") {
      used.add(channel.output.task);
      const loop = loopOf(channel.output.task.group);
      if (!loop) throw new Unfit("it collects an output that is in no loop");
      if (loopOf(loop.parent)) throw new Unfit("it collects from loops in loops");
      const all = collectedOf.get(loop) ?? [];
      if (!all.some((each) => sameOutput(each, channel.output))) all.push(channel.output);
      if (all.length > 1) throw new Unfit("it collects several outputs of one loop");
      collectedOf.set(loop, all);
    } else if (channel.kind === "one-of") {
      for (const each of channel.channels) used.add(each.task);
      const all = choices.get(channel.branches) ?? [];
      if (all.some((each) => each.channels === channel.channels)) return;
      all.push({ name: unique("chosen"), channels: channel.channels });
      choices.set(channel.branches, all);
    }
  }

  function children(group: Group, indent: number): string[] {
    here = group;
    const lines = group.children.flatMap((child) => {
      here = group;
      return child.kind === "task" ? task(child, indent) : groupLines(child, indent);
    });
    here = group;
    return lines;
  }

  function groupLines(group: Group, indent: number): string[] {
    const pad = " ".repeat(indent);
    if (group.displayName !== undefined && group.kind !== "loop")
      throw new Unfit(`${group.name} has a name of its own`);
    switch (group.kind) {
      case "root":
        return children(group, indent);
      case "condition":
        if (!group.condition) throw new Unfit("an else stands alone");
        return [`${pad}if (${conditionText(group.condition)}) {`, ...children(group, indent + 2), `${pad}}`];
      case "branches":
        return branches(group, indent);
      case "exit-handler": {
        const last = group.exitTask;
        const inside = children(group, indent + 2);
        return [`${pad}try {`, ...inside, `${pad}} finally {`, ...task(last, indent + 2, true), `${pad}}`];
      }
      case "loop":
        return loop(group, indent);
    }
  }

  function branches(group: Group & { kind: "branches" }, indent: number): string[] {
    const pad = " ".repeat(indent);
    const chosen = choices.get(group) ?? [];
    const lines = chosen.map(({ name }) => `${pad}let ${name};`);
    const arms = group.children.filter((child) => child.kind === "condition");
    for (const [index, arm] of arms.entries()) {
      if (arm.displayName !== undefined) throw new Unfit(`${arm.name} has a name of its own`);
      const condition = arm.condition ? `if (${conditionText(arm.condition)}) ` : "";
      lines.push(index === 0 ? `${pad}${condition}{` : `${pad}} else ${condition}{`, ...children(arm, indent + 2));
      for (const { name, channels } of chosen) {
        const own = channels[index];
        if (own) lines.push(`${pad}  ${name} = ${channelText(own)};`);
      }
    }
    return [...lines, `${pad}}`];
  }

  function loop(group: LoopGroup, indent: number): string[] {
    const pad = " ".repeat(indent);
    const item = unique("item");
    variables.set(group, item);
    const { items, parallelism, displayName } = group;
    const list = items.kind === "constant" ? `[${items.items.map(argument).join(", ")}]` : channelText(items.channel);
    const options = [
      ...(parallelism === undefined ? [] : [`limit: ${parallelism}`]),
      ...(displayName === undefined ? [] : [`name: ${JSON.stringify(displayName)}`]),
    ];
    const isParallel = items.kind === "constant" || options.length > 0;
    if (isParallel) language.add("parallel");
    const over = isParallel
      ? `parallel(${[list, ...(options.length > 0 ? [`{ ${options.join(", ")} }`] : [])].join(", ")})`
      : list;
    const [gathered] = collectedOf.get(group) ?? [];
    const inside = children(group, indent + 2);
    if (!gathered) return [`${pad}for (const ${item} of ${over}) {`, ...inside, `${pad}}`];
    const name = unique("collected");
    gatheredNames.set(group, name);
    const value = channelText(gathered);
    return [`${pad}const ${name} = ${over}.map((${item}) => {`, ...inside, `${pad}  return ${value};`, `${pad}});`];
  }

  function task(one: Task, indent: number, isExit = false): string[] {
    if (one.exitTask && !isExit) return [];
    const { implementation } = one.component;
    const inputs = [...one.arguments].map(([name, value]) => [name, argument(value)] as const);
    const settings = settingsText(one);
    const name = unique(camelCase(one.name));
    variables.set(one, name);
    const isNamed = used.has(one) || isWaitedFor(one);
    const call =
      implementation.kind === "importer"
        ? importerText(one, settings)
        : `${componentName(one)}(${[inputs.length > 0 || settings ? `{${inputs.map(([each, value]) => ` ${each === value ? each : `${key(each)}: ${value}`}`).join(",")}${inputs.length > 0 ? " " : ""}}` : "", settings].filter((each) => each !== "").join(", ")})`;
    return [`${" ".repeat(indent)}${isNamed ? `const ${name} = ` : ""}${call};`];
  }

  function isWaitedFor(one: Task): boolean {
    return graph.tasks.some(({ settings }) => settings.after.some(({ node }) => node === one));
  }

  function importerText(one: Task, settings: string): string {
    const { implementation } = one.component;
    if (implementation.kind !== "importer") throw new Unfit("it is no importer");
    const { importer } = implementation;
    const uri = one.arguments.get("uri");
    language.add("importer");
    const metadata = importer.metadata && Object.keys(importer.metadata).length > 0 ? importer.metadata : undefined;
    if (metadata && JSON.stringify(metadata).includes("{{$")) throw new Unfit("an importer's metadata is of the run");
    const members = [
      `uri: ${uri ? argument(uri) : JSON.stringify(importer.artifactUri.constant ?? "")}`,
      ...(metadata ? [`metadata: ${json(metadata)}`] : []),
      ...(importer.reimport === undefined ? [] : [`reimport: ${importer.reimport}`]),
      ...(importer.downloadToWorkspace === undefined ? [] : [`downloadToWorkspace: ${importer.downloadToWorkspace}`]),
    ];
    const type = typeText({ kind: "artifact", type: importer.typeSchema, list: false });
    return `importer<${type}>({ ${members.join(", ")} }${settings ? `, ${settings}` : ""})`;
  }

  function componentName(one: Task): string {
    const { component } = one;
    const file = component.span?.path ?? path;
    const found =
      definitionsOf(path).find((each) => each.component?.() === component) ??
      definitionsOf(file).find(
        (each) => each.name === component.name && each.span.start === component.span?.start && file !== path,
      );
    if (!found) throw new Unfit(`the component "${component.name}" is no variable of a Python file`);
    const symbols = imports.get(found.span.path) ?? new Map<string, string>();
    imports.set(found.span.path, symbols);
    const name = symbols.get(found.symbol) ?? unique(found.symbol);
    symbols.set(found.symbol, name);
    return name;
  }

  function settingsText({ settings }: Task): string {
    const { retry, caching, env, after } = settings;
    if (settings.kubernetes && Object.keys(settings.kubernetes).length > 0)
      throw new Unfit("a step has settings of kfp-kubernetes");
    const amount = (request: Argument | undefined, limit: Argument | undefined) =>
      request
        ? `{ request: ${argument(request)}${limit ? `, limit: ${argument(limit)}` : ""} }`
        : limit && argument(limit);
    const cpu = amount(settings.cpuRequest, settings.cpuLimit);
    const memory = amount(settings.memoryRequest, settings.memoryLimit);
    const { acceleratorType: type, acceleratorLimit: count } = settings;
    if (count && !type) throw new Unfit("a step has accelerators of no type");
    const options = [
      ...(settings.displayName === undefined ? [] : [`name: ${JSON.stringify(settings.displayName)}`]),
      ...(settings.image ? [`image: ${argument(settings.image)}`] : []),
      ...(cpu === undefined ? [] : [`cpu: ${cpu}`]),
      ...(memory === undefined ? [] : [`memory: ${memory}`]),
      ...(type ? [`gpu: { type: ${argument(type)}${count ? `, count: ${argument(count)}` : ""} }`] : []),
      ...(retry
        ? [
            `retry: { count: ${retry.count}, backoff: ${retry.backoffSeconds}, factor: ${retry.factor}, max: ${retry.maxSeconds} }`,
          ]
        : []),
      ...(caching ? [`cache: ${caching.key === undefined ? caching.enabled : JSON.stringify(caching.key)}`] : []),
      ...(env.length > 0
        ? [`env: { ${env.map(([name, value]) => `${key(name)}: ${JSON.stringify(value)}`).join(", ")} }`]
        : []),
      ...(settings.ignoreUpstreamFailure ? ["evenIfUpstreamFails: true"] : []),
      ...(after.length > 0 ? [`after: [${after.map(({ node }) => afterName(node)).join(", ")}]`] : []),
    ];
    return options.length > 0 ? `{ ${options.join(", ")} }` : "";
  }

  function afterName(node: Task | Group): string {
    if (node.kind !== "task") throw new Unfit("a step waits for a whole group");
    if (node.component.implementation.kind === "importer") throw new Unfit("a step waits for an importer");
    return variableOf(node);
  }

  function argument(value: Argument): string {
    switch (value.kind) {
      case "null":
        return "null";
      case "string":
        return JSON.stringify(value.value);
      case "integer":
      case "number":
      case "boolean":
        return String(value.value);
      case "list":
        return `[${value.items.map(argument).join(", ")}]`;
      case "struct":
        return `{ ${value.entries.map(([name, each]) => `${typeof name === "string" ? key(name) : `[${argument(name)}]`}: ${argument(each)}`).join(", ")} }`;
      case "template":
        return `\`${value.parts.map((part) => (typeof part === "string" ? part.replace(/[`\\]|\$(?=\{)/g, "\\$&") : `\${${channelText(part)}}`)).join("")}\``;
      default:
        return channelText(value);
    }
  }

  function channelText(channel: Channel): string {
    switch (channel.kind) {
      case "pipeline-input":
        return channel.name;
      case "task-output": {
        if (channel.task.component.implementation.kind === "importer") return variableOf(channel.task);
        return member(variableOf(channel.task), channel.key === "Output" ? "output" : channel.key);
      }
      case "loop-item":
        return variableOf(channel.loop);
      case "loop-field":
        return member(channelText(channel.item), channel.field);
      case "collected": {
        const group = loopOf(channel.output.task.group);
        const name = group && gatheredNames.get(group);
        if (name === undefined) throw new Unfit("it collects before the loop");
        return name;
      }
      case "one-of": {
        const found = choices.get(channel.branches)?.find((each) => each.channels === channel.channels);
        if (!found) throw new Unfit("it chooses among arms that are not there");
        return found.name;
      }
    }
  }

  function variableOf(node: Task | LoopGroup): string {
    const name = variables.get(node);
    if (name === undefined) throw new Unfit(`"${node.name}" is used before it is made`);
    const home = node.kind === "task" ? node.group : node;
    let at = here;
    while (at !== home && at.kind !== "root") at = at.parent;
    if (at !== home) throw new Unfit(`"${node.name}" is used outside of its block`);
    return name;
  }

  function conditionText(condition: Condition): string {
    switch (condition.kind) {
      case "compare": {
        const operator =
          condition.operator === "==" || condition.operator === "!=" ? `${condition.operator}=` : condition.operator;
        return `${argument(condition.left)} ${operator} ${argument(condition.right)}`;
      }
      case "and":
      case "or":
        return condition.operands
          .map((each) => `(${conditionText(each)})`)
          .join(condition.kind === "and" ? " && " : " || ");
      case "not":
        return `!(${conditionText(condition.operand)})`;
    }
  }

  function typeText(type: ValueType): string {
    if (type.kind === "artifact") {
      const [, title = ""] = /^system\.(.*)$/.exec(type.type.schemaTitle ?? "") ?? [];
      if (!artifactNames.has(title))
        throw new Unfit(`the artifact type ${type.type.schemaTitle ?? ""} is no type of ours`);
      language.add(title);
      return type.list ? `readonly ${title}[]` : title;
    }
    if (type.literals) return type.literals.map((each) => JSON.stringify(each)).join(" | ");
    switch (type.type) {
      case "STRING":
        return "string";
      case "NUMBER_INTEGER":
        language.add("Int");
        return "Int";
      case "NUMBER_DOUBLE":
        return "number";
      case "BOOLEAN":
        return "boolean";
      case "LIST":
        return type.element ? `readonly (${typeText(type.element)})[]` : "readonly any[]";
      case "STRUCT":
        return "Record<string, any>";
      default:
        throw new Unfit(`a pipeline takes a ${type.type}`);
    }
  }

  function unique(wanted: string): string {
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted}${i}`;
    names.add(name);
    return name;
  }
}

function optionsText({ name, displayName, description, pipelineRoot, config = {} }: Graph): string {
  const { workspace, activeDeadlineSeconds: deadline } = config;
  const ttl = [
    ["success", config.ttlSecondsAfterSuccess],
    ["failure", config.ttlSecondsAfterFailure],
    ["finished", config.ttlSecondsAfterFinished],
  ].flatMap(([which, seconds]) => (seconds === undefined ? [] : [`${String(which)}: ${String(seconds)}`]));
  const patch = workspace?.pvcSpecPatch;
  const members = [
    `name: ${JSON.stringify(name)}`,
    ...(displayName === undefined ? [] : [`displayName: ${JSON.stringify(displayName)}`]),
    ...(description === undefined ? [] : [`description: ${JSON.stringify(description)}`]),
    ...(pipelineRoot === undefined ? [] : [`root: ${JSON.stringify(pipelineRoot)}`]),
    ...(workspace
      ? [
          `workspace: { size: ${JSON.stringify(workspace.size)}${patch === undefined ? "" : `, pvcSpecPatch: ${json(patch)}`} }`,
        ]
      : []),
    ...(ttl.length > 0 ? [`ttl: { ${ttl.join(", ")} }`] : []),
    ...(deadline === undefined ? [] : [`deadline: ${deadline}`]),
  ];
  return `{ ${members.join(", ")} }`;
}

/** Every channel that something uses. */
function channelsOf(graph: Graph): Channel[] {
  const found: Channel[] = [];
  const inArgument = (value: Argument | undefined): void => {
    if (!value) return;
    if (value.kind === "list") value.items.forEach(inArgument);
    else if (value.kind === "struct")
      for (const [name, each] of value.entries) {
        if (typeof name !== "string") inArgument(name);
        inArgument(each);
      }
    else if (value.kind === "template") found.push(...value.parts.filter((part) => typeof part !== "string"));
    else if (!("value" in value) && value.kind !== "null") found.push(value);
  };
  const inCondition = (condition: Condition): void => {
    if (condition.kind === "not") inCondition(condition.operand);
    else if (condition.kind === "compare") [condition.left, condition.right].forEach(inArgument);
    else condition.operands.forEach(inCondition);
  };
  const inGroup = (group: Group): void => {
    if (group.kind === "condition" && group.condition) inCondition(group.condition);
    if (group.kind === "loop") {
      if (group.items.kind === "channel") found.push(group.items.channel);
      else group.items.items.forEach(inArgument);
    }
    for (const child of group.children) if (child.kind !== "task") inGroup(child);
  };
  inGroup(graph.root);
  for (const { arguments: given, settings } of graph.tasks) {
    given.forEach(inArgument);
    const { image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit } = settings;
    [image, cpuRequest, cpuLimit, memoryRequest, memoryLimit, acceleratorType, acceleratorLimit].forEach(inArgument);
  }
  return [...found, ...graph.outputs.map(({ channel }) => channel)];
}

const artifactNames = new Set(
  "Artifact Dataset Model Metrics ClassificationMetrics SlicedClassificationMetrics HTML Markdown".split(" "),
);

const reserved =
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package private protected public arguments eval undefined pipeline importer parallel run".split(
    " ",
  );

function loopOf(group: Group): LoopGroup | undefined {
  for (let at: Group = group; at.kind !== "root"; at = at.parent) if (at.kind === "loop") return at;
  return undefined;
}

const sameOutput = (a: TaskOutput, b: TaskOutput): boolean => a.task === b.task && a.key === b.key;

const isName = (text: string): boolean => /^[A-Za-z_$][\w$]*$/.test(text);
const key = (name: string): string => (isName(name) ? name : JSON.stringify(name));
const member = (of: string, name: string): string =>
  isName(name) ? `${of}.${name}` : `${of}[${JSON.stringify(name)}]`;
const json = (value: Json): string => JSON.stringify(value);

function camelCase(name: string): string {
  const text = name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  return /^[A-Za-z]/.test(text) ? text : `step${text}`;
}

/** `./steps.py`, `../shared/steps.py` */
function relative(from: string, to: string): string {
  const [a, b] = [from.split("/").slice(0, -1), to.split("/")];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same++;
  const up = "../".repeat(a.length - same);
  return `${up || "./"}${b.slice(same).join("/")}`;
}
