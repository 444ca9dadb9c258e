import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import type { ContainerSpec, Json } from "../../language/spec/types.ts";
import { type NodeProgram, programOf } from "../compile/node-program.ts";
import { UserError } from "../user-error.ts";
import { type PipCall, parseInstall } from "./install.ts";
import { findProgram, type ProcessEnvironment } from "./paths.ts";
import type { EnvironmentSpec } from "./python.ts";

/** How a step runs here. */
export type Plan =
  /** As a process of this machine, in a Python environment where it needs one. */
  | (ProcessPlan & { readonly kind: "process"; readonly note?: string })
  /** In its image. */
  | { readonly kind: "container"; readonly engine: string };

/**
 * How a container of the spec runs on this machine. An image that adds nothing
 * but Python, Node or a shell is not needed where the machine has the program:
 * the command runs as a process, in a Python environment of its own. Any other image needs Docker or Podman; without
 * one a lightweight Python component, which brings its own source, is still
 * tried as a process, and anything else is a UserError.
 */
export async function planStep(
  container: ContainerSpec,
  sdkVersion: string,
  env: ProcessEnvironment,
  engine: () => Promise<string | undefined>,
): Promise<Plan> {
  const plan = planProcess(container, sdkVersion, (program) => findProgram(program, env) !== undefined);
  if (plan?.certain) return { kind: "process", ...plan };
  const name = await engine();
  if (name !== undefined) return { kind: "container", engine: name };
  if (plan !== undefined) {
    const note = `runs without its image ${container.image}: there is no Docker or Podman here. What the image would bring is missing.`;
    return { kind: "process", ...plan, note };
  }
  throw new UserError(
    "no-container",
    `This step runs only in its image ${container.image}, and there is no Docker or Podman here.`,
    {
      action: "Install and start one of them, or run the pipeline on a cluster.",
    },
  );
}

/** The environments that the steps of a package will need, as far as that is certain before it runs; each once. */
export function plannedEnvironments(
  containers: readonly ContainerSpec[],
  sdkVersion: string,
): readonly EnvironmentSpec[] {
  const specs = new Map<string, EnvironmentSpec>();
  for (const container of containers) {
    const plan = planProcess(container, sdkVersion, () => true);
    if (plan?.certain && plan.environment) specs.set(JSON.stringify(plan.environment), plan.environment);
  }
  return [...specs.values()];
}

interface ProcessPlan {
  /** Whether the image adds nothing that the plan lacks. */
  readonly certain: boolean;
  readonly command: readonly string[];
  readonly environment?: EnvironmentSpec;
  /** What the command would write to a file and run: it is run without that shell. */
  readonly program?: NodeProgram;
}

function planProcess(
  container: ContainerSpec,
  sdkVersion: string,
  exists: (program: string) => boolean,
): ProcessPlan | undefined {
  const image = imageOf(container.image);
  const { command = [], args = [] } = container;
  const program = programOf(container);
  if (program !== undefined) return { certain: image?.kind === "node", command: [], program };
  const wrapped = parseInstall(command);
  const rest = wrapped?.rest ?? command;
  const lightweight =
    rest[0] === "sh" && rest.length >= 4 && rest.some((word) => word.includes("kfp.dsl.executor_main"));
  // Without a command it would be the image's own, which is not known here.
  const [head] = rest;
  if (head === undefined || (image === undefined && !lightweight)) return undefined;
  const shell = head === "sh" || head === "bash";
  const python = lightweight || (image?.kind === "python" && (shell || /^(python3?|pip3?|env)$/.test(head)));
  // A placeholder's program is known only later.
  const certain = image !== undefined && (python || head.startsWith("{") || exists(head));
  if (!python) return { certain, command: rest };
  const calls = [...(wrapped?.calls ?? [])];
  // Without `install_kfp_package` the image has to bring kfp: here the environment does.
  const hasKfp = calls.some(({ packages }) => packages.some((name) => name.startsWith("kfp")));
  if (lightweight && !hasKfp) calls.push(kfpCall(sdkVersion));
  const text = [...rest, ...args].join("\0");
  const installs = /\bpip3?\b[^\n]{0,40}\binstall\b/.test(text);
  const environment: EnvironmentSpec = {
    ...(image?.kind === "python" && image.version !== undefined && { python: image.version }),
    ...(installs && { own: createHash("sha256").update(text).digest("hex") }),
    calls,
  };
  return { certain: image?.kind === "python", command: rest, environment };
}

function kfpCall(sdkVersion: string): PipCall {
  const version = /^kfp-(\d[\w.]*)$/.exec(sdkVersion)?.[1];
  return { packages: [version === undefined ? "kfp" : `kfp==${version}`], options: ["--no-deps"] };
}

type PlainImage = { readonly kind: "python"; readonly version?: string } | { readonly kind: "node" | "shell" };

/** Undefined for an image that brings more than a language or a shell. */
function imageOf(image: string): PlainImage | undefined {
  const [, path = "", tag = ""] = /^([^@]*?)(?::([\w.-]+))?(?:@.*)?$/.exec(image.trim()) ?? [];
  const name = path.split("/").at(-1) ?? "";
  const owner = path.split("/").at(-2);
  // Official images have no owner, or `library`; Red Hat's Python images are `ubi9/python-311`.
  const official = owner === undefined || owner === "library" || /^ubi\d/.test(owner) || /[.:]/.test(owner);
  if (!official) return owner === "containerd" && name === "busybox" ? { kind: "shell" } : undefined;
  const numbered = /^python-3(\d+)$/.exec(name)?.[1];
  if (name === "python" || numbered !== undefined) {
    const minor = numbered ?? /^3\.(\d+)/.exec(tag)?.[1];
    return { kind: "python", ...(minor !== undefined && { version: `3.${minor}` }) };
  }
  if (name === "node") return { kind: "node" };
  return ["alpine", "busybox", "bash", "debian", "ubuntu"].includes(name) ? { kind: "shell" } : undefined;
}

/** `docker` or `podman`, whichever answers; a client without its daemon is none. */
export async function findEngine(env: ProcessEnvironment): Promise<string | undefined> {
  for (const name of ["docker", "podman"]) {
    const program = findProgram(name, env);
    if (program === undefined) continue;
    try {
      await promisify(execFile)(program, ["version", "--format", "{{.Server.Version}}"], {
        env: { ...env },
        timeout: 5_000,
      });
      return program;
    } catch {
      // Installed, but it does not answer.
    }
  }
  return undefined;
}

/**
 * The command that runs a container: folders are mounted at their own paths, so
 * that every path in the executor input is true inside as well.
 */
export function containerCommand(
  engine: string,
  name: string,
  container: ContainerSpec,
  variables: Readonly<Record<string, string>>,
  args: readonly string[],
  mounts: readonly { readonly path: string; readonly readOnly: boolean }[],
): string[] {
  const [program, ...rest] = container.command ?? [];
  return [
    engine,
    "run",
    "--rm",
    "--name",
    name,
    ...mounts.flatMap(({ path, readOnly }) => ["--volume", `${path}:${path}${readOnly ? ":ro" : ""}`]),
    ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(program === undefined ? [] : ["--entrypoint", program]),
    container.image,
    ...rest,
    ...args,
  ];
}

/** Settings of a step that mean nothing to a process of this machine, in the user's words. */
export function ignoredSettings(
  container: ContainerSpec,
  platform: Readonly<Record<string, Json>> | undefined,
): string[] {
  const { accelerator, resourceCpuLimit, resourceMemoryLimit } = container.resources ?? {};
  return [
    ...(accelerator
      ? [
          `${accelerator.resourceCount ?? accelerator.count ?? "1"} × ${accelerator.resourceType ?? accelerator.type ?? "accelerator"}`,
        ]
      : []),
    ...(resourceCpuLimit ? [`the CPU limit of ${resourceCpuLimit}`] : []),
    ...(resourceMemoryLimit ? [`the memory limit of ${resourceMemoryLimit}`] : []),
    ...Object.keys(platform ?? {}).filter((name) => name !== "activeDeadlineSeconds"),
  ];
}
