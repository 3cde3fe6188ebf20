// The MCP server that the installed package offers to the editor, started as the editor would start it.

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import * as vscode from "vscode";
import type { Api } from "../../../../src/vscode/extension.ts";

const none = new vscode.CancellationTokenSource().token;

describe("the MCP server of the package", () => {
  it("is offered for the open folder, starts from the package's own program, and shares the record", async () => {
    const extension = vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!;
    const { desk, mcp } = await extension.activate();
    const { store } = await desk.runtime();
    const [offered, ...more] = (await mcp.provideMcpServerDefinitions(none)) ?? [];
    assert.ok(offered && more.length === 0);
    const { command, args, env, cwd } = (await mcp.resolveMcpServerDefinition?.(offered, none)) ?? offered;
    assert.equal(command, process.execPath);
    assert.ok(args[0]?.startsWith(extension.extensionPath));
    assert.ok(!args.some((one) => one.startsWith("vscode:")), "another process cannot use the editor's models");
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
    const inherited = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
    const given = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
    await client.connect(new StdioClientTransport({ command, args, env: { ...inherited, ...given }, cwd: cwd!.fsPath }));
    try {
      const call = async (name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> =>
        ((await client.callTool({ name, arguments: input })).structuredContent ?? {}) as Record<string, unknown>;
      await call("start_agent_session", { session_name: "by mcp", prompt: "What does this project do?", model: "demo" });
      const { outcome } = await call("get_agent_session_result", { session_id: "by mcp", wait_seconds: 20 });
      assert.equal(outcome, "done");
      const row = await store.findSession("by mcp");
      assert.equal(row?.workspace, vscode.workspace.workspaceFolders![0]!.uri.fsPath);
    } finally {
      await client.close();
    }
  });
});
