// What an agent does not see any more, shown to it again: only ever of its own task's events, in pages.

import { type CallResult, isKnown, type KnownEvent } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { type LedgerItem, ledgerLine } from "../protocol/ledger.ts";
import { textOf } from "../protocol/transcript.ts";
import { briefOf, decodeUtf8 } from "./context.ts";
import { type Run, taskOf } from "./run.ts";
import { resultsSections } from "./stepInput.ts";

const pageOfLines = 100;
const pageOfCharacters = 12_000;

export async function recall(run: Run, taskId: TaskId, request: { item?: number; find?: string; offset?: number }): Promise<CallResult> {
  const { item, find, offset = 0 } = request;
  if (item === 0) return pageOf(0, await wholeBrief(run, taskId), offset);
  await run.log.durable();
  const events = (await run.ports.store.read(run.log.sessionId, { taskId })).filter(isKnown);
  const ledger = events.flatMap((event) => (event.type === "context.compacted" ? event.payload.dropped : []));
  if (item === undefined) return listOf(ledger, find, offset);
  const entry = ledger.find((one) => one.item === item);
  if (entry) return pageOf(item, await wordsOf(run, events, entry), offset);
  const most = ledger.length === 0 ? "nothing was set aside so far" : `the entries are 1 to ${ledger.length}`;
  return { ok: false, code: "not_found", content: `There is no entry ${item}: ${most}.` };
}

async function wholeBrief(run: Run, taskId: TaskId): Promise<string> {
  const task = taskOf(run, taskId);
  return briefOf(run.ports.store, task, task.parentId === undefined ? await resultsSections(run) : []);
}

function listOf(ledger: LedgerItem[], find: string | undefined, offset: number): CallResult {
  const wanted = find?.toLowerCase();
  const lines = ledger.map(ledgerLine).filter((line) => wanted === undefined || line.toLowerCase().includes(wanted));
  const shown = lines.slice(offset, offset + pageOfLines);
  const more = lines.length - offset - shown.length;
  const of = wanted === undefined ? "set aside" : `set aside that contain "${find}"`;
  const head = `${lines.length} of ${ledger.length} entries ${of}; item shows one of them.`;
  return { ok: true, content: [head, ...shown, ...(more > 0 ? [`[${more} more: offset ${offset + shown.length}]`] : [])].join("\n") };
}

async function wordsOf(run: Run, events: KnownEvent[], { callId, seq }: LedgerItem): Promise<string> {
  if (callId === undefined) {
    const said = events.find((event) => event.seq === seq);
    return said?.type === "message" ? textOf(said.payload.content) : "";
  }
  const asked = events.find(
    (event) => (event.type === "call.started" || event.type === "call.requested") && event.payload.callId === callId,
  );
  const ended = events.find((event) => event.type === "call.ended" && event.payload.callId === callId);
  const args = asked && "arguments" in asked.payload ? JSON.stringify(asked.payload.arguments) : "";
  if (ended?.type !== "call.ended") return `${args}\n(no result)`;
  const { tool, result } = ended.payload;
  const kept = result.artifact && (await run.ports.store.getArtifact(result.artifact.hash));
  return `${tool} ${args}\n${result.ok ? "" : `(${result.code}) `}${kept ? decodeUtf8(kept) : result.content}`;
}

function pageOf(item: number, text: string, offset: number): CallResult {
  const shown = text.slice(offset, offset + pageOfCharacters);
  const left = text.length - offset - shown.length;
  const more = left > 0 ? `\n[${left} more characters: agents__recall {"item": ${item}, "offset": ${offset + shown.length}}]` : "";
  return { ok: true, content: `${shown}${more}` };
}
