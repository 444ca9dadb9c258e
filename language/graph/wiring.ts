/** How a task in one group gets a channel: from its sibling, or from the inputs of the group it is in. */
import type { Json, TaskArtifactInput, TaskParameterInput, TaskSpec } from "../spec/types.ts";
import { argumentJson, isChannel, type Link, linkOf, type Node, parentOf } from "./channels.ts";
import { isPlatformInput } from "./kubernetes.ts";
import type { Argument, Channel, Group, PlatformValue } from "./model.ts";
import { injectedName } from "./names.ts";

/** The inputs of one task of the spec while they are put together. */
export interface Inputs {
  /** An input of the task that is the channel. */
  connect(name: string, link: Link): void;
  /** An input of the task that is any argument: constants become JSON, channels in them placeholders and inputs. */
  give(name: string, value: Argument): void;
  /** Text of a value with its channels as placeholders, each with an input beside. */
  text(value: Argument): string;
  /** Text for the value of a setting that the SDK also makes an input, if there is a channel in it. */
  setting(name: string, value: Argument): string;
  set(name: string, input: TaskParameterInput): void;
  remove(name: string): void;
  /** `inputs` of the task; undefined: none. */
  spec(): TaskSpec["inputs"];
}

/** Inputs of `consumer`, a task or group that stands in `group`, which is handed `needs`. */
export function createInputs(consumer: Node, group: Group, needs: ReadonlyMap<string, Link> = new Map()): Inputs {
  const parameters = new Map<string, TaskParameterInput>();
  const artifacts = new Map<string, TaskArtifactInput>();

  function connect(name: string, link: Link): void {
    if (link.type.kind === "artifact") artifacts.set(name, artifactInput(link, group));
    else parameters.set(name, parameterInput(link, group));
  }

  function placeholder(channel: Channel): string {
    const link = linkOf(channel, consumer);
    const name = injectedName(link.name);
    // In text the SDK takes an item's member as it is handed, where it is, and not from the item.
    if (link.kind === "field" && needs.has(name)) parameters.set(name, { componentInputParameter: name });
    // The SDK takes an artifact inside a list for a parameter.
    else if (link.type.kind === "artifact")
      parameters.set(name, link.kind === "input" ? { componentInputParameter: name } : parameterInput(link, group));
    else connect(name, link);
    return `{{$.inputs.parameters['${name}']}}`;
  }

  const json = (value: Argument): Json => argumentJson(value, placeholder);

  function text(value: Argument): string {
    const written = json(value);
    return typeof written === "string" ? written : JSON.stringify(written);
  }

  return {
    connect,
    text,
    give(name, value) {
      if (isChannel(value)) connect(name, linkOf(value, consumer));
      else parameters.set(name, { runtimeValue: { constant: json(value) } });
    },
    setting(name, value) {
      const written = text(value);
      if (isChannel(value) || value.kind === "template") parameters.set(name, { runtimeValue: { constant: written } });
      return written;
    },
    set(name, input) {
      parameters.set(name, input);
    },
    remove(name) {
      parameters.delete(name);
      artifacts.delete(name);
    },
    spec() {
      if (parameters.size + artifacts.size === 0) return undefined;
      return {
        ...(parameters.size > 0 ? { parameters: Object.fromEntries(parameters) } : {}),
        ...(artifacts.size > 0 ? { artifacts: Object.fromEntries(artifacts) } : {}),
      };
    },
  };
}

/** Platform configuration as the spec has it, channels as references from where the task stands. */
export function platformJson(value: PlatformValue, consumer: Node, group: Group): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => platformJson(item, consumer, group));
  if (isPlatformInput(value)) return platformInput(value.value, consumer, group);
  const object: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (isPlatformInput(member) && member.spread) Object.assign(object, platformInput(member.value, consumer, group));
    else object[name] = platformJson(member, consumer, group);
  }
  return object;
}

function platformInput(value: Argument, consumer: Node, group: Group): { [key: string]: Json } {
  if (isChannel(value)) return { ...parameterInput(linkOf(value, consumer), group) };
  const scratch = createInputs(consumer, group);
  scratch.give("value", value);
  return { ...scratch.spec()?.parameters?.["value"] };
}

function parameterInput(link: Link, group: Group): TaskParameterInput & { [key: string]: Json } {
  switch (link.kind) {
    case "input":
      return { componentInputParameter: group.kind === "root" ? link.name : injectedName(link.name) };
    case "output":
      if (parentOf(link.producer) !== group) return { componentInputParameter: injectedName(link.name) };
      return { taskOutputParameter: { producerTask: link.producer.name, outputParameterKey: link.key } };
    case "item":
      return { componentInputParameter: injectedName(link.name) };
    case "field":
      return {
        componentInputParameter: group.kind === "root" ? link.item.name : injectedName(link.item.name),
        parameterExpressionSelector: `parseJson(string_value)["${link.field}"]`,
      };
  }
}

function artifactInput(link: Link, group: Group): TaskArtifactInput {
  if (link.kind === "output" && parentOf(link.producer) === group) {
    return { taskOutputArtifact: { producerTask: link.producer.name, outputArtifactKey: link.key } };
  }
  const isOwn = link.kind === "input" && group.kind === "root";
  return { componentInputArtifact: isOwn ? link.name : injectedName(link.name) };
}
