// What a project's own settings can do: hold agents lower than the user's settings do, never higher.

import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Api } from "../../../../src/vscode/extension.ts";
import { readSettings } from "../../../../src/vscode/settings.ts";

const { Global, Workspace } = vscode.ConfigurationTarget;
const keys = ["level", "applyAtEnd", "budget.usd", "budget.minutes", "budget.parallel", "resumeOnOpen"] as const;
type Values = Partial<Record<(typeof keys)[number], unknown>>;

async function set(target: vscode.ConfigurationTarget, values: Values): Promise<void> {
  for (const key of keys) await vscode.workspace.getConfiguration("agentOrchestrator").update(key, values[key], target);
}

const read = (): unknown[] => {
  const { level, applyAtEnd, budget, resumeOnOpen } = readSettings();
  return [level ?? "default", applyAtEnd, budget.usd, budget.minutes, budget.parallel, resumeOnOpen];
};

const much: Values = {
  level: "bypass",
  applyAtEnd: true,
  "budget.usd": 5000,
  "budget.minutes": 6000,
  "budget.parallel": 32,
  resumeOnOpen: "always",
};
const little: Values = {
  level: "default",
  applyAtEnd: false,
  "budget.usd": 1,
  "budget.minutes": 2,
  "budget.parallel": 1,
  resumeOnOpen: "never",
};

describe("a project's settings", () => {
  afterEach(async () => {
    await set(Workspace, {});
    await set(Global, {});
  });

  it("permit and spend no more than the user's own, in sessions of this window and in the MCP server", async () => {
    const plain = read();
    assert.deepEqual(plain, ["default", false, 5, 60, 4, "ask"]);
    await set(Workspace, much);
    assert.equal(vscode.workspace.getConfiguration("agentOrchestrator").get("level"), "bypass", "the editor itself would take it");
    assert.deepEqual(read(), plain);
    const { desk, mcp } = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    const { sessionId } = await desk.start({ text: "What does this project do?", attachments: [] });
    await desk.running.get(sessionId);
    const { level, apply, budget } = (await (await desk.runtime()).engine.state(sessionId))!.config;
    assert.deepEqual([level, apply, budget.usd, budget.minutes, budget.parallel], ["default", false, 5, 60, 4]);
    const [server] = (await mcp.provideMcpServerDefinitions(new vscode.CancellationTokenSource().token)) ?? [];
    assert.equal(server!.args[server!.args.indexOf("--level") + 1], "default");
  });

  it("hold them lower, and what makes no sense is left out", async () => {
    await set(Global, much);
    assert.deepEqual(read(), Object.values(much));
    await set(Workspace, little);
    assert.deepEqual(read(), Object.values(little));
    await set(Workspace, { ...much, level: "free", "budget.usd": "all", "budget.minutes": -1, resumeOnOpen: 7 });
    assert.deepEqual(read(), Object.values(much));
  });
});
