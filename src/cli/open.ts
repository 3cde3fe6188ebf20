// What most commands begin with: the record, or a whole runtime, and the session that an argument names.
// The runtime is loaded only by the commands that need it: listing and reading start in a fraction of its time.

import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { StorePort } from "../core/ports.ts";
import type { SessionState } from "../protocol/state.ts";
import { UnusableDataDir } from "../runtime/places.ts";
import { loadState, openRecord } from "../runtime/record.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Invocation, Io } from "./command.ts";
import { text } from "./command.ts";
import { CommandError, exit } from "./usage.ts";

/** Opens the record, runs `work`, and closes it whatever happens. */
export async function withStore<T>(io: Io, work: (store: StorePort) => Promise<T>): Promise<T> {
  const store = await openRecord(io.env, (line) => io.err(`ao: ${line}`)).catch(unusable);
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
    say: (line) => io.err(`ao: ${line}`),
    ...(options.workspace ? { workspace: options.workspace } : {}),
  }).catch(unusable);
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

/** Where the record cannot be kept is the user's to mend, and no bug of ours. */
function unusable(error: unknown): never {
  throw error instanceof UnusableDataDir ? new CommandError(error.message, exit.failed) : error;
}

type Place = Pick<Invocation, "values" | "io">;

/** The folder that `--workspace` names; else the root of the repository around this folder; else this folder. */
export function workspaceOf({ values, io }: Place): string {
  const named = text(values, "workspace");
  if (named !== undefined) return real(resolve(io.cwd, named));
  return repositoryAround(real(io.cwd)) ?? real(io.cwd);
}

export function existingWorkspaceOf(place: Place): string {
  const workspace = workspaceOf(place);
  if (!existsSync(workspace)) throw new CommandError(`the folder ${workspace} does not exist`);
  return workspace;
}

/** A home folder that is a repository itself (settings kept in git) is no project. */
function repositoryAround(folder: string): string | undefined {
  for (let dir = folder; dir !== dirname(dir) && dir !== real(homedir()); dir = dirname(dir)) if (existsSync(join(dir, ".git"))) return dir;
  return undefined;
}

function real(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/** Before anything is done in a folder that was there when the session began. */
export function requireWorkspace({ id, workspace }: SessionState, orElse: string): void {
  if (!existsSync(workspace))
    throw new CommandError(`the folder ${workspace} of session ${id} is gone; move it back, or ${orElse}`, exit.failed);
}

/** Somebody at a terminal can answer questions while a run goes on. */
export function isAttended(io: Io): boolean {
  return io.stdin.isTTY && io.stdout.isTTY;
}
