/**
 * Something wrong with the world: no cluster, no disk, no Python, a bad argument.
 * `message` says what happened, to what; `action` what to do. Both may be shown.
 */
export class UserError extends Error {
  readonly code: string;
  readonly action: string | undefined;
  /** Exit status of the command line (cli.md): 2 the input is wrong, 3 the world is. */
  readonly exit: 2 | 3;

  constructor(code: string, message: string, options: { action?: string; cause?: unknown; exit?: 2 | 3 } = {}) {
    super(message, { cause: options.cause });
    this.name = "UserError";
    this.code = code;
    this.action = options.action;
    this.exit = options.exit ?? 3;
  }
}

/** One sentence or two for a person: never a stack trace. */
export function describe(error: unknown): string {
  if (error instanceof UserError) return error.action ? `${error.message} ${error.action}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
