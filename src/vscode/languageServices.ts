// The editor behind the `ide` tools: its language services, asked by the commands that extensions have for that. Agents'
// files are read by the editor as documents without an editor of their own; nothing is written here.

import * as vscode from "vscode";
import { messageOf } from "../protocol/result.ts";
import type { Answer, CodePlace, CodeSymbol, EditorPort, FileChanges, Position, Problem, Span, TextChange } from "../runtime/editor.ts";
import { bad, documentAsOnDisk, type Fresh, good } from "./documents.ts";

type SessionFolder = EditorPort["folderOf"];

/** How long the services may take to say something of a file that they have just been shown, and to add to it. */
const firstWordMs = 5_000;
const moreWordsMs = 400;
const againMs = 250;
/** Languages whose services have answered, or have had their time to start. */
const awake = new Set<string>();

export function languageServices(folderOf: SessionFolder): EditorPort {
  return {
    folderOf,
    problems: (file, signal) =>
      asked(file, async ({ document, isNew }) => {
        if (isNew) await diagnosed(document.uri, signal);
        return vscode.languages.getDiagnostics(document.uri).map((one) => problemOf(document.uri, one));
      }),
    allProblems: () =>
      vscode.languages
        .getDiagnostics()
        .filter(([uri]) => uri.scheme === "file")
        .flatMap(([uri, found]) => found.map((one) => problemOf(uri, one))),
    definition: (file, at) => places("vscode.executeDefinitionProvider", file, at),
    references: (file, at) => places("vscode.executeReferenceProvider", file, at),
    symbols: (file) =>
      asked(file, async ({ document }) => {
        const { uri } = document;
        const found = await list<vscode.DocumentSymbol | vscode.SymbolInformation>(document, "vscode.executeDocumentSymbolProvider", uri);
        return found.flatMap((one) => ("children" in one ? nested(uri, one) : [symbolOf(one)]));
      }),
    findSymbols: async (query) => {
      const found = await command<vscode.SymbolInformation[]>("vscode.executeWorkspaceSymbolProvider", query);
      return good((found ?? []).filter(({ location }) => location.uri.scheme === "file").map(symbolOf));
    },
    rename,
    format: (file) =>
      asked(file, async ({ document }) => {
        const edits = await list<vscode.TextEdit>(document, "vscode.executeFormatDocumentProvider", document.uri, indentationOf(document));
        return [{ file: document.uri.fsPath, changes: edits.map(changeOf) }];
      }),
  };
}

async function command<T>(name: string, ...args: unknown[]): Promise<T | undefined> {
  return vscode.commands.executeCommand<T | undefined>(name, ...args);
}

/** The first file of a language wakes its extension, and an answer before that one is there is none. */
async function list<T>(document: vscode.TextDocument, name: string, ...args: unknown[]): Promise<T[]> {
  const latest = performance.now() + firstWordMs;
  for (;;) {
    const found = (await command<T[]>(name, ...args)) ?? [];
    if (found.length > 0 || performance.now() > latest) awake.add(document.languageId);
    if (awake.has(document.languageId)) return found;
    await new Promise((resolve) => setTimeout(resolve, againMs));
  }
}

/** A provider that fails says why; that is an answer too. */
async function asked<T>(file: string, work: (fresh: Fresh) => Promise<T>): Promise<Answer<T>> {
  try {
    const fresh = await documentAsOnDisk(file);
    return fresh.ok ? good(await work(fresh.value)) : fresh;
  } catch (error) {
    return bad("no_answer", messageOf(error));
  }
}

function places(name: string, file: string, at: Position): Promise<Answer<CodePlace[]>> {
  return asked(file, async ({ document }) => {
    const found = await list<vscode.Location | vscode.LocationLink>(document, name, document.uri, positionOf(at));
    return found.flatMap((one) => {
      const [uri, range] = "targetUri" in one ? [one.targetUri, one.targetSelectionRange ?? one.targetRange] : [one.uri, one.range];
      return uri.scheme === "file" ? [{ file: uri.fsPath, span: spanOf(range) }] : [];
    });
  });
}

async function rename(file: string, at: Position, newName: string): Promise<Answer<FileChanges[]>> {
  const wanted = await asked(file, async ({ document }) => {
    // Also wakes the language, so that what can be renamed is.
    if (!awake.has(document.languageId)) await list(document, "vscode.executeDocumentSymbolProvider", document.uri);
    const edit = await command<vscode.WorkspaceEdit>("vscode.executeDocumentRenameProvider", document.uri, positionOf(at), newName);
    if (edit && touchesFiles(edit)) throw new Error(movesFiles);
    return edit?.entries() ?? [];
  });
  if (!wanted.ok) return wanted;
  if (wanted.value.length === 0) return bad("no_answer", "The editor knows no way to rename this; edit the places that references finds.");
  // The changes count lines of what the editor has in view: each file must be what is on disk.
  for (const [uri] of wanted.value) {
    const fresh = await documentAsOnDisk(uri.fsPath);
    if (!fresh.ok) return fresh;
  }
  return good(wanted.value.map(([uri, edits]) => ({ file: uri.fsPath, changes: edits.map(changeOf) })));
}

const movesFiles =
  "This rename would also rename, create or delete files, which the editor's answer does not let us do: nothing was changed. Move the files, and edit the places that references finds.";

/** `entries()` has the changes of text alone; operations on files lie beside them, each with where it leads from and to. */
function touchesFiles(edit: vscode.WorkspaceEdit): boolean {
  const parts = Object.values(edit).flatMap((value: unknown): unknown[] => (Array.isArray(value) ? value : []));
  return parts.some((part) => typeof part === "object" && part !== null && ("from" in part || "to" in part));
}

/** Resolves once the services have said something and nothing more comes, or when they have had their time. */
async function diagnosed(uri: vscode.Uri, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    let timer = setTimeout(end, firstWordMs);
    const listening = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      if (!uris.some((one) => one.toString() === uri.toString())) return;
      clearTimeout(timer);
      timer = setTimeout(end, moreWordsMs);
    });
    signal.addEventListener("abort", end, { once: true });
    function end(): void {
      clearTimeout(timer);
      listening.dispose();
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}

function positionOf({ line, column }: Position): vscode.Position {
  return new vscode.Position(line - 1, column - 1);
}

function spanOf({ start, end }: vscode.Range): Span {
  return { start: { line: start.line + 1, column: start.character + 1 }, end: { line: end.line + 1, column: end.character + 1 } };
}

function changeOf({ range, newText }: vscode.TextEdit): TextChange {
  return { span: spanOf(range), text: newText };
}

const severities: Problem["severity"][] = ["error", "warning", "info", "hint"];

function problemOf({ fsPath }: vscode.Uri, { range, severity, message, source }: vscode.Diagnostic): Problem {
  return { file: fsPath, span: spanOf(range), severity: severities[severity] ?? "info", message, ...(source ? { source } : {}) };
}

function symbolOf({ name, kind, containerName, location }: vscode.SymbolInformation): CodeSymbol {
  const container = containerName ? { container: containerName } : {};
  return { name, kind: vscode.SymbolKind[kind] ?? "symbol", file: location.uri.fsPath, span: spanOf(location.range), ...container };
}

function nested({ fsPath }: vscode.Uri, symbol: vscode.DocumentSymbol, container?: string): CodeSymbol[] {
  const { name, kind, selectionRange, children } = symbol;
  const inner = container === undefined ? name : `${container}.${name}`;
  const own = { name, kind: vscode.SymbolKind[kind] ?? "symbol", file: fsPath, span: spanOf(selectionRange) };
  return [
    container === undefined ? own : { ...own, container },
    ...children.flatMap((child) => nested(vscode.Uri.file(fsPath), child, inner)),
  ];
}

/** As the file has it, else as the user has set it. */
function indentationOf(document: vscode.TextDocument): vscode.FormattingOptions {
  const settings = vscode.workspace.getConfiguration("editor", document);
  const indents = [...document.getText().matchAll(/^([ \t]+)\S/gm)].map(([, indent = ""]) => indent);
  const tabs = indents.filter((indent) => indent.startsWith("\t")).length;
  const spaces = indents.filter((indent) => indent.startsWith("  ")).map(({ length }) => length);
  const tabSize = spaces.length > 0 ? Math.min(...spaces) : settings.get("tabSize", 4);
  return { tabSize, insertSpaces: indents.length === 0 ? settings.get("insertSpaces", true) : tabs * 2 < indents.length };
}
