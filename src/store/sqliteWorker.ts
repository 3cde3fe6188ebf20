// The store's own thread: the only place that touches the database. One batch of requests is one transaction, so that
// everything asked at the same time shares one wait for the disk. Imported by nobody: it is an entry of its own.

import { existsSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { damaged, faultOf } from "./sqliteFaults.ts";
import { createHandlers, type Handlers } from "./sqliteHandlers.ts";
import { openStore, type OpenStore } from "./sqliteOpen.ts";
import { type Answer, type Fault, type FromWorker, type Request, type ToWorker, type WorkerOptions, writes } from "./sqliteProtocol.ts";
import { isMarkedDamaged, leave, markDamaged, unsweptMark } from "./storeFiles.ts";

const port = parentPort;
if (!port) throw new Error("the store's worker is started by the store only");
const tell = (message: FromWorker): void => port.postMessage(message);

const { file, check } = workerData as WorkerOptions;
try {
  if (check) {
    (await import("./sqliteCheck.ts")).checkStore(file);
    port.close();
  } else {
    const store = await openStore(file);
    serve(store);
    tell({ kind: "ready", ...(store.said === undefined ? {} : { said: store.said }) });
  }
} catch (error) {
  tell({ kind: "refused", fault: faultOf(error) });
  port.close();
}

function serve({ db, door, readOnly }: OpenStore): void {
  const all = createHandlers(db);
  // A newer program's snapshot may be of another form: there, state follows from the events alone.
  const handlers: Handlers = readOnly ? { ...all, loadSnapshot: () => undefined } : all;
  const refused = (): Fault | undefined => readOnly ?? (isMarkedDamaged(file) ? damaged : undefined);
  port?.on("message", (message: ToWorker) => {
    if (message === "close") {
      const isLast = !readOnly && existsSync(unsweptMark(file)) && door.lock(0);
      void (isLast ? sweepOnce(db) : Promise.resolve()).then(() => {
        db.close();
        door.close();
        port.close();
      });
    } else {
      // First the mark: what is removed is removed for good, whatever ends this program.
      if (!readOnly && message.some(({ operation }) => operation === "deleteSession")) leave(unsweptMark(file));
      const answers = answerAll({ db, handlers, refused }, message);
      if (!readOnly && answers.some((one) => !one.ok && one.fault.code === "corrupt")) markDamaged(file);
      tell({ kind: "answers", answers });
    }
  });
}

/** What keeps it from being done is tried again by whoever is the last to close the store another time. */
async function sweepOnce(db: DatabaseSync): Promise<void> {
  try {
    (await import("./sweep.ts")).sweep(db);
    rmSync(unsweptMark(file), { force: true });
  } catch (error) {
    if (faultOf(error).code === "corrupt") markDamaged(file);
  }
}

type Served = {
  db: DatabaseSync;
  handlers: Handlers;
  /** Why nothing may be changed: a newer program's, or damage, whoever met it: nothing is added to what will be set aside (A3). */
  refused: () => Fault | undefined;
};

/** Writes first, in one transaction; then reads, which see them. Answers come in the order of the requests. */
function answerAll(served: Served, batch: Request[]): Answer[] {
  const changing = batch.filter((request) => writes.has(request.operation));
  const written = changing.length === 0 ? [] : transaction(served, changing);
  return batch.map((request) => (writes.has(request.operation) ? written.shift()! : answer(served.handlers, request)));
}

function transaction({ db, handlers, refused }: Served, requests: Request[]): Answer[] {
  const fault = refused();
  if (fault) return requests.map(() => ({ ok: false, fault }));
  try {
    db.exec("BEGIN IMMEDIATE");
    // Alone, a request that fails takes the transaction with it; among others it must not.
    const answers = requests.length === 1 ? [{ ok: true as const, value: run(handlers, requests[0]!) }] : apart(db, handlers, requests);
    db.exec("COMMIT");
    return answers;
  } catch (error) {
    const fault = faultOf(error);
    rollBack(db);
    return requests.map(() => ({ ok: false, fault }));
  }
}

function apart(db: DatabaseSync, handlers: Handlers, requests: Request[]): Answer[] {
  return requests.map((request) => {
    db.exec("SAVEPOINT one");
    const result = answer(handlers, request);
    // A full disk may have ended the whole transaction: then nothing of the batch was kept.
    if (!result.ok && !db.isTransaction) throw Object.assign(new Error(result.fault.message), { fault: result.fault });
    db.exec(result.ok ? "RELEASE one" : "ROLLBACK TO one; RELEASE one");
    return result;
  });
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec("ROLLBACK");
  } catch {
    // The fault that led here is the one to tell; SQLite rolls back by itself what it cannot here.
  }
}

function answer(handlers: Handlers, request: Request): Answer {
  try {
    return { ok: true, value: run(handlers, request) };
  } catch (error) {
    return { ok: false, fault: faultOf(error) };
  }
}

function run(handlers: Handlers, request: Request): unknown {
  const handler = handlers[request.operation] as (input: Request["input"]) => unknown;
  return handler(request.input);
}
