// What one agent has seen and said, as a fold over its task's events: the saved state of an agent, and the only
// source from which its context is built (A7). What was set aside or summed up is so here too: what is left is what the
// agent sees.

import type { CallResult, ContentBlock, EventPayloads, ImageBlock, TraceEvent, TurnStop } from "./events.ts";
import { isKnown } from "./events.ts";
import type { CallId, TurnId } from "./ids.ts";
import { asideLine, type Shortened } from "./ledger.ts";

export type TranscriptCall = {
  callId: CallId;
  tool: string;
  arguments: unknown;
  started: boolean;
  result?: CallResult;
  /** Where its end is on record. */
  endSeq?: number;
  /** Its result was set aside: the number in the ledger. */
  item?: number;
};

export type TranscriptEntry =
  | { role: "user"; by: string; content: ContentBlock[]; seq: number }
  | { role: "assistant"; turnId: TurnId | undefined; content: ContentBlock[]; calls: TranscriptCall[]; seq: number };

export type Transcript = {
  entries: TranscriptEntry[];
  /** A turn that began and did not end: the process stopped while the model was answering. */
  openTurn?: { turnId: TurnId; attempt: number; purpose?: "summary" };
  /** How the newest turn ended. */
  stop?: TurnStop;
  turns: number;
  /** What stands for all entries before these. */
  shortened?: Shortened;
  /** How many entries its ledger has. */
  items: number;
  /** How often something was set aside, and up to where the last time. */
  compactions: number;
  compactedTo: number;
};

export function emptyTranscript(): Transcript {
  return { entries: [], turns: 0, items: 0, compactions: 0, compactedTo: 0 };
}

/** Adds one event in place; the caller owns the transcript. Events of other tasks must not be passed in. */
export function addToTranscript(transcript: Transcript, event: TraceEvent): void {
  if (!isKnown(event)) return;
  switch (event.type) {
    case "message":
      addMessage(transcript, event.payload, event.actor, event.seq);
      return;
    case "turn.started": {
      const { turnId, attempt, purpose } = event.payload;
      transcript.openTurn = { turnId, attempt, ...(purpose ? { purpose } : {}) };
      return;
    }
    case "turn.ended":
      if (!event.payload.purpose) transcript.stop = event.payload.stop;
      delete transcript.openTurn;
      transcript.turns += 1;
      return;
    case "context.compacted":
      compact(transcript, event.payload);
      return;
    case "call.requested":
    case "call.started":
      noteCall(transcript, event.payload, event.type === "call.started", event.seq);
      return;
    case "call.ended":
      endCall(transcript, event.payload.callId, event.payload.result, event.seq);
      return;
    default:
      return;
  }
}

function addMessage(
  transcript: Transcript,
  payload: { role: "user" | "assistant"; content: ContentBlock[]; turnId?: TurnId },
  by: string,
  seq: number,
): void {
  if (payload.role === "user") transcript.entries.push({ role: "user", by, content: payload.content, seq });
  else transcript.entries.push({ role: "assistant", turnId: payload.turnId, content: payload.content, calls: [], seq });
}

/** Calls made by code (without a turn) belong to no conversation. */
function noteCall(
  transcript: Transcript,
  payload: { callId: CallId; turnId?: TurnId; tool: string; arguments: unknown },
  started: boolean,
  seq: number,
): void {
  if (payload.turnId === undefined) return;
  const known = findCall(transcript, payload.callId);
  if (known) {
    known.started = started;
    return;
  }
  const call: TranscriptCall = { callId: payload.callId, tool: payload.tool, arguments: payload.arguments, started };
  const last = transcript.entries.at(-1);
  if (last?.role === "assistant" && last.turnId === payload.turnId) last.calls.push(call);
  else transcript.entries.push({ role: "assistant", turnId: payload.turnId, content: [], calls: [call], seq });
}

function endCall(transcript: Transcript, callId: CallId, result: CallResult, seq: number): void {
  const call = findCall(transcript, callId);
  if (call) Object.assign(call, { result, endSeq: seq });
}

function compact(
  transcript: Transcript,
  { how, upTo, dropped, kept = [], open = [], text = "" }: EventPayloads["context.compacted"],
): void {
  transcript.compactions += 1;
  transcript.compactedTo = upTo;
  transcript.items += dropped.length;
  if (how !== "results") {
    transcript.entries = transcript.entries.filter(({ seq }) => seq > upTo);
    transcript.shortened = { kept: [...(transcript.shortened?.kept ?? []), ...kept], open, text, how };
    return;
  }
  const aside = new Map(dropped.map((one) => [one.callId, one]));
  for (const entry of transcript.entries) {
    for (const call of entry.role === "assistant" ? entry.calls : []) {
      const item = aside.get(call.callId);
      if (item && call.result) Object.assign(call, { result: { ...call.result, content: asideLine(item) }, item: item.item });
    }
  }
}

/** Open calls are always in the newest turn, so the search is short however long the conversation. */
function findCall(transcript: Transcript, callId: CallId): TranscriptCall | undefined {
  for (let i = transcript.entries.length - 1; i >= 0 && i >= transcript.entries.length - 8; i--) {
    const entry = transcript.entries[i]!;
    const call = entry.role === "assistant" ? entry.calls.find((c) => c.callId === callId) : undefined;
    if (call) return call;
  }
  return undefined;
}

export function openCalls(transcript: Transcript): TranscriptCall[] {
  const last = lastAssistant(transcript);
  return last ? last.calls.filter((call) => !call.result) : [];
}

export function lastAssistant(transcript: Transcript): Extract<TranscriptEntry, { role: "assistant" }> | undefined {
  for (let i = transcript.entries.length - 1; i >= 0; i--) {
    const entry = transcript.entries[i]!;
    if (entry.role === "assistant") return entry;
  }
  return undefined;
}

export function textOf(content: (ContentBlock | ImageBlock)[]): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}
