// What most commands begin with: a runtime for this user's store, and the session that an argument names.

import { resolve } from "node:path";
import type { SessionState } from "../protocol/state.ts";
import { createRuntime, type Runtime } from "../runtime/runtime.ts";
import type { Invocation, Io } from "./command.ts";
import { text } from "./command.ts";
import { CommandError } from "./usage.ts";

/** Opens a runtime, runs `work`, and closes it whatever happens. */
export async function withRuntime<T>(
  io: Io,
  options: { workspace?: string; attended?: boolean },
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
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

export async function sessionNamed(runtime: Runtime, idOrName: string): Promise<SessionState> {
  const row = await runtime.store.findSession(idOrName);
  const state = row && (await runtime.engine.state(row.id));
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
