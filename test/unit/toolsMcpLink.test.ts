// The server's side of a link: who comes without a token that is worth something gets nothing.

import assert from "node:assert/strict";
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { z } from "zod";
import { serve } from "../../src/tools/mcpLink.ts";
import type { RunningCalls } from "../../src/tools/mcpLink.ts";
import { access, defineTool, done } from "../../src/tools/toolDefinition.ts";
import { noControl } from "../contract/toolsFixture.ts";

describe("a built-in MCP server", () => {
  it("refuses a call without a valid token, and knows the caller by the token alone", async () => {
    let ran = 0;
    const whoami = defineTool({
      name: "whoami",
      description: "Says who calls.",
      input: z.object({}),
      access: access.read,
      run: (_, call) => {
        ran++;
        return Promise.resolve(done(call.scope.agent));
      },
    });
    const running: RunningCalls = new Map();
    const save = (): Promise<never> => Promise.reject(new Error("nothing to save"));
    const server = serve({ name: "test", tools: [whoami] }, running, { outputLimit: 1000, saveOutput: save });
    const client = new Client({ name: "stranger", version: "1" });
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await server.connect(serverSide);
    await client.connect(clientSide);
    const scope = {
      sessionId: "s_1",
      taskId: "t_1",
      callId: "c_1",
      agent: "rust",
      root: "/",
      writable: false,
      control: noControl,
    } as const;
    running.set("right", { scope });
    const call = async (meta: Record<string, unknown>): Promise<unknown> => {
      const result = await client.callTool({ name: "whoami", arguments: {}, _meta: meta });
      return (result.structuredContent as { code?: string } | undefined)?.code ?? result.content;
    };
    for (const meta of [{}, { "agent-orchestrator/call": "wrong" }, { "agent-orchestrator/call": { toString: "right" } }])
      assert.equal(await call(meta), "not_permitted");
    assert.equal(ran, 0);
    assert.deepEqual(await call({ "agent-orchestrator/call": "right" }), [{ type: "text", text: "rust" }]);
    running.delete("right");
    assert.equal(await call({ "agent-orchestrator/call": "right" }), "not_permitted");
    await client.close();
  });
});
