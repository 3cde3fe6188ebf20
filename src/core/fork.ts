// A session that begins with another one's record up to any event, with the state and the files of that event (A2). A run
// that was under way there goes on as after a crash (A3); what was open there is open in the fork, under ids of its own. It
// is written in one append: a fork is there whole or not at all. The user's own files are not touched.

import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import { type EventDraft, eventId, type SessionConfig, type TraceEvent } from "../protocol/events.ts";
import type { ApprovalId, CallId, ContentHash, InterruptId, SessionId } from "../protocol/ids.ts";
import { reduce, reduceAll } from "../protocol/reduce.ts";
import { fail, messageOf, ok, type Result } from "../protocol/result.ts";
import { type ApprovalState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import { digestOf } from "./approvals.ts";
import { preimageOf } from "./calls.ts";
import { rewritten } from "./forkCopy.ts";
import { rebuildAll, rootsIn } from "./forkFolders.ts";
import { effectsOf, type ForkPlace, forkPlace, isUnderWay, type Known, type Lost } from "./forkPlace.ts";
import { withoutQuestions } from "./giveUp.ts";
import { importMarks } from "./imported.ts";
import { isOpen } from "./landingEnd.ts";
import { folderOwner } from "./place.ts";
import type { Ports, ToolSpec } from "./ports.ts";
import { noSession, type World } from "./sessions.ts";
import { enlarged } from "./startRun.ts";

type Command = Commands["session.fork"];
type Answer = CommandAnswer["session.fork"];

export async function forkSession({ ports }: World, command: Command): Promise<Result<Answer>> {
  const source = await ports.store.read(command.sessionId);
  const last = reduceAll(source);
  if (!last) return noSession(command.sessionId);
  const asked = askedPlace(source, last, command.at);
  if (!asked.ok) return asked;
  const sessionId = ports.ids.next("s");
  try {
    // First, so that nothing that the fork needs can be gone by the time that it is there.
    await ports.workspace.adopt(sessionId, last.workspace, command.sessionId);
    const specs = await ports.tools.list();
    const place = await rebuilt(ports, { sessionId, source, specs, asked: asked.value, canRun: last.imported?.canRun !== false });
    const refused = refusalOf(ports, command, place.state);
    if (refused) {
      await ports.workspace.forget(sessionId, last.workspace);
      return refused;
    }
    const { events, prompt } = await recordOf(ports, command, { sessionId, source, place, specs, asked: asked.value, last });
    await ports.store.append(sessionId, events);
    await ports.store.saveSnapshot(sessionId, { seq: events.length, state: reduceAll(events)! }).catch(() => undefined);
    const moved = movedBy(place, asked.value);
    return ok({ sessionId, at: place.at, ...(moved === undefined ? {} : { moved }), ...(prompt === undefined ? {} : { prompt }) });
  } catch (error) {
    await ports.workspace.forget(sessionId, last.workspace).catch(() => undefined);
    return fail("not_recorded", `The fork of session ${command.sessionId} could not be recorded: ${messageOf(error)}`);
  }
}

function askedPlace(source: TraceEvent[], { status }: SessionState, asked: number | undefined): Result<number> {
  const newest = source.length;
  const ended = source.findLast(({ type }) => type === "session.ended")?.seq ?? 1;
  if (asked === undefined) return ok(status === "running" ? ended : newest);
  if (Number.isInteger(asked) && asked >= 1 && asked <= newest) return ok(asked);
  return fail("invalid", `A session can be forked at any of its events; this one has those from 1 to ${newest}, and no ${asked}.`);
}

type Asked = { sessionId: SessionId; source: TraceEvent[]; specs: ToolSpec[]; asked: number };

/** The place whose folders could all be rebuilt; they are there then. */
async function rebuilt(ports: Ports, { sessionId, source, specs, asked, canRun }: Asked & { canRun: boolean }): Promise<ForkPlace> {
  const broken = new Set<number>();
  const known: Known = { effects: effectsOf(specs), broken };
  for (;;) {
    const place = forkPlace(source, asked, known);
    if (!canRun) return place;
    const { workspace } = place.state;
    const here = { ports, sessionId, workspace, wish: (await ports.policy.load(workspace)).workspace };
    const stopped = await rebuildAll(here, place);
    if (stopped === undefined) return place;
    broken.add(stopped);
    await ports.workspace.dispose(sessionId, workspace);
  }
}

function movedBy({ at, lost }: ForkPlace, asked: number): string | undefined {
  return lost && at < asked ? whyMoved(at, lost) : undefined;
}

function whyMoved(at: number, { seq, tool }: Lost): string {
  return `what ${tool} did at ${seq} to the files of its task is not on record; up to ${at} state and files agree`;
}

function refusalOf(ports: Ports, { model, agent, say }: Command, state: SessionState): Result<never> | undefined {
  const resolved = model === undefined ? undefined : ports.models.resolve(model);
  if (resolved && !resolved.ok) return resolved;
  const blueprint = agent === undefined ? undefined : ports.registry.agent(agent);
  if (agent !== undefined && (!blueprint || blueprint.enabled === false)) return fail("not_found", `Blueprint not found: ${agent}`);
  if (agent !== undefined && isUnderWay(state))
    return fail(
      "invalid",
      `At ${state.seq} a run of ${state.config.agent} is under way: fork at its beginning to give it to another agent.`,
    );
  if (say !== undefined && say.trim() === "") return fail("invalid", "There is nothing to say: the text is empty.");
  if (say !== undefined && isUnderWay(state) && isOpen(state.landing))
    return fail("invalid", `At ${state.seq} the work is done, and its result waits for a word; say it as the next prompt of the fork.`);
  return undefined;
}

type Making = Asked & { place: ForkPlace; /** The source as it is now. */ last: SessionState };

async function recordOf(ports: Ports, command: Command, making: Making): Promise<{ events: TraceEvent[]; prompt?: string }> {
  const { sessionId, source, place, asked, last } = making;
  const { state } = place;
  const timestamp = ports.clock.now();
  const rewrite = await rewriteFor(ports, making);
  const [first, ...rest] = source.slice(0, place.at);
  const words = <T>(text: T): T => ports.redact?.(text) ?? text;
  const name = words(command.name) ?? `${state.name} (fork)`;
  const isNew = state.runs === 0;
  const goal = isNew && command.say !== undefined ? { goal: words(command.say) } : {};
  const forkedFrom = { sessionId: command.sessionId, seq: place.at };
  const begun = { ...first!, timestamp, payload: { ...(first!.payload as object), ...goal, name, forkedFrom } };
  const events = [begun, ...rest].map((event) => rewritten(event, rewrite));
  let present = reduceAll(events)!;
  const { runId } = events.at(-1)!;
  const add = (...drafts: EventDraft[]): void => {
    for (const draft of drafts) {
      const seq = events.length + 1;
      events.push({ id: eventId(sessionId, seq), runId, sessionId, timestamp, seq, ...draft });
      present = reduce(present, events.at(-1)!);
    }
  };
  if (present.run && !isUnderWay(present)) add(...withoutQuestions(present, "the session was forked here"));
  add({ type: "state.changed", actor: "user", payload: { key: "name", value: name } });
  // What binds a session that came in a file binds its forks from before that as well.
  if (last.imported && !state.imported) add(...importMarks(last.imported));
  const config = configOf(command, state.config);
  if (config) add({ type: "state.changed", actor: "user", payload: { key: "config", value: config } });
  if (place.lost && place.at < asked) {
    const statement = `The fork begins at ${place.at}, and not at ${asked}`;
    add({ type: "decision.recorded", actor: "orchestrator", payload: { statement, reason: whyMoved(place.at, place.lost) } });
  }
  if (command.say === undefined || isNew) return { events };
  if (!isUnderWay(state)) return { events, prompt: command.say };
  const payload = {
    messageId: ports.ids.next("m"),
    from: "user",
    to: "team",
    mode: "async" as const,
    payload: { text: words(command.say) },
  };
  add({ type: "message.sent", actor: "user", payload });
  return { events };
}

function configOf({ model, agent, level, budgetUsd }: Command, { budget }: SessionConfig): Partial<SessionConfig> | undefined {
  const change: Partial<SessionConfig> = {
    ...(model === undefined ? {} : { model, modelOverrides: true }),
    ...(agent === undefined ? {} : { agent }),
    ...(level === undefined ? {} : { level }),
    ...(budgetUsd === undefined ? {} : { budget: enlarged(budget, budgetUsd) }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** Open questions are answered by their ids alone, so that each needs one of its own. */
async function rewriteFor(ports: Ports, { sessionId, place: { state }, specs }: Making): Promise<Parameters<typeof rewritten>[1]> {
  const roots = await rootsIn(ports, sessionId, state);
  const questions = new Map<ApprovalId | InterruptId, ApprovalId | InterruptId>();
  const digests = new Map<ApprovalId, ContentHash>();
  const open = isUnderWay(state);
  if (open && isOpen(state.landing)) questions.set(state.landing.approvalId, ports.ids.next("a"));
  for (const { interruptId } of open ? pendingInterrupts(state) : []) questions.set(interruptId, ports.ids.next("i"));
  for (const approval of open ? pendingApprovals(state) : []) {
    const id = questions.get(approval.approvalId) ?? ports.ids.next("a");
    questions.set(approval.approvalId, id);
    if (approval.kind === "call") digests.set(id as ApprovalId, await digestIn(ports, state, approval, { roots, specs }));
  }
  return { sessionId, roots, questions, digests };
}

/** The same action in the fork's own folder is another one: what is approved there is what will run there (A9). */
async function digestIn(
  { tools }: Ports,
  { tasks }: SessionState,
  { tool, arguments: args, cwd, digest, taskId, callId }: ApprovalState & { callId?: CallId },
  { roots, specs }: { roots: Map<string, string>; specs: ToolSpec[] },
): Promise<ContentHash> {
  const own = roots.get(cwd);
  const spec = specs.find(({ name }) => name === tool);
  const owner = taskId && folderOwner(tasks, taskId);
  if (own === undefined || !spec || !owner || callId === undefined) return digest;
  const reach = await tools.judge(tool, args, { root: own, writable: tasks[taskId]?.writable ?? false });
  return digestOf(tool, args, own, preimageOf(spec, reach));
}
