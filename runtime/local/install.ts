/** One `pip install`: packages and the options that decide what is installed. */
export interface PipCall {
  readonly packages: readonly string[];
  /** `--index-url U`, `--no-deps` …, without those that only concern what is printed. */
  readonly options: readonly string[];
}

/**
 * The SDK's wrapper taken off a lightweight component's command: what pip was
 * to install, and the command that was to run after it. Undefined where the
 * command does not begin with such a wrapper, exactly (kfp's
 * component_factory.py writes it; kfp-output.md has its forms since 2.0).
 */
export function parseInstall(
  command: readonly string[],
): { readonly calls: readonly PipCall[]; readonly rest: readonly string[] } | undefined {
  const [shell, flag, script, ...rest] = command;
  if (shell !== "sh" || flag !== "-c" || script === undefined || rest.length === 0) return undefined;
  const calls: PipCall[] = [];
  const lines = script.replace(ensurePip, "").replace(makeVenv, " ").trim();
  const commands = splitCommands(lines);
  const last = commands?.pop();
  if (commands === undefined || last?.join(" ") !== "$0 $@") return undefined;
  for (const words of commands) {
    const call = parsePip(words);
    if (call === undefined) return undefined;
    calls.push(call);
  }
  return { calls, rest };
}

const ensurePip = /^\s*if ! \[ -x "\$\(command -v pip\)" \]; then\n[^\n]*ensurepip[^\n]*\nfi\n/;
const makeVenv =
  /\nexport PIP_DISABLE_PIP_VERSION_CHECK=1\ntmp=\$\(mktemp -d\)\npython3 -m venv "\$tmp\/venv" --system-site-packages\n\. "\$tmp\/venv\/bin\/activate"\n/;

/** Options of pip that take a value in the next word. */
const valued = new Set([
  "--index-url",
  "-i",
  "--extra-index-url",
  "--trusted-host",
  "--find-links",
  "-f",
  "--constraint",
  "-c",
]);
const silent = new Set(["--quiet", "-q", "--no-warn-script-location", "--disable-pip-version-check"]);

function parsePip(words: readonly string[]): PipCall | undefined {
  const start = words.findIndex((word) => !/^\w+=/.test(word));
  const [python = "", dashM, pip, install, ...given] = words.slice(start === -1 ? words.length : start);
  if (!/^python3?$/.test(python) || dashM !== "-m" || pip !== "pip" || install !== "install") return undefined;
  const packages: string[] = [];
  const options: string[] = [];
  for (let i = 0; i < given.length; i++) {
    const word = given[i] ?? "";
    if (!word.startsWith("-")) packages.push(word);
    else if (valued.has(word)) options.push(word, given[++i] ?? "");
    else if (!silent.has(word)) options.push(word);
  }
  return { packages, options };
}

/** Words of a list of commands joined by `&&`, quotes taken off; undefined where it holds anything else of the shell's. */
function splitCommands(script: string): string[][] | undefined {
  const commands: string[][] = [];
  let words: string[] = [];
  const token = /\s+|&&|'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"&|;<>()`$\\]+)/y;
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  while (token.lastIndex < script.length) {
    const match = token.exec(script);
    if (match === null) return undefined;
    const [whole, single, double, plain] = match;
    if (whole === "&&") {
      endWord();
      commands.push(words);
      words = [];
    } else if (single !== undefined || double !== undefined || plain !== undefined) {
      word = (word ?? "") + (single ?? plain ?? (double ?? "").replaceAll(/\\([\\"$`])/g, "$1"));
    } else endWord();
  }
  endWord();
  commands.push(words);
  return commands;
}
