// One handler for each request, as SQL. Statements are prepared once and kept.
// Transactions are the worker's business, not theirs.

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { SessionRow, StoredDocument, StoredFact } from "../core/ports.ts";
import { digestOf } from "./digests.ts";
import { conflict, type EventRow } from "./eventRows.ts";
import { checkEpoch, livingHolder, nameOf } from "./leases.ts";
import { documentMatcher, hasTags, wordsOf } from "./matching.ts";
import type { ChangeKind } from "./readModels.ts";
import type { Operation, Operations } from "./sqliteProtocol.ts";

export type Handlers = { [K in Operation]: (input: Operations[K]["in"]) => Operations[K]["out"] };

type Prepare = (sql: string) => StatementSync;
type Row = Record<string, SQLInputValue>;

/** The statements of each change; `@sessionId` and the change's own fields are bound by name. */
const changeSql: Record<ChangeKind, string[]> = {
  "session.put": [
    `INSERT INTO sessions (session_id, name, goal, workspace, status, agent, created_at)
     VALUES (@sessionId, @name, @goal, @workspace, @status, @agent, @at)`,
  ],
  "session.name": ["UPDATE sessions SET name = @name WHERE session_id = @sessionId"],
  "session.status": ["UPDATE sessions SET status = @status WHERE session_id = @sessionId"],
  "task.put": [
    `INSERT OR REPLACE INTO tasks (session_id, id, parent_id, agent, goal, status, created_at, updated_at)
     VALUES (@sessionId, @id, @parentId, @agent, @goal, @status, @at, @at)`,
  ],
  "task.status": ["UPDATE tasks SET status = @status, updated_at = @at WHERE session_id = @sessionId AND id = @id"],
  "approval.put": [
    "INSERT OR REPLACE INTO approvals (session_id, id, task_id, summary, at) VALUES (@sessionId, @id, @taskId, @summary, @at)",
  ],
  "approval.end": ["UPDATE approvals SET decision = @decision, ended_at = @at WHERE session_id = @sessionId AND id = @id"],
  "interrupt.put": [
    "INSERT OR REPLACE INTO interrupts (session_id, id, task_id, summary, at) VALUES (@sessionId, @id, @taskId, @summary, @at)",
  ],
  "interrupt.end": ["UPDATE interrupts SET decision = @decision, ended_at = @at WHERE session_id = @sessionId AND id = @id"],
  "checkpoint.put": [
    "INSERT OR REPLACE INTO checkpoints (session_id, id, name, commit_hash, seq) VALUES (@sessionId, @id, @name, @commit, @seq)",
  ],
  "message.put": [
    `INSERT OR REPLACE INTO messages (session_id, id, sender, receiver, mode, payload, reply_to, sent_at)
     VALUES (@sessionId, @id, @from, @to, @mode, @payload, @replyTo, @at)`,
  ],
  "message.delivered": ["UPDATE messages SET delivered_at = @at WHERE session_id = @sessionId AND id = @id"],
  "fact.put": [
    // Updated in place: the words below are found by its key.
    `INSERT INTO facts (session_id, id, actor, statement, tags, confidence, expires_at, at)
     VALUES (@sessionId, @id, @actor, @statement, @tags, @confidence, @expiresAt, @at)
     ON CONFLICT (session_id, id) DO UPDATE SET actor = excluded.actor, statement = excluded.statement, tags = excluded.tags,
       confidence = excluded.confidence, expires_at = excluded.expires_at, at = excluded.at`,
    "INSERT OR REPLACE INTO fact_words (rowid, words) SELECT key, @words FROM facts WHERE session_id = @sessionId AND id = @id",
  ],
};

const tablesOfSession = [
  "events",
  "snapshots",
  "tasks",
  "checkpoints",
  "approvals",
  "interrupts",
  "messages",
  "facts",
  "leases",
  "inbox",
  "sessions",
];

export function createHandlers(db: DatabaseSync): Handlers {
  const prepared = new Map<string, StatementSync>();
  const prepare: Prepare = (sql) => {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statement.setAllowUnknownNamedParameters(true);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return { ...writers(prepare, overwriting(db)), ...leaseHandlers(prepare), ...sessionReaders(prepare), ...contentReaders(prepare) };
}

type Writer = "append" | "saveSnapshot" | "deleteSession" | "putArtifact" | "putDocument" | "deleteDocument";

type Overwriting = <T>(work: () => T) => T;

/** What a person removes is overwritten with zeros: neither the file nor a recovery gives it back. */
function overwriting(db: DatabaseSync): Overwriting {
  return (work) => {
    db.exec("PRAGMA secure_delete = ON");
    try {
      return work();
    } finally {
      db.exec("PRAGMA secure_delete = OFF");
    }
  };
}

function writers(prepare: Prepare, overwriting: Overwriting): Pick<Handlers, Writer> {
  return {
    append: (input) => append(prepare, input),
    saveSnapshot: ({ sessionId, seq, state }) => {
      prepare(
        `INSERT INTO snapshots (session_id, seq, state) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM sessions WHERE session_id = ?1)
         ON CONFLICT (session_id) DO UPDATE SET seq = excluded.seq, state = excluded.state WHERE excluded.seq >= seq`,
      ).run(sessionId, seq, state);
      return undefined;
    },
    deleteSession: ({ sessionId }) =>
      overwriting(() => {
        prepare("DELETE FROM tape WHERE key IN (SELECT key FROM events WHERE session_id = ?)").run(sessionId);
        prepare("DELETE FROM fact_words WHERE rowid IN (SELECT key FROM facts WHERE session_id = ?)").run(sessionId);
        const removed = tablesOfSession.map((table) => prepare(`DELETE FROM ${table} WHERE session_id = ?`).run(sessionId).changes);
        return Number(removed.at(-1)) > 0;
      }),
    putArtifact: ({ hash, content }) => {
      prepare("INSERT OR IGNORE INTO artifacts (hash, content) VALUES (?, ?)").run(hash, content);
      return undefined;
    },
    putDocument: ({ id, body }) => {
      prepare("INSERT OR REPLACE INTO documents (id, body) VALUES (?, ?)").run(id, body);
      return undefined;
    },
    deleteDocument: ({ id }) => overwriting(() => Number(prepare("DELETE FROM documents WHERE id = ?").run(id).changes) > 0),
  };
}

type LeaseHandler = "takeLease" | "dropLease" | "leasedBy" | "post" | "collect";

function leaseHandlers(prepare: Prepare): Pick<Handlers, LeaseHandler> {
  return {
    takeLease: ({ sessionId, holder, takeOver }) => {
      const other = livingHolder(prepare, sessionId, holder.owner);
      if (other && !takeOver) return { taken: false, by: nameOf(other) };
      const { owner, host, pid, born } = holder;
      const lease = prepare("INSERT OR REPLACE INTO leases (session_id, owner, host, pid, born) VALUES (?, ?, ?, ?, ?) RETURNING epoch");
      return { taken: true, epoch: Number(lease.get(sessionId, owner, host, pid, born)?.["epoch"]) };
    },
    dropLease: ({ sessionId, owner }) => {
      prepare("DELETE FROM leases WHERE session_id = ? AND owner = ?").run(sessionId, owner);
      return undefined;
    },
    leasedBy: ({ sessionId, owner }) => {
      const other = livingHolder(prepare, sessionId, owner);
      return other && nameOf(other);
    },
    post: ({ sessionId, command }) => {
      prepare("INSERT INTO inbox (session_id, command) VALUES (?, ?)").run(sessionId, command);
      return undefined;
    },
    collect: ({ sessionId, epoch }) => {
      checkEpoch(prepare, sessionId, epoch);
      return prepare("DELETE FROM inbox WHERE session_id = ? RETURNING key, command")
        .all(sessionId)
        .sort((a, b) => Number(a["key"]) - Number(b["key"]))
        .map((row) => String(row["command"]));
    },
  };
}

function append(prepare: Prepare, { sessionId, rows, changes, tape, epoch }: Operations["append"]["in"]): undefined {
  checkEpoch(prepare, sessionId, epoch);
  const newest = prepare("SELECT seq, digest FROM events WHERE session_id = ? ORDER BY seq DESC LIMIT 1").get(sessionId);
  const last = Number(newest?.["seq"] ?? 0);
  let digest = hexOf(newest?.["digest"]);
  const asked = rows[0]?.[0] ?? last + 1;
  if (asked !== last + 1) throw conflict(sessionId, asked, last);
  const insert = prepare(
    "INSERT INTO events (session_id, seq, run_id, task_id, actor, type, ts, cause, payload, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const parts = new Map(tape);
  for (const row of rows) {
    const part = parts.get(row[0]);
    digest = digestOf(digest, row, part);
    const { lastInsertRowid: key } = insert.run(sessionId, ...row, Buffer.from(digest, "hex"));
    if (part !== undefined) prepare("INSERT INTO tape (key, part) VALUES (?, ?)").run(key, part);
  }
  for (const change of changes) for (const sql of changeSql[change.kind]) prepare(sql).run({ sessionId, ...change } as Row);
  return undefined;
}

function hexOf(digest: unknown): string {
  return digest instanceof Uint8Array ? Buffer.from(digest).toString("hex") : "";
}

type SessionReader = "read" | "readTape" | "loadSnapshot" | "findSession" | "listSessions" | "listPending";

/** Where a session stands is read from its last event, so that an append need not touch another row. */
const sessionColumns = `
  session_id AS id, name, goal, workspace, status, agent, created_at AS createdAt,
  (SELECT ts FROM events e WHERE e.session_id = s.session_id ORDER BY seq DESC LIMIT 1) AS updatedAt,
  (SELECT seq FROM events e WHERE e.session_id = s.session_id ORDER BY seq DESC LIMIT 1) AS seq
  FROM sessions s`;

const eventColumns = "seq, run_id, task_id, actor, type, ts, cause, payload FROM events";

function sessionReaders(prepare: Prepare): Pick<Handlers, SessionReader> {
  return {
    read: ({ sessionId, query: { after = 0, limit = -1, taskId } }) => {
      const ofTask = taskId === undefined ? "" : "AND task_id = ?4";
      const statement = prepare(`SELECT ${eventColumns} WHERE session_id = ?1 AND seq > ?2 ${ofTask} ORDER BY seq LIMIT ?3`);
      const values = taskId === undefined ? [sessionId, after, limit] : [sessionId, after, limit, taskId];
      return statement.all(...values).map((row) => Object.values(row) as EventRow);
    },
    readTape: ({ sessionId }) => ({
      parts: prepare("SELECT part FROM events JOIN tape USING (key) WHERE session_id = ? ORDER BY seq")
        .all(sessionId)
        .map((row) => String(row["part"])),
      digests: prepare("SELECT digest FROM events WHERE session_id = ? ORDER BY seq")
        .all(sessionId)
        .map((row) => hexOf(row["digest"])),
    }),
    loadSnapshot: ({ sessionId }) => {
      const row = prepare("SELECT seq, state FROM snapshots WHERE session_id = ?").get(sessionId);
      return row && { seq: Number(row["seq"]), state: String(row["state"]) };
    },
    findSession: ({ idOrName }) => {
      const byId = prepare(`SELECT ${sessionColumns} WHERE session_id = ?`).get(idOrName);
      const row = byId ?? prepare(`SELECT ${sessionColumns} WHERE name = ? ORDER BY key DESC LIMIT 1`).get(idOrName);
      return row && asSession(prepare, row);
    },
    listSessions: ({ workspace, limit = -1 }) => {
      const within = workspace === undefined ? "" : "WHERE workspace = ?2";
      const statement = prepare(`SELECT ${sessionColumns} ${within} ORDER BY key DESC LIMIT ?1`);
      const rows = workspace === undefined ? statement.all(limit) : statement.all(limit, workspace);
      return rows.map((row) => asSession(prepare, row));
    },
    listPending: () =>
      prepare(
        `SELECT 'approval' AS kind, id, session_id AS sessionId, summary, at FROM approvals WHERE decision IS NULL
         UNION ALL SELECT 'interrupt', id, session_id, summary, at FROM interrupts WHERE decision IS NULL ORDER BY at`,
      )
        .all()
        .map((row) => ({ ...row }) as Operations["listPending"]["out"][number]),
  };
}

/** A session that was running when its process ended is interrupted, though nobody could record that. */
function asSession(prepare: Prepare, row: Row): SessionRow {
  const session = { ...row } as SessionRow;
  return session.status === "running" && !livingHolder(prepare, session.id, "") ? { ...session, status: "interrupted" } : session;
}

type ContentReader = "getArtifact" | "getDocument" | "queryDocuments" | "queryFacts";

function contentReaders(prepare: Prepare): Pick<Handlers, ContentReader> {
  return {
    getArtifact: ({ hash }) => prepare("SELECT content FROM artifacts WHERE hash = ?").get(hash)?.["content"] as Uint8Array | undefined,
    getDocument: ({ id }) => prepare("SELECT body FROM documents WHERE id = ?").get(id)?.["body"] as string | undefined,
    queryDocuments: (query) => findDocuments(prepare, query),
    queryFacts: (input) => findFacts(prepare, input),
  };
}

function findDocuments(prepare: Prepare, query: Operations["queryDocuments"]["in"]): StoredDocument[] {
  const { limit = Infinity, offset = 0 } = query;
  const matches = documentMatcher(query);
  const found: StoredDocument[] = [];
  for (const { body } of prepare("SELECT body FROM documents ORDER BY rowid DESC").iterate()) {
    if (found.length >= offset + limit) break;
    const document = JSON.parse(String(body)) as StoredDocument;
    if (matches(document)) found.push(document);
  }
  return found.slice(offset);
}

function findFacts(prepare: Prepare, { sessionId, query }: Operations["queryFacts"]["in"]): StoredFact[] {
  const { text, tags, now } = query;
  const wanted = wordsOf(text ?? "");
  const matching = wanted.length === 0 ? "" : "AND key IN (SELECT rowid FROM fact_words WHERE words MATCH ?3)";
  const statement = prepare(
    `SELECT id, session_id AS sessionId, actor, statement, tags, confidence, expires_at AS expiresAt, at FROM facts
     WHERE session_id = ?1 AND (expires_at IS NULL OR expires_at > ?2) ${matching} ORDER BY key`,
  );
  // Words are letters and digits only, so quoting them is enough; each may be the beginning of a longer one.
  const values = wanted.length === 0 ? [sessionId, now] : [sessionId, now, wanted.map((word) => `"${word}"*`).join(" ")];
  const facts = statement.all(...values).map((row) => factOf(row));
  return facts.filter((fact) => hasTags(fact.tags, tags));
}

function factOf({ confidence, expiresAt, tags, ...rest }: Row): StoredFact {
  return {
    ...rest,
    tags: JSON.parse(tags as string) as string[],
    ...(confidence === null ? {} : { confidence }),
    ...(expiresAt === null ? {} : { expiresAt }),
  } as StoredFact;
}
