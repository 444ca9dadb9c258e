/**
 * A Python pipeline as TypeScript over the same components: printed from the graph that its function builds, so
 * that what is unrolled there is unrolled here. Both compile to the same spec, or the reason why not comes back.
 */
import type { Definition } from "../analyze.ts";
import type {
  Argument,
  Channel,
  Component,
  Condition,
  Graph,
  Group,
  LoopGroup,
  Task,
  TaskOutput,
} from "../graph/model.ts";
import { isChannel } from "../graph/channels.ts";
import { createPvc, deletePvc } from "../graph/volume-claims.ts";
import type { Span } from "../source.ts";
import type { Json } from "../spec/types.ts";
import { type Use, usesOf } from "./channels.ts";
import { createGathering, type Gathered, groupsOf } from "./gathering.ts";
import { createComponents } from "./components.ts";
import { optionsText } from "./options.ts";
import { inOrder } from "./order.ts";
import { settingsText } from "./settings.ts";
import { createTypes } from "./types.ts";
import { broken, camelCase, docComment, json, key, member, longestLine, placed, Unfit } from "./text.ts";

export type Conversion =
  | {
      readonly kind: "converted";
      readonly text: string;
      /** What it imports and nothing defines by name: components as YAML, to be written beside it. */
      readonly components: readonly { readonly path: string; readonly text: string }[];
    }
  /** What TypeScript has no words for. */
  | { readonly kind: "unfit"; readonly reason: string; readonly span?: Span };

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
    return { kind: "converted", ...print(graph, definition, definitionsOf, target) };
  } catch (problem) {
    if (problem instanceof Unfit)
      return { kind: "unfit", reason: problem.message, ...(problem.span && { span: problem.span }) };
    throw problem;
  }
}

function print(
  graph: Graph,
  definition: Definition,
  definitionsOf: (path: string) => readonly Definition[],
  target: string,
): Omit<Conversion & { kind: "converted" }, "kind"> {
  const path = definition.span.path;
  const sdkVersion = (definition.compile().compiled?.spec.sdkVersion ?? "").replace("kfp-", "");
  const language = new Set(["pipeline"]);
  const names = new Set([...reserved, ...graph.inputs.map(({ name }) => name)]);
  /** What inputs are called whose names TypeScript has, or we. */
  const aliases = new Map(
    graph.inputs.filter(({ name }) => reserved.includes(name)).map(({ name }) => [name, unique(`${name}Input`)]),
  );
  const symbol = unique(definition.symbol);
  const components = createComponents({ path, target, sdkVersion, definitionsOf, unique });
  const types = createTypes(language, unique);
  const variables = new Map<Task | LoopGroup, string>();
  const gathered = createGathering();
  const choices = new Map<object, { readonly name: string; readonly channels: readonly TaskOutput[] }[]>();
  const used = new Set<Task>();
  let here: Group = graph.root;
  const uses = usesOf(graph);
  for (const use of uses) placed(use.by.span, () => note(use));
  for (const { settings, group } of graph.tasks)
    for (const { node } of settings.after) if (node.kind === "task") gathered.note({ task: node }, group);

  // Components have the first choice of names.
  for (const each of graph.tasks) if (!isOurs(each.component)) components.nameOf(each.component);
  const body = children(graph.root, 2);
  body.push(...resultLines());
  const parameters = graph.inputs.map(({ name, defaultValue }) => {
    const alias = aliases.get(name);
    return `${name}${alias === undefined ? "" : `: ${alias}`}${defaultValue === undefined ? "" : ` = ${json(defaultValue)}`}`;
  });
  const declared = graph.inputs.flatMap((input) =>
    placed(input.span, () => [
      ...(input.description === undefined ? [] : docComment(input.description)),
      `${input.name}${input.optional ? "?" : ""}: ${types.textOf(input.type)};`,
    ]),
  );
  const short = `({ ${parameters.join(", ")} }: { ${declared.join(" ").replace(/;$/, "")} }) => {`;
  const isShort = short.length < longestLine && !graph.inputs.some(({ description }) => description !== undefined);
  const head =
    parameters.length === 0
      ? ["() => {"]
      : isShort
        ? [short]
        : ["({", ...parameters.map((line) => `  ${line},`), "}: {", ...declared.map((line) => `  ${line}`), "}) => {"];
  const lines = [
    `export const ${symbol} = pipeline(`,
    ...broken(`${optionsText(graph)},`, 2),
    ...head.map((line) => `  ${line}`),
    ...body.map((line) => `  ${line}`),
    "  },",
    ");",
  ];
  const ours = [...language].sort().map((name) => (/^[A-Z]/.test(name) ? `type ${name}` : name));
  return {
    text: [
      `import { ${ours.join(", ")} } from "millrace";`,
      ...components.imports(),
      "",
      ...types.declarations(),
      ...lines,
      "",
    ].join("\n"),
    components: components.files(),
  };

  function resultLines(): string[] {
    const [first, ...others] = graph.outputs;
    if (!first) return [];
    if (first.name === "Output" && others.length === 0 && first.description === undefined)
      return [`  return ${channelText(first.channel)};`];
    const members = graph.outputs.map(({ name, channel }) => {
      const text = channelText(channel);
      return name === text ? name : `${key(name)}: ${text}`;
    });
    if (graph.outputs.every(({ description }) => description === undefined))
      return broken(`return { ${members.join(", ")} };`, 2);
    const described = graph.outputs.flatMap(({ description }, i) => [
      ...(description === undefined ? [] : docComment(description)),
      `${members[i] ?? ""},`,
    ]);
    return ["  return {", ...described.map((line) => `    ${line}`), "  };"];
  }

  /** Loops whose outputs are gathered, arms that are chosen from, steps that are named later. */
  function note({ channel, at, by }: Use): void {
    if (channel.kind === "task-output") used.add(channel.task);
    else if (channel.kind === "loop-field") note({ channel: channel.item, at, by });
    else if (channel.kind === "collected") {
      used.add(channel.output.task);
      if (!gathered.note(channel.output, at))
        throw new Unfit(`"${channel.output.task.name}" is collected, but not from a loop`);
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
    const lines = inOrder(group.children, uses).flatMap((child) => {
      here = group;
      return placed(child.span, () => (child.kind === "task" ? task(child, indent) : groupLines(child, indent)));
    });
    here = group;
    return lines;
  }

  function groupLines(group: Group, indent: number): string[] {
    const pad = " ".repeat(indent);
    switch (group.kind) {
      case "root":
        return children(group, indent);
      case "condition":
        if (!group.condition) throw new Unfit("an else stands alone");
        return [
          ...nameLines(group, pad),
          `${pad}if (${conditionText(group.condition)}) {`,
          ...children(group, indent + 2),
          `${pad}}`,
        ];
      case "branches":
        return branches(group, indent);
      case "exit-handler": {
        const last = group.exitTask;
        const inside = children(group, indent + 2);
        return [
          ...nameLines(group, pad),
          `${pad}try {`,
          ...inside,
          `${pad}} finally {`,
          ...task(last, indent + 2, true),
          `${pad}}`,
        ];
      }
      case "loop":
        return loop(group, indent);
    }
  }

  /** The name that people see of a group. */
  function nameLines({ name, displayName }: Group, pad: string): string[] {
    if (displayName === undefined) return [];
    if (/\*\/|[\n@{]/.test(displayName) || displayName !== displayName.trim() || displayName === "")
      throw new Unfit(`the name of ${name} cannot be in a doc comment`);
    return [`${pad}/** @name ${displayName} */`];
  }

  function branches(group: Group & { kind: "branches" }, indent: number): string[] {
    const pad = " ".repeat(indent);
    const chosen = choices.get(group) ?? [];
    const lines = chosen.map(({ name }) => `${pad}let ${name};`);
    const arms = group.children.filter((child) => child.kind === "condition");
    for (const [index, arm] of arms.entries()) {
      const condition = arm.condition ? `if (${conditionText(arm.condition)}) ` : "";
      const name = nameLines(arm, "").map((line) => `${line} `);
      if (index === 0) lines.push(...nameLines(arm, pad), `${pad}${condition}{`);
      else lines.push(`${pad}} else ${name.join("")}${condition}{`);
      lines.push(...children(arm, indent + 2));
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
    const inside = children(group, indent + 2);
    const given = gathered.of(group).map((each) => [each, gatheredText(each, group)] as const);
    const [first] = given;
    if (!first) return [`${pad}for (const ${item} of ${over}) {`, ...inside, `${pad}}`];
    const variable = variables.get(first[0].task) ?? "step";
    const name = unique(given.length === 1 ? `${variable}Results` : "results");
    gathered.name(group, name);
    const labels = given.map(([each]) => gathered.label(group, each, variables.get(each.task) ?? "step"));
    const members = given.map(([, text], i) => (labels[i] === text ? text : `${key(labels[i] ?? "")}: ${text}`));
    const value = given.length === 1 ? first[1] : `{ ${members.join(", ")} }`;
    const [only = "", ...more] = inside;
    const turn = inside.concat(value).some((line) => new RegExp(`\\b${item}\\b`).test(line)) ? `(${item})` : "()";
    const short = /^\s*const (\w+) = (.*);$/.exec(only);
    if (more.length === 0 && short?.[1] === variable && given.length === 1 && value.startsWith(variable)) {
      const line = `${pad}const ${name} = ${over}.map(${turn} => ${short[2] ?? ""}${value.slice(variable.length)});`;
      if (line.length <= longestLine) return [line];
    }
    return [
      `${pad}const ${name} = ${over}.map(${turn} => {`,
      ...inside,
      ...broken(`return ${value};`, indent + 2),
      `${pad}});`,
    ];
  }

  /** What a loop's turns have made, as it is written in a group: in the loop itself, one; outside, all. */
  function gatheredText(each: Gathered, at: Group): string {
    here = at;
    const outer = gathered.outermost(each.task, at);
    if (!outer) return each.key === undefined ? variableOf(each.task) : outputText(each.task, each.key);
    const name = gathered.nameOf(outer);
    if (name === undefined) throw new Unfit(`"${each.task.name}" is waited for or collected before its loop`);
    requireSeen(outer, each.task.name);
    const label = gathered.labelOf(outer, each);
    return label === undefined ? name : `${name}.map((each) => ${member("each", label)})`;
  }

  function task(one: Task, indent: number, isExit = false): string[] {
    if (one.exitTask && !isExit) return [];
    const { component } = one;
    const { implementation } = component;
    const inputs = [...one.arguments].map(([name, value]) => [name, argument(value)] as const);
    const settings = settingsText(one.settings, argument, afterName);
    const name = unique(camelCase(component.name));
    variables.set(one, name);
    const isNamed = used.has(one) || isWaitedFor(one);
    const call =
      implementation.kind === "importer"
        ? importerText(one, settings)
        : component === createPvc || component === deletePvc
          ? claimText(one, settings)
          : `${components.nameOf(component)}(${[inputs.length > 0 || settings ? `{${inputs.map(([each, value]) => ` ${each === value ? each : `${key(each)}: ${value}`}`).join(",")}${inputs.length > 0 ? " " : ""}}` : "", settings].filter((each) => each !== "").join(", ")})`;
    return broken(`${isNamed ? `const ${name} = ` : ""}${call};`, indent);
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
    const members = [
      `uri: ${uri ? argument(uri) : JSON.stringify(importer.artifactUri.constant ?? "")}`,
      ...(metadata ? [`metadata: ${runJson(metadata, one)}`] : []),
      ...(importer.reimport === undefined ? [] : [`reimport: ${importer.reimport}`]),
      ...(importer.downloadToWorkspace === undefined ? [] : [`downloadToWorkspace: ${importer.downloadToWorkspace}`]),
    ];
    const type = types.textOf({ kind: "artifact", type: importer.typeSchema, list: false });
    return `importer<${type}>({ ${members.join(", ")} }${settings ? `, ${settings}` : ""})`;
  }

  /** Constants with placeholders of a step's own inputs, as expressions of what those get. */
  function runJson(value: Json, one: Task): string {
    if (Array.isArray(value)) return `[${value.map((each: Json) => runJson(each, one)).join(", ")}]`;
    if (typeof value === "object" && value !== null) {
      const members = Object.entries(value).map(([name, each]: [string, Json]) => {
        if (name.includes("{{$"))
          throw new Unfit("a member of an importer's metadata is called after a value of the run");
        return `${key(name)}: ${runJson(each, one)}`;
      });
      return members.length > 0 ? `{ ${members.join(", ")} }` : "{}";
    }
    return typeof value === "string" ? runText(value, one) : json(value);
  }

  function runText(text: string, one: Task): string {
    const parts = text.split(/\{\{\$\.inputs\.parameters\['([^']*)'\]\}\}/).map((part, i) => {
      if (i % 2 === 0) return part;
      const given = one.arguments.get(part);
      if (!given || !isChannel(given)) throw new Unfit(`"${one.name}" names an input "${part}" that it is not given`);
      return given;
    });
    const written = parts.filter((part) => part !== "");
    const [only = ""] = written;
    if (written.length === 1 && typeof only !== "string") return argument(only);
    return parts.length === 1 ? json(text) : argument({ kind: "template", parts: written });
  }

  function claimText(one: Task, settings: string): string {
    const name = one.component === createPvc ? "volumeClaim" : "deleteVolumeClaim";
    language.add(name);
    const members = [...one.arguments].map(([each, value]) => {
      const ours = claimMembers[each];
      if (ours === undefined) throw new Unfit(`a volume claim has ${each}`);
      return `${ours}: ${argument(value)}`;
    });
    return `${name}({ ${members.join(", ")} }${settings ? `, ${settings}` : ""})`;
  }

  function afterName(node: Task | Group): string {
    if (node.kind !== "task") throw new Unfit("a step waits for a whole group");
    if (node.component.implementation.kind === "importer") throw new Unfit("a step waits for an importer");
    const text = gatheredText({ task: node }, here);
    const depth = gathered.depth(node, here);
    const flat = depth === 1 ? "" : `.flat(${depth === 2 ? "" : depth - 1})`;
    return depth === 0 ? text : `...${text}${flat}`;
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
        return aliases.get(channel.name) ?? channel.name;
      case "task-output":
        return outputText(channel.task, channel.key);
      case "loop-item":
        return variableOf(channel.loop);
      case "loop-field":
        return member(channelText(channel.item), channel.field);
      case "collected":
        return gatheredText(channel.output, here);
      case "one-of": {
        const found = choices.get(channel.branches)?.find((each) => each.channels === channel.channels);
        if (!found) throw new Unfit("it chooses among arms that are not there");
        return found.name;
      }
    }
  }

  function outputText(task: Task, name: string): string {
    if (task.component.implementation.kind === "importer") return variableOf(task);
    return member(variableOf(task), name === "Output" ? "output" : name);
  }

  function variableOf(node: Task | LoopGroup): string {
    const name = variables.get(node);
    if (name === undefined) throw new Unfit(`"${node.name}" is used before it is made`);
    if (node.kind === "task") requireSeen({ parent: node.group }, node.name);
    else if (!groupsOf(here).includes(node)) throw new Unfit(`the item of "${node.name}" is used outside of its loop`);
    return name;
  }

  /** A constant is seen in the block that it stands in. */
  function requireSeen({ parent }: { readonly parent: Group }, name: string): void {
    if (groupsOf(here).includes(parent)) return;
    const what = parent.kind === "condition" ? "a branch" : parent.kind === "loop" ? "a loop" : "a `try`";
    throw new Unfit(`"${name}" is made in ${what} and used outside of it`);
  }

  function conditionText(condition: Condition): string {
    switch (condition.kind) {
      case "compare": {
        const { left, right } = condition;
        const isTruth = condition.operator === "==" && right.kind === "boolean" && right.value;
        if (isTruth && isChannel(left) && left.type.kind === "parameter" && left.type.type === "BOOLEAN")
          return channelText(left);
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

  function unique(wanted: string): string {
    let name = wanted;
    for (let i = 2; names.has(name); i++) name = `${wanted}${i}`;
    names.add(name);
    return name;
  }
}

/** What `volumeClaim` calls the inputs of KFP's CreatePVC. */
const claimMembers: Readonly<Record<string, string>> = {
  pvc_name: "name",
  pvc_name_suffix: "nameSuffix",
  access_modes: "accessModes",
  size: "size",
  storage_class_name: "storageClass",
  volume_name: "volumeName",
  annotations: "annotations",
  data_source: "dataSource",
};

const reserved =
  "Artifact Dataset Model Metrics ClassificationMetrics SlicedClassificationMetrics HTML Markdown Int FinalStatus TaskConfig Record await break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static implements interface package private protected public arguments eval undefined pipeline importer parallel run volumeClaim deleteVolumeClaim".split(
    " ",
  );

/** Made by a function of the language, so that nothing is imported. */
const isOurs = (component: Component): boolean =>
  component.implementation.kind === "importer" || component === createPvc || component === deletePvc;
