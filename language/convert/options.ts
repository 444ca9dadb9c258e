import type { Graph } from "../graph/model.ts";
import { json } from "./text.ts";

/** The first argument of `pipeline` (`PipelineOptions`). */
export function optionsText({ name, displayName, description, pipelineRoot, config = {} }: Graph): string {
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
