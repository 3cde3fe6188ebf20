// What the record tells of the lines that one landing brought: which task's work had them, which call wrote them, with
// which model, what was approved, and which check passed on that tree.

import type { Task } from "../protocol/agents.ts";
import { type ApprovalRequest, type EventPayloads, isKnown, type KnownEvent, type Receipt } from "../protocol/events.ts";
import type { ApprovalId, CallId, Commit, GrantId, SessionId, TaskId } from "../protocol/ids.ts";
import { attribute, type BlamePorts, type Landing, textAt, type Version } from "./lineVersions.ts";

export type Answered = Pick<ApprovalRequest, "approvalId" | "kind"> & Pick<EventPayloads["approval.resolved"], "decision" | "scope" | "by">;

export type LineStory = {
  sessionId: SessionId;
  sessionName: string;
  prompt: string;
  taskId?: TaskId;
  stepId?: string;
  /** Of the step, or of the task that did it. */ goal?: string;
  agent?: string;
  model?: string;
  call?: { callId: CallId; tool: string; grant?: GrantId };
  /** Of the call that wrote the line, as far as one was asked for. */ approvals: Answered[];
  /** The check that passed on exactly the tree that was taken. */ receipt?: Pick<Receipt, "receiptId" | "command" | "tree">;
  landed: { at: string; by: string; seq: number; commit: Commit; approvalId?: ApprovalId };
};

type Lines = { path: string; after: string[]; wanted: Set<number> };
type Work = { taskId: TaskId; seq: number; from: Commit; to: Commit };
type Created = Task & { stepId?: string };
type Started = Extract<KnownEvent, { type: "call.started" }>;

export async function storiesOf(ports: BlamePorts, landing: Landing, lines: Lines): Promise<Map<number, LineStory>> {
  const { state, event } = landing;
  const events = (await ports.store.read(state.id, {})).filter(isKnown);
  const past = events.filter(({ seq }) => seq <= event.seq);
  const tasks = new Map(past.flatMap((one) => (one.type === "task.created" ? [[one.payload.task.id, createdOf(one.payload)]] : [])));
  const works = worksIn(past).toReversed();
  const versions: Version[] = [];
  for (const { from, to } of works) {
    const [before, after] = await Promise.all([from, to].map(async (commit) => await textAt(ports, state.workspace, commit, lines.path)));
    versions.push({ before: before!, after: after! });
  }
  const common = await commonOf(ports, landing, past);
  const byWork = attribute(lines.after, versions);
  const stories = new Map<number, LineStory>();
  for (const line of lines.wanted) {
    const found = byWork[line];
    const work = found && works[found.version];
    const own = work ? storyOfWork(past, tasks, work, { path: lines.path, text: lines.after[line]! }) : { approvals: [] };
    stories.set(line, { ...common, ...own });
  }
  return stories;
}

function createdOf({ task, stepId }: EventPayloads["task.created"]): Created {
  return { ...task, ...(stepId === undefined ? {} : { stepId }) };
}

/** The work that was joined with the session's result, and between which commits, one after another. */
function worksIn(events: KnownEvent[]): Work[] {
  const works: Work[] = [];
  let head: Commit | undefined;
  for (const { type, payload, taskId, seq } of events) {
    if (type === "workspace.opened") head = payload.head ?? payload.base;
    if (type === "landing.done" && payload.decision === "applied") head = payload.commit;
    if (type !== "work.merged" || payload.into !== undefined || payload.conflicts.length > 0 || !taskId) continue;
    if (head !== undefined) works.push({ taskId, seq, from: head, to: payload.commit });
    head = payload.commit;
  }
  return works;
}

type Common = Pick<LineStory, "sessionId" | "sessionName" | "prompt" | "receipt" | "landed">;

async function commonOf({ workspace }: BlamePorts, { state, event, commit }: Landing, past: KnownEvent[]): Promise<Common> {
  const tree = await workspace.treeOf(state.id, state.workspace, commit);
  const receipt = past.findLast((one) => one.type === "receipt.issued" && proves(one.payload, tree))?.payload as Receipt | undefined;
  const proposed = past.findLast((one) => one.type === "landing.proposed")?.payload.approvalId;
  // What policy lets be taken beforehand is put to nobody.
  const asked = past.some((one) => one.type === "approval.requested" && one.payload.approvalId === proposed);
  const prompt = past.findLast((one) => one.type === "run.started")?.payload.prompt ?? state.goal;
  const { timestamp: at, actor: by, seq } = event;
  return {
    sessionId: state.id,
    sessionName: state.name,
    prompt,
    ...(receipt ? { receipt: { receiptId: receipt.receiptId, command: receipt.command, tree } } : {}),
    landed: { at, by, seq, commit, ...(asked && proposed !== undefined ? { approvalId: proposed } : {}) },
  };
}

function proves({ exitCode, altered, tree }: Receipt, wanted: string): boolean {
  return exitCode === 0 && !altered && tree === wanted;
}

type Own = Pick<LineStory, "taskId" | "stepId" | "goal" | "agent" | "model" | "call" | "approvals">;

function storyOfWork(events: KnownEvent[], tasks: Map<TaskId, Created>, work: Work, line: { path: string; text: string }): Own {
  const call = writerOf(events, tasks, work, line);
  const taskId = call?.taskId ?? work.taskId;
  const task = tasks.get(taskId);
  const step = ancestors(tasks, taskId).find(({ stepId }) => stepId !== undefined);
  const model = modelOf(events, tasks, taskId, call);
  return {
    taskId,
    ...(step?.stepId === undefined ? {} : { stepId: step.stepId }),
    ...((step ?? task) ? { goal: (step ?? task)!.goal } : {}),
    ...(task?.assignedAgent === undefined ? {} : { agent: task.assignedAgent }),
    ...(model === undefined ? {} : { model }),
    ...(call ? { call: toolOf(call.payload) } : {}),
    approvals: call ? approvalsOf(events, call.payload.callId) : [],
  };
}

function toolOf({ callId, tool, grant }: Started["payload"]): NonNullable<LineStory["call"]> {
  return { callId, tool, ...(grant === undefined ? {} : { grant }) };
}

/** The task and those it works for, from the inside out. */
function ancestors(tasks: Map<TaskId, Created>, taskId: TaskId): Created[] {
  const chain: Created[] = [];
  for (let task = tasks.get(taskId); task && !chain.includes(task); task = task.parentId ? tasks.get(task.parentId) : undefined)
    chain.push(task);
  return chain;
}

/** The last call for this work that put these words into this file; else the last one that wrote the file. */
function writerOf(
  events: KnownEvent[],
  tasks: Map<TaskId, Created>,
  work: Work,
  { path, text }: { path: string; text: string },
): Started | undefined {
  const done = new Set(events.flatMap((one) => (one.type === "call.ended" && one.payload.result.ok ? [one.payload.callId] : [])));
  const writing = events.filter(
    (one): one is Started =>
      one.type === "call.started" &&
      one.seq < work.seq &&
      done.has(one.payload.callId) &&
      one.taskId !== undefined &&
      ancestors(tasks, one.taskId).some(({ id }) => id === work.taskId) &&
      writes(one.payload, path),
  );
  const words = text.trim();
  return writing.findLast(({ payload }) => textsIn(payload.arguments).some((part) => part.includes(words))) ?? writing.at(-1);
}

function writes({ tool, arguments: given }: Started["payload"], path: string): boolean {
  if (!/^filesystem__(write_file|edit_file|move)$/.test(tool)) return false;
  const { path: named, to } = (given ?? {}) as { path?: unknown; to?: unknown };
  const target = tool === "filesystem__move" ? to : named;
  return typeof target === "string" && `/${target.replace(/^\.\//, "")}`.endsWith(`/${path}`);
}

function textsIn(given: unknown): string[] {
  const { content, new: put, patch } = (given ?? {}) as Record<string, unknown>;
  return [content, put, patch].filter((part) => typeof part === "string");
}

/** The one that asked for the call; else the last one that answered the task, or one that it works for. */
function modelOf(events: KnownEvent[], tasks: Map<TaskId, Created>, taskId: TaskId, call: Started | undefined): string | undefined {
  const turns = events.filter((one) => one.type === "turn.started");
  const asked = turns.findLast(({ payload }) => call !== undefined && payload.turnId === call.payload.turnId);
  if (asked) return asked.payload.model;
  const chain = ancestors(tasks, taskId).map(({ id }) => id);
  return chain.flatMap((id) => turns.findLast((turn) => turn.taskId === id)?.payload.model ?? [])[0];
}

function approvalsOf(events: KnownEvent[], callId: CallId): Answered[] {
  return events.flatMap((one) => {
    if (one.type !== "approval.requested" || one.payload.callId !== callId) return [];
    const { approvalId, kind } = one.payload;
    const answer = events.findLast((other) => other.type === "approval.resolved" && other.payload.approvalId === approvalId);
    if (answer?.type !== "approval.resolved") return [];
    const { decision, scope, by } = answer.payload;
    return [{ approvalId, kind, decision, scope, by }];
  });
}
