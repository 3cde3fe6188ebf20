// What an editor's menus offer on a selection, a file, a folder or a problem: each is a goal for the team, said in words.

import * as vscode from "vscode";

type Place = { path: string; lines?: [number, number]; text?: string };

/** The goal that each action makes of a place. */
const goals: Record<string, (place: string) => string> = {
  explain: (place) => `Explain ${place}`,
  review: (place) => `Review the code in ${place} for correctness, security, performance and style. List what you find; change nothing.`,
  test: (place) => `Write the tests that ${place} lacks, and make the project's tests pass.`,
  document: (place) => `Document ${place} where a reader would need it.`,
  fix: (place) => `Fix the problem in ${place}`,
};

export function registerEditorActions(): vscode.Disposable[] {
  const actions = Object.entries(goals).map(([name, goal]) =>
    vscode.commands.registerCommand(`agentOrchestrator.${name}`, async (target?: unknown, problem?: unknown) => {
      const place = placeOf(target);
      if (!place) return void vscode.window.showInformationMessage(vscode.l10n.t("Open a file, or choose one in the explorer, first."));
      const words = typeof problem === "string" ? `: ${problem}` : "";
      return vscode.commands.executeCommand(
        "agentOrchestrator.run",
        `${goal(describe(place))}${words}${place.text ? `\n\n${fenced(place.text)}` : ""}`,
      );
    }),
  );
  const provider: vscode.CodeActionProvider = {
    provideCodeActions: (document, _range, context) => context.diagnostics.map((problem) => fixAction(document, problem)),
  };
  const fixes = vscode.languages.registerCodeActionsProvider({ scheme: "file" }, provider, {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  });
  return [...actions, fixes];
}

function fixAction(document: vscode.TextDocument, problem: vscode.Diagnostic): vscode.CodeAction {
  const title = vscode.l10n.t("Fix with agents");
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [problem];
  action.command = {
    title,
    command: "agentOrchestrator.fix",
    arguments: [new vscode.Location(document.uri, problem.range), problem.message],
  };
  return action;
}

function placeOf(target: unknown): Place | undefined {
  if (target instanceof vscode.Location) {
    return { path: vscode.workspace.asRelativePath(target.uri), lines: [target.range.start.line + 1, target.range.end.line + 1] };
  }
  const editor = vscode.window.activeTextEditor;
  if (target instanceof vscode.Uri && target.toString() !== editor?.document.uri.toString())
    return { path: vscode.workspace.asRelativePath(target) };
  if (!editor) return undefined;
  const path = vscode.workspace.asRelativePath(editor.document.uri);
  if (editor.selection.isEmpty) return { path };
  const { start, end } = editor.selection;
  return { path, lines: [start.line + 1, end.line + 1], text: editor.document.getText(editor.selection).slice(0, longestSelection) };
}

const longestSelection = 20_000;

function describe({ path, lines }: Place): string {
  if (!lines) return path;
  return lines[0] === lines[1] ? `${path}, line ${lines[0]}` : `${path}, lines ${lines[0]} to ${lines[1]}`;
}

function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}\n${text}\n${fence}`;
}
