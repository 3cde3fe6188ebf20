// A session's work into the user's own repository, as a commit that the record knows. What is committed is what is in the
// user's files and in no commit that HEAD holds; a result that still waits goes on a new branch only.

import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import { type CommitMade, isKnown, type TraceEvent } from "../protocol/events.ts";
import { landedAt, uncommitted } from "../protocol/landed.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { Difference, SessionState } from "../protocol/state.ts";
import { traceOfCommit } from "./agentTrace.ts";
import { draftMessage } from "./commitMessage.ts";
import { isOpen } from "./landingEnd.ts";
import { notRefused } from "./landingParts.ts";
import { withFiles } from "./landingWrite.ts";
import type { Ports } from "./ports.ts";
import { requiredOf } from "./projectChecks.ts";
import type { CommitTalk, CommitWish, Prepared } from "./repositoryPort.ts";
import type { SessionLog } from "./sessionLog.ts";
import type { World } from "./sessions.ts";
import type { Check } from "./workspacePort.ts";

type Command = Commands["changes.commit"];
type Answer = CommandAnswer["changes.commit"];

export async function commitChanges(world: World, command: Command): Promise<Result<Answer>> {
  const { sessionId } = command;
  return withFiles(world, sessionId, async (log) => {
    // A run that waits for a word on its result has nothing more to do with the files.
    if (world.sessions.get(sessionId)?.run && !isOpen(log.state.landing))
      return fail("busy", `Session ${sessionId} is running; cancel it or wait for its end first.`);
    const found = await finishPlanned(world.ports, log, command);
    return found ? ok(found) : commitNow(world.ports, log, command);
  });
}

/** A commit that was begun and never recorded: it is there, or it is as if it had never been begun. */
async function finishPlanned(ports: Ports, log: SessionLog, command: Command): Promise<Answer | undefined> {
  const { commitPlanned: plan, workspace } = log.state;
  if (!plan || command.dryRun || !(await ports.workspace.repository.isMade(workspace, plan))) return undefined;
  const { parent: _parent, notes, ...made } = plan;
  const remarks = notes ? await addNote(ports, log.state, made) : [];
  log.append({ type: "commit.made", actor: command.by, payload: made });
  await log.durable();
  return { ...made, remarks: ["It was made before, when its end could not be recorded.", ...remarks] };
}

async function commitNow(ports: Ports, log: SessionLog, command: Command): Promise<Result<Answer>> {
  const { by, branch, dryRun = false, notes = false } = command;
  const state = log.state;
  const known = await inHead(ports, state);
  const last = known.commits.at(-1);
  if (notes && !dryRun && branch === undefined && last && known.landings.length === 0)
    return ok({ ...last, remarks: ["It was made before; its note is written now.", ...(await addNote(ports, state, last))] });
  const work = await workToCommit(ports, state, known, branch);
  if (!work.ok) return work;
  const { landings, differences, waiting } = work.value;
  const events = await ports.store.read(state.id, {});
  const seqs = landings.map(({ seq }) => seq);
  const joined = joinedIn(events, seqs);
  const required = await requiredChecks(ports, state);
  const talk: CommitTalk = {
    message: async (prepared) => {
      const commit = differences.at(-1)!.commit;
      const tree = await ports.workspace.treeOf(state.id, state.workspace, commit);
      const undoes = landings.length > 0 && waiting === 0 && landings.every((one) => one.undoes);
      const given = { tree, required, ...prepared, landings: seqs, waits: waiting > 0, undoes, trailers: command.trailers ?? true };
      const message = draftMessage(state, events, { ...given, ...(command.message === undefined ? {} : { message: command.message }) });
      return dryRun ? ok(message) : unlessFiltered(ports, state, prepared, message);
    },
    planned: async (plan) => {
      log.append({ type: "commit.planned", actor: by, payload: { ...plan, landings: seqs, ...(notes ? { notes: true as const } : {}) } });
      await log.durable();
    },
  };
  const wish: CommitWish = { differences, waiting, joined, dry: dryRun, ...(branch === undefined ? {} : { branch }) };
  const done = await ports.workspace.repository.commit(state.workspace, wish, talk);
  if (!done.ok) return done;
  const { commit, files, message, remarks, branch: on } = done.value;
  if (commit === null) return ok({ commit, branch: on, files, message, remarks });
  const made: CommitMade = { commit, branch: on, files, landings: seqs, message };
  const noted = notes ? await addNote(ports, state, made) : [];
  log.append({ type: "commit.made", actor: by, payload: made });
  await log.durable();
  return ok({ commit, branch: on, files, message, remarks: [...remarks, ...noted] });
}

type Work = {
  landings: ReturnType<typeof uncommitted>;
  differences: Difference[];
  /** How many of them are in no file yet. */ waiting: number;
};

type Known = { commits: CommitMade[]; landings: Work["landings"] };

/** The commits that count where the person is now, and what is in none of them: one on another branch is not one on theirs. */
async function inHead({ workspace }: Ports, state: SessionState): Promise<Known> {
  const all = state.commits ?? [];
  const revisions = all.map(({ commit }) => commit);
  const held = new Set(revisions.length === 0 ? [] : await workspace.repository.inHead(state.workspace, revisions));
  const commits = all.filter(({ commit }) => held.has(commit));
  return {
    commits: commits.map(({ seq: _seq, ...made }) => made),
    landings: uncommitted({ ...state, commits }),
  };
}

async function workToCommit(ports: Ports, state: SessionState, known: Known, branch: string | undefined): Promise<Result<Work>> {
  const { id, landing, base } = state;
  const { landings } = known;
  const open = isOpen(landing) && base !== undefined ? { base, ...landing } : undefined;
  if (open && branch !== undefined) {
    const whole = await notRefused(ports, state, open);
    if (!whole.ok) return whole;
    const from = open.taken ?? open.base;
    return ok({ landings, differences: [...joinedUp(landings), { base: from, commit: whole.value }], waiting: 1 });
  }
  if (landings.length > 0) return ok({ landings, differences: joinedUp(landings), waiting: 0 });
  if (open)
    return fail(
      "nothing_to_do",
      `The result of session ${id} still waits: take it first (ao apply ${id}), or commit it to a branch as it is: ao commit ${id} --branch NAME`,
    );
  return fail("nothing_to_do", nothingOf(state, known.commits.at(-1)));
}

function nothingOf(state: SessionState, last: CommitMade | undefined): string {
  const { id, landed = [] } = state;
  const commit = last && `${last.commit.slice(0, 10)} on ${last.branch}`;
  if (landed.length === 0)
    return `Your files hold no changes of session ${id}: it made none, or they were refused. What became of it says ao result ${id}`;
  if (landedAt(state, state.seq).length > 0 && last)
    return `All that your files hold of session ${id} is committed: ${commit}. See it with git show ${last.commit.slice(0, 10)}`;
  const isGone = `Your files hold nothing of session ${id} any more: it was taken back.`;
  return last
    ? `${isGone} HEAD still has it (${commit}): commit the way back with git, like any edit of yours.`
    : `${isGone} To have it again, go back to a place that ao checkpoints ${id} names.`;
}

/** What has to pass on a result before it counts as proven, as the project and its policy are now. */
async function requiredChecks({ policy: { load }, workspace }: Ports, state: SessionState): Promise<Check[]> {
  const policy = await load(state.workspace);
  return requiredOf({ policy }, await workspace.checks(state.workspace, policy.workspace.checks));
}

/** Files that a person put together by hand, where that is among these landings. */
function joinedIn(events: TraceEvent[], landings: number[]): string[] {
  const parts = events.flatMap((event) =>
    isKnown(event) && event.type === "landing.part" && event.payload.joined && landings.includes(event.seq) ? event.payload.parts : [],
  );
  return [...new Set(parts.map(({ path }) => path))];
}

/** Differences that follow on each other are one. */
function joinedUp(all: Difference[]): Difference[] {
  return all.reduce<Difference[]>((joined, { base, commit }) => {
    const last = joined.at(-1);
    return last?.commit === base ? [...joined.slice(0, -1), { base: last.base, commit }] : [...joined, { base, commit }];
  }, []);
}

/** What a filter program would change is the person's to commit, with the message that is kept for them. */
async function unlessFiltered(ports: Ports, state: SessionState, { filtered, files }: Prepared, message: string): Promise<Result<string>> {
  if (filtered.length === 0) return ok(message);
  const file = await ports.workspace.repository.keepMessage(state.id, state.workspace, message);
  const quoted = files.map((path) => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)).join(" ");
  return fail(
    "not_written",
    `Nothing was committed: ${filtered.join(", ")} go through a filter program (filter= in .gitattributes), which is not run here. Commit by yourself: git add ${quoted} && git commit -F '${file}'`,
  );
}

async function addNote(ports: Ports, state: SessionState, made: CommitMade): Promise<string[]> {
  try {
    const record = await traceOfCommit(ports, state, made, ports.clock.now());
    await ports.workspace.repository.note(state.workspace, made.commit, `${JSON.stringify(record)}\n`);
    return [];
  } catch (error) {
    return [`The note could not be written (${String(error instanceof Error ? error.message : error)}); the commit is there.`];
  }
}
