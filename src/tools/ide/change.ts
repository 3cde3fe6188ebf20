// The `ide` tools that write. The editor says what would change and writes nothing itself: the changes are applied here,
// to the files of the task's own folder, and an approval is bound to exactly those changes (A9).

import { createHash } from "node:crypto";
import type { CallScope, Reach } from "../../core/ports.ts";
import { usesCrlf, toLf } from "../filesystem/edit.ts";
import { writeAll } from "../changes.ts";
import type { Change } from "../changes.ts";
import { findWritablePlace, readText } from "../files.ts";
import { judgeCall } from "../judge.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Failed, Outcome } from "../toolDefinition.ts";
import type { EditorPort, FileChanges, Position, TextChange } from "./editorPort.ts";
import { pathIn } from "./places.ts";
import { positionIn } from "./position.ts";
import type { Asked } from "./position.ts";

export type Rename = Asked & { newName: string };
type Scope = { root: string; writable: boolean };
type Wanted = { ok: true; files: FileChanges[] } | Failed;

export async function rename(editor: EditorPort, asked: Rename, scope: CallScope): Promise<Outcome> {
  return carryOut(await wantedOf(editor, "rename", asked, scope), scope, (files, count) => {
    return `Renamed ${asked.symbol ?? "it"} to ${asked.newName}: ${count} place${count === 1 ? "" : "s"} in ${files.join(", ")}.`;
  });
}

export async function format(editor: EditorPort, asked: { path: string }, scope: CallScope): Promise<Outcome> {
  return carryOut(await wantedOf(editor, "format", asked, scope), scope, (files) => `Formatted ${files.join(", ")}.`);
}

/** What a rename or format would touch: every file of it, and as preimage those files together with the changes. */
export async function judgeChange(editor: EditorPort | undefined, tool: string, args: unknown, scope: Scope): Promise<Reach> {
  const named = judgeCall(tool, args, scope);
  if (!editor || !named.certain || named.places.some(({ relative, minded }) => relative === undefined || minded)) return named;
  const wanted = await wantedOf(editor, tool.endsWith("rename") ? "rename" : "format", args as Rename, scope).catch(() => undefined);
  if (!wanted?.ok || wanted.files.length === 0) return named;
  const reaches = wanted.files.map(({ file }) => judgeCall("ide__format", { path: file }, scope));
  const states = reaches.map(({ preimage }) => preimage);
  return {
    ...named,
    certain: reaches.every(({ certain }) => certain),
    places: reaches.flatMap(({ places }) => places),
    preimage: `sha256:${createHash("sha256")
      .update(JSON.stringify([states, wanted.files]))
      .digest("hex")}`,
  };
}

async function wantedOf(editor: EditorPort, what: "rename" | "format", asked: Rename | { path: string }, scope: Scope): Promise<Wanted> {
  const found = findWritablePlace(scope, asked.path);
  if (!found.ok) return found;
  const file = await readText(found.place);
  if (!file.ok) return file;
  const position = what === "rename" ? positionIn(file.text, asked as Asked) : undefined;
  if (position && !position.ok) return position;
  const answer = position
    ? await editor.rename(found.place.real, position.at, (asked as Rename).newName)
    : await editor.format(found.place.real);
  if (!answer.ok) return failed(answer.code, answer.message);
  return { ok: true, files: answer.value.filter(({ changes }) => changes.length > 0) };
}

/** What would be written; nothing is. */
export async function prepareChange(
  editor: EditorPort,
  what: "rename" | "format",
  asked: Rename,
  scope: Scope,
): Promise<{ ok: true; changes: Change[] } | Failed> {
  const wanted = await wantedOf(editor, what, asked, scope);
  return wanted.ok ? applied(wanted.files, scope) : wanted;
}

async function applied(files: FileChanges[], scope: Scope): Promise<{ ok: true; changes: Change[] } | Failed> {
  const changes: Change[] = [];
  for (const { file, changes: edits } of files) {
    const change = await changeOf(file, edits, scope);
    if (!("place" in change)) return change;
    if (change.after !== change.before) changes.push(change);
  }
  return { ok: true, changes };
}

async function carryOut(wanted: Wanted, scope: CallScope, say: (files: string[], count: number) => string): Promise<Outcome> {
  if (!wanted.ok) return wanted;
  const prepared = await applied(wanted.files, scope);
  if (!prepared.ok) return prepared;
  const { changes } = prepared;
  if (changes.length === 0) return done("There is nothing to change.");
  const fault = await writeAll(changes);
  if (fault) return fault;
  const files = changes.map(({ place }) => pathIn(place.root, place.real));
  const count = wanted.files.reduce((sum, one) => sum + one.changes.length, 0);
  return done(say(files, count), { files });
}

async function changeOf(file: string, edits: TextChange[], scope: Scope): Promise<Change | Failed> {
  const found = findWritablePlace(scope, file);
  if (!found.ok) return found;
  const read = await readText(found.place);
  if (!read.ok) return read;
  const after = applyEdits(read.text, edits);
  if (after === undefined)
    return failed("no_match", `What the editor would change does not fit ${found.place.relative}; nothing was changed.`);
  return { place: found.place, before: read.text, after };
}

/** Undefined where the changes overlap or lie outside of the text. */
function applyEdits(text: string, edits: TextChange[]): string | undefined {
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const plain = text.slice(mark.length);
  const starts = [0, ...[...plain.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const offset = ({ line, column }: Position): number => (starts[line - 1] ?? Number.NaN) + column - 1;
  const crlf = usesCrlf(plain);
  const parts = edits.map(({ span, text: words }) => ({ from: offset(span.start), to: offset(span.end), words }));
  parts.sort((a, b) => a.from - b.from || a.to - b.to);
  let done = mark;
  let at = 0;
  for (const { from, to, words } of parts) {
    if (!(from >= at && to >= from && to <= plain.length)) return undefined;
    done += plain.slice(at, from) + (crlf ? toLf(words).replaceAll("\n", "\r\n") : words);
    at = to;
  }
  return done + plain.slice(at);
}
