// A process that writes runs: node writer.ts WORKSPACE PREFIX COUNT. With COUNT 0 it goes on until it is killed.
import { mkdirSync } from "node:fs";
import { openRecorder } from "../../../runtime/store/recorder.ts";
import { openWorkspace } from "../../../runtime/store/open-workspace.ts";
import { findWorkspace, runFolder } from "../../../runtime/store/workspace.ts";
import { churnRun } from "./history.ts";

const [root = "", prefix = "", count = "0"] = process.argv.slice(2);
const workspace = findWorkspace(root);
const store = await openWorkspace(workspace, { create: true, say: () => undefined });
for (let i = 0; Number(count) === 0 || i < Number(count); i++) {
  const run = `${prefix}${i}`;
  const folder = runFolder(workspace, run);
  mkdirSync(folder, { recursive: true });
  const recorder = openRecorder(store, folder, (error) => {
    throw error;
  });
  for (const event of churnRun({ run, at: 1000 + i, pid: process.pid })) {
    recorder.emit(event);
    recorder.flush();
  }
  recorder.close();
  process.stdout.write(`${run}\n`);
}
store.close();
