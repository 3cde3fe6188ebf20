// A file with an unsaved editor is never written over: what a person does asks to save first, what comes unasked waits.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { pendingApprovals, type SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { picking, until } from "../wait.ts";

const goal = 'Fix the typo "recieve" in README.md';
const readme = (): string => join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "README.md");
const onDisk = (): string => readFileSync(readme(), "utf8");
const command = (name: string, ...args: unknown[]): Thenable<unknown> =>
  vscode.commands.executeCommand(`agentOrchestrator.${name}`, ...args);

describe("files with unsaved editors", () => {
  let api: Api;
  let text: string;
  let document: vscode.TextDocument;
  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    text = onDisk();
  });
  beforeEach(async () => {
    writeFileSync(readme(), "# Inventory\n\nYou recieve a list.\n\nIt is sorted.\n\nBy name.\n");
    document = await vscode.workspace.openTextDocument(readme());
    await vscode.window.showTextDocument(document);
    // The editor refuses to save over a file that it has not seen in its newest state.
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await until(() => document.getText() === onDisk(), "the editor to see the file");
  });
  afterEach(async () => {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    writeFileSync(readme(), text);
  });

  const state = async (id: string): Promise<SessionState> => (await (await api.desk.runtime()).engine.state(id))!;
  const write = async (): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(document.lineCount - 1, 0), "\nMine.\n");
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
  };
  /** A session whose result waits. */
  const proposed = async (): Promise<string> => {
    const { sessionId } = await api.desk.start({ text: goal, attachments: [] });
    await until(async () => pendingApprovals(await state(sessionId)).length > 0, "the edit");
    await command("approveNext");
    await until(async () => (await state(sessionId)).landing !== undefined, "the result");
    await until(() => api.agentChanges.groups().some(({ id }) => id === sessionId), "the group");
    return sessionId;
  };
  const group = (sessionId: string): vscode.SourceControlResourceGroup | undefined =>
    api.agentChanges.groups().find(({ id }) => id === sessionId);

  it("leave everything as it is when the user turns away, by command, file by file and by the approval", async () => {
    const sessionId = await proposed();
    await write();
    const before = onDisk();
    await picking(command("applyChanges", group(sessionId)), "workbench.action.closeQuickOpen");
    await picking(command("applyFile", ...group(sessionId)!.resourceStates), "workbench.action.closeQuickOpen");
    await picking(command("approveNext"), "workbench.action.closeQuickOpen");
    assert.equal(onDisk(), before);
    assert.ok(document.isDirty);
    assert.equal((await state(sessionId)).landing?.decision, undefined);
    await command("discardChanges", group(sessionId));
    await api.desk.running.get(sessionId);
  });

  it("are saved when the user says so, and both are in the file; the way back asks as well", async () => {
    const sessionId = await proposed();
    await write();
    await picking(command("applyChanges", group(sessionId)));
    await api.desk.running.get(sessionId);
    assert.equal((await state(sessionId)).landing?.decision, "applied");
    assert.match(onDisk(), /You receive a list[^]*Mine\.\n/);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await until(() => document.getText() === onDisk(), "the editor to see the file");
    await write();
    const [start] = (await state(sessionId)).checkpoints;
    const { engine } = await api.desk.runtime();
    const back = { type: "session.rollback", sessionId, to: start!.checkpointId, by: "user" } as const;
    const before = onDisk();
    const left = await picking(engine.dispatch(back), "workbench.action.closeQuickOpen");
    assert.ok(!left.ok);
    assert.match(left.error.message, /^Nothing was changed: save or close README\.md first/);
    assert.equal(onDisk(), before);
    const gone = await picking(engine.dispatch(back));
    assert.deepEqual(gone.ok && gone.value.files, ["README.md"]);
    assert.match(onDisk(), /You recieve a list[^]*Mine\.\n[^]*Mine\.\n/);
  });

  it("hold up a result that is applied at the end by itself: it waits", async () => {
    await write();
    const before = onDisk();
    const { sessionId } = await api.desk.start({ text: goal, attachments: [], level: "bypass" });
    await api.desk.running.get(sessionId);
    assert.equal((await state(sessionId)).landing?.decision, "conflict");
    assert.equal(onDisk(), before);
    assert.ok(document.isDirty);
    await until(() => group(sessionId) !== undefined, "the group");
    const { engine } = await api.desk.runtime();
    const taken = await picking(engine.dispatch({ type: "changes.apply", sessionId, by: "user" }));
    assert.deepEqual(taken, { ok: true, value: { files: ["README.md"], conflicts: [] } });
    assert.match(onDisk(), /You receive a list[^]*Mine\.\n/);
  });
});
