// What a call would do to files, before anybody said yes to it: the same preparation as the call's own, without the
// writing. What cannot be told this way (commands, moves, binary files) has no preview.

import type { Change } from "./changes.ts";
import { findWritablePlace, readText } from "./files.ts";
import { prepareEdit } from "./filesystem/edit.ts";
import { preparePatch } from "./filesystem/patch.ts";
import { prepareChange, type Rename } from "./ide/change.ts";
import type { EditorPort } from "./ide/editorPort.ts";
import type { Failed } from "./toolDefinition.ts";
import type { Preview } from "./tools.ts";

type Scope = { root: string; writable: boolean };
type Prepared = { ok: true; changes: Change[] } | Failed;

export async function previewCall(editor: EditorPort | undefined, tool: string, args: unknown, root: string): Promise<Preview[]> {
  const prepared = await prepare(editor, tool, args, { root, writable: true }).catch(() => undefined);
  return prepared?.ok ? prepared.changes.map(asPreview) : [];
}

function asPreview({ place, before, after }: Change): Preview {
  return { path: place.relative, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

async function prepare(editor: EditorPort | undefined, tool: string, args: unknown, scope: Scope): Promise<Prepared | undefined> {
  const given = (args ?? {}) as { path: string; content: string; old: string; new: string; all?: boolean; patch?: string };
  switch (tool) {
    case "filesystem__write_file":
      return replaced(given.path, given.content, scope);
    case "filesystem__delete":
      return replaced(given.path, undefined, scope);
    case "filesystem__edit_file": {
      if (given.patch !== undefined) return preparePatch(given.patch, scope, given.path);
      const edit = await prepareEdit({ ...given, all: given.all ?? false }, scope);
      return edit.ok ? { ok: true, changes: [edit] } : edit;
    }
    case "ide__rename":
    case "ide__format":
      return editor && prepareChange(editor, tool === "ide__rename" ? "rename" : "format", args as Rename, scope);
    default:
      return undefined;
  }
}

async function replaced(path: string, after: string | undefined, scope: Scope): Promise<Prepared> {
  const found = findWritablePlace(scope, path);
  if (!found.ok) return found;
  const file = await readText(found.place);
  if (!file.ok && file.code !== "not_found") return file;
  return { ok: true, changes: [{ place: found.place, before: file.ok ? file.text : undefined, after }] };
}
