import type { Json } from "../../language/spec/types.ts";
import type { ArtifactRecord, Lineage } from "./store.ts";

type Step = Lineage["tasks"][number];

/**
 * Where an artifact comes from, one sentence a line: what made it, from what,
 * with which parameters, at which commit and line; then what that was made
 * from, its numbers, and what was made from it.
 */
export function lineageInWords(lineage: Pick<Lineage, "artifact" | "nodes" | "tasks">): readonly string[] {
  const { artifact, nodes, tasks } = lineage;
  const records = new Map(nodes.map((node) => [node.artifact.id, node.artifact]));
  const makers = new Map<string, Step>();
  for (const step of tasks) for (const { artifact: id } of step.outputs) if (!makers.has(id)) makers.set(id, step);

  const maker = makers.get(artifact.id);
  if (!maker) return [`${titled(artifact)} was made outside of the runs that are known here: ${artifact.uri}.`];
  const inputs = inputsOf(maker, records);
  const others = nodes.filter(
    ({ artifact: { id }, distance }) => distance < -1 && makers.has(id) && !inputs.some((input) => input.id === id),
  );
  const sentences = [
    `${titled(artifact)} was made by ${stepWithParameters(maker)} in run ${maker.run}${fromInputs(inputs, makers, maker)}${place(maker)}.`,
    ...others.map(({ artifact: other }) => {
      const step = makers.get(other.id);
      return step
        ? `${titled(other)} was made by ${stepWithParameters(step)}${elsewhere(step, maker)}${fromInputs(inputsOf(step, records), new Map(), step)}.`
        : "";
    }),
  ];
  const numbers = Object.entries(artifact.metrics).map(([name, value]) => `${name} ${shown(value)}`);
  if (numbers.length > 0) sentences.push(`Measured on it: ${numbers.join(", ")}.`);
  const below = nodes.filter(({ distance, artifact: { type } }) => distance > 0 && !type.endsWith("Metrics"));
  if (below.length > 0) {
    const names = below.slice(0, 5).map(({ artifact: other }) => `${typeName(other)} ${other.name}`);
    sentences.push(`Made from it: ${names.join(", ")}${below.length > 5 ? ` and ${below.length - 5} more` : ""}.`);
  }
  return sentences.filter((sentence) => sentence !== "");
}

function inputsOf(step: Step, records: ReadonlyMap<string, ArtifactRecord>): readonly ArtifactRecord[] {
  return step.inputs.flatMap(({ artifact }) => records.get(artifact) ?? []);
}

function fromInputs(inputs: readonly ArtifactRecord[], makers: ReadonlyMap<string, Step>, step: Step): string {
  if (inputs.length === 0) return "";
  const parts = inputs.map((input) => {
    const maker = makers.get(input.id);
    return maker ? `${titled(input)} made by ${stepWithParameters(maker)}${elsewhere(maker, step)}` : titled(input);
  });
  return ` from ${parts.join(" and ")}`;
}

/** A step of another run than the one that is spoken of says so. */
function elsewhere(step: Step, than: Step): string {
  return step.run === than.run ? "" : ` in run ${step.run}`;
}

function place({ source, line }: Step): string {
  const at = line ? `${line.path} line ${line.line}` : source?.path;
  const commit =
    source?.commit === undefined ? "" : `, commit ${source.commit.slice(0, 7)}${source.dirty ? " with changes" : ""}`;
  return `${commit}${at === undefined ? "" : `, ${at}`}`;
}

function stepWithParameters({ task }: Step): string {
  const parameters = Object.entries(task.inputs.parameters).map(([name, value]) => `${name}=${shown(value, false)}`);
  return parameters.length > 0 ? `${task.name} (${parameters.join(", ")})` : task.name;
}

function titled(artifact: ArtifactRecord): string {
  const facts = Object.entries(artifact.metadata)
    .filter(([name, value]) => name !== "display_name" && (typeof value !== "object" || value === null))
    .slice(0, 6)
    // `rows: 5000` is a count; `n_estimators: 200` is a setting.
    .map(([name, value]) =>
      typeof value === "number" && /^[a-z]+s$/.test(name) ? `${shown(value)} ${name}` : `${name}=${shown(value)}`,
    );
  return `${typeName(artifact)} ${artifact.name}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}`;
}

function typeName({ type }: ArtifactRecord): string {
  return type.slice(type.lastIndexOf(".") + 1);
}

function shown(value: Json, grouped = true): string {
  if (typeof value === "number")
    return Number.isInteger(value)
      ? grouped
        ? value.toLocaleString("en")
        : String(value)
      : String(Number(value.toPrecision(4)));
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
