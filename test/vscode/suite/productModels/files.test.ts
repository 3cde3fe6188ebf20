// A result of several files in Source Control, settled file by file.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../../../src/vscode/extension.ts";

type Model = { asked: unknown[]; answer: (turn: number) => unknown[] };

describe("a result of several files", () => {
  it("is applied and discarded file by file; what is left stays in the list", async () => {
    const model = await vscode.extensions.getExtension<Model>("agent-orchestrator-tests.model")!.activate();
    const { desk, agentChanges } = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    const file = (name: string): string => join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, name);
    for (const name of ["one.txt", "two.txt"]) writeFileSync(file(name), "old\n");
    const calls = [
      ["filesystem__write_file", { path: "one.txt", content: "new\n" }],
      ["filesystem__write_file", { path: "two.txt", content: "new\n" }],
      ["agents__submit_result", { status: "done", summary: "changed" }],
    ] as const;
    model.asked.splice(0);
    model.answer = (turn) => {
      const [tool, input] = calls[turn] ?? [];
      return tool ? [new vscode.LanguageModelToolCallPart(`call-${turn}`, tool, input)] : [new vscode.LanguageModelTextPart("Done.")];
    };
    const { sessionId } = await desk.start({ text: "Rename old to new", attachments: [], level: "assisted" });
    const paths = (): string[] =>
      agentChanges.groups().flatMap((group) => group.resourceStates.map(({ resourceUri }) => resourceUri.fsPath));
    const until = async (wanted: string[]): Promise<void> => {
      for (let tries = 0; tries < 400 && paths().join() !== wanted.join(); tries++) await new Promise((next) => setTimeout(next, 50));
      assert.deepEqual(paths(), wanted);
    };
    await until([file("one.txt"), file("two.txt")]);
    await vscode.commands.executeCommand("agentOrchestrator.applyFile", agentChanges.groups()[0]!.resourceStates[0]);
    await until([file("two.txt")]);
    assert.equal(readFileSync(file("one.txt"), "utf8"), "new\n");
    await vscode.commands.executeCommand("agentOrchestrator.discardFile", agentChanges.groups()[0]!.resourceStates[0]);
    await until([]);
    await desk.running.get(sessionId);
    assert.equal(readFileSync(file("two.txt"), "utf8"), "old\n");
    const state = await (await desk.runtime()).engine.state(sessionId);
    assert.deepEqual(
      state?.landing?.parts?.map(({ path, decision }) => `${path} ${decision}`),
      ["one.txt applied", "two.txt discarded"],
    );
  });
});
