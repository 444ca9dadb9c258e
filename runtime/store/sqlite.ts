import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { UserError } from "../user-error.ts";
import { appender } from "./append.ts";
import { artifactReader } from "./artifacts.ts";
import { lineageReader } from "./lineage.ts";
import { migrations } from "./migrations.ts";
import { conditionsOfRuns, planQuery, showStatement } from "./query.ts";
import { runReader } from "./runs.ts";
import type { Store } from "./store.ts";

export type { Database, Statement } from "better-sqlite3";

export interface OpenOptions {
  /** Nothing is written; what needs writing throws. */
  readonly readonly?: boolean;
  /** How long to wait for another process that writes. */
  readonly busyTimeoutMs?: number;
  /** The file may not grow beyond so many pages: for tests of a full disk. */
  readonly maxPages?: number;
  /** For tests of the steps from one format to the next. */
  readonly migrations?: readonly string[];
}

/** Thrown by `openStore` where the file is not a database or is damaged: `openWorkspace` then rebuilds it. */
export class DamagedStore extends Error {}

/**
 * Opens or makes the database of a workspace and brings it to this version's
 * format, with a copy beside it before each change (`store.db.v3`).
 * A file of a newer version is a UserError and stays as it is.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const list = options.migrations ?? migrations;
  try {
    if (existsSync(`${path}.damaged`)) throw new DamagedStore(`${path} was found damaged`);
    if (existsSync(path)) refuseNewer(path, list.length);
    const db = new Sqlite(path, { readonly: options.readonly ?? false, timeout: options.busyTimeoutMs ?? 5000 });
    try {
      if (!options.readonly) {
        db.pragma("journal_mode = WAL");
        db.pragma("synchronous = NORMAL");
        migrate(db, path, list);
      }
      db.pragma("foreign_keys = ON");
      if (options.maxPages !== undefined) db.pragma(`max_page_count = ${options.maxPages}`);
      return storeOf(db, path);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw translate(error, path);
  }
}

/** Opens for reading what lies in a folder that cannot be written, from a copy where SQLite needs files beside it. */
export function openReadable(path: string): Store {
  try {
    return openStore(path, { readonly: true });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "store-readonly") throw error;
    const folder = mkdtempSync(join(tmpdir(), "millrace-"));
    try {
      for (const suffix of ["", "-wal"])
        if (existsSync(path + suffix)) copyFileSync(path + suffix, join(folder, `store.db${suffix}`));
      const store = openStore(join(folder, "store.db"), { readonly: true });
      return {
        ...store,
        close() {
          store.close();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    } catch (copying) {
      rmSync(folder, { recursive: true, force: true });
      throw copying;
    }
  }
}

/** Reads the version without a right to write, so that a file that we do not understand stays untouched. */
function refuseNewer(path: string, known: number): void {
  const db = new Sqlite(path, { readonly: true });
  try {
    const version = userVersion(db);
    if (version <= known) return;
    throw new UserError(
      "store-newer",
      `${path} was written by a newer Millrace (format ${version}; this one knows ${known}).`,
      {
        action: "Update Millrace. The file was not changed.",
      },
    );
  } finally {
    db.close();
  }
}

function migrate(db: Database, path: string, list: readonly string[]): void {
  for (let version = userVersion(db); version < list.length; version = userVersion(db)) {
    if (version > 0) backUp(db, path, version);
    const step = list[version] ?? "";
    db.transaction(() => {
      // Another process may have done it while this one waited for the lock.
      if (userVersion(db) !== version) return;
      db.exec(step);
      db.pragma(`user_version = ${version + 1}`);
    }).immediate();
  }
}

/** A whole copy, `store.db.v<version>`: kept until the user deletes it. */
function backUp(db: Database, path: string, version: number): void {
  const copy = `${path}.v${version}`;
  const partial = `${copy}.${process.pid}`;
  db.prepare("VACUUM INTO ?").run(partial);
  const check = new Sqlite(partial, { readonly: true });
  const same = userVersion(check) === version;
  check.close();
  // Another process changed the file in between, and has its own copy.
  if (same) renameSync(partial, copy);
  else rmSync(partial);
}

function userVersion(db: Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}

function storeOf(db: Database, path: string): Store {
  const append = db.readonly ? undefined : appender(db);
  const runs = runReader(db);
  const artifacts = artifactReader(db);
  const lineage = lineageReader(db, artifacts, runs);
  const spec = db.prepare<[string], string>("SELECT yaml FROM specs WHERE digest = ?").pluck();
  const keepSpec = db.readonly
    ? undefined
    : db.prepare<[string, string]>("INSERT OR IGNORE INTO specs (digest, yaml) VALUES (?, ?)");
  let version = 1;
  let dataVersion = db.pragma("data_version", { simple: true });

  const guard = <A extends readonly unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        return work(...args);
      } catch (error) {
        throw translate(error, path);
      }
    };
  };
  const readonly = (): never => {
    throw new UserError("store-readonly", `${path} cannot be written.`, {
      action: "Check the permissions of its folder.",
    });
  };

  return {
    append: guard((events) => {
      if (events.length === 0) return;
      (append ?? readonly())(events);
      version++;
    }),
    keepSpec: guard((yaml) => {
      const digest = createHash("sha256").update(yaml).digest("hex");
      (keepSpec ?? readonly()).run(digest, yaml);
      return digest;
    }),
    spec: guard((digest) => spec.get(digest)),
    runs: guard((query = {}) =>
      runs.runs(query, query.where === undefined ? undefined : conditionsOfRuns(query.where, Date.now())),
    ),
    run: guard((id) => runs.run(id)),
    artifact: guard((id) => artifacts.artifact(id)),
    artifacts: guard((query = {}) => artifacts.artifacts(query)),
    lineage: guard((id, depth = 100) => lineage(id, depth)),
    query: guard((text) => {
      const { sql, values } = planQuery(text, db, artifacts, Date.now());
      return db
        .prepare<(number | string)[], number>(sql)
        .pluck()
        .all(...values)
        .flatMap((seq) => artifacts.bySeq(seq) ?? []);
    }),
    explain: guard((text) => showStatement(planQuery(text, db, artifacts, Date.now()))),
    sql: guard((statement) => {
      const prepared = db.prepare<[], Record<string, number | string | null>>(statement);
      if (!prepared.readonly || !prepared.reader) {
        throw new UserError("sql-writes", "The statement would change the history.", {
          action: "Use a SELECT.",
          exit: 2,
        });
      }
      return prepared.all();
    }),
    cached: guard((fingerprint) => runs.cached(fingerprint)),
    version: guard(() => {
      // `data_version` moves for other connections only; `append` counts our own.
      const now = db.pragma("data_version", { simple: true });
      if (now !== dataVersion) {
        dataVersion = now;
        version++;
      }
      return version;
    }),
    close: () => db.close(),
  };
}

/** What SQLite says, in words. */
function translate(error: unknown, path: string): unknown {
  if (!(error instanceof Sqlite.SqliteError)) return error;
  const code = error.code.split("_").slice(0, 2).join("_");
  const trouble = (id: string, message: string, action: string) => new UserError(id, message, { action, cause: error });
  switch (code) {
    case "SQLITE_NOTADB":
      return new DamagedStore(`${path} is not a database`, { cause: error });
    case "SQLITE_CORRUPT":
      // The next to open it sets it aside; this process cannot while it has it open.
      markDamaged(path);
      return new DamagedStore(`${path} is damaged`, { cause: error });
    case "SQLITE_FULL":
      return trouble(
        "disk-full",
        `${path} cannot grow: the disk is full.`,
        "Free some space; what was written so far is kept.",
      );
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return trouble(
        "store-busy",
        `${path} is locked by another process.`,
        "Try again, or end the process that holds it.",
      );
    case "SQLITE_READONLY":
    case "SQLITE_PERM":
    case "SQLITE_CANTOPEN":
      return trouble(
        "store-readonly",
        `${path} cannot be opened or written: ${error.message}.`,
        "Check that its folder exists and the permissions.",
      );
    case "SQLITE_IOERR":
      return trouble(
        "store-io",
        `${path} cannot be read or written: ${error.message} (${error.code}).`,
        "Check the disk.",
      );
    case "SQLITE_ERROR":
      return trouble("sql", `SQLite: ${error.message}.`, "Check the statement.");
    default:
      return error;
  }
}

function markDamaged(path: string): void {
  try {
    writeFileSync(`${path}.damaged`, "");
  } catch {
    // A read-only folder: the next opening meets the damage itself.
  }
}
