/** How the last run of what a hover is about went. */
import { Uri } from "vscode";
import type { HoverSubject } from "../language/protocol.ts";
import { finalStates } from "../runtime/events.ts";
import type { RunRecord } from "../runtime/store/store.ts";
import type { NodeState } from "../webview/protocol.ts";
import { ago, duration, number, stateLook } from "../webview/words.ts";
import { nodeStates } from "./node-states.ts";
import type { KnownRun, Runs } from "./runs.ts";

/** One line of the newest run of any of the subjects; undefined where none has run. */
export async function lastRunText(runs: Runs, subjects: readonly HoverSubject[]): Promise<string | undefined> {
  const known = subjects.flatMap((subject) => {
    const run = runs.latest(Uri.parse(subject.uri).fsPath, subject.symbol);
    return run ? [{ run, subject }] : [];
  });
  known.sort((a, b) => b.run.summary.createdAt - a.run.summary.createdAt);
  for (const { run, subject } of known) {
    if (subject.node === undefined) return runText(run);
    const record = await runs.record(run.runtime, run.summary.id).catch(() => undefined);
    const text = record && stepText(run, record, subject.node);
    if (text !== undefined) return text;
  }
  return undefined;
}

function runText({ summary }: KnownRun): string {
  const { state, createdAt, finishedAt, metrics } = summary;
  const seconds = finishedAt === undefined ? undefined : (finishedAt - createdAt) / 1000;
  return said(finalStates.has(state) ? (finishedAt ?? createdAt) : undefined, {
    state,
    metrics,
    ...(seconds !== undefined && { seconds }),
  });
}

function stepText({ summary }: KnownRun, record: RunRecord, node: string): string | undefined {
  const now = Date.now();
  const state = nodeStates(record, now)[node];
  return state && said(finalStates.has(summary.state) ? (summary.finishedAt ?? summary.createdAt) : undefined, state);
}

function said(
  at: number | undefined,
  { state, seconds, reason, metrics = {} }: Omit<NodeState, "state"> & { state: string },
): string {
  const when = at === undefined ? "Runs now" : `Last run ${ago(at, Date.now())}`;
  const numbers = Object.entries(metrics)
    .slice(0, 3)
    .map(([name, value]) => `${name} ${number(value)}`);
  const facts = [stateLook(state).word, ...(seconds === undefined ? [] : [duration(seconds)]), ...numbers];
  return `${when}: ${facts.join(", ")}${reason === undefined ? "" : `\n\n${reason}`}`;
}
