// One session as the interface follows it (A12): the state by reduce(), the conversation, the text that streams. Asks the
// log for what it has not seen, so that snapshot, tail and what was kept from before always join without a gap.

import { isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import type { SessionId, TaskId } from "../../src/protocol/ids.ts";
import type { ToPanel } from "../../src/protocol/panel.ts";
import { reduce } from "../../src/protocol/reduce.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { HostLink } from "../host.ts";
import { addToChat, emptyChat, prepend, takeOutput } from "./chat.ts";
import type { Chat, SaidItem } from "./chatItems.ts";

export type Followed = {
  id: SessionId;
  state?: SessionState;
  running: boolean;
  chat: Chat;
  /** What the person said that is not on record yet. */
  outgoing: SaidItem[];
  /** The answer of a task's open turn so far; its end only, when it is very long. */
  streams: Map<TaskId, string>;
  /** Events that came while an older part was still being read. */
  waiting: TraceEvent[];
  reading: boolean;
  /** Older parts can be read. */
  readonly hasEarlier: boolean;
};

const page = 1_000;
const mostToCatchUp = 3_000;
const streamLimit = 24_000;

export function followed(id: SessionId, chat: Chat = emptyChat(1), state?: SessionState): Followed {
  return {
    id,
    ...(state ? { state } : {}),
    running: false,
    chat,
    outgoing: [],
    streams: new Map(),
    waiting: [],
    reading: false,
    get hasEarlier() {
      return this.chat.firstSeq > 1;
    },
  };
}

/** Takes a newer state, then reads what the conversation lacks up to it. */
export async function takeSnapshot(session: Followed, state: SessionState, link: HostLink): Promise<void> {
  session.state = state;
  session.streams.clear();
  const missing = state.seq - session.chat.lastSeq;
  const startAnew = missing < 0 || missing > mostToCatchUp || session.chat.items.length === 0;
  if (startAnew) session.chat = emptyChat(Math.max(1, state.seq - page + 1));
  await catchUp(session, link);
}

/** One reader at a time; a state that grows meanwhile is caught up with as well. */
async function catchUp(session: Followed, link: HostLink): Promise<void> {
  if (session.reading) return;
  session.reading = true;
  try {
    while (session.chat.lastSeq < (session.state?.seq ?? 0)) {
      const { chat } = session;
      const after = chat.lastSeq;
      const { events } = await link.request("events", { sessionId: session.id, after, limit: page });
      if (session.chat !== chat) continue;
      for (const event of events) {
        addToChat(chat, event);
        endOutgoing(session, event);
      }
      if (chat.lastSeq === after) break;
    }
  } finally {
    session.reading = false;
    takeEvents(session, session.waiting.splice(0));
  }
}

/** Adds events of the tail; those already counted are passed over. Returns those that were new. */
export function takeEvents(session: Followed, events: TraceEvent[]): TraceEvent[] {
  if (session.reading) {
    session.waiting.push(...events);
    return [];
  }
  const fresh: TraceEvent[] = [];
  for (const event of events) {
    if (event.seq === (session.state?.seq ?? 0) + 1) session.state = reduce(session.state, event);
    if (event.seq !== session.chat.lastSeq + 1) continue;
    addToChat(session.chat, event);
    endStream(session, event);
    endOutgoing(session, event);
    fresh.push(event);
  }
  return fresh;
}

/** The durable event supersedes what was streamed. */
function endStream({ streams }: Followed, event: TraceEvent): void {
  if (event.taskId === undefined || !isKnown(event)) return;
  const over = event.type === "turn.started" || event.type === "turn.ended" || event.type === "message" || event.type === "task.updated";
  if (over) streams.delete(event.taskId);
}

function endOutgoing(session: Followed, event: TraceEvent): void {
  if (session.outgoing.length === 0 || !isKnown(event) || event.type !== "message.sent") return;
  const { messageId } = event.payload;
  session.outgoing = session.outgoing.filter((one) => one.messageId !== messageId);
}

export function takeDelta(session: Followed, { taskId, text, callId }: ToPanel["deltas"]["deltas"][number]): void {
  if (callId !== undefined) return takeOutput(session.chat, callId, text);
  if (!session.chat.open.has(taskId)) return;
  const whole = (session.streams.get(taskId) ?? "") + text;
  session.streams.set(taskId, whole.length > streamLimit ? whole.slice(whole.indexOf("\n", whole.length - streamLimit / 2) + 1) : whole);
}

export async function readEarlier(session: Followed, link: HostLink): Promise<void> {
  if (session.reading || !session.hasEarlier) return;
  session.reading = true;
  try {
    const before = session.chat.firstSeq;
    const { events } = await link.request("events", { sessionId: session.id, after: Math.max(0, before - page - 1), before, limit: page });
    if (events.length > 0) prepend(session.chat, events);
    else session.chat.firstSeq = 1;
  } finally {
    session.reading = false;
    takeEvents(session, session.waiting.splice(0));
  }
}
