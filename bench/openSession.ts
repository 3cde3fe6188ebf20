// One process of opening.ts: gets a session's state by the product or by the floor, and says how long that took since
// the process began.

import nodeModule from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Milliseconds from the process's start until the state was there, and of the load alone; resident bytes; the newest seq. */
export type Opening = { ready: number; load: number; bytes: number; events: number };

const [side, dataDir = ""] = process.argv.slice(2);
const opening = side === "floor" ? byFloor() : await byUs();
process.stdout.write(JSON.stringify(opening));

function byFloor(): Opening {
  const began = performance.now();
  const db = new DatabaseSync(join(dataDir, "store.db"));
  const { seq, state } = db.prepare("SELECT seq, state FROM snapshots").get() as { seq: number; state: string };
  const snapshot = JSON.parse(state) as { seq: number };
  const tail = db.prepare("SELECT seq, payload FROM events WHERE session_id = 's_bench' AND seq > ? ORDER BY seq").all(seq);
  for (const { payload } of tail) JSON.parse(payload as string);
  const ready = performance.now();
  db.close();
  const events = Number(tail.at(-1)?.["seq"] ?? snapshot.seq);
  return { ready, load: ready - began, bytes: process.memoryUsage.rss(), events };
}

async function byUs(): Promise<Opening> {
  // As the program itself does first of all.
  nodeModule.enableCompileCache();
  const { createRuntime } = await import("../src/runtime/runtime.ts");
  const runtime = await createRuntime({ env: { AO_DATA_DIR: dataDir }, attended: false });
  const began = performance.now();
  const state = await runtime.engine.state("s_bench");
  const ready = performance.now();
  const bytes = process.memoryUsage.rss();
  await runtime.close();
  return { ready, load: ready - began, bytes, events: state?.seq ?? 0 };
}
