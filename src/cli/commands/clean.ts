// `ao clean`: removes old sessions with their record and gives the space back. What runs, waits for a person or has changes
// that wait stays, however old.

import type { SessionRow } from "../../core/ports.ts";
import { standingOf } from "../../protocol/landed.ts";
import { loadState, recordBytes } from "../../runtime/record.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Io } from "../command.ts";
import { text } from "../command.ts";
import { counted, mib } from "../format.ts";
import { withRuntime } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";

const dayMs = 24 * 3_600_000;

export const cleanCommand: Command = {
  name: "clean",
  args: "--older-than 90d [--dry-run]",
  summary: "Remove old sessions and give their space back; what runs or waits for you stays",
  options: {
    "older-than": { type: "string", value: "DAYS", describe: "sessions with nothing new since then, for instance 90d" },
    "dry-run": { type: "boolean", describe: "only tell what would be removed" },
  },
  arity: [0, 0],
  run: async ({ values, io }) => {
    const days = daysOf(text(values, "older-than"));
    const before = recordBytes(io.env);
    const dry = values["dry-run"] === true;
    const removed = await withRuntime(io, {}, (runtime) => clean(runtime, io, days, dry));
    if (dry || removed === 0) return exit.done;
    const after = recordBytes(io.env);
    io.out(`The record takes ${mib(after.bytes)}; before, ${mib(before.bytes)}.`);
    if (after.unswept) io.out("Another program has it open: the rest of the space is given back when the last one ends.");
    return exit.done;
  },
};

function daysOf(asked: string | undefined): number {
  const days = /^(\d{1,5})d?$/.exec(asked ?? "")?.[1];
  if (days === undefined)
    throw new CommandError("say how old: ao clean --older-than 90d; with --dry-run it only tells what it would remove");
  return Number(days);
}

/** Answers how many were removed, or would be. */
async function clean(runtime: Runtime, io: Io, days: number, dry: boolean): Promise<number> {
  const { store, engine } = runtime;
  const since = new Date(Date.now() - days * dayMs).toISOString();
  const waiting = new Set((await store.listPending()).map(({ sessionId }) => sessionId));
  const old = (await store.listSessions()).filter(({ updatedAt }) => updatedAt < since);
  let removed = 0;
  for (const row of old) {
    const kept = waiting.has(row.id) ? "waits for you" : await reasonToKeep(runtime, row);
    if (kept !== undefined) {
      io.out(`Stays: ${row.id}, ${kept}`);
      continue;
    }
    if (dry) io.out(`Would go: ${row.id} of ${row.updatedAt.slice(0, 10)}`);
    else {
      const done = await engine.dispatch({ type: "session.remove", sessionId: row.id });
      if (!done.ok) throw refusal(done.error);
    }
    removed += 1;
  }
  io.out(`${dry ? "Would remove" : "Removed"} ${counted(removed, "session")} with nothing new for ${counted(days, "day")}.`);
  return removed;
}

async function reasonToKeep({ store }: Runtime, { id, status }: SessionRow): Promise<string | undefined> {
  if (status === "running" || (await store.leasedBy(id)) !== undefined) return "runs";
  if (status === "waiting") return "waits for you";
  const state = await loadState({ store }, id);
  return state && standingOf(state) === "waiting" ? `has changes that wait: ao changes ${id}` : undefined;
}
