// What waits for a person, where the change is: lenses in the user's file, the diff behind them, and the result in Source
// Control; all of it gone as soon as somebody has answered anywhere.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { pendingApprovals, type SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { picking, until } from "../wait.ts";

const goal = 'Fix the typo "recieve" in README.md';
const readme = (): string => join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "README.md");
const command = (name: string, ...args: unknown[]): Thenable<unknown> =>
  vscode.commands.executeCommand(`agentOrchestrator.${name}`, ...args);

describe("approvals in the editor", () => {
  let api: Api;
  let text: string;
  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    // Other suites may have had the word mended.
    text = readFileSync(readme(), "utf8");
    writeFileSync(readme(), "# Inventory\n\nYou recieve a list.\n\nIt is sorted.\n\nBy name.\n");
  });
  after(() => writeFileSync(readme(), text));

  const state = async (sessionId: string): Promise<SessionState> => (await (await api.desk.runtime()).engine.state(sessionId))!;
  const lenses = async (): Promise<vscode.CodeLens[]> =>
    (await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", vscode.Uri.file(readme()), 20)).filter(
      ({ command: given }) => given?.command.startsWith("agentOrchestrator."),
    );
  const asked = async (): Promise<string> => {
    const { sessionId } = await api.desk.start({ text: goal, attachments: [] });
    await until(async () => (await lenses()).length > 0, "the lenses");
    return sessionId;
  };
  const editTabs = (): vscode.Tab[] =>
    vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input }) => input instanceof vscode.TabInputTextDiff && input.modified.scheme === "agent-orchestrator-edit");
  const press = async (title: RegExp): Promise<unknown> => {
    const lens = (await lenses()).find(({ command: given }) => title.test(given?.title ?? ""));
    assert.ok(lens?.command, `a lens ${title}`);
    return vscode.commands.executeCommand(lens.command.command, ...(lens.command.arguments ?? []));
  };

  it("an edit that is asked stands at its line, with who wants it; its diff is the editor's own", async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(readme()));
    const sessionId = await asked();
    const shown = await lenses();
    assert.deepEqual(
      shown.map(({ range, command: given }) => `${range.start.line}: ${given?.title}`),
      ["2: TypeScript wants to edit here", "2: Approve", "2: Deny", "2: Show diff"],
    );
    await press(/Show diff/);
    await until(() => editTabs().length === 1, "the diff");
    const { original, modified } = editTabs()[0]!.input as vscode.TabInputTextDiff;
    assert.match((await vscode.workspace.openTextDocument(original)).getText(), /You recieve a list/);
    assert.match((await vscode.workspace.openTextDocument(modified)).getText(), /You receive a list/);
    await press(/Deny/);
    await api.desk.running.get(sessionId);
    assert.equal(Object.values((await state(sessionId)).approvals)[0]?.resolution?.decision, "deny");
    await until(async () => (await lenses()).length === 0 && editTabs().length === 0, "lenses and diff to go");
    assert.match(readFileSync(readme(), "utf8"), /recieve/);
  });

  it("an answer from elsewhere takes the lenses away; the result then waits in Source Control until it is discarded", async () => {
    const sessionId = await asked();
    const { engine } = await api.desk.runtime();
    const { approvalId } = pendingApprovals(await state(sessionId))[0]!;
    await engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision: "approve", by: "somebody else" });
    await until(async () => (await lenses()).length === 0, "the lenses to go");
    await until(() => api.agentChanges.groups().length === 1, "the group");
    const [group] = api.agentChanges.groups();
    assert.equal(group?.id, sessionId);
    assert.equal(group.label, `1 change waits: ${goal}`);
    assert.deepEqual(
      group.resourceStates.map(({ resourceUri }) => resourceUri.fsPath),
      [readme()],
    );
    const { command: open, arguments: given = [] } = group.resourceStates[0]!.command!;
    await vscode.commands.executeCommand(open, ...given);
    const diff = (): boolean => vscode.window.tabGroups.activeTabGroup.activeTab?.label.includes("(proposed)") ?? false;
    await until(diff, "the diff");
    await command("discardChanges", group);
    await until(() => api.agentChanges.groups().length === 0, "the group to go");
    assert.equal((await state(sessionId)).landing?.decision, "discarded");
    assert.match(readFileSync(readme(), "utf8"), /recieve/);
    await api.desk.running.get(sessionId);
  });

  it("approve at the lens, apply in Source Control: the group's own session is meant, whichever is in view", async () => {
    const sessionId = await asked();
    await press(/Approve/);
    await until(() => api.agentChanges.groups().length === 1, "the group");
    const other = await api.desk.start({ text: "What does this project do?", attachments: [] });
    await api.desk.running.get(other.sessionId);
    api.desk.current = other.sessionId;
    await command("applyChanges", api.agentChanges.groups()[0]);
    await until(() => api.agentChanges.groups().length === 0, "the group to go");
    assert.equal((await state(sessionId)).landing?.decision, "applied");
    assert.match(readFileSync(readme(), "utf8"), /You receive a list/);
    await api.desk.running.get(sessionId);
  });

  it("rollback takes the user's file back, keeps what they wrote, and can be undone", async () => {
    const session = await findApplied(api);
    const { checkpoints } = await state(session);
    const [start] = checkpoints;
    writeFileSync(readme(), `${readFileSync(readme(), "utf8")}\nMine.\n`);
    const back = await picking(command("rollback", { id: session, to: start?.checkpointId }));
    assert.deepEqual(back, ["README.md"]);
    assert.match(readFileSync(readme(), "utf8"), /You recieve a list[^]*Mine\.\n$/);
    const before = (await state(session)).checkpoints.at(-1)!;
    assert.ok(!checkpoints.some(({ checkpointId }) => checkpointId === before.checkpointId), "the files as they were are a checkpoint");
    assert.deepEqual(await picking(command("rollback", { id: session })), ["README.md"], "the newest stands first in the list");
    assert.match(readFileSync(readme(), "utf8"), /You receive a list[^]*Mine\.\n$/);
  });

  it("what one agent did goes out of the user's file, their words stay, and it comes back", async () => {
    const session = await findApplied(api);
    api.desk.current = session;
    const all = readFileSync(readme(), "utf8");
    assert.deepEqual(await picking(command("undoAgent")), ["README.md"]);
    assert.match(readFileSync(readme(), "utf8"), /You recieve a list[^]*Mine\.\n$/);
    assert.deepEqual(await picking(command("undoAgent")), ["README.md"]);
    assert.equal(readFileSync(readme(), "utf8"), all);
  });

  it("fork begins another session with this one's record, and shows it", async () => {
    const session = await findApplied(api);
    api.desk.current = session;
    const fork = (await command("fork")) as string;
    assert.notEqual(fork, session);
    const { forkedFrom, goal: same } = await state(fork);
    assert.equal(forkedFrom?.sessionId, session);
    assert.equal(same, goal);
    assert.equal(api.desk.current, fork);
  });
});

async function findApplied({ desk }: Api): Promise<string> {
  const { store, engine } = await desk.runtime();
  for (const { id } of await store.listSessions({}))
    if (Object.keys((await engine.state(id))?.approvals ?? {}).length > 0 && (await engine.state(id))?.landing?.decision === "applied")
      return id;
  return assert.fail("no session was applied");
}
