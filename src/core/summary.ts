// What becomes of older turns: the request for a summary, what makes an answer one, the digest by code in its place, and
// what stays word for word beside it. Pure.

import type { OpenItem, Shortened } from "../protocol/ledger.ts";
import { textOf, type Transcript, type TranscriptCall, type TranscriptEntry } from "../protocol/transcript.ts";
import { estimateTokens } from "./contextWindow.ts";
import type { ModelOutcome } from "./ports.ts";
import { aboutCall, callsOf, commandOf, exitCodeOf, failingChecks, short } from "./setAside.ts";

const longestOutput = 4_000;
const longestLine = 160;
const questions = new Set(["agents__ask_user", "agents__request_debug"]);
const handedIn = new Set(["agents__submit_result", "agents__submit_plan"]);

export function askForSummary(most: number): string {
  const words = Math.floor(most / 2.5);
  return `Your conversation is becoming too long for your window. From now on you will see, instead of it: your instructions, your task, what people said (word for word), your newest turns, and what you write now. Write down what you need to go on with the task, in at most ${words} words, for yourself:

1. The goal as you understand it, and how far the work is.
2. Decisions, each with its reason.
3. Files read and changed, with what matters of each: names, signatures, places, values.
4. What was tried and failed, and why.
5. What comes next.

Keep names, paths, numbers and constraints exactly as they are. Call no tool; answer with this text only.`;
}

/** The text, or why it is none. */
export function usable(outcome: ModelOutcome, most: number, replaced: number): { text: string } | { why: string } {
  if (outcome.kind !== "answer") return { why: outcome.kind === "failed" ? `no summary: ${short(outcome.message, 200)}` : "no summary" };
  const words = textOf(outcome.content).trim();
  if (outcome.stop === "refusal") return { why: "the model refused to sum up" };
  if (outcome.calls.length > 0 || words === "") return { why: "the model gave no summary" };
  const size = estimateTokens(words);
  if (outcome.stop === "length" || size > most * 2 || size >= replaced) return { why: "the model's summary was too long" };
  return { text: words };
}

/** Each turn in a line, the newest as far as they fit; what was summed up before comes first. */
export function digestOf(entries: TranscriptEntry[], before: Shortened | undefined, most: number): string {
  const lines: string[] = [];
  let left = most;
  const earlier = before ? cut(before.text, Math.floor(most / 2)) : "";
  left -= estimateTokens(earlier);
  let passed = 0;
  for (const entry of entries.toReversed()) {
    const line = lineOf(entry);
    if (line === "") continue;
    const size = estimateTokens(line) + 1;
    if (size > left) passed += 1;
    else lines.unshift(line);
    left -= size;
  }
  return [...(earlier ? [earlier] : []), ...(passed > 0 ? [`(${passed} earlier turns are left out here)`] : []), ...lines].join("\n");
}

function cut(text: string, most: number): string {
  const size = estimateTokens(text);
  return size <= most ? text : `${text.slice(0, Math.floor((text.length * most) / size))} …`;
}

function lineOf(entry: TranscriptEntry): string {
  const said = short(textOf(entry.content), longestLine);
  if (entry.role === "user") return entry.by === "orchestrator" ? `- told: ${said}` : "";
  const calls = entry.calls.map((call) => `${call.tool} ${aboutCall(call.arguments)} → ${outcomeOf(call)}`);
  return [...(said ? [`- said: ${said}`] : []), ...calls.map((call) => `- ${call}`)].join("\n");
}

function outcomeOf(call: TranscriptCall): string {
  const { result } = call;
  if (!result) return "no result";
  const code = exitCodeOf(call);
  if (code !== undefined) return `exit ${code}`;
  return result.ok ? "ok" : `${result.code}: ${short(result.content, longestLine)}`;
}

/** All that people said in these turns, and what was refused, as it was; nothing twice. */
export function keptOf(entries: TranscriptEntry[], before: string[]): string[] {
  const known = new Set(before);
  return entries.flatMap(wordsOfPeople).filter((words) => !known.has(words) && known.add(words));
}

function wordsOfPeople(entry: TranscriptEntry): string[] {
  if (entry.role === "user") return entry.by === "orchestrator" ? [] : [textOf(entry.content)];
  return entry.calls.flatMap(({ tool, arguments: args, result }) => {
    if (!result) return [];
    if (questions.has(tool)) return [`You asked: ${questionOf(args)}\nThe user answered: ${result.content}`];
    return !result.ok && result.code === "denied" ? [`${tool} ${aboutCall(args)}: ${result.content}`] : [];
  });
}

function questionOf(args: unknown): string {
  const { question, problem } = (args ?? {}) as { question?: unknown; problem?: unknown };
  return [question, problem].filter((one) => typeof one === "string").join("\n");
}

/** What was handed in last, and checks that fail still; what was open before stays so until something newer says otherwise. */
export function openOf(transcript: Transcript, older: TranscriptEntry[]): OpenItem[] {
  const open = new Map((transcript.shortened?.open ?? []).map((one) => [one.key, one.text]));
  const failing = new Set(failingChecks(transcript).map(({ callId }) => callId));
  const within = new Set(older.flatMap(callsOf).map(({ callId }) => callId));
  for (const call of transcript.entries.flatMap(callsOf)) {
    const command = commandOf(call);
    if (command !== undefined && exitCodeOf(call) !== undefined) {
      open.delete(`check ${command}`);
      const { content = "" } = call.result ?? {};
      if (failing.has(call.callId) && within.has(call.callId))
        open.set(`check ${command}`, `This failed when it ran last: ${command}\n${content.slice(-longestOutput)}`);
    } else if (handedIn.has(call.tool) && call.result?.ok)
      open.set(call.tool, `You handed in with ${call.tool}: ${JSON.stringify(call.arguments)}`);
  }
  return [...open].map(([key, words]) => ({ key, text: words }));
}
