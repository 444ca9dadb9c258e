/** Where anything unexpected goes: a log for us, one sentence for the person who asked. */
import { type LogOutputChannel, window } from "vscode";

export interface Report {
  log(line: string): void;
  /** Shows a message for something that the user asked for and that did not work. */
  failed(what: string, error: unknown): void;
  /** Opens the log. */
  show(): void;
  dispose(): void;
}

export function createReport(): Report {
  let channel: LogOutputChannel | undefined;
  const output = () => (channel ??= window.createOutputChannel("Millrace", { log: true }));
  return {
    log: (line) => output().info(line),
    failed(what, error) {
      const words = sentence(error);
      output().error(`${what}: ${words}`);
      if (error instanceof Error && error.stack !== undefined) output().debug(error.stack);
      void window.showErrorMessage(`${what}: ${words}`, "Show Log").then((choice) => {
        if (choice !== undefined) output().show(true);
      });
    },
    show: () => output().show(true),
    dispose: () => channel?.dispose(),
  };
}

/** What went wrong, with the action of a UserError of the runtime server where it has one. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What is wrong with a file is said where it stands.
  if (error.message === "") return "The file has errors; they are listed in Problems.";
  const data: unknown = Reflect.get(error, "data");
  const action: unknown = typeof data === "object" && data !== null ? Reflect.get(data, "action") : undefined;
  return typeof action === "string" && !error.message.includes(action) ? `${error.message} ${action}` : error.message;
}
