// Files as documents of the editor, with the text that is on disk. The editor keeps a document for a while after nobody
// shows it, and notices changes only where it watches: so the folders of files that were asked for are watched.

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Answer } from "../runtime/editor.ts";

/** `isNew`: the language services have not seen this text before. */
export type Fresh = { document: vscode.TextDocument; isNew: boolean };

const mostWatched = 100;
const catchUpMs = 5_000;
const watched = new Map<string, vscode.FileSystemWatcher>();

export function good<T>(value: T): Answer<T> {
  return { ok: true, value };
}

export function bad(code: "no_answer" | "unsaved" | "stale", message: string): Answer<never> {
  return { ok: false, code, message };
}

export async function documentAsOnDisk(file: string): Promise<Answer<Fresh>> {
  const text = plain(await readFile(file, "utf8"));
  const uri = vscode.Uri.file(file);
  const isOpen = vscode.workspace.textDocuments.some((one) => one.uri.toString() === uri.toString());
  watch(dirname(file));
  const document = await vscode.workspace.openTextDocument(uri);
  if (plain(document.getText()) === text) return good({ document, isNew: !isOpen });
  if (document.isDirty) return bad("unsaved", `${file} has unsaved changes in the editor.`);
  if (await caughtUp(document, text)) return good({ document, isNew: true });
  return bad("stale", "The editor has not taken in the newest text of this file yet; try again in a moment.");
}

function plain(text: string): string {
  return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
}

async function caughtUp(document: vscode.TextDocument, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const listening = vscode.workspace.onDidChangeTextDocument((event) => event.document === document && look());
    const timer = setTimeout(() => end(false), catchUpMs);
    const look = (): void => void (plain(document.getText()) === text && end(true));
    const end = (good: boolean): void => {
      clearTimeout(timer);
      listening.dispose();
      resolve(good);
    };
    look();
  });
}

/** The oldest are given up first; `unwatchAll` ends them with the window. */
function watch(folder: string): void {
  const known = watched.get(folder);
  if (known) return;
  watched.set(folder, vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), "*")));
  const [oldest] = watched.keys();
  if (watched.size <= mostWatched || oldest === undefined) return;
  watched.get(oldest)?.dispose();
  watched.delete(oldest);
}

export function unwatchAll(): void {
  for (const watcher of watched.values()) watcher.dispose();
  watched.clear();
}
