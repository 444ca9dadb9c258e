/** One word in the status bar while something runs. */
import { StatusBarAlignment, window } from "vscode";
import { finalStates } from "../runtime/events.ts";
import type { Runs } from "./runs.ts";
import type { Owned } from "./owned.ts";

export function createStatusBar(runs: Runs): Owned {
  const item = window.createStatusBarItem("millrace.status", StatusBarAlignment.Left, 0);
  item.name = "Millrace runs";
  item.command = "millrace.runs.focus";
  const listening = runs.onChanged(() => {
    const active = runs.all().filter(({ summary }) => !finalStates.has(summary.state));
    const [first] = active;
    if (!first) {
      item.hide();
      return;
    }
    const steps = Object.entries(first.summary.taskCounts);
    const total = steps.reduce((sum, [, count]) => sum + count, 0);
    const done = steps.reduce((sum, [state, count]) => sum + (isFinal(state) ? count : 0), 0);
    item.text = `$(sync~spin) ${active.length === 1 ? `${first.summary.pipeline} ${done}/${total}` : `${active.length} runs`}`;
    item.tooltip = active.map(({ summary }) => `${summary.pipeline} on ${summary.target}`).join("\n");
    item.show();
  });
  return {
    dispose() {
      listening.dispose();
      item.dispose();
    },
  };
}

function isFinal(state: string): boolean {
  return [...finalStates].some((final) => final === state);
}
