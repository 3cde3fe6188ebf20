// Room in a long conversation, before each turn: results of old calls are set aside first, without a model; where that is
// not enough, the model sums up its older turns, and code does where the model cannot. Every step is an event, so that the
// context after a crash is the same, byte for byte (A2, A7). What is chosen is in setAside.ts and summary.ts.

import type { AgentDefinition } from "../protocol/agents.ts";
import { contentHash } from "../protocol/hash.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { Compaction } from "../protocol/ledger.ts";
import type { TranscriptEntry } from "../protocol/transcript.ts";
import { availableTo } from "./budget.ts";
import { type AgentContext, text } from "./context.ts";
import { clearShare, estimateTokens, roomIn, sumUpShare, worthShare } from "./contextWindow.ts";
import type { ModelOutcome } from "./ports.ts";
import { type Run, stateOf } from "./run.ts";
import { entryTokens, ledgerParts, newestFrom, numbered, oldResults, type OldResult } from "./setAside.ts";
import { askForSummary, digestOf, keptOf, openOf, usable } from "./summary.ts";
import { askModel, type Seen, type TurnAnswer } from "./turn.ts";

/** An agent at its model. */
export type Seat = { run: Run; taskId: TaskId; agent: AgentDefinition; model: string; context: AgentContext; maxTokens: number };

/** A summary may take at most this share of the room, or so many tokens. */
const summaryShare = 0.15;
const longestSummary = 8_000;
/** Less than this share is not worth a model's call. */
const leastToSumUp = 0.1;

export function windowOf(run: Run, model: string): number {
  const info = run.ports.models.resolve(model);
  return info.ok ? info.value.contextWindow : Infinity;
}

export function seenBy({ run, model, context }: Seat): Seen {
  const hash = context.seal();
  const { system, messages, tools, account, steady } = context;
  const window = account.within(model, windowOf(run, model));
  return {
    system,
    messages,
    tools,
    account,
    hash,
    ...(steady > 0 ? { steady } : {}),
    ...(window < Infinity ? { figures: account.figures(window) } : {}),
  };
}

/** Does nothing as long as there is room; else what is needed, and never more than once without something new. */
export async function makeRoom(seat: Seat, signal: AbortSignal): Promise<void> {
  const { run, taskId, model, context, maxTokens } = seat;
  const info = run.ports.models.resolve(model);
  if (!info.ok) return;
  const room = roomIn({ ...info.value, contextWindow: context.account.within(model, info.value.contextWindow) }, maxTokens);
  const paid = Math.min(room, Math.max(0, availableTo(stateOf(run), taskId).tokens));
  if (context.account.tokens <= paid * clearShare) return;
  const newest = newestFrom(context.transcript, room);
  setAside(seat, oldResults(context.transcript, newest), paid * worthShare);
  if (context.account.tokens > room * sumUpShare) await sumUp(seat, newest, room, signal);
  if (context.account.tokens > room && !signal.aborted) setAsideLargest(seat, room * sumUpShare);
}

function setAside(seat: Seat, results: OldResult[], least: number): void {
  const { context } = seat;
  const freed = context.account.scaled(results.reduce((sum, one) => sum + one.freed, 0));
  if (results.length === 0 || freed < least) return;
  const before = context.account.tokens;
  const dropped = numbered(results, context.transcript.items);
  record(seat, { how: "results", upTo: results.at(-1)!.entrySeq, dropped, before, after: before - freed });
}

/** Also what the newest turns brought: an agent that reads in pages goes on, one whose turn cannot be taken does not. */
function setAsideLargest(seat: Seat, most: number): void {
  const { context } = seat;
  const chosen: OldResult[] = [];
  let tokens = context.account.tokens;
  for (const one of oldResults(context.transcript, Infinity, true).toSorted((a, b) => b.freed - a.freed)) {
    if (tokens <= most) break;
    tokens -= context.account.scaled(one.freed);
    chosen.push(one);
  }
  setAside(
    seat,
    chosen.toSorted((a, b) => a.entrySeq - b.entrySeq),
    0,
  );
}

async function sumUp(seat: Seat, newest: number, room: number, signal: AbortSignal): Promise<void> {
  const { context } = seat;
  const { transcript } = context;
  const older = transcript.entries.slice(0, newest);
  const size = older.reduce((sum, entry) => sum + entryTokens(entry), 0);
  if (context.account.scaled(size) < room * leastToSumUp) return;
  const before = context.account.tokens;
  const most = Math.min(longestSummary, Math.floor(room * summaryShare));
  const answer = await askModel(seat.run, summaryRequest(seat, older, most, room), signal);
  const summary = signal.aborted ? undefined : usable(answer.outcome, most, size);
  endSummary(seat, answer);
  if (!summary) return;
  const how = "text" in summary ? "summary" : "digest";
  const words = "text" in summary ? summary.text : digestOf(older, transcript.shortened, most);
  const kept = keptOf(older, transcript.shortened?.kept ?? []);
  const open = openOf(transcript, older);
  const dropped = numbered(older.flatMap(ledgerParts), transcript.items);
  const grown = [...kept, words, ...open.map((one) => one.text)].reduce((sum, one) => sum + estimateTokens(one), 0);
  const gone = size + estimateTokens(transcript.shortened?.text ?? "");
  record(seat, {
    how,
    upTo: older.at(-1)!.seq,
    dropped,
    kept,
    open,
    text: words,
    before,
    after: before - context.account.scaled(gone - grown),
    turnId: answer.turnId,
    ...("why" in summary ? { why: summary.why } : {}),
  });
}

/** All that the agent sees, where that leaves room: the provider has it in its cache, and the newest turns say what is next. */
function summaryRequest({ taskId, agent, model, context }: Seat, older: TranscriptEntry[], most: number, room: number) {
  const hash = context.seal();
  const words = askForSummary(most);
  const fits = context.account.tokens + estimateTokens(words) <= room;
  const seen: Seen = {
    system: context.system,
    tools: context.tools,
    messages: [...(fits ? context.messages : context.upTo(older.at(-1)!.seq)), { role: "user", content: text(words) }],
    account: context.account,
    hash: contentHash(`${hash}\n${words}`),
  };
  return { taskId, agent, model, seen, maxTokens: most, purpose: "summary" as const };
}

function endSummary({ run, taskId, agent, model }: Seat, { turnId, outcome, durationMs }: TurnAnswer): void {
  const { usage, costUsd } = outcome;
  const error = outcome.kind === "failed" ? { error: { code: outcome.code, message: outcome.message } } : {};
  const payload = {
    turnId,
    model: modelOf(outcome) ?? model,
    stop: stopOf(outcome),
    usage,
    costUsd,
    durationMs,
    ...error,
    purpose: "summary" as const,
  };
  run.log.append({ type: "turn.ended", actor: agent.id, taskId, payload });
}

function modelOf(outcome: ModelOutcome): string | undefined {
  return outcome.kind === "answer" ? outcome.model : undefined;
}

function stopOf(outcome: ModelOutcome) {
  return outcome.kind === "answer" ? outcome.stop : outcome.kind;
}

function record({ run, taskId }: Seat, payload: Compaction): void {
  run.log.append({ type: "context.compacted", actor: "orchestrator", taskId, payload });
}
