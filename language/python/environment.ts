/** `os.environ`: what a file asks of it is told as an assumption where the host says which values it assumed. */
import { diagnose } from "../diagnostics.ts";
import type { Span } from "../source.ts";
import type { Machine } from "./machine.ts";
import { type DictValue, keyOf, plainText, type Value } from "./values.ts";

/** A dict of the values that the caller assumes; what the file itself sets is kept, and is no assumption. */
export function environ(machine: Machine): DictValue {
  return { kind: "dict", entries: new EnvironmentEntries(machine) };
}

class EnvironmentEntries extends Map<string, [key: Value, value: Value]> {
  private readonly machine: Machine;
  private readonly own = new Set<string>();
  constructor(machine: Machine) {
    super(Object.entries(machine.options.env).map(([name, value]) => [keyOf(name), [name, value]]));
    this.machine = machine;
  }
  override get(key: string): [key: Value, value: Value] | undefined {
    this.ask(key);
    return super.get(key);
  }
  override has(key: string): boolean {
    this.ask(key);
    return super.has(key);
  }
  override set(key: string, entry: [key: Value, value: Value]): this {
    // Map's constructor fills itself before there is anything else.
    (this.own as Set<string> | undefined)?.add(key);
    return super.set(key, entry);
  }
  private ask(key: string): void {
    if (key.startsWith("s") && !this.own.has(key)) this.machine.asked = key.slice(1);
  }
}

/** Tells of the variable that an expression has just asked for. */
export function tellAssumed(machine: Machine, span: Span): void {
  const { asked: name, options } = machine;
  machine.asked = undefined;
  if (name === undefined || options.assumed === undefined) return;
  const chosen = Object.hasOwn(options.assumed, name) ? options.assumed[name] : undefined;
  // Only what was written down for this is shown: the rest of an environment may be secret.
  const what =
    chosen !== undefined
      ? `"${plainText(chosen)}", as in the settings`
      : Object.hasOwn(options.env, name)
        ? "what it is in the editor's environment"
        : "not set";
  machine.report({
    ...diagnose("assumed-environment", span, name, what),
    hint: "Set it in millrace.python.environment.",
  });
}
