// Keeps what a model reads within bounds: head and tail stay, the whole goes to the artifact store.
// The only place that shortens a result for its length.

import type { CallResult } from "../protocol/events.ts";
import type { ContentHash } from "../protocol/ids.ts";
import type { Outcome } from "./toolDefinition.ts";

export type SaveOutput = (content: string) => Promise<{ hash: string; bytes: number }>;

export type OutputOptions = {
  outputLimit: number;
  saveOutput: SaveOutput;
  /** Takes secrets out while they are whole: one that is cut through is known by nobody. */
  clean?: (text: string) => string;
};

export async function limitOutput(outcome: Outcome, tool: string, options: OutputOptions): Promise<CallResult> {
  const { outputLimit, saveOutput, clean = (text) => text } = options;
  const { full, ...given } = outcome;
  const result = { ...given, content: clean(given.content) };
  const whole = full ? clean(full.content) : result.content;
  const shown = shorten(result.content, outputLimit);
  if (!full && shown === result.content) return result;
  // What was done stays done: a store that fails costs the rest of the output, not the result.
  const saved = await saveOutput(whole).catch(() => undefined);
  if (!saved) return { ...result, content: shown };
  const name = full?.name ?? `${tool}.txt`;
  return { ...result, content: shown, artifact: { hash: saved.hash as ContentHash, kind: "output", name, bytes: saved.bytes } };
}

/** Cuts at line ends where there is one near; never in the middle of a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const headEnd = cutBackward(text, Math.floor(limit * 0.6));
  const tailStart = cutForward(text, text.length - Math.floor(limit * 0.4));
  const left = text.slice(headEnd, tailStart);
  const lines = left.split("\n").length - 1;
  const note = `[… ${left.length.toLocaleString("en-US")} characters${lines > 0 ? `, ${lines.toLocaleString("en-US")} lines` : ""} left out here; the whole output is kept with the task. Ask for less to see this part: a narrower path or pattern, offset and limit, or a filter such as tail or grep. …]`;
  return `${text.slice(0, headEnd)}\n${note}\n${text.slice(tailStart)}`;
}

const nearby = 400;

function cutBackward(text: string, at: number): number {
  const lineEnd = text.lastIndexOf("\n", at);
  if (lineEnd > at - nearby && lineEnd > 0) return lineEnd;
  return splitsPair(text, at) ? at - 1 : at;
}

function cutForward(text: string, at: number): number {
  const lineEnd = text.indexOf("\n", at);
  if (lineEnd >= 0 && lineEnd < at + nearby) return lineEnd + 1;
  return splitsPair(text, at) ? at + 1 : at;
}

function splitsPair(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff;
}
