// Comments on lines in the editor: on the proposed side of a diff and on the user's files that hold a result, kept as
// drafts, changed, sent at once, and answered.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { isOpen } from "../../../../src/core/landingEnd.ts";
import type { SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { until } from "../wait.ts";

const goal = 'Fix the typo "recieve" in README.md';
const misspelt = "# Inventory\n\nYou recieve a list.\n\nIt is sorted.\n";
const drafts = "agentOrchestrator.commentDrafts";

describe("comments on lines", function () {
  this.timeout(90_000);
  let api: Api;
  let file: vscode.Uri;
  let text: string;
  let sessionId: string;

  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    file = vscode.Uri.file(join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, "README.md"));
    text = readFileSync(file.fsPath, "utf8");
    writeFileSync(file.fsPath, misspelt);
    ({ sessionId } = await api.desk.start({ text: goal, attachments: [], level: "assisted" }));
    await proposed();
  });
  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    writeFileSync(file.fsPath, text);
  });

  const run = <T>(name: string, ...args: unknown[]): Thenable<T> => vscode.commands.executeCommand<T>(`agentOrchestrator.${name}`, ...args);
  const state = async (): Promise<SessionState> => (await (await api.desk.runtime()).engine.state(sessionId))!;
  const proposed = (runs = 1): Promise<void> =>
    until(async () => (await state()).runs === runs && isOpen((await state()).landing), `the result of run ${runs}`);
  const proposedSide = (): vscode.Uri =>
    vscode.Uri.from({ scheme: "agent-orchestrator", path: "/README.md", query: `session=${sessionId}&side=after` });
  const on = (uri: vscode.Uri, line: number): vscode.CommentThread =>
    api.agentComments.begin(uri, new vscode.Range(line - 1, 0, line - 1, 0));
  const labels = (): string[] =>
    api.agentComments.notes().map(({ contextValue, draft }) => `${contextValue} ${draft.path}:${draft.line} ${draft.text}`);

  it("are drafts on lines of the proposed side: kept with the window, changed, deleted", async () => {
    const document = await vscode.workspace.openTextDocument(proposedSide());
    assert.match(document.lineAt(2).text, /You receive a list/);
    await run("keepComment", { thread: on(proposedSide(), 3), text: "Shorter" });
    await run("keepComment", { thread: on(proposedSide(), 5), text: "Is it?" });
    assert.deepEqual(labels(), ["draft README.md:3 Shorter", "draft README.md:5 Is it?"]);
    const [first, second] = api.agentComments.notes();
    first!.body = 'Say "get" instead of "receive"';
    await run("saveComment", first);
    await run("deleteComment", second);
    const kept = api.desk.context.workspaceState.get<{ text: string; line: number }[]>(drafts);
    assert.deepEqual(
      kept?.map((one) => [one.line, one.text]),
      [[3, 'Say "get" instead of "receive"']],
    );
  });

  it("are not taken where no result is, and are not sent where nothing was said", async () => {
    const other = vscode.Uri.joinPath(file, "../package.json");
    await run("keepComment", { thread: on(other, 1), text: "x" });
    await run("keepComment", { thread: on(proposedSide(), 1), text: "  " });
    assert.equal(labels().length, 1);
  });

  it("are sent all at once, answered by a run on top of what is proposed, and said to be answered", async () => {
    const document = await vscode.workspace.openTextDocument(proposedSide());
    await vscode.window.showTextDocument(document);
    assert.equal(await run<number>("sendComments"), 1);
    await proposed(2);
    assert.deepEqual((await state()).run!.comments, [{ path: "README.md", line: 3, text: 'Say "get" instead of "receive"' }]);
    await until(
      () => labels().join() === 'answered README.md:3 Say "get" instead of "receive"',
      "the answer",
      async () => labels().join(),
    );
    const [note] = api.agentComments.notes();
    assert.equal(note!.thread.state, vscode.CommentThreadState.Resolved);
    assert.equal(api.desk.context.workspaceState.get(drafts), undefined, "nothing is left to send");
    await until(() => document.getText().includes("You get a list"), "the document to show what is proposed now");
    assert.equal(readFileSync(file.fsPath, "utf8"), misspelt);
  });

  it("are taken on the user's file once it holds the result, and follow their line", async () => {
    await run("applyChanges", { id: sessionId });
    await api.desk.running.get(sessionId);
    assert.match(readFileSync(file.fsPath, "utf8"), /You get a list/);
    const editor = await vscode.window.showTextDocument(file);
    await until(() => editor.document.getText().includes("You get"), "the editor to see the file");
    await run("keepComment", { thread: on(file, 3), text: 'Say "fetch" instead of "get"' });
    assert.equal(labels().at(-1), 'draft README.md:3 Say "fetch" instead of "get"');
    assert.ok(await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "A line on top.\n")));
    assert.equal(await run("sendComments"), undefined, "what is not saved is known to nobody else");
    assert.equal((await state()).runs, 2);
    await editor.document.save();
    assert.equal(await run<number>("sendComments"), 1);
    await proposed(3);
    assert.equal((await state()).run!.comments![0]!.line, 4);
    await run("discardChanges", { id: sessionId });
    await api.desk.running.get(sessionId);
  });
});
