// Figures and texts as people read them in a terminal. Pure.

import { stripVTControlCharacters, styleText } from "node:util";
import { totalTokens } from "../protocol/state.ts";
import type { Usage } from "../protocol/agents.ts";

export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

export function paint(style: Style, text: string, colour: boolean): string {
  return colour ? styleText(style, text, { validateStream: false }) : text;
}

export function tokens(usage: Usage): string {
  const n = totalTokens(usage);
  if (n < 1000) return `${n} tok`;
  return n < 1_000_000 ? `${(n / 1000).toFixed(1)}k tok` : `${(n / 1_000_000).toFixed(2)}M tok`;
}

export function cost(usd: number, unknown: boolean): string {
  const known = usd === 0 ? "$0" : usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
  return unknown ? (usd === 0 ? "cost unknown" : `${known} + cost unknown`) : known;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)}s`;
  return `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, "0")}s`;
}

export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** One line, control characters shown and not obeyed, cut to `width`. */
export function oneLine(text: string, width: number): string {
  const flat = visible(text).replaceAll(/\s+/g, " ").trim();
  return flat.length > width ? `${flat.slice(0, Math.max(0, width - 1))}…` : flat;
}

/** Hidden and direction-changing characters made visible; newlines and tabs kept. */
export function visible(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => {
    if (char === "\n" || char === "\t") return char;
    return `⟨U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** A call's arguments, short: the telling ones first. */
export function shortArguments(args: unknown, width: number): string {
  if (typeof args !== "object" || args === null) return oneLine(JSON.stringify(args) ?? "", width);
  const record = args as Record<string, unknown>;
  const telling = ["command", "path", "from", "to", "glob", "pattern", "agent", "question", "summary", "message", "rev"];
  const parts = telling.filter((key) => record[key] !== undefined).map((key) => asText(record[key]));
  return oneLine(parts.length > 0 ? parts.join(" ") : JSON.stringify(args), width);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
