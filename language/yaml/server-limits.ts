/** What a compiled file may have and KFP 2.17's server refuses when it is submitted (`argocompiler/dag.go`, `visitor.go`). */
import { type Diagnostic, diagnose } from "../diagnostics.ts";
import { overlong, overlongText } from "../spec/argument-limit.ts";
import type { ComponentSpec, PipelineSpec } from "../spec/types.ts";

export function serverRefuses(path: string, text: string, spec: PipelineSpec): Diagnostic[] {
  const found: Diagnostic[] = [];
  const say = (name: string, what: string): void => {
    // Where the name stands as a key; names of tasks and executors are plain scalars.
    const at = new RegExp(`^[ \\t]*["']?(${name.replaceAll(/[^\w-]/g, ".")})["']?:`, "m").exec(text);
    const start = at ? at.index + at[0].indexOf(at[1] ?? "") : 0;
    found.push(diagnose("server-refuses", { path, start, end: start + (at ? name.length : 1) }, what));
  };
  const { schemaVersion } = spec as Partial<PipelineSpec>;
  if (schemaVersion !== undefined && schemaVersion !== "2.1.0") {
    // Types of artifacts have versions too: the outermost key stands least deep.
    const versions = [...text.matchAll(/^([ \t]*)["']?(schemaVersion)["']?:/gm)];
    const depth = Math.min(...versions.map(([, indent = ""]) => indent.length));
    const at = versions.find(([, indent = ""]) => indent.length === depth);
    const start = at ? at.index + at[0].indexOf("schemaVersion") : 0;
    const span = { path, start, end: start + (at ? "schemaVersion".length : 1) };
    found.push(diagnose("server-refuses", span, `pipelines of the schema ${schemaVersion}, only of 2.1.0`));
  }
  for (const [label, executor] of Object.entries(spec.deploymentSpec.executors ?? {})) {
    const [kind] = Object.keys(executor);
    if (kind === "resolver" || kind === "customJob") say(label, `an executor of the kind ${kind}`);
  }
  for (const [label, { dag, executorLabel }] of Object.entries(spec.components ?? {}))
    if (!dag?.tasks && executorLabel === undefined) say(label, "a component with neither steps nor an executor");
  for (const { kind, name, bytes } of overlong(spec))
    say(name, overlongText(kind === "root" ? "the pipeline" : `"${name}"`, bytes));
  const importers = new Set(
    Object.entries(spec.deploymentSpec.executors ?? {}).flatMap(([label, { importer }]) => (importer ? [label] : [])),
  );
  const dags: readonly ComponentSpec[] = [spec.root, ...Object.values(spec.components ?? {})];
  for (const [name, task] of dags.flatMap(({ dag }) => Object.entries(dag?.tasks ?? {}))) {
    if (task.artifactIterator) say(name, "loops over artifacts");
    const label = spec.components?.[task.componentRef.name]?.executorLabel;
    if (task.triggerPolicy?.condition !== undefined && label !== undefined && importers.has(label))
      say(name, "a condition on an importer itself");
  }
  return found;
}
