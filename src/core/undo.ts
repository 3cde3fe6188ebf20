// Undoing what one agent did, or one task, and nothing else: its difference is taken off what the session proposes, or off
// the user's files where that was taken already. What came after it stays; where that builds on it nothing is changed (A10).

import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import type { EventDraft, EventPayloads } from "../protocol/events.ts";
import type { Commit, TaskId } from "../protocol/ids.ts";
import { landedAt } from "../protocol/landed.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { LandingState, SessionState, TaskState } from "../protocol/state.ts";
import { checkpoint } from "./checkpoints.ts";
import { proposalOf, questionOf } from "./landing.ts";
import { isOpen } from "./landingEnd.ts";
import { joinedWays, pathsIn, type Way, workOut } from "./landedPaths.ts";
import { withFiles, writeAndRecord } from "./landingWrite.ts";
import type { Ports } from "./ports.ts";
import { provenBy } from "./receipts.ts";

import type { SessionLog } from "./sessionLog.ts";
import type { World } from "./sessions.ts";

type Command = Commands["work.undo"];
type Answer = CommandAnswer["work.undo"];
type Work = { taskId: TaskId; onto: Commit; merged: Commit; endedAt: string };
type Done = { files: string[]; conflicts: string[] };

export async function undoWork(world: World, command: Command): Promise<Result<Answer>> {
  const { sessionId } = command;
  return withFiles(world, sessionId, async (log) => {
    const { landing } = log.state;
    const running = world.sessions.get(sessionId)?.run?.run;
    // A run that waits for nothing but a word on its result lets this be another one.
    const answered = running && isOpen(landing) ? running.answers.get(landing.approvalId) : undefined;
    if (running && !answered) return fail("busy", `Session ${sessionId} is running; cancel it or wait for its end first.`);
    const works = worksOf(log.state, command);
    if (!works.ok) return works;
    const checked = await world.ports.workspace.check(log.state.workspace);
    if (!checked.ok) return checked;
    const open = isOpen(landing) && !landing.parts ? landing : undefined;
    const proposed = command.again ? works.value.filter(({ taskId }) => log.state.tasks[taskId]?.undone === "proposal") : works.value;
    const inside =
      open && proposed.length > 0 ? await inProposal(world.ports, log, command, { works: proposed, landing: open }) : undefined;
    if (inside && (!inside.ok || inside.value.conflicts.length > 0 || inside.value.files.length > 0)) {
      answered?.();
      return inside;
    }
    if (running) return fail("busy", `Session ${sessionId} waits for your word on its result; give it first.`);
    if (isOpen(landing) && landing.parts)
      return fail("invalid", `Parts of the result of session ${sessionId} were decided already; decide the rest first.`);
    const taken = command.again ? works.value.filter(({ taskId }) => log.state.tasks[taskId]?.undone === "files") : works.value;
    return taken.length > 0 ? inFiles(world.ports, log, command, taken) : fail("nothing_to_do", neverTaken(works.value));
  });
}

/** What a person has not taken comes into their files by no other way (A10). */
function neverTaken(works: Work[]): string {
  const [{ taskId } = { taskId: "TASK" }] = works;
  return `That work was taken out of the result before the result was decided, and never was in your files: see it with ao changes SESSION --task ${taskId}, or ask for it in a new prompt.`;
}

async function inProposal(
  ports: Ports,
  log: SessionLog,
  command: Command,
  { works, landing }: { works: Work[]; landing: LandingState },
): Promise<Result<Answer>> {
  const { id, workspace } = log.state;
  const { base = landing.commit } = landing;
  const worked = await workOut(ports, log.state, landing.commit, waysOf(works, command));
  const rest = worked.conflicts.length > 0 ? [] : (await ports.workspace.diff(id, workspace, base, worked.commit)).files;
  if (worked.conflicts.length === 0 && rest.length === 0)
    return fail("invalid", `That is all that session ${id} proposes: refuse it as a whole with ao discard ${id}.`);
  const { files } = await ports.workspace.diff(id, workspace, landing.commit, worked.commit);
  const done: Done = { files: files.map(({ path }) => path), conflicts: worked.conflicts };
  if (done.conflicts.length === 0 && files.length === 0) return ok({ ...done, proposed: true });
  const drafts: EventDraft[] = [undone(command, works, done, worked.commit)];
  if (done.conflicts.length === 0) drafts.push(...(await proposedAgain(ports, log.state, { landing, base, commit: worked.commit })));
  log.append(...drafts);
  await log.durable();
  return ok({ ...done, proposed: true });
}

/** Another result is another question. */
async function proposedAgain(
  ports: Ports,
  state: SessionState,
  { landing, base, commit }: { landing: LandingState; base: Commit; commit: Commit },
): Promise<EventDraft[]> {
  const about = { actor: "orchestrator" };
  const next = await proposalOf(ports, state, base, commit);
  if (!next) return [];
  const isPart = landing.tree !== undefined && provenBy(state, landing.tree) !== undefined && provenBy(state, next.tree!) === undefined;
  const proposed: EventDraft = { type: "landing.proposed", ...about, payload: { ...next, ...(isPart ? { unproven: true } : {}) } };
  const asked = state.approvals[landing.approvalId];
  if (!asked || asked.resolution) return [proposed];
  const { approvalId } = asked;
  const withdrawn = {
    approvalId,
    decision: "deny" as const,
    scope: "once" as const,
    by: "orchestrator",
    reason: "the result is another one by now",
  };
  const { taskId } = asked;
  const question = { approvalId: next.approvalId, ...questionOf(state, next, asked.reasons.slice(1)) };
  return [
    { type: "approval.resolved", ...about, payload: withdrawn },
    proposed,
    { type: "approval.requested", actor: "guard", ...(taskId ? { taskId } : {}), payload: question },
  ];
}

async function inFiles(ports: Ports, log: SessionLog, command: Command, works: Work[]): Promise<Result<Answer>> {
  const { id, workspace } = log.state;
  const ways = command.again ? waysBack(log.state, works) : waysOf(works, command);
  const taken = await ports.workspace.snapshot(id, workspace, await pathsIn(ports, log.state, ways));
  if (!taken.ok) return taken;
  const present = taken.value.commit;
  const worked = await workOut(ports, log.state, present, ways);
  const { files } = await ports.workspace.diff(id, workspace, present, worked.commit);
  if (worked.conflicts.length > 0 || files.length === 0) {
    const done: Done = { files: [], conflicts: worked.conflicts };
    if (done.conflicts.length > 0) log.append(undone(command, works, done));
    await log.durable();
    return ok({ ...done, proposed: false });
  }
  const what = `${command.again ? "putting back" : "undoing"} ${"agent" in command.of ? command.of.agent : command.of.taskId}`;
  log.append(checkpoint(ports, "before", what, present));
  const difference = { base: present, result: worked.commit };
  const written = await writeAndRecord(ports, log, difference, (done) => [undone(command, works, done, worked.commit, present)]);
  return written.ok ? ok({ ...written.value, proposed: false }) : written;
}

function undone({ by, again }: Command, works: Work[], done: Done, commit?: Commit, base?: Commit): EventDraft {
  const payload: EventPayloads["work.undone"] = {
    tasks: works.map(({ taskId }) => taskId),
    ...(again ? { again: true } : {}),
    ...(base === undefined ? {} : { base }),
    ...(commit === undefined ? {} : { commit }),
    ...done,
  };
  return { type: "work.undone", actor: by, payload };
}

/** What was done last is undone first, and put back last; works that follow on each other are one difference. */
function waysOf(works: Work[], { again }: Command): Way[] {
  const sorted = works.toSorted((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
  const ways = (again ? sorted : sorted.toReversed()).map(({ onto, merged }): Way =>
    again ? { from: onto, to: merged } : { from: merged, to: onto },
  );
  return joinedWays(ways);
}

/** Exactly what was taken out of the user's files, back in: they need not have held all of the work. */
function waysBack(state: SessionState, works: Work[]): Way[] {
  const all = landedAt(state, state.seq).filter(({ undoes, again }) => undoes && !again);
  const undoings = new Set(works.flatMap(({ taskId }) => all.findLast(({ undoes = [] }) => undoes.includes(taskId)) ?? []));
  return [...undoings].map(({ base, commit }) => ({ from: commit, to: base }));
}

/** Whose work is meant: each task's own where it had a folder of its own, else that of the task above it whose folder it shared. */
function worksOf(state: SessionState, { of, again = false }: Command): Result<Work[]> {
  const name = "agent" in of ? of.agent : of.taskId;
  const all = Object.values(state.tasks);
  const chosen = new Set(
    all.filter((task) =>
      above(state, task).some((one) => ("agent" in of ? one.assignedAgent === of.agent : one.id === of.taskId || one.stepId === of.taskId)),
    ),
  );
  if (chosen.size === 0)
    return fail(
      "not_found",
      `There is no ${"agent" in of ? "agent" : "task or step"} ${name} in session ${state.id}; see: ao trace ${state.id} --tasks`,
    );
  const found = new Set<TaskState>();
  for (const worker of [...chosen].filter(isWorker)) {
    const owner = above(state, worker).find((one) => one.merged !== undefined && one.onto !== undefined);
    if (!owner) continue;
    const others = all.filter((one) => isWorker(one) && !chosen.has(one) && above(state, one).includes(owner));
    if (others.length > 0 && !chosen.has(owner)) return fail("invalid", shared(name, owner, others));
    found.add(owner);
  }
  const outermost = [...found].filter(
    (task) =>
      !above(state, task)
        .slice(1)
        .some((one) => found.has(one)),
  );
  const works = outermost.filter((task) => (task.undone !== undefined) === again);
  if (works.length > 0)
    return ok(works.map(({ id, onto, merged, endedAt = "" }) => ({ taskId: id, onto: onto!, merged: merged!, endedAt })));
  const state_ = again ? "is undone" : outermost.length > 0 ? "is not undone already" : "has changed files";
  return fail("nothing_to_do", `Of ${name} there is no work in session ${state.id} that ${state_}.`);
}

function shared(name: string, owner: TaskState, others: TaskState[]): string {
  const names = [...new Set(others.map(({ assignedAgent = "another agent" }) => assignedAgent))].join(", ");
  return `${name} worked in one folder with ${names}: undo their work together, with --task ${owner.id}.`;
}

/** The task itself, and all tasks above it. */
function above({ tasks }: SessionState, task: TaskState): TaskState[] {
  const found: TaskState[] = [];
  for (let at: TaskState | undefined = task; at; at = at.parentId === undefined ? undefined : tasks[at.parentId]) found.push(at);
  return found;
}

function isWorker({ writable, turns }: TaskState): boolean {
  return writable && turns > 0;
}
