/** The signature of the component that is being called, and which of its inputs is being written. */
import type { AnalyzeOptions } from "../analyze.ts";
import { readMeanings } from "../python/front-end.ts";
import type { Memory } from "../python/memory.ts";
import { parseAgain } from "../python/parse-again.ts";
import { nodesAround } from "../python/tree.ts";
import type { Files } from "../source.ts";
import { callAround, calleeOf } from "./calls.ts";
import { completeText, placeholder } from "./half-typed.ts";
import { callable, inputText, typeText } from "./words.ts";

export interface Signature {
  readonly label: string;
  readonly says?: string;
  readonly parameters: readonly { readonly label: string; readonly says?: string }[];
  /** Undefined: none that the component has. */
  readonly active?: number;
}

export function signatureAt(
  path: string,
  offset: number,
  files: Files,
  options: AnalyzeOptions,
  memory?: Memory,
): Signature | undefined {
  const text = files.read(path);
  const completed =
    text === undefined ? undefined : completeText(text, offset, (whole) => parseAgain(path, whole, memory?.parses));
  if (!completed) return undefined;
  const typed: Files = {
    read: (one) => (one === path ? completed.text : files.read(one)),
    list: (folder) => files.list(folder),
  };
  const call = callAround(nodesAround(completed.tree, completed.offset), completed.offset);
  if (!call) return undefined;
  const meanings = readMeanings(path, typed, options, memory, true);
  const callee = calleeOf(meanings, path, call.callee);
  if (callee?.kind !== "component") return undefined;
  const { component } = callee;
  const inputs = callable(component);
  const parameters = inputs.map((input) => ({
    label: inputText(input),
    ...(input.description ? { says: input.description } : {}),
  }));
  const name = meanings.source(component)?.functionName ?? component.name;
  const outputs = component.outputs.map((output) => `${output.name}: ${typeText(output.type)}`).join(", ");
  const around = call.arguments.find(({ start, end }) => start <= completed.offset && completed.offset <= end);
  const given = new Set(call.arguments.flatMap((argument) => (argument.form === "keyword" ? [argument.name] : [])));
  // Inputs have no order: before a name is typed, the next one that is still to be given is shown.
  const named = around?.name?.replace(placeholder, "");
  const known = inputs.findIndex((input) => input.name === named);
  const active = known >= 0 ? known : inputs.findIndex((input) => !given.has(input.name));
  return {
    label: `${name}(${parameters.map(({ label }) => label).join(", ")})${outputs === "" ? "" : ` → ${outputs}`}`,
    ...(component.description ? { says: component.description } : {}),
    parameters,
    ...(active >= 0 ? { active } : {}),
  };
}
