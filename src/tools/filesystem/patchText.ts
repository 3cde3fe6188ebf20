// Reads a unified diff as models write it: line counts in hunk headers may be wrong or missing, a Markdown fence may
// surround it. Owns no files; what may not be guessed (file names, the lines themselves) is never guessed.

import { parsePatch } from "diff";
import type { StructuredPatch } from "diff";
import { messageOf } from "../../protocol/result.ts";

/** `from` is absent for a new file, `to` for a deleted one. */
export type FilePatch = { from?: string; to?: string; parsed: StructuredPatch };

export function readPatch(text: string, path: string | undefined): { ok: true; files: FilePatch[] } | { ok: false; reason: string } {
  let parsed: StructuredPatch[];
  try {
    parsed = parsePatch(recount(text));
  } catch (error) {
    return { ok: false, reason: `The patch cannot be read: ${messageOf(error)}. Give a unified diff with ---, +++ and @@ lines.` };
  }
  const files: FilePatch[] = [];
  for (const file of parsed) {
    if (file.isBinary) return { ok: false, reason: "Binary patches are not supported." };
    const named = nameFiles(file, path);
    if (!named) return { ok: false, reason: "The patch does not name its file: give --- and +++ lines, or path." };
    if (file.hunks.length > 0 || named.from !== named.to) files.push(named);
  }
  if (files.length === 0) return { ok: false, reason: "The patch has no hunks: give a unified diff with ---, +++ and @@ lines." };
  return { ok: true, files };
}

function nameFiles(file: StructuredPatch, path: string | undefined): FilePatch | undefined {
  const from = clean(file.oldFileName, "a/");
  const to = clean(file.newFileName, "b/");
  if (from === undefined && to === undefined) return path === undefined ? undefined : { from: path, to: path, parsed: file };
  if (from === none || (file.isCreate ?? false)) return to === undefined || to === none ? undefined : { to, parsed: file };
  if (to === none || (file.isDelete ?? false)) return from === undefined ? undefined : { from, parsed: file };
  const one = to ?? from;
  return from === undefined || one === undefined ? undefined : { from: samePlain(file) ? one : from, to: one, parsed: file };
}

/** Without git's extended headers a rename cannot be meant: two names are then the same file under `a/` and `b/` or `.orig`. */
function samePlain(file: StructuredPatch): boolean {
  return !(file.isRename ?? false);
}

const none = "/dev/null";

function clean(name: string | undefined, prefix: string): string | undefined {
  if (name === undefined || name === "") return undefined;
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}

/** Writes the line counts that each hunk really has into its header. */
function recount(text: string): string {
  const lines = text.replace(/\n+$/, "").split("\n");
  const fenced = /^\s*```/.test(lines[0] ?? "") && /^\s*```\s*$/.test(lines.at(-1) ?? "");
  const source = fenced ? lines.slice(1, -1) : lines;
  const result: string[] = [];
  for (let i = 0; i < source.length; i++) {
    const header = /^@@(?: -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@)?/.exec(source[i]!);
    if (!header) {
      result.push(source[i]!);
      continue;
    }
    const body = hunkBody(source, i + 1);
    i += body.length;
    while (body.length > 0 && body.at(-1) === "") body.pop();
    const kept = body.map((line) => (line === "" ? " " : line));
    const removed = kept.filter((line) => line.startsWith(" ") || line.startsWith("-")).length;
    const added = kept.filter((line) => line.startsWith(" ") || line.startsWith("+")).length;
    result.push(`@@ -${header[1] ?? "1"},${removed} +${header[2] ?? "1"},${added} @@`, ...kept);
  }
  return `${result.join("\n")}\n`;
}

function hunkBody(lines: string[], from: number): string[] {
  let end = from;
  while (end < lines.length && /^([ +\-\\\r]|$)/.test(lines[end]!) && !startsFile(lines, end)) end++;
  return lines.slice(from, end);
}

/** `--- a` could be a removed line; it starts a file only when `+++ b` follows. */
function startsFile(lines: string[], at: number): boolean {
  return lines[at]!.startsWith("--- ") && (lines[at + 1]?.startsWith("+++ ") ?? false) && (lines[at + 2]?.startsWith("@@") ?? false);
}
