// Files with unsaved editors: whatever a person does here that writes to their files waits until those are saved, or is
// not done. What comes unasked (a result that is applied at the end) finds them held, and waits as after a conflict.

import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import * as vscode from "vscode";
import type { Engine } from "../core/engine.ts";
import type { StorePort } from "../core/ports.ts";
import type { Command } from "../protocol/commands.ts";
import { isKnown } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { fail, type Failure } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { openFiles } from "./openFiles.ts";

type Held = { path: string; save(): Thenable<boolean> };

export function unsavedIn(folder: string): string[] {
  return heldIn(folder).map(({ path }) => path);
}

/** Asks once before anything is written to a file that has an unsaved editor. */
export function savingFirst(engine: Engine, store: StorePort): Engine {
  return {
    ...engine,
    async dispatch(command) {
      const { ok, error } = await saved(engine, store, command as Command);
      return ok ? engine.dispatch(command) : { ok: false, error };
    },
  };
}

/** What may write into the user's files. */
const writing = new Set<Command["type"]>(["changes.apply", "session.rollback", "work.undo", "approval.resolve"]);

type Saved = { ok: true; error?: never } | { ok: false; error: Failure };

async function saved(engine: Engine, store: StorePort, command: Command): Promise<Saved> {
  if (!writing.has(command.type) || !("sessionId" in command) || command.sessionId === undefined) return { ok: true };
  const state = await engine.state(command.sessionId);
  if (!state || unsavedIn(state.workspace).length === 0) return { ok: true };
  const written = await writtenBy(store, state, command);
  const held = heldIn(state.workspace).filter(({ path }) => written.has(path));
  if (held.length === 0 || (await saveAll(held))) return { ok: true };
  const names = held.map(({ path }) => path).join(", ");
  return fail("conflict", vscode.l10n.t("Nothing was changed: save or close {0} first.", names));
}

async function writtenBy(store: StorePort, state: SessionState, command: Command): Promise<Set<string>> {
  const { landing } = state;
  if (command.type === "session.rollback" || command.type === "work.undo") return new Set(await everLanded(store, state.id));
  if (!landing) return new Set();
  if (command.type === "changes.apply") return new Set((command.only ?? openFiles(landing)).map(({ path }) => path));
  const takes = command.type === "approval.resolve" && command.approvalId === landing.approvalId && command.decision === "approve";
  return new Set(takes ? openFiles(landing).map(({ path }) => path) : []);
}

async function everLanded(store: StorePort, id: SessionId): Promise<string[]> {
  const events = await store.read(id);
  return events.flatMap((event) => {
    if (!isKnown(event)) return [];
    switch (event.type) {
      case "landing.done":
      case "landing.part":
      case "rollback.done":
      case "work.undone":
        return event.payload.files;
      default:
        return [];
    }
  });
}

/** A list rather than a dialog, as before a way back. */
async function saveAll(held: Held[]): Promise<boolean> {
  const names = held.map(({ path }) => path).join(", ");
  const save =
    held.length === 1 ? vscode.l10n.t("Save {0} and go on", names) : vscode.l10n.t("Save {0} files and go on: {1}", held.length, names);
  const goOn = { label: `$(save-all) ${save}` };
  const leave = { label: `$(close) ${vscode.l10n.t("Leave everything as it is")}` };
  const title = vscode.l10n.t("Files that would be changed have unsaved edits");
  if ((await vscode.window.showQuickPick([goOn, leave], { title, ignoreFocusOut: true })) !== goOn) return false;
  const done = await Promise.all(held.map((one) => one.save()));
  return done.every(Boolean);
}

export function heldIn(folder: string): Held[] {
  return [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments].flatMap((document) => {
    if (!document.isDirty || document.uri.scheme !== "file") return [];
    const path = relative(folder, realOf(document.uri.fsPath)).split(sep).join("/");
    return path.startsWith("../") ? [] : [{ path, save: () => document.save() }];
  });
}

/** Sessions are on record with the real path of their folder. A file that is not on disk is taken as it is named. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
