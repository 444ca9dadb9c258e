import { diagnose } from "../diagnostics.ts";
import { artifactTypeOf, IoType, isArtifactClass } from "./artifact-types.ts";
import { Refused, TaskValue, toArgument } from "./channels.ts";
import { channelsIn } from "../graph/channels.ts";
import type { Channel } from "../graph/model.ts";
import { elementOf } from "../graph/types.ts";
import type { DslContext } from "./context.ts";
import { checkCall, checkValue } from "./signatures.ts";
import { argument, builtin, type BuiltinValue, isObject, isUnknown, truth, unknown } from "./values.ts";

const parameters = ["artifact_uri", "artifact_class", "reimport", "metadata", "download_to_workspace"];

/** `dsl.importer(artifact_uri, artifact_class, reimport, metadata, download_to_workspace)` */
export function importerBuiltin(context: DslContext): BuiltinValue {
  const { machine } = context;
  return builtin("importer", (given) => {
    const pipeline = context.pipelines.at(-1);
    if (pipeline === undefined) return unknown("an importer is called outside of a pipeline", given.span);
    checkCall(machine, "dsl.importer", parameters, 2, given);
    if (parameters.slice(0, 2).some((name, i) => argument(given, i, name) === undefined)) return new Refused();
    const spanOf = (index: number, name: string): typeof given.span =>
      (given.positional[index] ?? given.keywords.get(name))?.span ?? given.span;
    const annotated = argument(given, 1, "artifact_class") ?? null;
    // The SDK looks into `Input[Dataset]`.
    const type = annotated instanceof IoType ? (annotated.inner ?? null) : annotated;
    if (!isArtifactClass(type)) {
      if (isUnknown(type))
        machine.report(diagnose("not-known", spanOf(1, "artifact_class"), "the artifact's class", type.reason));
      else
        machine.report(
          diagnose(
            "wrong-value",
            spanOf(1, "artifact_class"),
            "artifact_class",
            "an artifact's class, such as dsl.Dataset",
          ),
        );
      return unknown("its artifact's class is not known", given.span);
    }
    const uri = toArgument(
      context,
      argument(given, 0, "artifact_uri") ?? null,
      spanOf(0, "artifact_uri"),
      "the artifact's URI",
    );
    // A URI with channels in it stays as the SDK wrote it down: no server finds them there.
    const given_ = argument(given, 0, "artifact_uri") ?? null;
    const uriText = uri?.kind === "template" && typeof given_ === "string" ? given_ : undefined;
    if (uriText !== undefined)
      machine.report(diagnose("no-value-inside", spanOf(0, "artifact_uri"), "A value of the run", "an importer's URI"));
    const metadataValue = argument(given, 3, "metadata") ?? null;
    checkValue(
      machine,
      "The metadata of an importer",
      "a dict",
      given.positional[3] ?? given.keywords.get("metadata"),
      (value) => isObject(value) && value.kind === "dict",
    );
    for (const [i, name] of [
      [2, "reimport"],
      [4, "download_to_workspace"],
    ] as const)
      checkValue(
        machine,
        `"${name}"`,
        "True or False",
        given.positional[i] ?? given.keywords.get(name),
        (value) => typeof value === "boolean" || typeof value === "bigint",
      );
    const metadata =
      metadataValue === null ? undefined : toArgument(context, metadataValue, spanOf(3, "metadata"), "the metadata");
    // The SDK makes an input of the item's type, of which it knows Python's name only.
    const item = metadata && channelsIn(metadata).find((channel) => hasPythonType(channel));
    if (item !== undefined)
      machine.report(
        diagnose("not-an-argument", spanOf(3, "metadata"), "an importer's metadata", "a loop's item of a known type"),
      );
    const task = pipeline.builder.importer(
      {
        uri: { value: uri ?? { kind: "string", value: "" }, span: spanOf(0, "artifact_uri") },
        ...(uriText !== undefined && { uriText }),
        type: artifactTypeOf(type),
        reimport: truth(argument(given, 2, "reimport") ?? false),
        ...(metadata && { metadata: { value: metadata, span: spanOf(3, "metadata") } }),
        downloadToWorkspace: truth(argument(given, 4, "download_to_workspace") ?? false),
      },
      given.span,
    );
    return new TaskValue(context, pipeline, task);
  });
}

function hasPythonType(channel: Channel): boolean {
  if (channel.kind === "loop-field") return elementOf(channel.item) !== undefined;
  if (channel.kind !== "loop-item") return false;
  const { items } = channel.loop;
  return items.kind === "constant" || elementOf(items.channel) !== undefined;
}
