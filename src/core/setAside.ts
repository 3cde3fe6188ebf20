// Which results of an agent's conversation can be set aside, and how the ledger names them. Pure.
import type { LedgerItem } from "../protocol/ledger.ts";

import { textOf, type Transcript, type TranscriptCall, type TranscriptEntry } from "../protocol/transcript.ts";
import { resultTokens } from "./context.ts";
import { estimateTokens, newestShare, newestTurns } from "./contextWindow.ts";

/** Less than this is no longer than the line in its place. */
const leastTokens = 120;
/** About what that line takes. */
const lineTokens = 45;
const longestAbout = 80;
/** Shorter words of its own are in the summary, or were not worth it. */
const leastWords = 200;
/** Of commands that fail, the newest ones count as what the work is about. */
const mostFailing = 3;

type LedgerPart = Omit<LedgerItem, "item">;
export type OldResult = LedgerPart & { entrySeq: number; freed: number };

/** Where the newest turns begin, which stay as they are. */
export function newestFrom({ entries }: Transcript, room: number): number {
  let tokens = 0;
  let turns = 0;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    tokens += entryTokens(entry);
    if (entry.role === "assistant") turns += 1;
    if (turns > newestTurns || (turns > 1 && tokens > room * newestShare)) return i + 1;
  }
  return 0;
}

export function entryTokens(entry: TranscriptEntry): number {
  const own = estimateTokens(textOf(entry.content));
  if (entry.role === "user") return own;
  return entry.calls.reduce((sum, call) => sum + estimateTokens(JSON.stringify(call.arguments) ?? "") + tokensOf(call), own);
}

function tokensOf({ result }: TranscriptCall): number {
  return result ? resultTokens(result) : 0;
}

/** Results before the entry at `end` that can be set aside, oldest first; with `all`, also those of a check that fails. */
export function oldResults(transcript: Transcript, end: number, all = false): OldResult[] {
  const failing = all ? new Set<string>() : new Set(failingChecks(transcript).map(({ callId }) => callId));
  return transcript.entries.slice(0, end).flatMap((entry) =>
    callsOf(entry)
      .filter((call) => !isPinned(call) && !failing.has(call.callId) && tokensOf(call) >= leastTokens)
      .map((call) => ({ ...partOf(call), entrySeq: entry.seq, freed: tokensOf(call) - lineTokens })),
  );
}

/** What people said, what others answered, and what a person refused; what was recalled can be recalled again. */
function isPinned({ tool, result, item }: TranscriptCall): boolean {
  const isOfTeam = tool.startsWith("agents__") && tool !== "agents__recall";
  return !result || item !== undefined || isOfTeam || (!result.ok && result.code === "denied");
}

export function callsOf(entry: TranscriptEntry): TranscriptCall[] {
  return entry.role === "assistant" ? entry.calls : [];
}

/** The newest runs of commands that failed when they ran last, newest first. */
export function failingChecks({ entries }: Transcript): TranscriptCall[] {
  const seen = new Set<string>();
  const failing: TranscriptCall[] = [];
  for (let i = entries.length - 1; i >= 0 && failing.length < mostFailing; i--) {
    for (const call of callsOf(entries[i]!).toReversed()) {
      const command = commandOf(call);
      const code = exitCodeOf(call);
      if (command === undefined || code === undefined || seen.has(command)) continue;
      seen.add(command);
      if (code !== 0) failing.push(call);
    }
  }
  return failing.slice(0, mostFailing);
}

export function commandOf({ tool, arguments: args }: TranscriptCall): string | undefined {
  const { command } = (tool === "shell__run" && typeof args === "object" && args !== null ? args : {}) as { command?: unknown };
  return typeof command === "string" ? command : undefined;
}

export function exitCodeOf({ result }: TranscriptCall): number | undefined {
  const { details } = result ?? {};
  const { exitCode } = (typeof details === "object" && details !== null ? details : {}) as { exitCode?: unknown };
  return typeof exitCode === "number" ? exitCode : undefined;
}

/** All of an entry that the ledger has not named before: its calls, and longer words. */
export function ledgerParts(entry: TranscriptEntry): LedgerPart[] {
  // What people said stays word for word.
  const words = entry.role === "user" && entry.by !== "orchestrator" ? "" : textOf(entry.content).trim();
  const said = words.length < leastWords ? [] : [{ seq: entry.seq, about: short(words), tokens: estimateTokens(words) }];
  const calls = callsOf(entry).filter(({ item, result }) => item === undefined && result);
  return [...said, ...calls.map(partOf)];
}

export function numbered(parts: LedgerPart[], after: number): LedgerItem[] {
  return parts.map(({ seq, tool, callId, about, tokens }, i) => ({
    item: after + i + 1,
    seq,
    ...(tool === undefined ? {} : { tool }),
    ...(callId === undefined ? {} : { callId }),
    about,
    tokens,
  }));
}

function partOf(call: TranscriptCall): LedgerPart {
  const { endSeq = 0, tool, callId, arguments: args } = call;
  return { seq: endSeq, tool, callId, about: aboutCall(args), tokens: tokensOf(call) };
}

/** What a call was about, in a few words: its short arguments. */
export function aboutCall(args: unknown): string {
  const values = typeof args === "object" && args !== null ? Object.values(args) : [args];
  const plain = values.filter((value) => typeof value === "string" || typeof value === "number");
  return short(plain.join(" "));
}

export function short(text: string, longest = longestAbout): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
