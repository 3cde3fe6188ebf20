// Who wrote a line, in the editor: the hover on it, and the command that goes to the trace.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../../../src/vscode/extension.ts";
import { until } from "../wait.ts";

const goal = 'Fix the typo "recieve" in README.md';

describe("who wrote a line", () => {
  let api: Api;
  let file: vscode.Uri;
  let text: string;
  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    file = vscode.Uri.file(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "README.md"));
    text = readFileSync(file.fsPath, "utf8");
    writeFileSync(file.fsPath, "# Inventory\n\nYou recieve a list.\n\nIt is sorted.\n");
  });
  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    writeFileSync(file.fsPath, text);
  });

  const hovers = async (line: number): Promise<string> => {
    const found = await vscode.commands.executeCommand<vscode.Hover[]>("vscode.executeHoverProvider", file, new vscode.Position(line, 4));
    return found
      .flatMap(({ contents }) => contents)
      .map((content) => (typeof content === "string" ? content : content.value))
      .join("\n");
  };

  it("stands in the hover of the line that an agent wrote, and of no other; the command finds its session", async () => {
    const { sessionId } = await api.desk.start({ text: goal, attachments: [], level: "bypass" });
    await api.desk.running.get(sessionId);
    assert.match(readFileSync(file.fsPath, "utf8"), /You receive a list/);
    const editor = await vscode.window.showTextDocument(file);
    await until(() => editor.document.getText().includes("receive"), "the editor to see the file");
    await until(
      async () => (await hovers(2)).includes("Written"),
      "the hover",
      () => hovers(2),
    );
    const words = await hovers(2);
    for (const part of [/Written by TypeScript/, /Fix the typo/, /command:agentOrchestrator\.showWhoWrote/, new RegExp(sessionId)])
      assert.match(words, part);
    assert.doesNotMatch(await hovers(4), /Written/);
    editor.selection = new vscode.Selection(2, 0, 2, 0);
    assert.equal(await vscode.commands.executeCommand("agentOrchestrator.showWhoWrote"), sessionId);
    assert.equal(api.desk.current, sessionId);
    await vscode.window.showTextDocument(file, { selection: new vscode.Range(4, 0, 4, 0) });
    assert.equal(await vscode.commands.executeCommand("agentOrchestrator.showWhoWrote"), undefined);
  });

  it("follows what is typed and not saved", async () => {
    const editor = await vscode.window.showTextDocument(file);
    assert.ok(await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "A line on top.\n")));
    await until(
      async () => (await hovers(3)).includes("Written"),
      "the hover one line below",
      () => hovers(3),
    );
    assert.doesNotMatch(await hovers(2), /Written/);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });
});
