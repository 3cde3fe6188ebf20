// (c) Coming back: a session's state in a process that has just started, whatever the length of its record. The product
// is bundled for this as it is shipped; the floor reads a snapshot and its tail with node:sqlite alone.

import { execFile } from "node:child_process";
import { copyFileSync, cpSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { EventDraft } from "../src/protocol/events.ts";
import { createSessionLog } from "../src/core/sessionLog.ts";
import { nodeClock, nodeIds } from "../src/runtime/nodePorts.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";
import { compare, kib, median, ms, type Row, times } from "./figures.ts";
import type { Opening } from "./openSession.ts";
import type { Setting } from "./setting.ts";

const sizes = [1_000, 10_000, 100_000];
const root = fileURLToPath(new URL("..", import.meta.url));

export async function measureOpening(setting: Setting): Promise<Row[]> {
  const program = await bundle(setting.folder("program"));
  const rows: Row[] = [];
  for (const size of sizes) {
    const dataDir = setting.folder("record");
    await recordSession(dataDir, size);
    const seen: Record<"floor" | "ours", Opening[]> = { floor: [], ours: [] };
    const open = async (side: "floor" | "ours"): Promise<number> => {
      const opening = await openIn(program, side, dataDir);
      if (opening.events !== size) throw new Error(`a session of ${size} events came back with ${opening.events}`);
      seen[side].push(opening);
      return opening.ready;
    };
    await open("ours");
    const ready = await compare(
      setting.rounds(7),
      () => open("floor"),
      () => open("ours"),
    );
    const part = (side: "floor" | "ours", key: keyof Opening): number =>
      median(seen[side].slice(side === "ours" ? 1 : 0).map((one) => one[key]));
    const load = { ours: part("ours", "load"), floor: part("floor", "load") };
    const name = size.toLocaleString("en-US");
    rows.push({
      what: `c  load ${name} events`,
      ours: ms(load.ours),
      floor: ms(load.floor),
      ratio: times(load.ours / load.floor),
      goal: "≤ 5 ms",
    });
    rows.push({
      what: "c  … ready, from process start",
      ours: ms(ready.ours),
      floor: ms(ready.floor),
      ratio: times(ready.ratio),
      goal: "≤ 150 ms",
    });
    const memory = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    rows.push({
      what: "c  … resident memory",
      ours: memory(part("ours", "bytes")),
      floor: memory(part("floor", "bytes")),
      ratio: "",
      goal: "",
    });
    const disk = diskOf(join(dataDir, "store.db"));
    rows.push({
      what: "c  … on disk per event",
      ours: kib(disk.file / size),
      floor: kib(disk.content / size),
      ratio: times(disk.file / disk.content),
      goal: "",
    });
  }
  return rows;
}

/** What the closed file takes, and what of it are the events' own words. */
function diskOf(file: string): { file: number; content: number } {
  const db = new DatabaseSync(file, { readOnly: true });
  const lengths = "octet_length(payload) + octet_length(type) + octet_length(actor) + octet_length(ts) + octet_length(run_id)";
  const content = Number(db.prepare(`SELECT sum(${lengths}) AS bytes FROM events`).get()?.["bytes"]);
  db.close();
  return { file: statSync(file).size, content };
}

async function bundle(folder: string): Promise<string> {
  const banner = 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';
  await build({
    absWorkingDir: root,
    entryPoints: { openSession: "bench/openSession.ts", storeWorker: "src/store/sqliteWorker.ts" },
    outdir: folder,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    splitting: true,
    banner: { js: banner },
    logLevel: "warning",
  });
  cpSync(join(root, "agents"), join(folder, "agents"), { recursive: true });
  copyFileSync(join(root, "package.json"), join(folder, "package.json"));
  return join(folder, "openSession.js");
}

async function openIn(program: string, side: "floor" | "ours", dataDir: string): Promise<Opening> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, side, dataDir]);
  return JSON.parse(stdout) as Opening;
}

/** Written by the product's own log, with its snapshots; the events of ordinary turns. */
async function recordSession(dataDir: string, size: number): Promise<void> {
  const store = await openSqliteStore({ file: join(dataDir, "store.db") });
  const sessionId = "s_bench";
  const fail = (error: Error): never => {
    throw error;
  };
  const log = createSessionLog({ store, clock: nodeClock }, { sessionId, state: undefined, runId: nodeIds.next("r"), onBroken: fail });
  log.append(...beginning(sessionId, dataDir));
  for (let turn = 0; log.state.seq < size; turn++) {
    log.append(...turnEvents(turn).slice(0, size - log.state.seq));
    if (turn % 100 === 0) await log.durable();
  }
  await log.durable();
  await store.close();
}

const taskId = "t_bench";
const about = { actor: "bench-reader", taskId } as const;

function beginning(sessionId: string, workspace: string): EventDraft[] {
  const budget = { usd: 1, tokens: 1, turns: 1, minutes: 1, depth: 1, parallel: 1 };
  const config = {
    model: "demo",
    models: [],
    workflow: "auto",
    agent: "coordinator",
    level: "bypass",
    budget,
    apply: false,
    yesTo: [],
    ask: false,
    modelOverrides: true,
  } as const;
  const at = nodeClock.now();
  const task = { id: taskId, sessionId, goal: "Read", status: "running", input: {}, createdAt: at, updatedAt: at } as const;
  const workflow = { id: "auto", description: "", review: { below: 0, rounds: 0, auto: false }, checkRounds: 0 };
  return [
    {
      type: "session.created",
      actor: "user",
      payload: { name: "bench", goal: "Read", workspace, config: { ...config, models: [], yesTo: [] } },
    },
    { type: "run.started", actor: "user", payload: { prompt: "Read", workflow, rootTask: taskId } },
    { type: "task.created", actor: "user", taskId, payload: { task, writable: false } },
  ];
}

function turnEvents(turn: number): EventDraft[] {
  const turnId = `u_${turn}` as const;
  const callId = `c_${turn}` as const;
  const usage = { input: 900, output: 60, cacheRead: 0, cacheWrite: 0 };
  const call = { callId, turnId, tool: "filesystem__read_file" };
  const content = [{ type: "text" as const, text: "I read the next note." }];
  return [
    { type: "turn.started", ...about, payload: { turnId, model: "demo", attempt: 1, contextHash: `sha256:${"0".repeat(64)}` } },
    { type: "turn.ended", ...about, payload: { turnId, model: "demo", stop: "calls", usage, costUsd: 0.001, durationMs: 2 } },
    { type: "message", ...about, payload: { role: "assistant", content, turnId } },
    { type: "call.started", ...about, payload: { ...call, arguments: { path: `notes/${turn}.md` } } },
    {
      type: "call.ended",
      ...about,
      payload: { callId, tool: call.tool, result: { ok: true, content: "A note. ".repeat(100) }, durationMs: 1 },
    },
  ];
}
