// What a prompt can point at: files, symbols, the selection, problems. Found by name for the composer, and written into the
// prompt as text that any agent understands.

import * as vscode from "vscode";
import type { Attachment } from "../protocol/panel.ts";

const mostFound = 20;
const mostSymbols = 8;
const leastForSymbols = 2;
const patienceMs = 700;
const longest = 20_000;

export async function findMentions(text: string): Promise<Attachment[]> {
  const wanted = text.toLowerCase();
  const fixed = [selectionAttachment(), ...problemAttachments()]
    .filter((one) => one !== undefined)
    .filter((one) => one.label.toLowerCase().includes(wanted));
  const symbols = await symbolAttachments(text);
  const safe = text.replaceAll(/[^\w./-]/g, "");
  const files = await vscode.workspace.findFiles(`**/*${safe}*`, "**/{node_modules,.git,dist,target,.venv}/**", mostFound);
  const found = files.map((uri): Attachment => ({
    kind: "file",
    label: vscode.workspace.asRelativePath(uri),
    path: vscode.workspace.asRelativePath(uri),
  }));
  return [...fixed, ...found.slice(0, mostFound - symbols.length), ...symbols].slice(0, mostFound);
}

/** What the language services know by that name; whoever is slow is not waited for. */
async function symbolAttachments(text: string): Promise<Attachment[]> {
  if (text.length < leastForSymbols) return [];
  const asked = vscode.commands.executeCommand<vscode.SymbolInformation[] | undefined>("vscode.executeWorkspaceSymbolProvider", text);
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMs));
  const found = (await Promise.race([asked, late])) ?? [];
  return found
    .filter(({ location }) => vscode.workspace.getWorkspaceFolder(location.uri) !== undefined)
    .slice(0, mostSymbols)
    .map(({ name, location }) => {
      const path = vscode.workspace.asRelativePath(location.uri);
      return { kind: "symbol", label: `${name} in ${path}:${location.range.start.line + 1}`, path };
    });
}

function selectionAttachment(): Attachment | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty || editor.document.uri.scheme !== "file") return undefined;
  const path = vscode.workspace.asRelativePath(editor.document.uri);
  const { start, end } = editor.selection;
  return {
    kind: "selection",
    label: `selection in ${path}:${start.line + 1}-${end.line + 1}`,
    path,
    text: editor.document.getText(editor.selection).slice(0, longest),
  };
}

function problemAttachments(): Attachment[] {
  return vscode.languages.getDiagnostics().flatMap(([uri, found]) =>
    found
      .filter((one) => one.severity === vscode.DiagnosticSeverity.Error)
      .slice(0, 3)
      .map((one): Attachment => {
        const path = vscode.workspace.asRelativePath(uri);
        return { kind: "problem", label: `problem in ${path}:${one.range.start.line + 1}`, path, text: one.message };
      }),
  );
}

export function withAttachments(text: string, attachments: Attachment[]): string {
  if (attachments.length === 0) return text;
  const parts = attachments.map(({ kind, label, path, text: content }) => {
    if (content === undefined) return `- ${kind === "file" ? (path ?? label) : label}`;
    return `- ${label}:\n\n\`\`\`\n${content}\n\`\`\``;
  });
  return `${text}\n\nThe user points at:\n${parts.join("\n")}`;
}
