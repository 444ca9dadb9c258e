import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target, Targets } from "../protocol.ts";
import { makeFolder, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";

const local: Target = { name: "local", kind: "local" };

/**
 * The targets of a workspace, in `.millrace/targets.json`: which kubeconfig,
 * context and namespace. Secrets stay in the kubeconfig.
 */
export function readTargets(workspace: Workspace): Targets {
  const path = targetsPath(workspace);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { all: [local], chosen: "local" };
  }
  const fail = (): never => {
    throw new UserError("targets", `${path} cannot be understood.`, {
      action: "Mend it, or delete it and add the targets again.",
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail();
  }
  if (typeof value !== "object" || value === null || !("targets" in value) || !Array.isArray(value.targets))
    return fail();
  const all = [local, ...value.targets.map((entry: unknown) => targetOf(entry) ?? fail())];
  const chosen = "chosen" in value && typeof value.chosen === "string" ? value.chosen : "local";
  return { all, chosen: all.some(({ name }) => name === chosen) ? chosen : "local" };
}

export function writeTargets(workspace: Workspace, { all, chosen }: Targets): void {
  mkdirSync(workspace.folder, { recursive: true });
  const path = targetsPath(workspace);
  const partial = `${path}.${process.pid}`;
  writeFileSync(
    partial,
    `${JSON.stringify({ chosen, targets: all.filter(({ kind }) => kind !== "local") }, undefined, 2)}\n`,
  );
  renameSync(partial, path);
}

/** Throws UserError where there is none of that name. */
export function findTarget(workspace: Workspace, name: string): Target {
  const { all } = readTargets(workspace);
  const found = all.find((target) => target.name === name);
  if (found) return found;
  throw new UserError("no-such-target", `There is no target "${name}".`, {
    action: `Targets: ${all.map((target) => target.name).join(", ")}. Add one with millrace target add ${name} --context CONTEXT.`,
    exit: 2,
  });
}

/** Puts a target among the others; one of its name is replaced. Throws UserError where it cannot have that name. */
export function addTarget(workspace: Workspace, target: Target): void {
  if (target.name === "local" || target.name.trim() === "")
    throw new UserError("target-name", "The target local is this machine.", {
      action: "Choose another name.",
      exit: 2,
    });
  const { all, chosen } = readTargets(workspace);
  makeFolder(workspace);
  writeTargets(workspace, { all: [...all.filter(({ name }) => name !== target.name), target], chosen });
}

/** Throws UserError where there is none of that name. */
export function removeTarget(workspace: Workspace, name: string): void {
  findTarget(workspace, name);
  if (name === "local")
    throw new UserError("target-name", "The target local is this machine: it cannot be removed.", { exit: 2 });
  const { all, chosen } = readTargets(workspace);
  const others = all.filter((known) => known.name !== name);
  writeTargets(workspace, { all: others, chosen: chosen === name ? "local" : chosen });
}

/** Runs that say nothing go there from now on. Throws UserError where there is none of that name. */
export function chooseTarget(workspace: Workspace, name: string): void {
  findTarget(workspace, name);
  makeFolder(workspace);
  writeTargets(workspace, { all: readTargets(workspace).all, chosen: name });
}

function targetOf(entry: unknown): Target | undefined {
  if (typeof entry !== "object" || entry === null || !("name" in entry) || typeof entry.name !== "string")
    return undefined;
  const text = (key: string) => {
    const value: unknown = Object.entries(entry).find(([name]) => name === key)?.[1];
    return typeof value === "string" ? { [key]: value } : {};
  };
  return { name: entry.name, kind: "kubernetes", ...text("kubeconfig"), ...text("context"), ...text("namespace") };
}

function targetsPath(workspace: Workspace): string {
  return join(workspace.folder, "targets.json");
}
