import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { findEngine } from "../local/container.ts";
import { cacheFolder, findProgram } from "../local/paths.ts";
import { findPython } from "../local/python.ts";
import { findTarget, readTargets } from "../run/targets.ts";
import { openWorkspace } from "../store/open-workspace.ts";
import { findWorkspace, type Workspace } from "../store/workspace.ts";
import { UserError } from "../user-error.ts";
import { command } from "./command.ts";
import { type Terminal, table } from "./terminal.ts";
import { bytes } from "./words.ts";

interface Finding {
  readonly name: string;
  /** `missing`: nothing is broken, something is not possible. */
  readonly state: "fine" | "missing" | "broken";
  readonly detail: string;
  readonly action?: string;
}

/** Less free space than this is soon none: one Python environment with pandas and scikit-learn takes half of it. */
const littleSpaceBytes = 1e9;

export const doctor = command({
  usage: "doctor [--target NAME]",
  options: { target: { type: "string" } },
  help: [["--target NAME", "look at that cluster too; the chosen target otherwise"]],
  examples: ["doctor", "doctor --target dev --json"],
  arity: [0, 0],
  async run({ options, terminal, signal }) {
    const workspace = findWorkspace(options.workspace ?? process.cwd());
    const found = await Promise.all([
      python(),
      containers(),
      store(workspace, terminal),
      caches(),
      target(workspace, options.target, signal),
    ]);
    const findings = [node(), uv(), ...found.flat()];
    if (terminal.json) terminal.document(findings);
    else {
      const signs = {
        fine: terminal.paint("green", "✓"),
        missing: terminal.paint("yellow", "–"),
        broken: terminal.paint("red", "✗"),
      };
      const rows = findings.map(({ state, name, detail, action }) => [
        signs[state],
        name,
        action === undefined ? detail : `${detail} ${action}`,
      ]);
      for (const line of table(rows, Number.POSITIVE_INFINITY)) terminal.out(line);
    }
    return findings.some(({ state }) => state === "broken") ? 3 : 0;
  },
});

function node(): Finding {
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > 22 || (major === 22 && minor >= 14);
  const detail = `${version} (${process.execPath})`;
  return enough
    ? { name: "Node", state: "fine", detail }
    : {
        name: "Node",
        state: "broken",
        detail,
        action: "The history needs Node 22.14 or newer: install it, or run with that of `npm install node`.",
      };
}

async function python(): Promise<Finding> {
  try {
    const found = await findPython(undefined, process.env);
    const detail = `${found.version.join(".")} (${found.executable})`;
    if (found.pip) return { name: "Python", state: "fine", detail: `${detail}, pip ${found.pip.version}` };
    if (found.ensurepip) return { name: "Python", state: "fine", detail: `${detail}, pip from its own ensurepip` };
    return {
      name: "Python",
      state: "missing",
      detail: `${detail} has neither pip nor ensurepip: packages of steps cannot be installed.`,
      action: "Install them, on Debian: apt install python3-venv python3-pip.",
    };
  } catch (error) {
    return trouble("Python", error, "missing");
  }
}

function uv(): Finding {
  const found = findProgram("uv", process.env);
  return found
    ? { name: "uv", state: "fine", detail: found }
    : { name: "uv", state: "missing", detail: "not installed; pip is used." };
}

async function containers(): Promise<Finding> {
  const engine = await findEngine(process.env);
  if (engine) return { name: "Containers", state: "fine", detail: engine };
  const silent = findProgram("docker", process.env) ?? findProgram("podman", process.env);
  return {
    name: "Containers",
    state: "missing",
    detail: silent
      ? `${silent} does not answer: steps of other images than Python's and Node's cannot run here.`
      : "neither Docker nor Podman: steps of other images than Python's and Node's cannot run here.",
    action: silent ? "Start its service." : "Install one of them, or run on a cluster.",
  };
}

async function store(workspace: Workspace, terminal: Terminal): Promise<Finding> {
  const name = "History";
  try {
    const opened = await openWorkspace(workspace, { create: false, say: (message) => terminal.note(message) });
    if (!opened) {
      return writable(workspace.root)
        ? { name, state: "fine", detail: `nothing yet in ${workspace.root}` }
        : {
            name,
            state: "broken",
            detail: `${workspace.root} cannot be written.`,
            action: "Check its permissions, or name another folder with --workspace.",
          };
    }
    try {
      const [check] = opened.sql("PRAGMA quick_check(1)");
      const [count] = opened.sql(
        "SELECT (SELECT count(*) FROM runs) AS runs, (SELECT count(*) FROM artifacts) AS artifacts",
      );
      if (check?.["quick_check"] !== "ok") {
        return {
          name,
          state: "broken",
          detail: `${join(workspace.folder, "store.db")} is damaged: ${String(check?.["quick_check"])}.`,
          action: "Delete it: it is made anew from the run folders.",
        };
      }
      return {
        name,
        state: "fine",
        detail: `${counted(count?.["runs"], "run")}, ${counted(count?.["artifacts"], "artifact")} in ${workspace.folder}`,
      };
    } finally {
      opened.close();
    }
  } catch (error) {
    return trouble(name, error, "broken");
  }
}

async function caches(): Promise<Finding> {
  const name = "Cache";
  const folder = cacheFolder(process.env);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    return trouble(
      name,
      new UserError(
        "cache",
        `${folder} cannot be written (${error instanceof Error ? error.message : String(error)}).`,
        { action: "Name another folder in MILLRACE_CACHE." },
      ),
      "broken",
    );
  }
  const space = await statfs(folder);
  const free = space.bavail * space.bsize;
  const environments = existsSync(join(folder, "python"))
    ? readdirSync(join(folder, "python"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).length
    : 0;
  const detail = `${folder}: ${counted(environments, "Python environment")}, ${bytes(free)} free`;
  return free < littleSpaceBytes
    ? { name, state: "broken", detail: `${detail}.`, action: "Free some space, or delete the folder." }
    : { name, state: "fine", detail };
}

async function target(workspace: Workspace, asked: string | undefined, signal: AbortSignal): Promise<Finding[]> {
  try {
    const name = asked ?? readTargets(workspace).chosen;
    const found = findTarget(workspace, name);
    if (found.kind === "local") return [{ name: "Target", state: "fine", detail: "local: this machine" }];
    const { checkTarget } = await import("../cluster/check.ts");
    return (await checkTarget(found, signal)).map((finding) => ({ ...finding, name: `${name}: ${finding.name}` }));
  } catch (error) {
    return [trouble("Target", error, "broken")];
  }
}

function trouble(name: string, error: unknown, state: "missing" | "broken"): Finding {
  if (!(error instanceof UserError)) throw error;
  return { name, state, detail: error.message, ...(error.action === undefined ? {} : { action: error.action }) };
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** `1 run`, `2 runs`. */
function counted(count: unknown, what: string): string {
  return `${Number(count ?? 0)} ${what}${count === 1 ? "" : "s"}`;
}
