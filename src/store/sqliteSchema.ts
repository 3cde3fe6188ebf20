// The tables, as a list of migrations: entry n takes a database from version n to n + 1 (`PRAGMA user_version`).
// Written entries never change; a new shape is a new entry.

import type { DatabaseSync } from "node:sqlite";
import { withoutStop } from "../protocol/result.ts";
import { backUp } from "./backups.ts";
import { StoreFailure } from "./failure.ts";
import { faultOf } from "./sqliteFaults.ts";

/** Below this, a known fault of the write-ahead log can corrupt a database that several processes write. */
export const oldestSqlite = "3.51.3";

const first = `
  CREATE TABLE sessions (
    key INTEGER PRIMARY KEY, session_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, goal TEXT NOT NULL, workspace TEXT NOT NULL,
    status TEXT NOT NULL, agent TEXT NOT NULL, created_at TEXT NOT NULL
  );
  CREATE INDEX sessions_by_name ON sessions (name);
  CREATE INDEX sessions_by_workspace ON sessions (workspace);

  CREATE TABLE events (
    session_id TEXT NOT NULL, seq INTEGER NOT NULL, run_id TEXT NOT NULL, task_id TEXT, actor TEXT NOT NULL, type TEXT NOT NULL,
    ts TEXT NOT NULL, cause TEXT, payload TEXT NOT NULL, PRIMARY KEY (session_id, seq)
  ) WITHOUT ROWID;
  CREATE INDEX events_by_task ON events (session_id, task_id, seq) WHERE task_id IS NOT NULL;

  CREATE TABLE snapshots (session_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL);
  CREATE TABLE artifacts (hash TEXT PRIMARY KEY, content BLOB NOT NULL);
  CREATE TABLE documents (id TEXT PRIMARY KEY, body TEXT NOT NULL);

  CREATE TABLE tasks (
    session_id TEXT NOT NULL, id TEXT NOT NULL, parent_id TEXT, agent TEXT, goal TEXT NOT NULL, status TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE TABLE checkpoints (
    session_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, commit_hash TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE TABLE approvals (
    session_id TEXT NOT NULL, id TEXT NOT NULL, task_id TEXT, summary TEXT NOT NULL, at TEXT NOT NULL, decision TEXT, ended_at TEXT,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX approvals_pending ON approvals (at) WHERE decision IS NULL;
  CREATE TABLE interrupts (
    session_id TEXT NOT NULL, id TEXT NOT NULL, task_id TEXT, summary TEXT NOT NULL, at TEXT NOT NULL, decision TEXT, ended_at TEXT,
    PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;
  CREATE INDEX interrupts_pending ON interrupts (at) WHERE decision IS NULL;
  CREATE TABLE messages (
    session_id TEXT NOT NULL, id TEXT NOT NULL, sender TEXT NOT NULL, receiver TEXT NOT NULL, mode TEXT NOT NULL, payload TEXT NOT NULL,
    reply_to TEXT, sent_at TEXT NOT NULL, delivered_at TEXT, PRIMARY KEY (session_id, id)
  ) WITHOUT ROWID;

  CREATE TABLE facts (
    key INTEGER PRIMARY KEY, session_id TEXT NOT NULL, id TEXT NOT NULL, actor TEXT NOT NULL, statement TEXT NOT NULL, tags TEXT NOT NULL,
    confidence REAL, expires_at TEXT, at TEXT NOT NULL, UNIQUE (session_id, id)
  );
  CREATE VIRTUAL TABLE fact_words USING fts5 (words, tokenize = "unicode61 remove_diacritics 0");
`;

/**
 * Events become rows in the order of their writing: under their own key, SQLite gave every row above a kilobyte a page of
 * its own besides, and split half-full pages where sessions interleave.
 */
const second = `
  ALTER TABLE events RENAME TO clustered_events;
  DROP INDEX events_by_task;
  CREATE TABLE events (
    key INTEGER PRIMARY KEY, session_id TEXT NOT NULL, seq INTEGER NOT NULL, run_id TEXT NOT NULL, task_id TEXT, actor TEXT NOT NULL,
    type TEXT NOT NULL, ts TEXT NOT NULL, cause TEXT, payload TEXT NOT NULL, UNIQUE (session_id, seq)
  );
  INSERT INTO events (session_id, seq, run_id, task_id, actor, type, ts, cause, payload)
    SELECT session_id, seq, run_id, task_id, actor, type, ts, cause, payload FROM clustered_events ORDER BY session_id, seq;
  DROP TABLE clustered_events;
  CREATE INDEX events_by_task ON events (session_id, task_id, seq) WHERE task_id IS NOT NULL;
`;

/** Which process runs a session, and what others leave for it. */
const third = `
  CREATE TABLE leases (session_id TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL);
  CREATE TABLE inbox (key INTEGER PRIMARY KEY, session_id TEXT NOT NULL, command TEXT NOT NULL);
  CREATE INDEX inbox_by_session ON inbox (session_id, key);
`;

/**
 * Digests by which a change of the record shows, and what runs learned beside their events, each part under the key of its
 * event: in the same row it would make rows of which fewer fill a page.
 */
const fourth = `
  ALTER TABLE events ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
  CREATE TABLE tape (key INTEGER PRIMARY KEY, part TEXT NOT NULL);
`;

/** Each taking of a lease has a number of its own, never used again: it tells a holder that was taken over. */
const fifth = `
  ALTER TABLE leases RENAME TO numberless_leases;
  CREATE TABLE leases (
    epoch INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    born TEXT NOT NULL
  );
  INSERT INTO leases (session_id, owner, host, pid, born) SELECT session_id, owner, host, pid, born FROM numberless_leases;
  DROP TABLE numberless_leases;
`;

const migrations: readonly string[] = [first, second, third, fourth, fifth];

export function checkSqliteVersion(version: string): void {
  if (compareVersions(version, oldestSqlite) < 0)
    throw new StoreFailure(
      "unsupported",
      `SQLite ${version} is too old for safe storage: update Node so that it brings ${oldestSqlite} or newer.`,
    );
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = Number(left[i] ?? 0) - Number(right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const knownVersion = migrations.length;

/** The version of the tables, as SQLite keeps it for us. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** Brings the tables to the present version, after a copy of what is there. */
export function migrate(db: DatabaseSync, file: string): void {
  const from = versionOf(db);
  if (from >= knownVersion) return;
  const backup = from > 0 ? backUp(db, file, from) : undefined;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Read again under the lock: another process may have migrated meanwhile.
    for (const migration of migrations.slice(versionOf(db))) db.exec(migration);
    db.exec(`PRAGMA user_version = ${knownVersion}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    const { code, message } = faultOf(error);
    if (code === "corrupt" || code === "conflict" || !backup) throw error;
    throw new StoreFailure(
      code,
      `The record could not be brought to the form of this version, so it is as it was (${withoutStop(message)}). ` +
        `Go on with the version that wrote it, or set AO_DATA_DIR to another folder; a copy of it is ${backup}.`,
    );
  }
}
