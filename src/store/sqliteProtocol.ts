// What the main thread asks of the store's worker and what comes back: plain data, strings where possible, so that
// passing it between threads is cheap.

import type { EventQuery, SessionRow, StoredDocument, StoredFact, StorePort } from "../core/ports.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { EventRow, TapeRow } from "./eventRows.ts";
import type { StoreFailureCode } from "./failure.ts";
import type { Holder } from "./leases.ts";
import type { Change } from "./readModels.ts";

export type Operations = {
  /** `epoch`: that of the lease under which it is written, if there is one. */
  append: {
    in: { sessionId: SessionId; rows: EventRow[]; changes: Change[]; tape: TapeRow[]; epoch?: number | undefined };
    out: undefined;
  };
  saveSnapshot: { in: { sessionId: SessionId; seq: number; state: string }; out: undefined };
  deleteSession: { in: { sessionId: SessionId }; out: boolean };
  takeLease: {
    in: { sessionId: SessionId; holder: Holder; takeOver: boolean };
    out: { taken: true; epoch: number } | { taken: false; by: string };
  };
  dropLease: { in: { sessionId: SessionId; owner: string }; out: undefined };
  leasedBy: { in: { sessionId: SessionId; owner: string }; out: string | undefined };
  post: { in: { sessionId: SessionId; command: string }; out: undefined };
  collect: { in: { sessionId: SessionId; epoch: number | undefined }; out: string[] };
  putArtifact: { in: { hash: string; content: Uint8Array }; out: undefined };
  putDocument: { in: { id: string; body: string }; out: undefined };
  deleteDocument: { in: { id: string }; out: boolean };
  read: { in: { sessionId: SessionId; query: EventQuery }; out: EventRow[] };
  readTape: { in: { sessionId: SessionId }; out: { parts: string[]; digests: string[] } };
  loadSnapshot: { in: { sessionId: SessionId }; out: { seq: number; state: string } | undefined };
  findSession: { in: { idOrName: string }; out: SessionRow | undefined };
  listSessions: { in: { workspace?: string; limit?: number }; out: SessionRow[] };
  listPending: { in: Record<string, never>; out: Awaited<ReturnType<StorePort["listPending"]>> };
  getArtifact: { in: { hash: string }; out: Uint8Array | undefined };
  getDocument: { in: { id: string }; out: string | undefined };
  queryDocuments: { in: Parameters<StorePort["queryDocuments"]>[0]; out: StoredDocument[] };
  queryFacts: { in: { sessionId: SessionId; query: Parameters<StorePort["queryFacts"]>[1] }; out: StoredFact[] };
};

export type Operation = keyof Operations;

/** What changes the database, and therefore shares a transaction with what is asked at the same time. */
export const writes: ReadonlySet<Operation> = new Set([
  "append",
  "saveSnapshot",
  "deleteSession",
  "takeLease",
  "dropLease",
  "post",
  "collect",
  "putArtifact",
  "putDocument",
  "deleteDocument",
]);

export type Request = { [K in Operation]: { operation: K; input: Operations[K]["in"] } }[Operation];

export type Fault = { code: StoreFailureCode | "conflict"; message: string };

export type Answer = { ok: true; value: unknown } | { ok: false; fault: Fault };

export type ToWorker = Request[] | "close";
export type FromWorker = { kind: "ready"; said?: string } | { kind: "refused"; fault: Fault } | { kind: "answers"; answers: Answer[] };

/** `check`: the file is looked through and nothing is served. */
export type WorkerOptions = { file: string; check?: boolean };
