// The `ide` tools that look. An agent works on its own copy of the project, while a language service may know only the
// folder that the user has open: asked first is the copy, then the user's own version of the same file, and the answer
// says which one it is about.

import { readFileSync } from "node:fs";
import type { CallScope } from "../../core/ports.ts";
import { findPlace, readText } from "../files.ts";
import { isInside, isSecret, locate } from "../places.ts";
import type { Place } from "../places.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Call, Failed, Outcome } from "../toolDefinition.ts";
import type { Answer, CodePlace, CodeSymbol, EditorPort, Position, Problem } from "./editorPort.ts";
import { listPlaces } from "./places.ts";
import { positionIn } from "./position.ts";
import type { Asked } from "./position.ts";

/** What was found, and in which folder. */
type Found<T> = { folder: string; items: T[]; note: string };

const usersVersion = "In the user's own folder (the editor's language services know nothing of this task's copy):";

export async function lookUp(editor: EditorPort, what: "definition" | "references", asked: Asked, { scope }: Call): Promise<Outcome> {
  const own = await open(scope, asked.path);
  if (!own.ok) return own;
  const position = positionIn(own.text, asked);
  if (!position.ok) return position;
  const found = await ask<CodePlace>(editor, scope, own, async (file, text) => {
    const there: { ok: true; at: Position } | Failed = text === own.text ? position : positionIn(text, { ...asked, column: undefined });
    return there.ok ? editor[what](file, there.at) : { ok: true, value: [] };
  });
  if (!found.ok) return found;
  if (found.value.items.length === 0) return done(`The editor knows no ${what === "definition" ? "definition" : "references"} for it.`);
  return tell(found.value, (items, folder) => listPlaces(folder, items));
}

export async function symbolsOf(editor: EditorPort, path: string, { scope }: Call): Promise<Outcome> {
  const own = await open(scope, path);
  if (!own.ok) return own;
  const found = await ask<CodeSymbol>(editor, scope, own, (file) => editor.symbols(file));
  if (!found.ok) return found;
  if (found.value.items.length === 0) return done(`The editor knows no symbols in ${path}.`);
  return tell(found.value, (items, folder) => listPlaces(folder, items, sayOf));
}

/** Of all files: those of the task's copy that the editor has seen, and the user's own. */
export async function findSymbols(editor: EditorPort, query: string, { scope }: Call): Promise<Outcome> {
  const found = await editor.findSymbols(query);
  if (!found.ok) return failed(found.code, found.message);
  const parts = await bothFolders(editor, scope, found.value, (items, folder) => listPlaces(folder, items, sayOf));
  return done(parts || `The editor knows no symbol like "${query}".`);
}

export async function problemsOf(editor: EditorPort, path: string, { scope, signal }: Call): Promise<Outcome> {
  const own = await open(scope, path);
  if (!own.ok) return own;
  // Of another text than the task's the problems would mislead.
  const found = await ask<Problem>(editor, scope, own, (file, text) =>
    text === own.text ? editor.problems(file, signal) : Promise.resolve({ ok: true, value: [] }),
  );
  if (!found.ok) return found;
  if (found.value.items.length === 0)
    return done(`The editor reports no problems in ${path}; that proves nothing, run the project's checks.`);
  return tell(found.value, listProblems);
}

export async function allProblems(editor: EditorPort, { scope }: Call): Promise<Outcome> {
  const parts = await bothFolders(editor, scope, editor.allProblems(), listProblems);
  return done(parts || "The editor reports no problems in the files that it has looked at; name a path to have that file looked at.");
}

function sayOf({ kind, name, container }: CodeSymbol): string {
  return `${kind.toLowerCase()} ${container ? `${container}.` : ""}${name}`;
}

function listProblems(items: Problem[], folder: string): string {
  return listPlaces(folder, items, ({ severity, message, source }) => `${severity}${source ? ` (${source})` : ""}: ${message}`);
}

type Own = { ok: true; place: Place; text: string };

async function open(scope: CallScope, path: string): Promise<Own | Failed> {
  const found = findPlace(scope, path);
  if (!found.ok) return found;
  const file = await readText(found.place);
  return file.ok ? { ok: true, place: found.place, text: file.text } : file;
}

/** The task's own file first, then the user's version of it. */
async function ask<T>(
  editor: EditorPort,
  scope: CallScope,
  { place, text }: Own,
  query: (file: string, text: string) => Promise<Answer<T[]>>,
): Promise<{ ok: true; value: Found<T> } | Failed> {
  const own = await query(place.real, text);
  if (own.ok && own.value.length > 0) return { ok: true, value: { folder: place.root, items: own.value, note: "" } };
  const theirs = await usersFile(editor, scope, place);
  const answer = theirs && (await query(theirs.file, theirs.text));
  if (answer?.ok && answer.value.length > 0)
    return { ok: true, value: { folder: theirs!.folder, items: answer.value, note: usersVersion } };
  return own.ok ? { ok: true, value: { folder: place.root, items: [], note: "" } } : failed(own.code, own.message);
}

async function usersFile(
  editor: EditorPort,
  scope: CallScope,
  place: Place,
): Promise<{ folder: string; file: string; text: string } | undefined> {
  const folder = await editor.folderOf(scope.sessionId);
  if (folder === undefined) return undefined;
  try {
    const location = locate(folder, place.relative);
    if (!location.ok || location.place.root === place.root || isSecret(location.place.relative)) return undefined;
    return { folder: location.place.root, file: location.place.real, text: readFileSync(location.place.real, "utf8") };
  } catch {
    return undefined;
  }
}

async function bothFolders<T extends CodePlace>(
  editor: EditorPort,
  scope: CallScope,
  items: T[],
  list: (items: T[], folder: string) => string,
): Promise<string> {
  const own = locate(scope.root, ".");
  const folder = await editor.folderOf(scope.sessionId);
  const parts: string[] = [];
  const ofTask = own.ok ? items.filter(({ file }) => isInside(own.place.real, file)) : [];
  if (own.ok && ofTask.length > 0) parts.push(list(ofTask, own.place.real));
  const ofUser = folder === undefined || folder === scope.root ? [] : items.filter(({ file }) => isInside(folder, file));
  if (folder !== undefined && ofUser.length > 0)
    parts.push(`In the user's own folder, which is not this task's copy:\n${list(ofUser, folder)}`);
  return parts.join("\n\n");
}

function tell<T>({ folder, items, note }: Found<T>, list: (items: T[], folder: string) => string): Outcome {
  return done(`${note ? `${note}\n` : ""}${list(items, folder)}`, { count: items.length, ...(note ? { usersVersion: true } : {}) });
}
