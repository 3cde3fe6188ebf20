// The store on disk, seen from the main thread: it serialises, gathers what is asked at the same time into one message,
// and hands out the answers. The database itself is in the worker (sqliteWorker.ts).

import { createHash } from "node:crypto";
import type { SessionRow, Snapshot, StoredDocument, StorePort } from "../core/ports.ts";
import type { ContentHash, SessionId } from "../protocol/ids.ts";
import { StoreFailure } from "./failure.ts";
import { eventOfRow, eventRows, tapeRows } from "./eventRows.ts";
import { unpacked } from "../protocol/tape.ts";
import { thisHolder } from "./leases.ts";
import { changesOf } from "./readModels.ts";
import { checkBeside, type Connection, openConnection } from "./sqliteConnection.ts";
import { isCheckDue } from "./storeFiles.ts";

const retryMs = 1_000;

export type SqliteOptions = {
  file: string;
  /** For bundles that keep the worker elsewhere. */
  workerUrl?: URL;
  /** Told what the person should know of how it was opened: what was recovered of a damaged store. */
  say?: (line: string) => void;
  /** How long it has to be open before it is looked through for damage, if that is due. */
  checkAfterMs?: number;
};

/** Rejects with a StoreFailure when the database cannot be used. */
export async function openSqliteStore(options: SqliteOptions): Promise<StorePort> {
  const { file, workerUrl = defaultWorkerUrl(), say = () => {}, checkAfterMs = 20_000 } = options;
  const connection = await openConnection(workerUrl, { file }, say);
  const endCheck = checkLater(workerUrl, file, checkAfterMs);
  const { call } = connection;
  const { epochOf, asHeld, ...leases } = leasing(call);
  return {
    append: async (sessionId, events, tape = []) => {
      if (events.length === 0) return;
      const rows = eventRows(sessionId, events);
      const changes = events.flatMap((event) => changesOf(event));
      await call("append", { sessionId, rows, changes, tape: tapeRows(tape), epoch: epochOf(sessionId) });
    },
    readTape: async (sessionId) => {
      const { parts, digests } = await call("readTape", { sessionId });
      return { parts: parts.map((part) => unpacked(JSON.parse(part))), digests };
    },
    read: async (sessionId, query = {}) => {
      const rows = await call("read", { sessionId, query });
      return rows.map((row) => eventOfRow(sessionId, row));
    },
    saveSnapshot: async (sessionId, { seq, state }) => await call("saveSnapshot", { sessionId, seq, state: JSON.stringify(state) }),
    loadSnapshot: async (sessionId) => {
      const row = await call("loadSnapshot", { sessionId });
      return row && { seq: row.seq, state: JSON.parse(row.state) as Snapshot["state"] };
    },
    findSession: async (idOrName) => {
      const session = await call("findSession", { idOrName });
      return session && asHeld(session);
    },
    listSessions: async (query = {}) => (await call("listSessions", query)).map(asHeld),
    deleteSession: async (sessionId) => await call("deleteSession", { sessionId }),
    listPending: async () => await call("listPending", {}),
    ...leases,
    post: async (sessionId, command) => await call("post", { sessionId, command }),
    collect: async (sessionId) => await call("collect", { sessionId, epoch: epochOf(sessionId) }),
    putArtifact: async (content) => {
      const bytes = Buffer.from(content);
      const hash: ContentHash = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      await call("putArtifact", { hash, content: bytes });
      return { hash, bytes: bytes.length };
    },
    getArtifact: async (hash) => await call("getArtifact", { hash }),
    putDocument: async (document) => await call("putDocument", { id: document.id, body: JSON.stringify(document) }),
    getDocument: async (id) => {
      const body = await call("getDocument", { id });
      return body === undefined ? undefined : (JSON.parse(body) as StoredDocument);
    },
    queryDocuments: async (query) => await call("queryDocuments", query),
    deleteDocument: async (id) => await call("deleteDocument", { id }),
    queryFacts: async (sessionId, query) => await call("queryFacts", { sessionId, query }),
    close: async () => {
      endCheck();
      await connection.close();
    },
  };
}

/** No start waits for it, and a program that ends soon does not begin with it. */
function checkLater(workerUrl: URL, file: string, afterMs: number): () => void {
  let end = (): void => {};
  const timer = setTimeout(() => {
    if (isCheckDue(file)) end = checkBeside(workerUrl, file);
  }, afterMs).unref();
  return () => {
    clearTimeout(timer);
    end();
  };
}

type Leasing = Pick<StorePort, "takeLease" | "dropLease" | "leasedBy"> & {
  /** Of the lease that was taken here and not given back, whatever others have done with it since. */
  epochOf: (sessionId: SessionId) => number | undefined;
  asHeld: (session: SessionRow) => SessionRow;
};

/**
 * A lease that is given up on a disk that cannot be written now holds nobody up here, and other programs learn that the
 * session is free as soon as it can be written.
 */
function leasing(call: Connection["call"]): Leasing {
  const holder = thisHolder();
  const { owner } = holder;
  const epochs = new Map<SessionId, number>();
  const givenUp = new Map<SessionId, NodeJS.Timeout | undefined>();
  const drop = async (sessionId: SessionId): Promise<void> => {
    givenUp.set(sessionId, undefined);
    epochs.delete(sessionId);
    try {
      await call("dropLease", { sessionId, owner });
      givenUp.delete(sessionId);
    } catch (error) {
      if (error instanceof StoreFailure && error.code === "closed") givenUp.delete(sessionId);
      if (givenUp.has(sessionId)) givenUp.set(sessionId, setTimeout(() => void drop(sessionId).catch(() => undefined), retryMs).unref());
      throw error;
    }
  };
  return {
    takeLease: async (sessionId, takeOver = false) => {
      clearTimeout(givenUp.get(sessionId));
      givenUp.delete(sessionId);
      const lease = await call("takeLease", { sessionId, holder, takeOver });
      if (lease.taken) epochs.set(sessionId, lease.epoch);
      return lease;
    },
    epochOf: (sessionId) => epochs.get(sessionId),
    dropLease: drop,
    leasedBy: async (sessionId) => await call("leasedBy", { sessionId, owner }),
    asHeld: (session) => (session.status === "running" && givenUp.has(session.id) ? { ...session, status: "interrupted" } : session),
  };
}

function defaultWorkerUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./sqliteWorker.ts" : "./storeWorker.js", import.meta.url);
}
