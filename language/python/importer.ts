import { diagnose } from "../diagnostics.ts";
import { artifactTypeOf, isArtifactClass } from "./artifact-types.ts";
import { TaskValue, toArgument } from "./channels.ts";
import type { DslContext } from "./context.ts";
import { raise } from "./machine.ts";
import { argument, builtin, type BuiltinValue, isUnknown, truth, unknown } from "./values.ts";

/** `dsl.importer(artifact_uri, artifact_class, reimport, metadata, download_to_workspace)` */
export function importerBuiltin(context: DslContext): BuiltinValue {
  const { machine } = context;
  return builtin("importer", (given) => {
    const pipeline = context.pipelines.at(-1);
    if (pipeline === undefined) return unknown("an importer is called outside of a pipeline", given.span);
    const spanOf = (index: number, name: string): typeof given.span =>
      (given.positional[index] ?? given.keywords.get(name))?.span ?? given.span;
    const type = argument(given, 1, "artifact_class") ?? null;
    if (!isArtifactClass(type)) {
      if (isUnknown(type))
        machine.report(diagnose("not-known", spanOf(1, "artifact_class"), "the artifact's class", type.reason));
      else raise("TypeError", "importer() needs artifact_class, an artifact class", given.span);
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
    const metadata =
      metadataValue === null ? undefined : toArgument(context, metadataValue, spanOf(3, "metadata"), "the metadata");
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
