// What most commands begin with: the record, or a whole runtime, and the session that an argument names.
// The runtime is loaded only by the commands that need it: listing and reading start in a fraction of its time.

import { resolve } from "node:path";
import type { StorePort } from "../core/ports.ts";
import type { SessionState } from "../protocol/state.ts";
import { loadState, openRecord } from "../runtime/record.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Invocation, Io } from "./command.ts";
import { text } from "./command.ts";
import { CommandError } from "./usage.ts";

/** Opens the record, runs `work`, and closes it whatever happens. */
export async function withStore<T>(io: Io, work: (store: StorePort) => Promise<T>): Promise<T> {
  const store = await openRecord(io.env);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The same with a whole runtime. */
export async function withRuntime<T>(
  io: Io,
  options: { workspace?: string; attended?: boolean },
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const { createRuntime } = await import("../runtime/runtime.ts");
  const runtime = await createRuntime({
    env: io.env,
    attended: options.attended ?? false,
    ...(options.workspace ? { workspace: options.workspace } : {}),
  });
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

export async function sessionNamed(store: StorePort, idOrName: string): Promise<SessionState> {
  const row = await store.findSession(idOrName);
  const state = row && (await loadState({ store }, row.id));
  if (!state) throw new CommandError(`there is no session "${idOrName}"; see: ao list`);
  return state;
}

export function workspaceOf({ values, io }: Pick<Invocation, "values" | "io">): string {
  return resolve(io.cwd, text(values, "workspace") ?? ".");
}

/** Somebody at a terminal can answer questions while a run goes on. */
export function isAttended(io: Io): boolean {
  return io.stdin.isTTY && io.stdout.isTTY;
}
