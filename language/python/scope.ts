import type { Span } from "../source.ts";
import type { ModuleValue, Value } from "./values.ts";

/** Names of a module, a class body or a function call. */
export class Scope {
  readonly names: Map<string, Value>;
  /** Where a name is looked up next; a function skips the class bodies around it. */
  readonly parent: Scope | undefined;
  readonly module: ModuleValue;
  readonly kind: "module" | "class" | "function";
  /** Prefix of the qualified names of what is defined here: `A.`, `f.<locals>.`. */
  readonly prefix: string;
  /** Names declared `global` or `nonlocal`, and the scope that holds them. */
  redirected: Map<string, Scope> | undefined;
  /** Of a function's call: the names that the function binds, whether it has come to it or not. */
  locals: ReadonlySet<string> | undefined;
  /** Of a generator's call: takes what it yields. */
  onYield: ((value: Value) => void) | undefined;
  /**
   * A module's top level or a pipeline's body: a statement that fails is reported
   * and the next one runs, so that a half-typed file still has its graph.
   */
  resilient = false;

  constructor(
    kind: Scope["kind"],
    module: ModuleValue,
    parent: Scope | undefined,
    prefix: string,
    names?: Map<string, Value>,
  ) {
    this.kind = kind;
    this.module = module;
    this.parent = parent;
    this.prefix = prefix;
    this.names = names ?? new Map<string, Value>();
  }

  get(name: string): Value | undefined {
    const own = this.names.get(name);
    if (own !== undefined) return own;
    if (this.isUnbound(name)) return undefined;
    for (let scope = this.parent; scope !== undefined; scope = scope.parent) {
      if (scope.kind === "class") continue;
      const value = scope.names.get(name);
      if (value !== undefined) return value;
      if (scope.isUnbound(name)) return undefined;
    }
    return undefined;
  }

  /** Whose name it is that has no value yet: that of the function itself, or of one around it. */
  unbound(name: string): "own" | "outer" | undefined {
    if (this.names.has(name)) return undefined;
    if (this.isUnbound(name)) return "own";
    for (let scope = this.parent; scope !== undefined; scope = scope.parent) {
      if (scope.names.has(name) && scope.kind !== "class") return undefined;
      if (scope.isUnbound(name)) return "outer";
    }
    return undefined;
  }

  private isUnbound(name: string): boolean {
    return this.locals?.has(name) === true && !this.names.has(name);
  }

  set(name: string, value: Value): void {
    (this.redirected?.get(name) ?? this).names.set(name, value);
  }

  delete(name: string): boolean {
    return (this.redirected?.get(name) ?? this).names.delete(name);
  }

  /** The module's scope. */
  get root(): Scope {
    return this.parent === undefined ? this : this.parent.root;
  }

  redirect(name: string, to: Scope): void {
    this.redirected ??= new Map();
    this.redirected.set(name, to);
  }

  /** The nearest enclosing function that has the name; the module where none does. */
  enclosing(name: string): Scope {
    for (let scope = this.parent; scope !== undefined; scope = scope.parent) {
      if (scope.kind === "function" && scope.names.has(name)) return scope;
    }
    return this.root;
  }
}

/** A place in the file of a scope. */
export function spanOf(scope: Scope, { start, end }: { readonly start: number; readonly end: number }): Span {
  return { path: scope.module.path ?? "", start, end };
}
