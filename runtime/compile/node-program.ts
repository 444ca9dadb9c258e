import type { ContainerSpec } from "../../language/spec/types.ts";

/** A JavaScript program as a container runs it. */
export interface NodeProgram {
  /** One ES module: a component's body with all that it imports. */
  readonly source: string;
  /** npm packages that are installed before it starts, `name@version`. */
  readonly packages: readonly string[];
  /** Source map of `source` as JSON; absent where it does not fit. */
  readonly sourceMap?: string;
}

/** The variable that carries the source map into the container. */
export const sourceMapVariable = "MILLRACE_SOURCE_MAP";

/** Linux takes no single argument or variable of 128 KiB or more (MAX_ARG_STRLEN). */
const longestText = 120_000;

/**
 * The container of a program: a shell writes it to a file and starts Node on it, with
 * KFP's executor input. The source map travels as an environment variable, because
 * KFP's cache key holds the command and not the environment: an edit above a component
 * moves its lines, and must not run it again.
 */
export function programContainer(container: ContainerSpec, program: NodeProgram): ContainerSpec {
  const texts = split(program.source);
  const places = texts.map((_, index) => `"\${${index}}"`).join(" ");
  const script = [
    "program=$(mktemp -d)",
    ...(program.packages.length > 0 ? [npmInstall + program.packages.map(quote).join(" ")] : []),
    `printf "%s" ${places} > "$program/component.mjs"`,
    `printf "%s" "$${sourceMapVariable}" > "$program/component.mjs.map"`,
    ...(texts.length > 1 ? [`shift ${texts.length - 1}`] : []),
    'exec node --enable-source-maps "$program/component.mjs" "$@"',
    "",
  ].join("\n");
  const map = program.sourceMap;
  const fits = map !== undefined && Buffer.byteLength(map) < longestText;
  const env = (container.env ?? []).filter((each) => each.name !== sourceMapVariable);
  return {
    ...container,
    command: ["sh", "-ec", script, ...texts],
    args: ["--executor_input", "{{$}}"],
    ...(fits ? { env: [...env, { name: sourceMapVariable, value: map }] } : {}),
  };
}

/**
 * The program in a container that `programContainer` made, undefined for any other:
 * an engine that runs it on this machine needs neither the shell nor a new install.
 */
export function programOf(container: ContainerSpec): NodeProgram | undefined {
  const [shell, flag, script = "", ...texts] = container.command ?? [];
  if (shell !== "sh" || flag !== "-ec" || !script.includes(' > "$program/component.mjs"\n')) return undefined;
  const install = script.split("\n").find((line) => line.startsWith(npmInstall));
  const packages = [...(install?.slice(npmInstall.length).matchAll(/'([^']*)'/g) ?? [])].map((match) => match[1] ?? "");
  const sourceMap = container.env?.find((each) => each.name === sourceMapVariable)?.value;
  return { source: texts.join(""), packages, ...(sourceMap === undefined ? {} : { sourceMap }) };
}

const npmInstall = 'npm install --prefix "$program" --no-save --no-audit --no-fund --loglevel=error ';

function quote(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}

/** Pieces of at most `longestText` bytes, cut after a line where there is one. */
function split(source: string): string[] {
  const pieces: string[] = [];
  let rest = source;
  while (Buffer.byteLength(rest) > longestText) {
    // A UTF-16 unit is at most three bytes of UTF-8.
    const end = Buffer.byteLength(rest.slice(0, longestText)) > longestText ? longestText / 3 : longestText;
    const line = rest.lastIndexOf("\n", end) + 1;
    const cut = line > 0 ? line : isHighSurrogate(rest.charCodeAt(end - 1)) ? end - 1 : end;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...pieces, rest];
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
