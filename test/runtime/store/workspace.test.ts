import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEventsFile, readEvents } from "../../../runtime/store/events-file.ts";
import { migrations } from "../../../runtime/store/migrations.ts";
import { isAlive, processStart } from "../../../runtime/store/process.ts";
import { openRecorder } from "../../../runtime/store/recorder.ts";
import { openStore } from "../../../runtime/store/sqlite.ts";
import { openWorkspace } from "../../../runtime/store/open-workspace.ts";
import { findWorkspace, runFolder, type Workspace } from "../../../runtime/store/workspace.ts";
import { UserError } from "../../../runtime/user-error.ts";
import { churnRun } from "./history.ts";

let workspace: Workspace;
let database: string;
let said: string[];
const children: ChildProcess[] = [];

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "millrace-workspace-"));
  workspace = { root, folder: join(root, ".millrace") };
  database = join(workspace.folder, "store.db");
  said = [];
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(workspace.root, { recursive: true, force: true, maxRetries: 9 });
});

const open = () => openWorkspace(workspace, { create: true, say: (message) => said.push(message) });

/** Keeps a run as a runner does: in its folder and in the store. */
async function keep(...runs: Parameters<typeof churnRun>[0][]): Promise<void> {
  const store = await open();
  for (const run of runs) {
    mkdirSync(runFolder(workspace, run.run), { recursive: true });
    const recorder = openRecorder(store, runFolder(workspace, run.run), (error) => said.push(String(error)));
    for (const event of churnRun(run)) recorder.emit(event);
    recorder.close();
  }
  store.close();
}

function writer(
  prefix: string,
  count: number,
): { child: ChildProcess; lines: (n: number) => Promise<void>; ended: Promise<number | null> } {
  mkdirSync(workspace.folder, { recursive: true });
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "writer.ts"), workspace.root, prefix, String(count)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  children.push(child);
  let seen = 0;
  const waiting: { n: number; done: () => void }[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString().split("\n").length - 1;
    for (const { n, done } of waiting) if (seen >= n) done();
  });
  return {
    child,
    lines: (n) => new Promise((done) => (seen >= n ? done() : waiting.push({ n, done }))),
    ended: new Promise((done) => child.once("exit", (code) => done(code))),
  };
}

test("the root is the nearest folder with runs in .millrace, then with .git, then the folder itself", () => {
  const deep = join(workspace.root, "a", "b");
  mkdirSync(deep, { recursive: true });
  expect(findWorkspace(deep).root).toBe(deep);
  mkdirSync(join(workspace.root, ".git"));
  expect(findWorkspace(deep).root).toBe(workspace.root);
  mkdirSync(join(workspace.root, "a", ".millrace", "types"), { recursive: true });
  expect(findWorkspace(deep).root).toBe(workspace.root);
  mkdirSync(join(workspace.root, "a", ".millrace", "runs"));
  expect(findWorkspace(deep).root).toBe(join(workspace.root, "a"));
});

test("git ignores the history; what is not there is not made by looking", async () => {
  expect(await openWorkspace(workspace, { create: false, say: () => undefined })).toBeUndefined();
  expect(existsSync(workspace.folder)).toBe(false);
  (await open()).close();
  expect(readFileSync(join(workspace.folder, ".gitignore"), "utf8")).toMatch(/^\*$/m);
});

test("garbage in the file: set aside, made anew from the run folders, and said", async () => {
  await keep({ run: "r1", at: 1 }, { run: "r2", at: 2 });
  writeFileSync(join(runFolder(workspace, "r1"), "pipeline.yaml"), "a: b\n");
  const before = await open();
  const record = before.run("r1");
  const digest = before.keepSpec("a: b\n");
  before.close();
  writeFileSync(database, "no database at all ".repeat(1000));
  const store = await open();
  expect(said.join()).toMatch(
    /is not a database\. It was set aside as .*store\.db\.damaged-.*made anew from 2 run folders/,
  );
  expect(store.run("r1")).toEqual(record);
  expect(store.spec(digest)).toBe("a: b\n");
  expect(store.runs().map(({ id }) => id)).toEqual(["r2", "r1"]);
  store.close();
  const aside = readdirSync(workspace.folder).find((name) => name.includes("damaged"));
  expect(aside && readFileSync(join(workspace.folder, aside), "utf8")).toMatch(/^no database at all/);
});

test("a page of the file that is garbage: found when it is read, mended when it is opened next", async () => {
  await keep(...Array.from({ length: 60 }, (_, i) => ({ run: `r${i}`, at: i })));
  const whole = readFileSync(database);
  // The header and schema stay; everything behind is overwritten.
  whole.fill(0xee, 4096 * 12);
  writeFileSync(database, whole);
  // Met while opening, it is mended there; met later, by the next to open it.
  const damaged = await open();
  try {
    for (const { id } of damaged.runs({ limit: 100 })) damaged.run(id);
    damaged.artifacts({ limit: 1000 });
  } catch (error) {
    expect(String(error)).toMatch(/is damaged/);
  }
  damaged.close();
  const store = await open();
  expect(store.runs({ limit: 100 })).toHaveLength(60);
  expect(store.sql("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(said.join()).toMatch(/made anew from 60 run folders/);
  store.close();
});

test("a page that goes bad while it is open: said, and mended when it is opened next", async () => {
  await keep(...Array.from({ length: 60 }, (_, i) => ({ run: `r${i}`, at: i })));
  const store = await open();
  const other = openStore(database, { readonly: true });
  const size = statSync(database).size;
  const file = openSync(database, "r+");
  for (let at = 4096; at < size; at += 4096) writeSync(file, Buffer.alloc(4096, 0xee), 0, 4096, at);
  closeSync(file);
  expect(() => other.artifacts({ limit: 1000 })).toThrow(/is damaged/);
  other.close();
  store.close();
  const mended = await open();
  expect(mended.artifacts({ limit: 1000 })).toHaveLength(180);
  expect(said.join()).toMatch(/made anew from 60 run folders/);
  mended.close();
});

test("a file of a newer version is refused in words and not touched", async () => {
  (await open()).close();
  const newer = new Sqlite(database);
  newer.pragma("journal_mode = DELETE");
  newer.pragma(`user_version = ${migrations.length + 7}`);
  newer.close();
  const before = readFileSync(database);
  const { mtimeMs } = statSync(database);
  await expect(open()).rejects.toThrow(
    new RegExp(
      `written by a newer Millrace \\(format ${migrations.length + 7}; this one knows ${migrations.length}\\)`,
    ),
  );
  expect(readFileSync(database).equals(before)).toBe(true);
  expect(statSync(database).mtimeMs).toBe(mtimeMs);
});

test("a file of the version before is changed after a copy was made", () => {
  mkdirSync(workspace.folder, { recursive: true });
  const older = openStore(database);
  older.append(churnRun({ run: "r1" }));
  older.close();
  const next = [...migrations, "ALTER TABLE runs ADD COLUMN note TEXT; UPDATE runs SET note = 'new';"];
  const store = openStore(database, { migrations: next });
  expect(store.sql("SELECT id, note FROM runs")).toEqual([{ id: "r1", note: "new" }]);
  store.close();
  const copy = new Sqlite(`${database}.v${migrations.length}`, { readonly: true });
  expect(copy.pragma("user_version", { simple: true })).toBe(migrations.length);
  expect(copy.prepare("SELECT count(*) AS n FROM runs").get()).toEqual({ n: 1 });
  copy.close();
  // And back: this version refuses what the next one wrote.
  expect(() => openStore(database)).toThrow(/newer Millrace/);
});

test("a change of format that fails leaves the file as it was", () => {
  mkdirSync(workspace.folder, { recursive: true });
  const older = openStore(database);
  older.append(churnRun({ run: "r1" }));
  older.close();
  expect(() =>
    openStore(database, {
      migrations: [...migrations, "ALTER TABLE runs ADD COLUMN note TEXT; SELECT nonsense FROM nowhere;"],
    }),
  ).toThrow();
  const store = openStore(database);
  expect(store.run("r1")?.state).toBe("SUCCEEDED");
  store.close();
});

test("two processes that write at once lose nothing", async () => {
  const [a, b] = [writer("a", 30), writer("b", 30)];
  expect(await Promise.all([a.ended, b.ended])).toEqual([0, 0]);
  const store = await open();
  expect(store.runs({ limit: 100 })).toHaveLength(60);
  expect(store.artifacts({ limit: 1000 })).toHaveLength(180);
  expect(store.sql("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(store.sql("PRAGMA foreign_key_check")).toEqual([]);
  store.close();
});

test("kill -9 in the middle: what was flushed is there, and the run that was under way has ended", async () => {
  const { child, lines, ended } = writer("k", 0);
  await lines(20);
  child.kill("SIGKILL");
  await ended;
  const store = await open();
  expect(store.sql("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  const runs = store.runs({ limit: 1000 });
  expect(runs.length).toBeGreaterThanOrEqual(20);
  for (const { id, state, reason } of runs) {
    // Every run is whole, or ended by its runner's death.
    if (state !== "SUCCEEDED") expect([state, reason?.kind]).toEqual(["FAILED", "runner-died"]);
    expect(readEvents(runFolder(workspace, id)).events.at(-1)).toMatchObject({ kind: "run-state", state });
  }
  store.close();
});

test("a run whose process is gone is ended after what it still wrote in its folder; a living one is left alone", async () => {
  const dead = spawn(process.execPath, ["-e", "0"]);
  await new Promise((done) => dead.once("exit", done));
  await keep({ run: "dead", pid: dead.pid ?? 0, ends: false }, { run: "alive", pid: process.pid, ends: false });
  const late = openEventsFile(runFolder(workspace, "dead"));
  late.append([{ kind: "task-state", run: "dead", task: "train", state: "SUCCEEDED", at: 5000 }]);
  late.close();
  const store = await open();
  expect(store.run("dead")).toMatchObject({ state: "FAILED", reason: { kind: "runner-died" }, finishedAt: 5000 });
  expect(store.run("dead")?.tasks.map(({ state }) => state)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  expect(store.run("alive")?.state).toBe("RUNNING");
  expect(said).toEqual([
    "Run dead (churn-training-v2) ended without a word: its process was killed or the machine went down.",
  ]);
  store.close();
  (await open()).close();
  expect(said).toHaveLength(1);
});

test("a pid that is used again is another process", () => {
  const mine = processStart(process.pid);
  expect(mine).toBeDefined();
  expect(isAlive(process.pid, mine)).toBe(true);
  expect(isAlive(process.pid, `${mine ?? ""}1`)).toBe(false);
  // What runs in another container or on another machine cannot be seen from here.
  expect(isAlive(process.pid, "elsewhere|boot|1")).toBe(true);
});

test("half a line at the end of a run's events is passed over, and the next begins on its own line", async () => {
  await keep({ run: "r1" });
  appendFileSync(join(runFolder(workspace, "r1"), "events.ndjson"), '{"kind":"task-st');
  const file = openEventsFile(runFolder(workspace, "r1"));
  file.append([{ kind: "task-usage", run: "r1", task: "train", wallSeconds: 3, at: 1 }]);
  file.close();
  const { events, unreadable } = readEvents(runFolder(workspace, "r1"));
  expect(unreadable).toBe(1);
  expect(events.at(-1)).toMatchObject({ wallSeconds: 3 });
});

test("a disk that is full: a UserError, and what was there stays", async () => {
  await keep({ run: "r1" });
  const limited = openStore(database);
  const pages = Number(limited.sql("PRAGMA page_count")[0]?.["page_count"]);
  limited.close();
  // A file that cannot grow stands for a disk that cannot.
  const store = openStore(database, { maxPages: pages + 2 });
  const write = () => {
    for (let i = 0; i < 200; i++) store.append(churnRun({ run: `more${i}`, at: i }));
  };
  expect(write).toThrow(UserError);
  expect(write).toThrow(/cannot grow: the disk is full\./);
  expect(store.run("r1")?.state).toBe("SUCCEEDED");
  store.close();
});

test.skipIf(!existsSync("/dev/full"))(
  "a run folder on a full disk: a UserError, and events wait until there is space",
  async () => {
    const store = await open();
    const folder = runFolder(workspace, "r1");
    mkdirSync(folder, { recursive: true });
    const path = join(folder, "events.ndjson");
    symlinkSync("/dev/full", path);
    const recorder = openRecorder(store, folder, () => undefined);
    for (const event of churnRun({ run: "r1" })) recorder.emit(event);
    expect(() => recorder.flush()).toThrow(/the disk is full/);
    expect(store.run("r1")).toBeUndefined();
    expect(() => recorder.close()).toThrow(UserError);
    store.close();
  },
);

test("a database that another process has locked for too long: a UserError", async () => {
  (await open()).close();
  const other = new Sqlite(database);
  other.exec("BEGIN IMMEDIATE");
  const store = openStore(database, { busyTimeoutMs: 20 });
  expect(() => store.append(churnRun({ run: "r1" }))).toThrow(/is locked by another process/);
  other.exec("ROLLBACK");
  store.append(churnRun({ run: "r1" }));
  expect(store.run("r1")?.state).toBe("SUCCEEDED");
  other.close();
  store.close();
});

test("a folder that cannot be written can still be read, and writing says why not", async () => {
  await keep({ run: "r1" });
  const script = `
    import { openWorkspace } from ${JSON.stringify(join(import.meta.dirname, "../../../runtime/store/open-workspace.ts"))};

    process.setgid?.(65534); process.setuid?.(65534);
    const workspace = ${JSON.stringify(workspace)};
    const store = await openWorkspace(workspace, { create: false, say: () => {} });
    console.log(store.run("r1").state);
    try { store.append([{ kind: "run-state", run: "r1", state: "RUNNING", at: 1 }]); } catch (error) { console.log(error.name, error.message); }
    store.close();
    try { await openWorkspace(workspace, { create: true, say: () => {} }); } catch (error) { console.log(error.name, error.message); }
  `;
  chmodSync(workspace.root, 0o755);
  for (const name of [workspace.folder, join(workspace.folder, "runs")]) chmodSync(name, 0o555);
  for (const name of readdirSync(workspace.folder))
    if (name.startsWith("store")) chmodSync(join(workspace.folder, name), 0o444);
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((done) => child.once("exit", done));
  for (const name of [workspace.folder, join(workspace.folder, "runs")]) chmodSync(name, 0o755);
  const [state, append, create] = output.trim().split("\n");
  expect(state).toBe("SUCCEEDED");
  expect(append).toMatch(/^UserError .* cannot be written/);
  expect(create).toMatch(/^UserError .*cannot be/);
});

test("a history right in the folder for temporary files is not that of the folders in it", () => {
  const parent = mkdtempSync(join(tmpdir(), "millrace-temporary-"));
  const child = join(parent, "project");
  mkdirSync(join(parent, ".millrace/runs"), { recursive: true });
  mkdirSync(child);
  try {
    expect(findWorkspace(child).root).toBe(parent);
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = parent;
    try {
      expect(findWorkspace(child).root).toBe(child);
      expect(findWorkspace(parent).root).toBe(parent);
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  } finally {
    rmSync(parent, { recursive: true, force: true, maxRetries: 9 });
  }
});
