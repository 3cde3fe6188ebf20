// A result that clashes with the person's own edits, in the editor: three ways in the editor for merges, told as joined, or
// joined by the agent that wrote it. No file is written but by the person, and by what they take.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { isOpen } from "../../../../src/core/landingEnd.ts";
import type { SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { until } from "../wait.ts";

const misspelt = "# Inventory\n\nYou recieve a list.\n";
const mine = "# Inventory\n\nYou recieve a list, and more.\n";

describe("changes that clash with the person's own edits", function () {
  this.timeout(90_000);
  let api: Api;
  let file: vscode.Uri;
  let sessionId: string;

  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    file = vscode.Uri.file(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "NOTES.md"));
  });
  after(() => rmSync(file.fsPath));
  beforeEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    writeFileSync(file.fsPath, misspelt);
    ({ sessionId } = await api.desk.start({ text: 'Fix the typo "recieve" in NOTES.md', attachments: [], level: "assisted" }));
    await proposed();
    writeFileSync(file.fsPath, mine);
    const landed = await run<{ files: string[]; conflicts: string[] }>("applyChanges", { id: sessionId });
    assert.deepEqual(landed, { files: [], conflicts: ["NOTES.md"] });
    assert.equal(notes(), mine);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    if (isOpen((await state()).landing)) await run("discardChanges", { id: sessionId });
    await api.desk.running.get(sessionId);
  });

  const run = <T>(name: string, ...args: unknown[]): Thenable<T> => vscode.commands.executeCommand<T>(`agentOrchestrator.${name}`, ...args);
  const state = async (): Promise<SessionState> => (await (await api.desk.runtime()).engine.state(sessionId))!;
  const proposed = (runs = 1): Promise<void> =>
    until(async () => (await state()).runs === runs && isOpen((await state()).landing), `the result of run ${runs}`);
  const notes = (): string => readFileSync(file.fsPath, "utf8");
  const labels = (): string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
  const resource = async (): Promise<vscode.SourceControlResourceState> => {
    const found = (): vscode.SourceControlResourceState | undefined =>
      api.agentChanges.groups().find(({ id }) => id === sessionId)?.resourceStates[0];
    await until(() => found() !== undefined, "the file in Source Control");
    return found()!;
  };

  it("open three ways: what it began with, mine, what is proposed; joined and saved by me it counts as taken", async () => {
    await run("joinFile", await resource());
    await until(
      () => labels().some((label) => label.startsWith("Merging: NOTES.md")),
      "the editor for merges",
      async () => labels().join(),
    );
    assert.equal(notes(), mine, "nothing is written to show it");
    const shown = (side: string): string | undefined =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.query.includes(`session=${sessionId}&side=${side}`))?.getText();
    await until(() => ["taken", "yours", "after"].every((side) => shown(side) !== undefined), "the three sides");
    assert.deepEqual(["taken", "yours", "after"].map(shown), [misspelt, mine, misspelt.replace("recieve", "receive")]);
    const document = await vscode.workspace.openTextDocument(file);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(file, new vscode.Range(2, 4, 2, 11), "receive");
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.equal(notes(), mine, "saved by the person alone");
    assert.ok(await document.save());
    await run("joinedFile", await resource());
    await until(async () => !isOpen((await state()).landing), "the last word on the result");
    const { landing } = await state();
    assert.deepEqual(landing!.parts, [{ path: "NOTES.md", decision: "applied", joined: true }]);
    assert.equal(landing!.unproven, true);
    assert.equal(notes(), "# Inventory\n\nYou receive a list, and more.\n");
  });

  it("are joined by the agent that wrote them, and taken as any result", async () => {
    await run("joinChanges", { id: sessionId });
    await proposed(2);
    assert.equal(notes(), mine);
    assert.deepEqual(await run("applyChanges", { id: sessionId }), { files: ["NOTES.md"], conflicts: [] });
    assert.equal(notes(), "# Inventory\n\nYou receive a list, and more.\n");
  });
});
