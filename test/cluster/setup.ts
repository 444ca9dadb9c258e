/**
 * Finds a cluster for the tests: KUBECONFIG, or the bench beside the project
 * (`../shared/cluster`, its README says what it is), which is built and started
 * where it does not run, and then stopped again. With neither, the tests are
 * skipped and a line says so.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL("../../../shared/cluster", import.meta.url));
const home = process.env["BENCH_HOME"] ?? join(homedir(), ".cache", "kube-bench");

/** What the steps of the sample import: the bench's pods reach no package index. */
const images = [
  ["python:3.11", "pandas==2.2.3", "scikit-learn==1.6.0", "joblib==1.4.2", "pyarrow==18.1.0"],
  ["--node", "node:24-slim"],
];

export default function setup(): (() => Promise<void>) | undefined {
  if (process.env["KUBECONFIG"]) {
    use(process.env["KUBECONFIG"]);
    return undefined;
  }
  const why = unusable();
  if (why !== undefined) {
    console.log(`test:cluster is skipped: KUBECONFIG is not set, and ${why}.`);
    return undefined;
  }
  const started = Date.now();
  if (!existsSync(join(home, "bin", "kube-all"))) script("build.sh");
  const made = execFileSync(join(bench, "image.sh"), ["--list"], { env: environment(), encoding: "utf8" });
  for (const image of images) {
    const name = image.find((word) => word.includes(":")) ?? "";
    const packages = image.filter((word) => word.includes("=="));
    const known = made
      .split("\n")
      .some((line) => line.includes(`/${name} `) && packages.every((wanted) => line.includes(wanted)));
    if (!known) script("image.sh", ...image);
  }
  const ran = runs();
  script("up.sh");
  console.log(`test:cluster: the bench is up after ${Math.round((Date.now() - started) / 1000)} s`);
  use(join(home, "kubeconfig"));
  return ran ? undefined : stop;
}

/**
 * Takes the bench down. Vitest hears meanwhile that its workers end: were it made to
 * wait, it would say of the last one that it does not.
 */
function stop(): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(join(bench, "down.sh"), { env: environment(), stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", fail);
    child.once("exit", () => {
      done();
    });
  });
}

function use(kubeconfig: string): void {
  process.env["MILLRACE_TEST_KUBECONFIG"] = kubeconfig;
}

function unusable(): string | undefined {
  if (!existsSync(join(bench, "up.sh"))) return "there is no bench at ../shared/cluster";
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "the bench at ../shared/cluster needs Linux and root";
  return undefined;
}

function runs(): boolean {
  try {
    const kubectl = [
      "kubectl",
      "--kubeconfig",
      join(home, "kubeconfig"),
      "--request-timeout=3s",
      "get",
      "--raw",
      "/readyz",
    ];
    execFileSync(join(home, "bin", "kube-all"), kubectl, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function script(name: string, ...args: string[]): void {
  execFileSync(join(bench, name), args, {
    env: environment(),
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 300_000,
  });
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, BENCH_HOME: home };
}
