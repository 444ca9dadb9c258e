/** What comes over the wire is anything: each part is held against what the protocol says. Throws UserError "bad-message". */
import type { PythonWish, RunRequest, Target } from "./protocol.ts";
import type { Reference } from "./run/source-place.ts";
import { UserError } from "./user-error.ts";

export function text(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw new UserError("bad-message", `The ${what} is not a text.`);
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new UserError("bad-message", `The ${what} are not a list.`);
}

export function referenceOf(value: unknown): Reference {
  const member = (name: string): unknown =>
    typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  const [line, column, quoted] = [member("line"), member("column"), member("text")];
  const at = (number: unknown) =>
    typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : 1;
  return {
    file: text(member("file"), "file"),
    line: at(line),
    column: at(column),
    ...(typeof quoted === "string" ? { text: quoted } : {}),
  };
}

export function record<T extends object>(value: T): T {
  // SAFETY of what follows is the store's: it reads known members only, and SQLite refuses what is no value.
  if (typeof value === "object" && (value as T | null) !== null && !Array.isArray(value)) return value;
  throw new UserError("bad-message", "The query is not an object.");
}

export function targetOf(value: Target): Target {
  const { name, kubeconfig, context, namespace } = record(value);
  const optional = (key: string, member: string | undefined) =>
    member === undefined ? {} : { [key]: text(member, key) };
  return {
    name: text(name, "name"),
    kind: "kubernetes",
    ...optional("kubeconfig", kubeconfig),
    ...optional("context", context),
    ...optional("namespace", namespace),
  };
}

export function runRequest(value: RunRequest): RunRequest {
  const { path, symbol, parameters, target, caching, artifacts, withPython } = record(value);
  text(path, "path");
  if (symbol !== undefined) text(symbol, "symbol");
  for (const id of Object.values(artifacts === undefined ? {} : record(artifacts))) text(id, "artifact");
  return {
    path,
    parameters: record(parameters),
    target: text(target, "target"),
    caching: (caching as unknown) !== false,
    ...(symbol === undefined ? {} : { symbol }),
    ...(artifacts ? { artifacts } : {}),
    ...(withPython ? { withPython: pythonWish(withPython) } : {}),
  };
}

/** Nothing wished where nothing is said: an empty setting names no interpreter. */
export function pythonWish(value: PythonWish | null | undefined): PythonWish {
  const { python, preferred, timeoutSeconds } = value ?? {};
  return {
    ...(python ? { python: text(python, "interpreter") } : {}),
    ...(preferred ? { preferred: text(preferred, "interpreter") } : {}),
    ...(Number(timeoutSeconds) > 0 ? { timeoutSeconds: Math.min(Number(timeoutSeconds), 86_400) } : {}),
  };
}
