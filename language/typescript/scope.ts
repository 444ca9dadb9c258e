import { type Value, unknown } from "./values.ts";

/**
 * A part of the pipeline that the run may skip (an arm of a branch) or repeat (a
 * loop). A variable from outside that is assigned in an arm keeps what it was
 * elsewhere: the assignment belongs to the arm until the branch is over.
 */
export interface Region {
  readonly kind: "arm" | "loop" | "whole";
  readonly parent: Region | undefined;
  readonly assigned: Map<Binding, Value>;
}

/** A declared name. `lazy` computes its value when it is first asked for. */
export interface Binding {
  readonly name: string;
  readonly constant: boolean;
  readonly region: Region | undefined;
  value: Value | undefined;
  lazy: (() => Value) | undefined;
}

export interface Scope {
  readonly path: string;
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
  /** Of a module: how to make the value of a name that nobody has asked for yet. */
  readonly unasked?: (name: string) => (() => Value) | undefined;
}

export function innerScope(parent: Scope): Scope {
  return { path: parent.path, parent, names: new Map() };
}

export function lookUp(scope: Scope, name: string): Binding | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const binding = at.names.get(name);
    if (binding) return binding;
    const lazy = at.unasked?.(name);
    if (lazy) return declareLazy(at, name, lazy);
  }
  return undefined;
}

export function declare(
  scope: Scope,
  name: string,
  value: Value | undefined,
  region?: Region,
  isConstant = true,
): Binding {
  const binding: Binding = { name, constant: isConstant, region, value, lazy: undefined };
  scope.names.set(name, binding);
  return binding;
}

export function declareLazy(scope: Scope, name: string, lazy: () => Value): Binding {
  const binding: Binding = { name, constant: true, region: undefined, value: undefined, lazy };
  scope.names.set(name, binding);
  return binding;
}

/** The value of a name as the region sees it. A lazy one that needs itself is unknown. */
export function read(binding: Binding, region: Region | undefined): Value {
  for (let at = region; at; at = at.parent) {
    const assigned = at.assigned.get(binding);
    if (assigned) return assigned;
  }
  if (binding.lazy) {
    const { lazy } = binding;
    binding.lazy = undefined;
    binding.value = unknown;
    binding.value = lazy();
  }
  return binding.value ?? { kind: "constant", value: undefined };
}
