/** The importer as a component made for one call (`kfp/dsl/importer_node.py`). */
import type { ImporterSpec, Json } from "../spec/types.ts";
import type { GivenArgument, ImporterOptions } from "./builder.ts";
import { argumentJson } from "./channels.ts";
import type { Argument, Channel, Component, InputDefinition } from "./model.ts";
import { createNameSet } from "./names.ts";

/** Every channel in the metadata becomes an input of its own: `metadata`, `metadata-2`, …, one for each channel. */
export function importerCall(options: ImporterOptions): {
  readonly component: Component;
  readonly given: ReadonlyMap<string, GivenArgument>;
} {
  const { uri, metadata } = options;
  const given = new Map<string, GivenArgument>([["uri", uri]]);
  const inputs: InputDefinition[] = [{ name: "uri", type: { kind: "parameter", type: "STRING" }, optional: false }];
  const names = createNameSet();
  const inputOf = new Map<string, string>();

  function placeholder(channel: Channel): string {
    const identity = channelIdentity(channel);
    let name = inputOf.get(identity);
    if (name === undefined) {
      name = names.claim("metadata");
      inputOf.set(identity, name);
      inputs.push({ name, type: channel.type, optional: false });
      given.set(name, { value: channel, span: metadata?.span ?? uri.span });
    }
    return `{{$.inputs.parameters['${name}']}}`;
  }

  const json = (value: Argument): Json => argumentJson(value, placeholder);

  const properties = metadata ? json(metadata.value) : null;
  const importer: ImporterSpec = {
    artifactUri:
      options.uriText !== undefined
        ? { constant: options.uriText }
        : uri.value.kind === "string"
          ? { constant: uri.value.value }
          : { runtimeParameter: "uri" },
    typeSchema: options.type,
  };
  if (
    typeof properties === "object" &&
    properties !== null &&
    !isList(properties) &&
    Object.keys(properties).length > 0
  ) {
    importer.metadata = properties;
  }
  if (options.reimport) importer.reimport = true;
  if (options.downloadToWorkspace) importer.downloadToWorkspace = true;
  const component: Component = {
    name: "importer",
    inputs,
    outputs: [{ name: "artifact", type: { kind: "artifact", type: options.type, list: false } }],
    implementation: { kind: "importer", importer },
  };
  return { component, given };
}

function channelIdentity(channel: Channel): string {
  switch (channel.kind) {
    case "pipeline-input":
      return channel.name;
    case "task-output":
      return `${channel.task.name}\n${channel.key}`;
    case "loop-item":
      return `item\n${channel.loop.name}`;
    case "loop-field":
      return `${channelIdentity(channel.item)}\n${channel.field}`;
    case "collected":
      return `collected\n${channelIdentity(channel.output)}`;
    case "one-of":
      return `${channel.branches.name}\n${String(channel.index)}`;
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
