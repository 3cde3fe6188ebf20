// External MCP servers in the editor: one of the project is used only after it was accepted as it is, one of the user's own
// setting at once; each call is asked for.

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as vscode from "vscode";
import { pendingApprovals } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";

type Model = { asked: { tools: string[] }[]; answer: (turn: number) => unknown[] };

/** From the bundled suite back to the repository. */
const program = fileURLToPath(new URL("../../../../test/support/mcpServer.ts", import.meta.url));
const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration("agentOrchestrator");

describe("MCP servers for agents", function () {
  this.timeout(60_000);
  let api: Api;
  let model: Model;
  let file: string;
  before(async () => {
    model = await vscode.extensions.getExtension<Model>("agent-orchestrator-tests.model")!.activate();
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    file = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, ".vscode", "mcp.json");
  });
  after(async () => {
    rmSync(file, { force: true });
    await settings().update("mcpServers", undefined, vscode.ConfigurationTarget.Global);
    await api.desk.reload();
  });

  const write = async (who: string): Promise<void> => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, JSON.stringify({ servers: { notes: { command: process.execPath, args: [program], env: { WHO: who } } } }));
    await api.desk.reload();
  };
  const names = async (): Promise<string[]> => (await api.desk.runtime()).servers().map(({ name }) => name);
  const toggle = (): Thenable<boolean | undefined> => vscode.commands.executeCommand("agentOrchestrator.manageServers", "notes");
  /** The tools that the model was offered, and what the call of the server's tool was answered with. */
  const session = async (tool: string): Promise<{ offered: string[]; asked: string[]; content: string }> => {
    model.asked.splice(0);
    model.answer = (turn) =>
      turn === 0
        ? [new vscode.LanguageModelToolCallPart("call-0", tool, { note: "this" })]
        : turn === 1
          ? [new vscode.LanguageModelToolCallPart("call-1", "agents__submit_result", { status: "done", summary: "kept" })]
          : [new vscode.LanguageModelTextPart("Done.")];
    const { sessionId } = await api.desk.start({ text: "Rename this to that", attachments: [], level: "assisted" });
    const { engine, store } = await api.desk.runtime();
    const asked: string[] = [];
    while (api.desk.running.has(sessionId)) {
      const [approval] = pendingApprovals((await engine.state(sessionId))!);
      if (approval) {
        asked.push(`${approval.tool} ${approval.rule}`);
        const { approvalId } = approval;
        await engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision: "approve", by: "user" });
      }
      await new Promise((next) => setTimeout(next, 20));
    }
    const events = await store.read(sessionId);
    const ended = events.find(({ type, payload }) => type === "call.ended" && (payload as { tool: string }).tool === tool);
    assert.ok(ended, "the call ended");
    return { offered: model.asked[0]?.tools ?? [], asked, content: (ended.payload as { result: { content: string } }).result.content };
  };

  it("of the project: none before the user accepted it, and again none when it changed", async () => {
    await write("first");
    assert.deepEqual(await names(), []);
    assert.equal(await toggle(), true);
    assert.deepEqual(await names(), ["notes"]);
    const { offered, asked, content } = await session("notes__add_note");
    assert.ok(offered.includes("notes__add_note"));
    assert.deepEqual(asked, ["notes__add_note external"]);
    assert.match(content, /^kept this in .* for first; key none$/);
    await write("second");
    assert.deepEqual(await names(), [], "another content is another server");
    await write("first");
    assert.deepEqual(await names(), ["notes"]);
    assert.equal(await toggle(), false);
    assert.deepEqual(await names(), []);
  });

  it("of the user's own setting: used at once, and told by the doctor", async () => {
    const server = { command: process.execPath, args: [program] };
    await settings().update("mcpServers", { mine: server, broken: {} }, vscode.ConfigurationTarget.Global);
    await api.desk.reload();
    assert.deepEqual(await names(), ["mine"]);
    assert.match((await session("mine__add_note")).content, /^kept this/);
    await vscode.commands.executeCommand("agentOrchestrator.doctor");
    const page = vscode.window.activeTextEditor?.document.getText() ?? "";
    assert.match(page, /- MCP server mine \(.*\): mine__add_note, /);
    assert.match(page, /- MCP server left out: your settings: server "broken" names neither a command nor a url\./);
  });
});
