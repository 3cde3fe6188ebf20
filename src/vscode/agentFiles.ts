// Writing agents in the editor: what is wrong with their files stands at its line, and the keys and values that a blueprint
// may have are offered as they are typed, from the same schema that checks the file.

import * as vscode from "vscode";
import type { FileSchema, KeySchema } from "../runtime/agentSchema.ts";
import type { Desk } from "./desk.ts";

const blueprints: vscode.DocumentSelector = [
  { scheme: "file", language: "markdown", pattern: "**/.agents/*.md" },
  { scheme: "file", language: "markdown", pattern: "**/agents/*.md" },
];
/** Files of other programs have keys of their own. */
const foreign = /[\\/]\.(claude|github)[\\/]agents[\\/]/;

export function registerAgentFiles(desk: Desk): vscode.Disposable[] {
  const problems = vscode.languages.createDiagnosticCollection("agent-orchestrator");
  const show = (): void => showProblems(problems, desk);
  const completion: vscode.CompletionItemProvider = {
    provideCompletionItems: async (document, position) => (foreign.test(document.fileName) ? [] : complete(desk, document, position)),
  };
  return [problems, desk.onChange(show), vscode.languages.registerCompletionItemProvider(blueprints, completion, ":", " ", "-", "[")];
}

function showProblems(collection: vscode.DiagnosticCollection, desk: Desk): void {
  collection.clear();
  const byFile = new Map<string, vscode.Diagnostic[]>();
  for (const { file, line, message, note } of desk.loaded()?.registry.problems() ?? []) {
    const severity = note ? vscode.DiagnosticSeverity.Information : vscode.DiagnosticSeverity.Error;
    const found = new vscode.Diagnostic(new vscode.Range(line - 1, 0, line - 1, Number.MAX_SAFE_INTEGER), message, severity);
    found.source = "Agent Orchestrator";
    byFile.set(file, [...(byFile.get(file) ?? []), found]);
  }
  for (const [file, found] of byFile) collection.set(vscode.Uri.file(file), found);
}

async function complete(desk: Desk, document: vscode.TextDocument, position: vscode.Position): Promise<vscode.CompletionItem[]> {
  const lines = document.getText().split(/\r?\n/);
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || position.line === 0 || (end > 0 && position.line >= end)) return [];
  const { agentSchema } = await import("../runtime/agentSchema.ts");
  const schema = agentSchema();
  const before = lines[position.line]!.slice(0, position.character);
  if (/^\w*$/.test(before)) return keys(schema, lines.slice(1, end > 0 ? end : undefined));
  const key = keyAt(lines, position.line, before);
  const known = key === undefined ? undefined : schema.properties[key];
  if (key === undefined || !known) return [];
  return (await valuesOf(desk, key, known)).map((value) => {
    const item = new vscode.CompletionItem(value, vscode.CompletionItemKind.Value);
    item.insertText = /[*:#,[\]{}]/.test(value) ? JSON.stringify(value) : value;
    return item;
  });
}

function keys({ properties }: FileSchema, lines: string[]): vscode.CompletionItem[] {
  return Object.entries(properties)
    .filter(([key]) => !lines.some((line) => line.startsWith(`${key}:`)))
    .map(([key, { description = "" }]) => {
      const item = new vscode.CompletionItem(key, vscode.CompletionItemKind.Property);
      item.insertText = `${key}: `;
      item.documentation = new vscode.MarkdownString(description);
      item.command = { title: "", command: "editor.action.triggerSuggest" };
      return item;
    });
}

/** The key whose value is being written: on this line, or above a list of lines. */
function keyAt(lines: string[], at: number, before: string): string | undefined {
  const here = /^(\w+):/.exec(before)?.[1];
  if (here !== undefined || !/^\s+(-\s*)?\S*$|^-\s*\S*$/.test(before)) return here;
  for (let i = at - 1; i > 0; i--) {
    const above = /^(\w+):/.exec(lines[i]!)?.[1];
    if (above !== undefined) return above;
  }
  return undefined;
}

async function valuesOf(desk: Desk, key: string, { enum: values, type }: KeySchema): Promise<string[]> {
  if (values) return values;
  if (type === "boolean") return ["true", "false"];
  if (key === "model") return ["inherit"];
  const runtime = await desk.runtime();
  if (key === "subAgents") return runtime.registry.agents().map(({ id }) => id);
  if (key !== "tools") return [];
  const names = await runtime.toolNames();
  return [...new Set(names.map((name) => `${name.split("__")[0]}__*`)), ...names];
}
