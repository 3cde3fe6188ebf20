// edit_file {path, old, new}: exact replacement, with a reason that helps when it does not fit.
// Line endings are normalised for matching; the file keeps its own.

import type { CallScope } from "../../core/ports.ts";
import type { Change } from "../changes.ts";
import { findWritablePlace, readText, replaceFile } from "../files.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Failed, Outcome } from "../toolDefinition.ts";

type Root = Pick<CallScope, "root" | "writable">;
type Input = { path: string; old: string; new: string; all: boolean };

export async function editFile(input: Input, scope: CallScope): Promise<Outcome> {
  const edit = await prepareEdit(input, scope);
  if (!edit.ok) return edit;
  const { place, after, lines } = edit;
  const path = place.relative;
  const written = await replaceFile(place, after);
  if (!written.ok) return written;
  const many = lines.length > 1;
  return done(`Replaced ${lines.length} occurrence${many ? "s" : ""} in ${path} (line${many ? "s" : ""} ${lines.join(", ")}).`, {
    path,
    lines,
  });
}

/** What would be written; nothing is. */
export async function prepareEdit(
  input: Input,
  scope: Root,
): Promise<({ ok: true; lines: number[] } & Change & { after: string }) | Failed> {
  if (input.old === "") return failed("invalid_arguments", "`old` is empty. Use write_file to create a file.");
  if (input.old === input.new) return failed("invalid_arguments", "`old` and `new` are the same: there is nothing to change.");
  const found = findWritablePlace(scope, input.path);
  if (!found.ok) return found;
  const file = await readText(found.place);
  if (!file.ok) return file;
  const edited = replaceExactly(found.place.relative, file.text, input);
  return edited.ok ? { ok: true, place: found.place, before: file.text, after: edited.text, lines: edited.lines } : edited;
}

type Edited = { ok: true; text: string; lines: number[] } | Failed;

function replaceExactly(path: string, text: string, input: Input): Edited {
  // Files and models disagree about line endings more often than not: match on plain newlines then.
  const crlf = usesCrlf(text);
  const places = crlf ? [] : occurrences(text, input.old);
  if (places.length > 0) return replaceAt(path, text, places, input.old, input.new, input.all);
  const plainText = toLf(text);
  const plainOld = toLf(input.old);
  const plainPlaces = crlf || plainOld !== input.old ? occurrences(plainText, plainOld) : [];
  if (plainPlaces.length === 0) return noMatch(path, plainText, plainOld);
  const edited = replaceAt(path, plainText, plainPlaces, plainOld, toLf(input.new), input.all);
  return edited.ok && crlf ? { ...edited, text: edited.text.replaceAll("\n", "\r\n") } : edited;
}

function replaceAt(path: string, text: string, places: number[], old: string, replacement: string, all: boolean): Edited {
  const lines = places.map((place) => lineAt(text, place));
  if (places.length > 1 && !all)
    return failed(
      "many_matches",
      `\`old\` occurs ${places.length} times in ${path} (lines ${lines.slice(0, 20).join(", ")}). Add lines around it until it is unique, or set all.`,
    );
  const parts: string[] = [];
  let from = 0;
  for (const place of places) {
    parts.push(text.slice(from, place), replacement);
    from = place + old.length;
  }
  parts.push(text.slice(from));
  return { ok: true, text: parts.join(""), lines };
}

function occurrences(text: string, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) places.push(at);
  return places;
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < position; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Every line ends in CRLF; a file of mixed endings is taken as it is. */
export function usesCrlf(text: string): boolean {
  return text.includes("\r\n") && !/(^|[^\r])\n/.test(text);
}

export function toLf(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function noMatch(path: string, text: string, old: string): Failed {
  const lines = text.split("\n");
  const wanted = old.replace(/\n$/, "").split("\n");
  const loose = findLoosely(lines, wanted);
  if (loose >= 0) {
    const here = quote(lines, loose, wanted.length);
    return failed("no_match", `\`old\` is not in ${path}: line ${loose + 1} differs only in white space. The file has:\n${here}`);
  }
  const near = nearest(lines, wanted);
  if (near < 0) return failed("no_match", `\`old\` is not in ${path}, nor anything like it. Read the file again before you edit it.`);
  return failed(
    "no_match",
    `\`old\` is not in ${path}. The nearest lines, from line ${near + 1}, are:\n${quote(lines, near, wanted.length)}`,
  );
}

function quote(lines: string[], from: number, count: number): string {
  return lines
    .slice(from, from + Math.min(count, 12))
    .map((line) => line.slice(0, 300))
    .join("\n");
}

function squeeze(line: string): string {
  return line.replace(/\s+/g, " ").trim();
}

function findLoosely(lines: string[], wanted: string[]): number {
  const target = wanted.map(squeeze);
  if (target.every((line) => line === "")) return -1;
  const squeezed = lines.map(squeeze);
  for (let start = 0; start + target.length <= squeezed.length; start++)
    if (target.every((line, i) => squeezed[start + i] === line)) return start;
  return -1;
}

/** The place where most of the wanted lines stand, near one that is exactly there; linear in the file's length. */
function nearest(lines: string[], wanted: string[]): number {
  const targets = wanted.slice(0, 40).map(squeeze);
  let best = -1;
  let bestScore = 0;
  for (let start = 0; start < lines.length; start++) {
    let score = 0;
    for (let i = 0; i < targets.length && i < 8; i++) score += likeness(squeeze(lines[start + i] ?? ""), targets[i]!);
    if (score > bestScore) [best, bestScore] = [start, score];
  }
  return bestScore >= 0.6 * Math.min(targets.length, 8) ? best : -1;
}

/** 1 for equal lines, else the share of words in common. */
function likeness(a: string, b: string): number {
  if (a === b) return a === "" ? 0.2 : 1;
  const words = new Set(a.slice(0, 300).split(/\W+/).filter(Boolean));
  const others = new Set(b.slice(0, 300).split(/\W+/).filter(Boolean));
  if (words.size === 0 || others.size === 0) return 0;
  let common = 0;
  for (const word of others) if (words.has(word)) common++;
  return common / Math.max(words.size, others.size);
}
