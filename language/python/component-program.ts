/** Command and arguments of a lightweight or containerized Python component (`component_factory.py`). */
import { pythonString } from "../spec/python-text.ts";

export interface ProgramOptions {
  readonly functionName: string;
  readonly source: string;
  /** Statements that import artifact classes of the user's. */
  readonly artifactImports: readonly string[];
  readonly additionalSources: readonly string[];
  /** Unpacks an embedded archive; see `embedded.ts`. */
  readonly helper?: string;
  readonly packages: readonly string[];
  readonly indexUrls: readonly string[];
  /** Null: the index URLs themselves. */
  readonly trustedHosts: readonly string[] | null;
  readonly useVenv: boolean;
  readonly installKfp: boolean;
  readonly kfpPackagePath: string | undefined;
  readonly kfpPathExists: boolean;
  readonly targetImage: string | undefined;
  readonly sdkVersion: string;
}

export function componentProgram(options: ProgramOptions): { readonly command: string[]; readonly args: string[] } {
  const run = options.targetImage === undefined ? lightweight(options) : ["python3", "-m", "kfp.dsl.executor_main"];
  return {
    command: [...installCommand(options), ...run],
    args: ["--executor_input", "{{$}}", "--function_to_execute", options.functionName],
  };
}

function lightweight({ source, artifactImports, additionalSources, helper }: ProgramOptions): string[] {
  const imports = [
    "import kfp",
    "from kfp import dsl",
    "from kfp.dsl import *",
    "from typing import *",
    ...artifactImports,
  ];
  const additional = additionalSources.length === 0 ? "" : `\n\n${additionalSources.join("\n\n")}`;
  const block = helper === undefined ? "" : `\n\n${helper}\n`;
  const gap = " ".repeat(25);
  const program =
    'program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n' +
    `_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main${gap}--component_module_path${gap}"$program_path/ephemeral_component.py"${gap}"$@"\n`;
  return ["sh", "-ec", program, `\n${imports.join("\n")}${additional}${block}\n\n${source}\n`];
}

function installCommand(options: ProgramOptions): string[] {
  const { packages } = options;
  const installKfp =
    options.installKfp && options.targetImage === undefined && !packages.some((one) => one.startsWith("kfp"));
  if (!installKfp && packages.length === 0) return [];
  const index = indexOptions(options.indexUrls, options.trustedHosts);
  const parts: string[] = [];
  if (packages.length > 0) {
    parts.push(pipInstall(packages, index));
    if (installKfp) parts.push(" && ");
  }
  if (installKfp) {
    if (options.useVenv) parts.push(venv);
    parts.push(pipInstall(kfpPackages(options), index));
  }
  const script = `
if ! [ -x "$(command -v pip)" ]; then
    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip
fi

PIP_DISABLE_PIP_VERSION_CHECK=1 ${parts.join(" ")} && "$0" "$@"
`;
  return ["sh", "-c", script];
}

const venv = `
export PIP_DISABLE_PIP_VERSION_CHECK=1
tmp=$(mktemp -d)
python3 -m venv "$tmp/venv" --system-site-packages
. "$tmp/venv/bin/activate"
`;

function kfpPackages({ kfpPackagePath, kfpPathExists, sdkVersion }: ProgramOptions): string[] {
  if (kfpPackagePath !== undefined && kfpPackagePath !== "") {
    return kfpPathExists || kfpPackagePath.includes("@refs/pull/") ? [kfpPackagePath, "--no-deps"] : [kfpPackagePath];
  }
  return [`kfp==${sdkVersion}`, "--no-deps", 'typing-extensions>=3.7.4,<5; python_version<"3.9"'];
}

function pipInstall(packages: readonly string[], index: string): string {
  return `python3 -m pip install --quiet --no-warn-script-location ${index}${packages.map(pythonString).join(" ")}`;
}

function indexOptions(urls: readonly string[], trusted: readonly string[] | null): string {
  if (urls.length === 0) return "";
  const options = urls.map((url, i) => `${i === 0 ? "--index-url" : "--extra-index-url"} ${url}`);
  options.push(...(trusted ?? urls).map((host) => `--trusted-host ${host}`));
  return `${options.join(" ")} `;
}
