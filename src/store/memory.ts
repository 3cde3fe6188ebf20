// A store that forgets: for tests and for sessions that nobody wants to keep. It serialises what it is given, so that
// it behaves as the one on disk does and nobody can change what was recorded.

import { createHash } from "node:crypto";
import type { SessionRow, Snapshot, StoredDocument, StoredFact, StorePort } from "../core/ports.ts";
import type { ContentHash, SessionId } from "../protocol/ids.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { type TapePart, unpacked } from "../protocol/tape.ts";
import { digestOf } from "./digests.ts";
import { conflict, eventOfRow, type EventRow, eventRows, type TapeRow, tapeRows } from "./eventRows.ts";
import { StoreFailure } from "./failure.ts";
import { documentMatcher, factMatches } from "./matching.ts";
import { type Change, changesOf } from "./readModels.ts";

type Pending = Awaited<ReturnType<StorePort["listPending"]>>[number];

type Log = {
  row: SessionRow;
  order: number;
  events: EventRow[];
  digests: string[];
  tape: TapeRow[];
  snapshot?: { seq: number; json: string };
  facts: Map<string, StoredFact>;
};

type Memory = {
  logs: Map<SessionId, Log>;
  pending: Map<string, Pending>;
  artifacts: Map<ContentHash, Uint8Array>;
  documents: Map<string, string>;
  inbox: Map<SessionId, string[]>;
  created: number;
  epoch: number;
  closed: boolean;
};

export function createMemoryStore(): StorePort {
  const memory: Memory = {
    logs: new Map(),
    pending: new Map(),
    artifacts: new Map(),
    documents: new Map(),
    inbox: new Map(),
    created: 0,
    epoch: 0,
    closed: false,
  };
  const open = <A extends unknown[], R>(work: (...args: A) => R): ((...args: A) => Promise<R>) => {
    // oxlint-disable-next-line require-await -- a fault must reject, never throw
    return async (...args) => {
      if (memory.closed) throw new StoreFailure("closed", "the store is closed");
      return work(...args);
    };
  };
  return {
    ...sessionMethods(memory, open),
    ...contentMethods(memory, open),
    ...leaseMethods(memory, open),
    close: () => {
      memory.closed = true;
      return Promise.resolve();
    },
  };
}

type Opener = <A extends unknown[], R>(work: (...args: A) => R) => (...args: A) => Promise<R>;
type SessionMethod =
  | "append"
  | "read"
  | "readTape"
  | "saveSnapshot"
  | "loadSnapshot"
  | "findSession"
  | "listSessions"
  | "deleteSession"
  | "listPending"
  | "queryFacts";

function sessionMethods(memory: Memory, open: Opener): Pick<StorePort, SessionMethod> {
  return {
    append: open((sessionId, events, tape) => append(memory, sessionId, events, tape)),
    readTape: open((sessionId) => {
      const { tape = [], digests = [] } = memory.logs.get(sessionId) ?? {};
      return { parts: tape.map(([, part]) => unpacked(JSON.parse(part))), digests: [...digests] };
    }),
    read: open((sessionId, { after = 0, limit = Infinity, taskId } = {}) => {
      const rows = memory.logs.get(sessionId)?.events.slice(after) ?? [];
      const wanted = taskId === undefined ? rows : rows.filter((row) => row[2] === taskId);
      return wanted.slice(0, limit).map((row) => eventOfRow(sessionId, row));
    }),
    saveSnapshot: open((sessionId, { seq, state }) => {
      const log = memory.logs.get(sessionId);
      if (log && (log.snapshot?.seq ?? 0) <= seq) log.snapshot = { seq, json: JSON.stringify(state) };
    }),
    loadSnapshot: open((sessionId) => {
      const snapshot = memory.logs.get(sessionId)?.snapshot;
      return snapshot && { seq: snapshot.seq, state: JSON.parse(snapshot.json) as Snapshot["state"] };
    }),
    findSession: open((idOrName) => {
      const log = memory.logs.get(idOrName) ?? newestFirst(memory).find(({ row }) => row.name === idOrName);
      return log && { ...log.row };
    }),
    listSessions: open(({ workspace, limit = Infinity } = {}) =>
      newestFirst(memory)
        .filter(({ row }) => workspace === undefined || row.workspace === workspace)
        .slice(0, limit)
        .map(({ row }) => ({ ...row })),
    ),
    deleteSession: open((sessionId) => {
      for (const [key, entry] of memory.pending) if (entry.sessionId === sessionId) memory.pending.delete(key);
      return memory.logs.delete(sessionId);
    }),
    listPending: open(() => [...memory.pending.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))),
    queryFacts: open((sessionId, query) =>
      [...(memory.logs.get(sessionId)?.facts.values() ?? [])]
        .filter((fact) => factMatches(fact, query))
        .map((fact) => ({ ...fact, tags: [...fact.tags] })),
    ),
  };
}

/** Memory belongs to one process, so whoever asks for a lease has it. */
function leaseMethods(memory: Memory, open: Opener): Pick<StorePort, "takeLease" | "dropLease" | "leasedBy" | "post" | "collect"> {
  return {
    takeLease: open((_sessionId) => ({ taken: true as const, epoch: ++memory.epoch })),
    dropLease: open((_sessionId) => undefined),
    leasedBy: open((_sessionId) => undefined),
    post: open((sessionId, command) => void memory.inbox.set(sessionId, [...(memory.inbox.get(sessionId) ?? []), command])),
    collect: open((sessionId) => {
      const left = memory.inbox.get(sessionId) ?? [];
      memory.inbox.delete(sessionId);
      return left;
    }),
  };
}

type ContentMethod = "putArtifact" | "getArtifact" | "putDocument" | "getDocument" | "queryDocuments" | "deleteDocument";

function contentMethods(memory: Memory, open: Opener): Pick<StorePort, ContentMethod> {
  return {
    putArtifact: open((content) => {
      const bytes = Buffer.from(content);
      const hash: ContentHash = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      memory.artifacts.set(hash, bytes);
      return { hash, bytes: bytes.length };
    }),
    getArtifact: open((hash) => {
      const bytes = memory.artifacts.get(hash);
      return bytes && Uint8Array.from(bytes);
    }),
    putDocument: open((document) => {
      memory.documents.delete(document.id);
      memory.documents.set(document.id, JSON.stringify(document));
    }),
    getDocument: open((id) => {
      const json = memory.documents.get(id);
      return json === undefined ? undefined : document(json);
    }),
    queryDocuments: open((query) => {
      const { limit = Infinity, offset = 0 } = query;
      const found = [...memory.documents.values()].reverse().map(document).filter(documentMatcher(query));
      return found.slice(offset, offset + limit);
    }),
    deleteDocument: open((id) => memory.documents.delete(id)),
  };
}

function document(json: string): StoredDocument {
  return JSON.parse(json) as StoredDocument;
}

function newestFirst(memory: Memory): Log[] {
  return [...memory.logs.values()].sort((a, b) => b.order - a.order);
}

function append(memory: Memory, sessionId: SessionId, events: TraceEvent[], tape: TapePart[] = []): void {
  const rows = eventRows(sessionId, events);
  const [first, last] = [events[0], events.at(-1)];
  if (!first || !last) return;
  const known = memory.logs.get(sessionId);
  const at = known?.events.length ?? 0;
  if (first.seq !== at + 1) throw conflict(sessionId, first.seq, at);
  const log = known ?? newLog(memory, sessionId);
  const parts = tapeRows(tape);
  for (const row of rows) log.digests.push(digestOf(log.digests.at(-1) ?? "", row, parts.find(([seq]) => seq === row[0])?.[1]));
  log.events.push(...rows);
  log.tape.push(...parts);
  for (const event of events) for (const change of changesOf(event)) apply(memory, log, change);
  log.row.seq = last.seq;
  log.row.updatedAt = last.timestamp;
}

function newLog(memory: Memory, id: SessionId): Log {
  const row = { id, name: "", goal: "", workspace: "", status: "created", agent: "", createdAt: "", updatedAt: "", seq: 0 };
  const log: Log = { row, order: memory.created++, events: [], digests: [], tape: [], facts: new Map() };
  memory.logs.set(id, log);
  return log;
}

/** Tasks, checkpoints and messages have no query yet: only what can be asked for is kept. */
function apply(memory: Memory, log: Log, change: Change): void {
  const { row } = log;
  switch (change.kind) {
    case "session.put": {
      const { name, goal, workspace, status, agent, at } = change;
      Object.assign(row, { name, goal, workspace, status, agent, createdAt: at });
      return;
    }
    case "session.name":
      row.name = change.name;
      return;
    case "session.status":
      row.status = change.status;
      return;
    case "approval.put":
    case "interrupt.put": {
      const kind = change.kind === "approval.put" ? "approval" : "interrupt";
      memory.pending.set(`${row.id} ${change.id}`, { kind, id: change.id, sessionId: row.id, summary: change.summary, at: change.at });
      return;
    }
    case "approval.end":
    case "interrupt.end":
      memory.pending.delete(`${row.id} ${change.id}`);
      return;
    case "fact.put":
      log.facts.set(change.id, factOf(row.id, change));
      return;
    default:
      return;
  }
}

function factOf(sessionId: SessionId, change: Extract<Change, { kind: "fact.put" }>): StoredFact {
  const { id, actor, statement, confidence, expiresAt, at } = change;
  return {
    id,
    sessionId,
    actor,
    statement,
    tags: JSON.parse(change.tags) as string[],
    ...(confidence === null ? {} : { confidence }),
    ...(expiresAt === null ? {} : { expiresAt }),
    at,
  };
}
