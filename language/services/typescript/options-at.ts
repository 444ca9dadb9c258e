/** Which options an object literal of a TypeScript pipeline has: settings of a step, of a component, of a pipeline. */
import { importedName } from "../../typescript/modules.ts";
import { componentOptionNames, containerOptionNames, pipelineOptionNames } from "../../typescript/definers.ts";
import { optionMembers, stepOptionNames } from "../../typescript/step-options.ts";
import { ts } from "../../typescript/syntax.ts";
import { type Reading, stepOf } from "./reading.ts";

export interface OptionsAt {
  readonly names: readonly string[];
  /** `[]` for a step's own options, `["gpu"]` for their member `gpu`; undefined for a component's and a pipeline's. */
  readonly step: readonly string[] | undefined;
}

/** What may be written into an object literal; undefined where it is not one of options. */
export function optionsAt(reading: Reading, literal: ts.ObjectLiteralExpression): OptionsAt | undefined {
  const { parent } = literal;
  if (ts.isCallExpression(parent)) {
    const definer = definerOf(reading, parent);
    if (definer) return parent.arguments[0] === literal ? { names: definer, step: undefined } : undefined;
    const isStep =
      parent.arguments[1] === literal && (stepOf(reading, parent) !== undefined || isImporter(reading, parent));
    return isStep ? { names: stepOptionNames, step: [] } : undefined;
  }
  // `volumes: [{ … }]`
  const holder = ts.isArrayLiteralExpression(parent) ? parent.parent : parent;
  if (!ts.isPropertyAssignment(holder) || !ts.isObjectLiteralExpression(holder.parent)) return undefined;
  const outer = optionsAt(reading, holder.parent);
  const name = ts.isIdentifier(holder.name) || ts.isStringLiteral(holder.name) ? holder.name.text : "";
  if (outer?.step === undefined) return outer && name === "defaults" ? { names: stepOptionNames, step: [] } : undefined;
  const names = outer.step.length === 0 ? optionMembers(name) : undefined;
  return names && { names, step: [name] };
}

const ownOptions: Readonly<Record<string, readonly string[]>> = {
  component: componentOptionNames,
  pipeline: pipelineOptionNames,
  container: containerOptionNames,
};

/** The options of `component(…)` and its like; undefined for another call. */
export function definerOf({ module }: Reading, { expression }: ts.CallExpression): readonly string[] | undefined {
  return ts.isIdentifier(expression) ? ownOptions[importedName(module, expression.text) ?? ""] : undefined;
}

function isImporter({ module }: Reading, { expression }: ts.CallExpression): boolean {
  const name = ts.isIdentifier(expression) ? importedName(module, expression.text) : undefined;
  return name === "importer" || name === "volumeClaim" || name === "deleteVolumeClaim";
}
