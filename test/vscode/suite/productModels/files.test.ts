// Changes of several files: the question about them in each file, and the result in Source Control, settled file by file.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Level } from "../../../../src/protocol/agents.ts";
import type { StorePort } from "../../../../src/core/ports.ts";
import { eventId } from "../../../../src/protocol/events.ts";
import { pendingApprovals, type SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { picking } from "../wait.ts";

type Model = { asked: unknown[]; answer: (turn: number) => unknown[] };
type Calls = readonly (readonly [string, object])[];

const submit = ["agents__submit_result", { status: "done", summary: "changed" }] as const;
const file = (name: string): string => join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, name);
/** Forty lines, far enough from each other that two changes are two hunks. */
const lines = (change: Record<number, string> = {}): string => Array.from({ length: 40 }, (_, at) => `${change[at] ?? at}\n`).join("");

describe("changes of several files", function () {
  this.timeout(90_000);
  let model: Model;
  let api: Api;
  before(async () => {
    model = await vscode.extensions.getExtension<Model>("agent-orchestrator-tests.model")!.activate();
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
  });
  beforeEach(() => {
    for (const name of ["one.txt", "two.txt"]) writeFileSync(file(name), "old\n");
  });

  const begin = async (calls: Calls, level: Level = "assisted"): Promise<string> => {
    model.asked.splice(0);
    model.answer = (turn) => {
      const [tool, input = {}] = calls[turn] ?? [];
      return tool ? [new vscode.LanguageModelToolCallPart(`call-${turn}`, tool, input)] : [new vscode.LanguageModelTextPart("Done.")];
    };
    return (await api.desk.start({ text: "Rename old to new", attachments: [], level })).sessionId;
  };
  const state = async (sessionId: string): Promise<SessionState> => (await (await api.desk.runtime()).engine.state(sessionId))!;
  const resources = (): vscode.SourceControlResourceState[] => api.agentChanges.groups().flatMap((group) => group.resourceStates);
  const shown = async (...names: string[]): Promise<void> => {
    const paths = (): string[] => resources().map(({ resourceUri }) => resourceUri.fsPath);
    const wanted = names.map(file);
    for (let tries = 0; tries < 400 && paths().join() !== wanted.join(); tries++) await new Promise((next) => setTimeout(next, 50));
    assert.deepEqual(paths(), wanted);
  };
  afterEach(async () => {
    for (const group of api.agentChanges.groups()) await vscode.commands.executeCommand("agentOrchestrator.discardChanges", group);
    await shown();
  });
  const both: Calls = [
    ["filesystem__write_file", { path: "one.txt", content: "new\n" }],
    ["filesystem__write_file", { path: "two.txt", content: "new\n" }],
    submit,
  ];

  it("are applied and discarded file by file; what is left stays in the list", async () => {
    const sessionId = await begin(both);
    await shown("one.txt", "two.txt");
    await vscode.commands.executeCommand("agentOrchestrator.applyFile", resources()[0]);
    await shown("two.txt");
    assert.equal(readFileSync(file("one.txt"), "utf8"), "new\n");
    await vscode.commands.executeCommand("agentOrchestrator.discardFile", resources()[0]);
    await shown();
    await api.desk.running.get(sessionId);
    assert.equal(readFileSync(file("two.txt"), "utf8"), "old\n");
    assert.deepEqual(
      (await state(sessionId)).landing?.parts?.map(({ path, decision }) => `${path} ${decision}`),
      ["one.txt applied", "two.txt discarded"],
    );
  });

  it("are listed also of a run that did not end well, behind many newer sessions, and after the engine came again", async () => {
    const sessionId = await begin(both);
    await shown("one.txt", "two.txt");
    const { engine, store } = await api.desk.runtime();
    await engine.dispatch({ type: "session.cancel", sessionId });
    await api.desk.running.get(sessionId);
    await failed(store, sessionId);
    const { workspace, config } = await state(sessionId);
    for (let count = 0; count < 21; count++) {
      const made = await engine.dispatch({ type: "session.create", goal: "later", workspace, config });
      assert.ok(made.ok);
    }
    await api.desk.reload();
    await api.desk.runtime();
    assert.equal((await state(sessionId)).status, "failed");
    await shown("one.txt", "two.txt");
    await vscode.commands.executeCommand("agentOrchestrator.applyChanges", api.agentChanges.groups()[0]);
    await shown();
    assert.equal(readFileSync(file("two.txt"), "utf8"), "new\n");
  });

  it("are listed without a file all hunks of which are decided, and the rest is taken as one", async () => {
    writeFileSync(file("one.txt"), lines());
    const sessionId = await begin([
      ["filesystem__write_file", { path: "one.txt", content: lines({ 2: "A", 38: "B" }) }],
      ["filesystem__write_file", { path: "two.txt", content: "new\n" }],
      submit,
    ]);
    await shown("one.txt", "two.txt");
    const { engine } = await api.desk.runtime();
    await engine.dispatch({ type: "changes.apply", sessionId, by: "user", only: [{ path: "one.txt", hunks: [0] }] });
    await shown("one.txt", "two.txt");
    await engine.dispatch({ type: "changes.discard", sessionId, by: "user", only: [{ path: "one.txt", hunks: [1] }] });
    await shown("two.txt");
    await vscode.commands.executeCommand("agentOrchestrator.applyFile", ...resources());
    await shown();
    await api.desk.running.get(sessionId);
    assert.equal((await state(sessionId)).landing?.decision, "applied");
    assert.equal(readFileSync(file("one.txt"), "utf8"), lines({ 2: "A" }));
    assert.equal(readFileSync(file("two.txt"), "utf8"), "new\n");
  });

  it("that are one question name each other in each file, with one answer for all", async () => {
    const patch = ["one.txt", "two.txt"].map((name) => `--- a/${name}\n+++ b/${name}\n@@ -1 +1 @@\n-old\n+new\n`).join("");
    const sessionId = await begin([["filesystem__edit_file", { patch }], submit], "default");
    for (const name of ["one.txt", "two.txt"]) await vscode.workspace.openTextDocument(file(name));
    const lenses = async (name: string): Promise<string[]> =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", vscode.Uri.file(file(name)), 20))
        .filter(({ command }) => command?.command.startsWith("agentOrchestrator."))
        .map(({ command }) => command!.title);
    for (let tries = 0; tries < 400 && (await lenses("one.txt")).length === 0; tries++) await new Promise((next) => setTimeout(next, 50));
    for (const [name, other] of [
      ["one.txt", "two.txt"],
      ["two.txt", "one.txt"],
    ] as const) {
      const [title, ...rest] = await lenses(name);
      assert.match(title ?? "", new RegExp(`wants to edit here, and 1 more file: ${other}$`));
      assert.deepEqual(rest, ["Approve all 2 files", "Deny all 2 files", "Show diff"]);
    }
    const [approval] = pendingApprovals(await state(sessionId));
    const { engine } = await api.desk.runtime();
    await engine.dispatch({ type: "approval.resolve", sessionId, approvalId: approval!.approvalId, decision: "deny", by: "user" });
    await api.desk.running.get(sessionId);
  });

  it("are gone back on to places where the user's files were, not to work inside a run", async () => {
    const sessionId = await begin(both);
    await shown("one.txt", "two.txt");
    await vscode.commands.executeCommand("agentOrchestrator.applyChanges", api.agentChanges.groups()[0]);
    await api.desk.running.get(sessionId);
    const inside = (await state(sessionId)).checkpoints.find(({ from }) => from !== undefined);
    assert.ok(inside, JSON.stringify((await state(sessionId)).checkpoints));
    await picking(vscode.commands.executeCommand("agentOrchestrator.rollback", { id: sessionId, to: inside.checkpointId }));
    const events = await (await api.desk.runtime()).store.read(sessionId);
    const went = events.filter(({ type }) => type === "rollback.done").map(({ payload }) => (payload as { to: string }).to);
    assert.equal(went.length, 1);
    assert.notEqual(went[0], inside.checkpointId);
  });
});

/** The record of a run whose last word was that it failed. */
async function failed(store: StorePort, sessionId: string): Promise<void> {
  const last = (await store.read(sessionId)).at(-1)!;
  const event = { ...last, type: "session.ended", actor: "orchestrator", payload: { status: "failed" } };
  await store.append(sessionId, [{ ...event, seq: last.seq + 1, id: eventId(sessionId, last.seq + 1) }]);
}
