/**
 * The tables, after KFP's native tasks / artifacts / artifact_tasks model.
 * Append only: a published entry is never edited, the next change is a new entry.
 * `PRAGMA user_version` is the number of entries a file has had.
 */
export const migrations: readonly string[] = [
  `
  -- Texts of packages, once each, by sha-256.
  CREATE TABLE specs (
    digest TEXT PRIMARY KEY,
    yaml   TEXT NOT NULL
  ) STRICT;

  -- What was run: a file at a commit. \`lines\` is JSON: task path without iterations -> [path, line from 1].
  CREATE TABLE sources (
    seq     INTEGER PRIMARY KEY,
    key     TEXT NOT NULL UNIQUE,
    path    TEXT NOT NULL,
    digest  TEXT NOT NULL,
    symbol  TEXT NOT NULL,
    revision TEXT,
    dirty   INTEGER,
    lines   TEXT
  ) STRICT;

  CREATE TABLE runs (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    pipeline    TEXT NOT NULL,
    target      TEXT NOT NULL,
    state       TEXT NOT NULL,
    state_at    INTEGER NOT NULL,
    reason      TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    spec        TEXT NOT NULL,
    parameters  TEXT NOT NULL,
    source      INTEGER REFERENCES sources (seq),
    remote      TEXT,
    process     TEXT
  ) STRICT;
  CREATE INDEX runs_by_time ON runs (created_at);
  CREATE INDEX runs_by_pipeline ON runs (pipeline, created_at);
  CREATE INDEX runs_by_source ON runs (source);
  CREATE INDEX runs_unfinished ON runs (seq) WHERE finished_at IS NULL;

  CREATE TABLE tasks (
    seq         INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES runs (seq) ON DELETE CASCADE,
    id          TEXT NOT NULL,
    path        TEXT NOT NULL,
    name        TEXT NOT NULL,
    parent      TEXT,
    type        TEXT NOT NULL,
    iteration   INTEGER,
    state       TEXT NOT NULL,
    state_at    INTEGER NOT NULL,
    reason      TEXT,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER,
    fingerprint TEXT,
    inputs      TEXT,
    outputs     TEXT,
    wall_seconds      REAL,
    cpu_seconds       REAL,
    peak_memory_bytes INTEGER,
    UNIQUE (run, id)
  ) STRICT;
  CREATE INDEX tasks_by_fingerprint ON tasks (fingerprint) WHERE fingerprint IS NOT NULL;

  CREATE TABLE attempts (
    task      INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
    attempt   INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    namespace TEXT,
    pod       TEXT,
    uid       TEXT,
    pid       INTEGER,
    PRIMARY KEY (task, attempt)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE types (
    seq  INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE artifacts (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    type       INTEGER NOT NULL REFERENCES types (seq),
    uri        TEXT NOT NULL,
    metadata   TEXT NOT NULL,
    digest     TEXT,
    size_bytes INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX artifacts_by_type ON artifacts (type, created_at);
  CREATE INDEX artifacts_by_time ON artifacts (created_at);
  CREATE INDEX artifacts_by_digest ON artifacts (digest) WHERE digest IS NOT NULL;

  -- role: 0 input and 1 output of a step; 2 and 3 the same of a group (loop, branch, nested
  -- pipeline), which lineage leaves out: what a group gets does not all flow into all that it gives.
  CREATE TABLE artifact_tasks (
    artifact INTEGER NOT NULL REFERENCES artifacts (seq),
    role     INTEGER NOT NULL,
    task     INTEGER NOT NULL REFERENCES tasks (seq) ON DELETE CASCADE,
    key      TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (artifact, role, task, key, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX artifact_tasks_by_task ON artifact_tasks (task, role, position);

  -- What an artifact is known by: its own metadata (origin is null), and, for a Model, the
  -- numbers of the Metrics made from it (origin is the Metrics, distance the steps to it).
  CREATE TABLE properties (
    artifact INTEGER NOT NULL REFERENCES artifacts (seq) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    number   REAL,
    text     TEXT,
    origin   INTEGER,
    distance INTEGER,
    at       INTEGER NOT NULL,
    PRIMARY KEY (artifact, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX properties_by_number ON properties (name, number, artifact) WHERE number IS NOT NULL;
  CREATE INDEX properties_by_text ON properties (name, text, artifact) WHERE text IS NOT NULL;
  `,
];
