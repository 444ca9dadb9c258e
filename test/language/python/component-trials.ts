/** A mutant of a component's YAML, loaded by a pipeline file: read or refused, without a throw. */
import { attempt as analyzeText } from "./fuzz-trials.ts";
import { componentMutant } from "../spec/mutants.ts";

export function make(seed: number, index: number): string {
  return loading(componentMutant(seed, index));
}

/** A pipeline file that loads a component and uses it. */
export function loading(yaml: string): string {
  // In a raw string neither backslashes nor line breaks need anything; its own quotes end it.
  const text = yaml.replaceAll('"""', "'''").replaceAll("\0", "");
  return `from kfp import components, dsl\n\nloaded = components.load_component_from_text(r"""\n${text}\n""")\n\n\n@dsl.pipeline\ndef p():\n    loaded()\n`;
}

export const attempt = analyzeText;
