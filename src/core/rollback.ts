// Taking the user's files back to a checkpoint. What the session did since is taken off what the files are now, in the
// shadow repository, newest first, so that all that people edited stays; only if that fits everywhere are files written (A10).
// Only what was in the user's files once can be gone back to.

import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import type { EventDraft } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import { landedAt, landedAtCheckpoint } from "../protocol/landed.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { Checkpoint, Difference, SessionState } from "../protocol/state.ts";
import { checkpoint } from "./checkpoints.ts";
import { after, withoutQuestions } from "./giveUp.ts";
import { withFiles, writeAndRecord } from "./landingWrite.ts";
import { joinedWays, pathsIn, type Way, workOut } from "./landedPaths.ts";
import type { Ports } from "./ports.ts";
import type { SessionLog } from "./sessionLog.ts";
import type { World } from "./sessions.ts";

type Command = Commands["session.rollback"];
type Answer = CommandAnswer["session.rollback"];

export async function rollBack(world: World, command: Command): Promise<Result<Answer>> {
  const { sessionId } = command;
  return withFiles(world, sessionId, async (log) => {
    if (world.sessions.get(sessionId)?.run) return fail("busy", `Session ${sessionId} is running; cancel it or wait for its end first.`);
    return goBack(world.ports, log, command);
  });
}

async function goBack(ports: Ports, log: SessionLog, { to, what, by }: Command): Promise<Result<Answer>> {
  const { id, workspace, checkpoints } = log.state;
  const target = checkpoints.find((one) => one.checkpointId === to);
  if (!target) return fail("not_found", `There is no checkpoint ${to} in session ${id}; see: ao checkpoints ${id}`);
  if (target.from !== undefined) return fail("invalid", neverThere(id, target.name));
  const checked = await ports.workspace.check(workspace);
  if (!checked.ok) return checked;
  const ways = what === "state" ? [] : waysTo(log.state, to);
  const taken = await ports.workspace.snapshot(id, workspace, await pathsIn(ports, log.state, ways));
  if (!taken.ok) return taken;
  const present = taken.value.commit;
  const worked = await workOut(ports, log.state, present, ways);
  const left = what === "files" ? [] : leftBehind(log, target);
  const back = (answer: Answer): EventDraft[] => [
    ...(answer.conflicts.length > 0 ? [] : left),
    { type: "rollback.done", actor: by, payload: { to, ...(what ? { what } : {}), ...answer } },
  ];
  const unwritten = async (conflicts: string[]): Promise<Result<Answer>> => {
    log.append(...back({ files: [], conflicts }));
    await log.durable();
    return ok({ files: [], conflicts });
  };
  if (worked.conflicts.length > 0) return unwritten(worked.conflicts);
  const { files } = await ports.workspace.diff(id, workspace, present, worked.commit);
  if (files.length === 0 && !changesSession(log.state, back({ files: [], conflicts: [] }))) return unwritten([]);
  // On record before a file is touched, and the way to undo it.
  log.append(checkpoint(ports, "before", `going back to ${target.name}`, present));
  return files.length === 0 ? unwritten([]) : writeAndRecord(ports, log, { base: present, result: worked.commit }, back);
}

/** What a run that the session goes back to before still asks. */
function leftBehind({ state }: SessionLog, target: Checkpoint): EventDraft[] {
  return state.run && (state.run.startedAt ?? 0) > (target.at ?? target.seq) ? withoutQuestions(state, goneBack) : [];
}

const goneBack = "the session was taken back to before it";

/** What it knows, or what waits. */
function changesSession(state: SessionState, drafts: EventDraft[]): boolean {
  const then = drafts.reduce(after, state);
  return [then, state].map(({ history, landing }) => canonicalJson({ history, landing })).some((one, _i, [first]) => one !== first);
}

/** Agents' work comes into the user's files by landing alone (A10). */
function neverThere(id: string, name: string): string {
  return `"${name}" is work that was never in your files, so there is no way back to it: take the result, or parts of it, with ao apply ${id} [FILE…].`;
}

/** From what is in the files now to what was in them at the checkpoint; steps that follow on each other are one. */
function waysTo(state: SessionState, to: Command["to"]): Way[] {
  const [now, then] = [landedAt(state, state.seq), landedAtCheckpoint(state, to)];
  const isSame = (a: Difference, b: Difference | undefined): boolean => a.base === b?.base && a.commit === b.commit;
  const differs = now.findIndex((one, i) => !isSame(one, then[i]));
  const shared = differs < 0 ? now.length : differs;
  const off = now.slice(shared).map(({ base, commit }): Way => ({ from: commit, to: base }));
  const on = then.slice(shared).map(({ base, commit }): Way => ({ from: base, to: commit }));
  return joinedWays([...off.toReversed(), ...on]);
}
