// Writing into the user's files for a session (A3, A10): by one process at a time, and so that what cannot be recorded is
// taken back. What is landed, and what of it is recorded, is the business of those who call.

import type { EventDraft } from "../protocol/events.ts";
import type { Commit, SessionId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Ports } from "./ports.ts";
import { loadState, type SessionLog } from "./sessionLog.ts";
import { inTurn, withLog, type World } from "./sessions.ts";
import { refusedElsewhere } from "./imported.ts";

/** `written`: the result without what was in the user's files already; a way back takes off no more than that. */
export type Landed = { files: string[]; conflicts: string[]; written?: Commit };

/** While a run goes on here it has the lease, and everything else that touches the files waits its turn. */
export async function withFiles<T>(world: World, sessionId: SessionId, work: (log: SessionLog) => Promise<Result<T>>): Promise<Result<T>> {
  const { store } = world.ports;
  return inTurn(world, sessionId, () =>
    withLog(world, sessionId, async (log) => {
      const elsewhere = refusedElsewhere(log.state);
      if (elsewhere) return elsewhere;
      if (world.sessions.get(sessionId)?.run) return work(log);
      const lease = await store.takeLease(sessionId);
      if (!lease.taken) return fail("busy", `Session ${sessionId} is in use by ${lease.by}; try again when that has ended.`);
      try {
        log.absorb(await store.read(sessionId, { after: log.state.seq }));
        const settled = await settleLandings(world.ports, log.state);
        return settled.ok ? await work(log) : settled;
      } finally {
        await store.dropLease(sessionId).catch(() => undefined);
      }
    }),
  );
}

/** Takes back what was written into the user's files and never recorded. */
export async function settleLandings(
  { workspace }: Pick<Ports, "workspace">,
  state: Pick<SessionState, "id" | "workspace" | "landed">,
  others?: "under way",
): Promise<Result<void>> {
  return await workspace.settle(state.id, state.workspace, state.landed?.at(-1)?.seq ?? 0, others);
}

/** Takes `base → result` into the user's files and records what came of it; both or neither. */
export async function writeAndRecord(
  ports: Ports,
  log: SessionLog,
  { base, result }: { base: Commit; result: Commit },
  record: (landed: Landed) => EventDraft[],
): Promise<Result<Landed>> {
  const { id, workspace, seq } = log.state;
  await log.durable();
  const landed = await ports.workspace.land(id, workspace, base, result, seq);
  if (!landed.ok) return landed;
  const { inPlace, ...done } = landed.value;
  const written = inPlace.length === 0 ? undefined : await withoutThese(ports, log.state, { base, result }, inPlace);
  const value: Landed = { ...done, ...(written === undefined ? {} : { written }) };
  log.append(...record(value));
  try {
    await log.durable();
  } catch (error) {
    // Only the record itself knows how far it came; where it cannot be read this waits for the next occasion.
    const recorded = await loadState(ports, id).catch(() => undefined);
    if (recorded) await settleLandings(ports, recorded).catch(() => undefined);
    throw error;
  }
  await settleLandings(ports, log.state, "under way").catch(() => undefined);
  return ok(value);
}

/** All of it, where one part cannot be without another. */
async function withoutThese(
  { workspace: port }: Ports,
  { id, workspace }: SessionState,
  { base, result }: { base: Commit; result: Commit },
  paths: string[],
): Promise<Commit | undefined> {
  const { files } = await port.diff(id, workspace, base, result);
  const rest = files.flatMap(({ path }) => (paths.includes(path) ? [] : [{ path }]));
  if (rest.length === 0) return base;
  const picked = await port.pick(id, workspace, base, result, rest);
  return picked.ok ? picked.value : undefined;
}
