// The conversation as a person reads it, folded from the log: prompts, turns with their calls, questions at their place,
// reviews, checks, the end. Grows by appending and is bounded; what fell off is folded again from the log when asked for.
// Owns no state of the session (that is reduce()) and draws nothing.

import { type EventOf, type EventType, isKnown, ranUnsandboxed, type TraceEvent } from "../../src/protocol/events.ts";
import type { CallId, TaskId, TurnId } from "../../src/protocol/ids.ts";
import { addUsage, noUsage } from "../../src/protocol/state.ts";
import { textOf } from "../../src/protocol/transcript.ts";
import type { CallItem, Chat, ChatItem, CompactionItem, Fault, LandingItem, OfTask, Placed, TurnItem } from "./chatItems.ts";

const mostItems = 12_000;
const droppedAtOnce = 2_000;
const keptResult = 4_000;

const nothingSpent = (): Chat["spent"] => ({ usage: noUsage, costUsd: 0, costUnknown: false });

export function emptyChat(firstSeq: number): Chat {
  return {
    items: [],
    turns: new Map(),
    calls: new Map(),
    open: new Map(),
    firstSeq,
    lastSeq: firstSeq - 1,
    spent: nothingSpent(),
  };
}

type Folder<T extends EventType> = (chat: Chat, event: EventOf<T>) => void;
const skip = (): void => undefined;

const folders: { [T in EventType]: Folder<T> } = {
  "session.created": skip,
  "session.resumed": (chat, event) => {
    if (event.payload.prompt === undefined) note(chat, event, "info", "resumed the run");
  },
  "session.ended": skip,
  "run.started": (chat, event) => {
    chat.spent = nothingSpent();
    add(chat, { kind: "prompt", ...placed(event), text: event.payload.prompt });
  },
  "run.ended": (chat, event) => {
    const fault = tellFaults(chat, event.payload.reason ?? "");
    add(chat, { kind: "end", ...placed(event), ...event.payload, ...chat.spent, ...(fault ? { fault } : {}) });
  },
  "workflow.node.enter": skip,
  "workflow.node.exit": skip,
  "plan.submitted": (chat, event) => {
    // A plan that the workflow itself brings for a single step says nothing new.
    if (event.payload.by !== "workflow" || event.payload.steps.length > 1)
      add(chat, { kind: "plan", ...placed(event), runId: event.runId, ...event.payload });
  },
  "plan.amended": (chat, event) => note(chat, event, "info", `changed the plan: ${event.payload.reason}`),
  "task.created": skip,
  "task.updated": (chat, event) => {
    const { status, reason, output } = event.payload;
    if (status !== "failed" && status !== "cancelled") return;
    const word = status === "failed" ? "failed" : "was cancelled";
    note(
      chat,
      event,
      status === "failed" ? "error" : "warning",
      `${word}${(reason ?? output?.summary) ? `: ${reason ?? output?.summary}` : "."}`,
    );
  },
  "turn.started": (chat, event) => {
    const { turnId, purpose } = event.payload;
    if (purpose) return add(chat, { kind: "compaction", ...placed(event), ...ofTask(event), turnId, open: true });
    const turn = turnOf(chat, event, event.payload.turnId);
    turn.model = event.payload.model;
    turn.open = true;
    if (event.taskId) chat.open.set(event.taskId, turn);
  },
  "turn.retried": (chat, event) => {
    turnOf(chat, event, event.payload.turnId).note = `Trying again (${event.payload.attempt}): ${event.payload.message}`;
  },
  "turn.ended": endTurn,
  message: (chat, event) => {
    if (event.payload.role === "assistant") turnOf(chat, event, event.payload.turnId).text = textOf(event.payload.content);
  },
  "context.compacted": (chat, event) => {
    const { turnId } = event.payload;
    const known = turnId && summaryOf(chat, turnId);
    if (known) known.done = event.payload;
    else add(chat, { kind: "compaction", ...placed(event), ...ofTask(event), open: false, done: event.payload });
    // The model's word that its window is too small was answered by this.
    const refused = chat.items.findLast((item) => item.kind === "turn" && item.taskId === event.taskId);
    if (refused?.kind === "turn" && refused.fault?.code === "too_long") delete refused.fault;
  },
  "call.requested": (chat, event) => openCall(chat, event, "asked"),
  "call.started": (chat, event) => openCall(chat, event, "running"),
  "call.ended": endCall,
  handoff: (chat, event) => {
    const { kind, from, to, goal, childTask } = event.payload;
    add(chat, { kind: "handoff", ...placed(event), from, to, goal, how: kind, taskId: childTask });
  },
  "state.changed": skip,
  "message.sent": (chat, event) => {
    const { messageId, to, from } = event.payload;
    const { text } = (event.payload.payload ?? {}) as { text?: unknown };
    if (from === "orchestrator") return;
    const isAgent = (name: string): name is TaskId => name.startsWith("t_");
    if (isAgent(from) || typeof text !== "string") return note(chat, event, "info", `wrote to ${to}`);
    add(chat, { kind: "said", ...placed(event), messageId, text, ...(isAgent(to) ? { to } : {}) });
  },
  "message.delivered": skip,
  "approval.requested": (chat, event) => add(chat, { kind: "approval", ...placed(event), approvalId: event.payload.approvalId }),
  "approval.resolved": skip,
  "interrupt.raised": (chat, event) => {
    const { kind, interruptId, text, percent } = event.payload;
    if (kind === "progress_report") note(chat, event, "info", percent === undefined ? text : `${percent} % · ${text}`);
    else add(chat, { kind: "question", ...placed(event), interruptId });
  },
  "interrupt.resolved": skip,
  "review.scored": (chat, event) => add(chat, { kind: "review", ...placed(event), review: event.payload }),
  "review.commented": skip,
  "receipt.issued": (chat, event) => add(chat, { kind: "receipt", ...placed(event), receipt: event.payload }),
  "budget.reserved": skip,
  "budget.spent": skip,
  "budget.refunded": skip,
  "workspace.opened": (chat, event) => {
    const left = event.payload.left ?? [];
    if (left.length > 0)
      note(chat, event, "warning", `Agents cannot see ${left.length} files (too large or unreadable): ${left.slice(0, 5).join(", ")}`);
  },
  "work.merged": (chat, event) => {
    const { conflicts, fails } = event.payload;
    if (conflicts.length > 0) note(chat, event, "warning", `Its work conflicts with others in ${conflicts.join(", ")}`);
    if (fails) note(chat, event, "warning", `Its work fits, but ${fails.command} fails on it together with the others'`);
  },
  "work.claimed": (chat, event) => {
    const { path, symbols, with: others } = event.payload;
    if (others) note(chat, event, "warning", `Another agent is changing ${symbols.join(", ")} of ${path} at the same time; both were told`);
  },
  "work.undone": (chat, event) => {
    const { again, files, conflicts, base } = event.payload;
    const where = base === undefined ? "what is proposed" : "your files";
    const text = again ? `put work back into ${where}` : `took work out of ${where}`;
    if (conflicts.length > 0)
      note(chat, event, "warning", `could not change ${where}: later work is in the same places of ${conflicts.join(", ")}`);
    else note(chat, event, "info", `${text}: ${files.join(", ") || "none had changed"}`);
  },
  "work.set_aside": skip,
  "checkpoint.created": skip,
  "landing.proposed": skip,
  "landing.reopened": (chat, event) => note(chat, event, "info", "What waited before waits for your word again"),
  "landing.done": (chat, { payload, ...event }) => {
    // The last word says the same as the words on the last parts before it.
    while (payload.conflicts.length === 0 && lastPart(chat)) chat.items.pop();
    add(chat, { kind: "landing", ...placed(event as TraceEvent), ...payload });
  },
  "landing.part": (chat, event) => {
    const { decision, parts, conflicts } = event.payload;
    const files = parts.map(({ path }) => path);
    const last = lastPart(chat);
    if (conflicts.length > 0) add(chat, { kind: "landing", ...placed(event), decision: "conflict", files, conflicts, part: true });
    else if (last?.decision === decision) last.files = [...new Set([...last.files, ...files])];
    else add(chat, { kind: "landing", ...placed(event), decision, files, conflicts, part: true });
  },
  "rollback.done": (chat, event) => {
    const { files, conflicts } = event.payload;
    if (conflicts.length > 0) note(chat, event, "warning", `could not take files back: both sides changed ${conflicts.join(", ")}`);
    else note(chat, event, "info", `took files back: ${files.join(", ") || "none had changed"}`);
  },
  "commit.planned": skip,
  "commit.made": (chat, event) => {
    const { commit, branch, files } = event.payload;
    note(chat, event, "info", `committed on ${branch} as ${commit.slice(0, 10)}: ${files.join(", ")}`);
  },
  "policy.applied": (chat, event) => {
    for (const { file, line, column, message } of event.payload.problems)
      note(chat, event, "error", `${file}:${line}:${column}: ${message} Until it is mended, nothing is allowed but reading.`);
    const { heldAt, problems } = event.payload;
    if (heldAt && problems.length === 0) note(chat, event, "info", `The policy allows no more than level ${heldAt}; that holds.`);
  },
  "fact.put": skip,
  "decision.recorded": (chat, event) => note(chat, event, "info", `${event.payload.statement}: ${event.payload.reason}`),
  "document.added": skip,
  error: (chat, event) => note(chat, event, "error", event.payload.message),
};

/** Adds the event that follows the newest one; anything else is left out. */
export function addToChat(chat: Chat, event: TraceEvent): void {
  if (event.seq !== chat.lastSeq + 1) return;
  chat.lastSeq = event.seq;
  if (!isKnown(event)) return;
  const folder = folders[event.type] as Folder<EventType>;
  folder(chat, event);
  if (chat.items.length > mostItems) dropOldest(chat);
}

/** Puts an older part in front. A turn that both parts hold is told whole by the newer one. */
export function prepend(chat: Chat, older: TraceEvent[]): void {
  const [first] = older;
  if (!first) return;
  const part = emptyChat(first.seq);
  for (const event of older) addToChat(part, event);
  const kept = part.items.filter((item) => {
    const newer = item.kind === "turn" ? chat.turns.get(item.key) : undefined;
    if (!newer || item.kind !== "turn") return true;
    newer.model ??= item.model!;
    newer.text ||= item.text;
    newer.calls = [...item.calls.filter(({ callId }) => !newer.calls.some((call) => call.callId === callId)), ...newer.calls];
    return false;
  });
  chat.items = [...kept, ...chat.items];
  for (const [key, turn] of part.turns) if (!chat.turns.has(key)) chat.turns.set(key, turn);
  for (const [id, call] of part.calls) if (!chat.calls.has(id)) chat.calls.set(id, call);
  chat.firstSeq = first.seq;
}

/** What can be kept and read back: plain data, the newest items only. */
export function recentOf(chat: Chat, most: number): { items: ChatItem[]; lastSeq: number; firstSeq: number; spent: Chat["spent"] } {
  const items = chat.items.slice(-most);
  const firstSeq = items.length < chat.items.length ? (items[0]?.seq ?? chat.firstSeq) : chat.firstSeq;
  return { items, lastSeq: chat.lastSeq, firstSeq, spent: chat.spent };
}

export function chatFrom(kept: ReturnType<typeof recentOf>): Chat {
  const chat: Chat = { ...emptyChat(kept.firstSeq), ...kept };
  for (const item of kept.items) {
    if (item.kind === "turn") {
      chat.turns.set(item.key, item);
      if (item.open && item.taskId) chat.open.set(item.taskId, item);
    }
    for (const call of callsOf(item)) chat.calls.set(call.callId, call);
  }
  return chat;
}

function callsOf(item: ChatItem): CallItem[] {
  if (item.kind === "turn") return item.calls;
  return item.kind === "call" ? [item.call] : [];
}

function placed(event: TraceEvent): Placed {
  return { key: `e${event.seq}`, seq: event.seq };
}

function add(chat: Chat, item: ChatItem): void {
  chat.items.push(item);
}

function note(chat: Chat, event: TraceEvent, tone: "info" | "warning" | "error", text: string): void {
  add(chat, { kind: "note", ...placed(event), ...ofTask(event), tone, text });
}

function lastPart(chat: Chat): LandingItem | undefined {
  const last = chat.items.at(-1);
  return last?.kind === "landing" && last.part && last.conflicts.length === 0 ? last : undefined;
}

function ofTask(event: TraceEvent): OfTask {
  return { agent: event.actor, ...(event.taskId ? { taskId: event.taskId } : {}) };
}

function turnOf(chat: Chat, event: TraceEvent, turnId: TurnId | undefined): TurnItem {
  const key = turnId ?? `e${event.seq}`;
  const known = chat.turns.get(key);
  if (known) return known;
  const turn: TurnItem = {
    kind: "turn",
    key,
    seq: event.seq,
    ...ofTask(event),
    ...(turnId ? { turnId } : {}),
    text: "",
    calls: [],
    open: false,
  };
  chat.turns.set(key, turn);
  add(chat, turn);
  return turn;
}

function endTurn(chat: Chat, event: EventOf<"turn.ended">): void {
  const { turnId, model, usage, costUsd, durationMs, error, stop, purpose } = event.payload;
  chat.spent = {
    usage: addUsage(chat.spent.usage, usage),
    costUsd: chat.spent.costUsd + (costUsd ?? 0),
    costUnknown: chat.spent.costUnknown || costUsd === null,
  };
  if (purpose) return void Object.assign(summaryOf(chat, turnId) ?? {}, { usage, costUsd, open: false });
  const turn = turnOf(chat, event, turnId);
  Object.assign(turn, { model, usage, costUsd, durationMs, open: false });
  delete turn.note;
  if (event.taskId) chat.open.delete(event.taskId);
  if (error) turn.fault = { ...error, model };
  else if (stop === "length") turn.fault = { code: stop, message: "The answer was cut off: it reached the model's limit." };
  else if (stop === "refusal") turn.fault = { code: stop, message: "The model refused to answer." };
}

function summaryOf(chat: Chat, turnId: TurnId): CompactionItem | undefined {
  const found = chat.items.findLast((item) => item.kind === "compaction" && item.turnId === turnId);
  return found?.kind === "compaction" ? found : undefined;
}

/** What the end of a run says of its turns is not said again at each of them. */
function tellFaults(chat: Chat, reason: string): Fault | undefined {
  let first: Fault | undefined;
  for (const item of chat.items.slice(chat.items.findLastIndex(({ kind }) => kind === "prompt") + 1)) {
    if (item.kind !== "turn" || !item.fault || !reason.includes(item.fault.message)) continue;
    item.fault = { ...item.fault, told: true };
    first ??= item.fault;
  }
  return first;
}

function openCall(chat: Chat, event: EventOf<"call.requested"> | EventOf<"call.started">, state: "asked" | "running"): void {
  const { callId, tool, turnId } = event.payload;
  const grant = "grant" in event.payload ? { grant: event.payload.grant } : {};
  const known = chat.calls.get(callId);
  if (known) {
    Object.assign(known, { state, ...grant });
    return;
  }
  const call: CallItem = { callId, tool, arguments: event.payload.arguments, state, ...grant };
  chat.calls.set(callId, call);
  if (turnId !== undefined) turnOf(chat, event, turnId).calls.push(call);
  else add(chat, { kind: "call", ...placed(event), ...ofTask(event), call });
}

export function takeOutput(chat: Chat, callId: CallId, text: string): void {
  const call = chat.calls.get(callId);
  if (call?.state === "running") call.live = `${call.live ?? ""}${text}`.slice(-keptResult);
}

function endCall(chat: Chat, { payload: { callId, result, durationMs } }: EventOf<"call.ended">): void {
  const call = chat.calls.get(callId);
  if (!call) return;
  call.state = result.ok ? "ok" : "failed";
  delete call.live;
  if (ranUnsandboxed(result)) call.unsandboxed = true;
  call.durationMs = durationMs;
  call.result = result.content.slice(0, keptResult);
  if (result.content.length > keptResult) call.cut = true;
}

function dropOldest(chat: Chat): void {
  const dropped = chat.items.splice(0, droppedAtOnce);
  for (const item of dropped) {
    if (item.kind === "turn") chat.turns.delete(item.key);
    for (const call of callsOf(item)) chat.calls.delete(call.callId);
  }
  chat.firstSeq = chat.items[0]?.seq ?? chat.lastSeq + 1;
}
