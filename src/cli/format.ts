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

export function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

export function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** One line, control characters shown and not obeyed, cut to `width` columns. */
/** Amounts by their names: "usd 2, turns 100". */
export function sayAmounts(amounts: object): string {
  return Object.entries(amounts)
    .map(([name, amount]) => `${name} ${String(amount)}`)
    .join(", ");
}

export function oneLine(text: string, width: number): string {
  return cutTo(visible(text).replaceAll(/\s+/g, " ").trim(), width);
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/gu;

/** How many columns a text without control characters takes: some characters take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const _ of text) columns += 1;
  return columns + (text.match(wide)?.length ?? 0);
}

/** Cut to `width` columns, with a mark where something is missing. */
export function cutTo(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = "";
  let columns = 0;
  for (const char of text) {
    columns += columnsOf(char);
    if (columns > width - 1) break;
    kept += char;
  }
  return width < 1 ? "" : `${kept}…`;
}

/** Hidden and direction-changing characters made visible; newlines and tabs kept, a terminal's own codes left out. */
export function visible(text: string): string {
  return exact(stripVTControlCharacters(text));
}

/** A name of a file may hold anything, a new line as well. */
export function fileNames(paths: string[]): string {
  return paths.map((path) => exact(path).replaceAll("\n", "⟨U+000A⟩")).join(", ");
}

/** The same with nothing left out: for what a person decides on. */
export function exact(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => {
    if (char === "\n" || char === "\t") return char;
    return `⟨U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
  });
}

/** A folder as people write it. */
export function shortFolder(path: string, home: string | undefined): string {
  if (!home || (path !== home && !path.startsWith(`${home}/`))) return path;
  return `~${path.slice(home.length)}`;
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
