/** `npm run docs`: docs/api.md, from the doc comments of language/millrace.d.ts. */
import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";

const groups = {
  Pipelines: [
    "pipeline",
    "component",
    "container",
    "importer",
    "yaml",
    "parallel",
    "volumeClaim",
    "deleteVolumeClaim",
    "run",
  ],
  Settings: ["StepOptions", "ComponentOptions", "PipelineOptions", "ContainerSpec", "Quantity", "Duration"],
  Values: ["Int", "Input", "Output", "OutputPath", "FinalStatus", "TaskConfig"],
  Artifacts: [
    ...["Artifact", "Dataset", "Model", "Metrics", "ClassificationMetrics", "SlicedClassificationMetrics"],
    ...["HTML", "Markdown"],
  ],
  "Types behind": ["Component", "Step", "Inputs", "Results"],
};

/** @type {import("typedoc").TypeDocOptions} */
export default {
  plugin: ["typedoc-plugin-markdown", readable],
  name: "millrace",
  entryPoints: ["language/millrace.d.ts"],
  tsconfig: "language/tsconfig.json",
  out: "docs",
  cleanOutputDir: false,
  readme: "none",
  disableSources: true,
  groupOrder: Object.keys(groups),
  sort: ["source-order"],
  treatWarningsAsErrors: true,
  // `npm run check` has found them.
  skipErrorChecking: true,
  // typedoc-plugin-markdown
  router: "module",
  entryFileName: "api",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  useHTMLAnchors: false,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  propertyMembersFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideModifiers: true, hideInherited: true, hideOverrides: true, hideSources: true },
};

/** @param {import("typedoc").Application} app */
function readable(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const reflection of context.project.getReflectionsByKind(ReflectionKind.All)) {
      // What stands in the base already, and the symbols by which TypeScript tells types apart.
      const told = "inheritedFrom" in reflection && reflection.inheritedFrom;
      if (told || reflection.name.startsWith("[")) context.project.removeReflection(reflection);
    }
    for (const [group, names] of Object.entries(groups))
      for (const name of names) {
        const found = context.project.children?.find((child) => child.name === name);
        if (!found) throw new Error(`typedoc.config.mjs names ${name}, which millrace.d.ts does not declare.`);
        const comments = found.signatures ?? [found];
        for (const each of comments) {
          each.comment ??= new Comment();
          each.comment.blockTags.push(new CommentTag("@group", [{ kind: "text", text: group }]));
        }
      }
  });
}
