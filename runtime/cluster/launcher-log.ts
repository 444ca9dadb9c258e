/**
 * A step's log on KFP holds, in one stream, what the step printed and what
 * argoexec, KFP's launcher and the SDK's executor say about it. Nothing is
 * dropped; lines that are not the step's own are marked.
 */

export interface MarkedLine {
  readonly text: string;
  readonly from: "step" | "system";
}

export interface LauncherLog {
  /** Marks the next line. */
  mark(text: string): MarkedLine;
  /** The step's last line that is not blank: of a traceback, the exception. */
  readonly lastLine: string | undefined;
  /** Exit status of the step's process, as the launcher tells it. */
  readonly exitCode: number | undefined;
  /** The launcher's own last complaint: why it failed where the step was not to blame. */
  readonly complaint: string | undefined;
}

// glog: level, month and day, time, thread, file and line.
const launcher = /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w./-]+:\d+\] ?/;
// logfmt, of argoexec and of the libraries in it.
const argo = /^time="?\d{4}-\d\d-\d\dT\S+ level=\w+ msg=/;
const executor = /^\[KFP Executor \d{4}-\d\d-\d\d [\d:,]+ \w+\]:/;
// The SDK's command looks for pip before it runs the step.
const preamble =
  /: No module named ensurepip$|: (?:\d+: )?apt-get: not found$|^\[notice\] |^WARNING: Running pip as the 'root' user/;
const argoEnd = /^Error: exit status \d+$/;

export function launcherLog(): LauncherLog {
  let lastLine: string | undefined;
  let exitCode: number | undefined;
  let complaint: string | undefined;
  // Inside a JSON object that a system line began and that goes on until its brace closes in the first column.
  let inObject = false;
  let mayOpen = false;

  function isSystem(text: string): boolean {
    if (inObject) {
      if (text === "}") inObject = false;
      // Another writer's line in between: the object's own lines are indented or braces.
      return text === "" || /^[{}\s]/.test(text) || isMarked(text);
    }
    if (mayOpen && text === "{") {
      mayOpen = false;
      inObject = true;
      return true;
    }
    if (!isMarked(text)) return false;
    mayOpen = text.endsWith("Got executor_input:");
    if (text.endsWith(": {")) inObject = true;
    return true;
  }

  return {
    mark(text) {
      if (!isSystem(text)) {
        if (text.trim() !== "") lastLine = text;
        return { text, from: "step" };
      }
      const said = launcher.exec(text);
      if (said) {
        const message = text.slice(said[0].length);
        const status =
          /(?:failed to execute component|Component failed to execute successfully): exit status (\d+)/.exec(
            message,
          )?.[1];
        if (status !== undefined) exitCode = Number(status);
        if (text.startsWith("F") || text.startsWith("E")) complaint = message;
      }
      return { text, from: "system" };
    },
    get lastLine() {
      return lastLine;
    },
    get exitCode() {
      return exitCode;
    },
    get complaint() {
      return complaint;
    },
  };
}

function isMarked(text: string): boolean {
  return launcher.test(text) || argo.test(text) || executor.test(text) || preamble.test(text) || argoEnd.test(text);
}
