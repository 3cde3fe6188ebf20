// The MCP server on stdio, in every revision that the SDK speaks. Nothing but the protocol is written to stdout; it ends
// with its input.

import type { Readable } from "node:stream";
import { McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { messageOf } from "../../protocol/result.ts";
import type { McpHost, Scene } from "./host.ts";
import { sessionTools } from "./tools.ts";

/** Resolves when the client has closed its end. `report` takes what would be noise on the wire. */
export async function serveMcp(host: McpHost, input: Readable, report: (message: string) => void): Promise<void> {
  const scene: Scene = { ...host, runs: { going: new Map(), refused: new Map() } };
  const closed = new Promise<void>((resolve) => {
    for (const sign of ["end", "close", "error"]) input.once(sign, () => resolve());
  });
  const serving = serveStdio(() => makeServer(scene), { onerror: (error) => report(error.message) });
  await closed;
  await serving.close();
}

function makeServer(scene: Scene): McpServer {
  const server = new McpServer(
    { name: "agent-orchestrator", title: "Agent Orchestrator", version: scene.version },
    { instructions: "A team of coding agents: start a session with a goal, look at its status, answer what it asks, fetch its result." },
  );
  for (const tool of sessionTools) {
    const { name, title, description, input, output, annotations } = tool;
    server.registerTool(name, { title, description, inputSchema: input, outputSchema: output, annotations }, async (args, context) => {
      try {
        const answer = await tool.run(scene, args as never, context.mcpReq.signal);
        return { content: [{ type: "text", text: JSON.stringify(answer, undefined, 2) }], structuredContent: answer };
      } catch (error) {
        return { content: [{ type: "text", text: messageOf(error) }], isError: true };
      }
    });
  }
  return server;
}
