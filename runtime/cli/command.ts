import type { ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Terminal } from "./terminal.ts";

/** Options that every command has. */
export const commonOptions = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  workspace: { type: "string" },
} as const satisfies ParseArgsOptionsConfig;

/** Reason of a signal that was aborted because nobody reads stdout any more. */
export const pipeClosed = "pipe closed";

export interface Call<O extends ParseArgsOptionsConfig> {
  readonly args: readonly string[];
  readonly options: ReturnType<
    typeof parseArgs<{ options: O & typeof commonOptions; allowPositionals: true }>
  >["values"];
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C, SIGTERM, or a reader of stdout that went away. */
  readonly signal: AbortSignal;
}

export interface Command<O extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  /** What follows `millrace`, without options. */
  readonly usage: string;
  readonly options: O;
  /** One line for each option: `["--pipeline NAME", "which one, where the file has several"]`. */
  readonly help: readonly (readonly [option: string, meaning: string])[];
  readonly examples: readonly string[];
  /** How many arguments without a name, at least and at most. */
  readonly arity: readonly [least: number, most: number];
  /** Answers the exit status (cli.md). */
  run(call: Call<O>): number | Promise<number>;
}

/** A command, its options typed from their table. */
export function command<const O extends ParseArgsOptionsConfig>(definition: Command<O>): Command<O> {
  return definition;
}
