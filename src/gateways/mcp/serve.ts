// The MCP server on stdio, in every revision that the SDK speaks. Nothing but the protocol is written to stdout; it ends
// with its input.

import type { Readable } from "node:stream";
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, inputRequired, McpServer } from "@modelcontextprotocol/server";
import type { CallToolResult, InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { messageOf } from "../../protocol/result.ts";
import { actorOf, type Answer, type Asked, type McpHost, Question, type Scene } from "./host.ts";
import { sessionTools, type SessionTool } from "./tools.ts";

/** Resolves when the client has closed its end. `report` takes what would be noise on the wire. */
export async function serveMcp(host: McpHost, input: Readable, report: (message: string) => void): Promise<void> {
  const scene: Scene = { ...host, runs: { going: new Map(), refused: new Map(), begun: new Set(), taken: new Set() } };
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
    server.registerTool(name, { title, description, inputSchema: input, outputSchema: output, annotations }, (args, context) =>
      carryOut(scene, server, tool, args, context),
    );
  }
  return server;
}

async function carryOut(
  scene: Scene,
  server: McpServer,
  tool: SessionTool,
  args: unknown,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const answer = await tool.run(scene, args as never, askedOf(server, context));
    return { content: [{ type: "text", text: JSON.stringify(answer, undefined, 2) }], structuredContent: answer };
  } catch (error) {
    if (error instanceof Question && canAsk(server, context)) return questionTo(error);
    return { content: [{ type: "text", text: messageOf(error) }], isError: true };
  }
}

function canAsk(server: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope = mcpReq.envelope as Record<string, { elicitation?: unknown } | undefined> | undefined;
  // oxlint-disable-next-line typescript/no-deprecated -- the only word of a client of the earlier revisions
  const capabilities = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();
  return capabilities?.elicitation !== undefined;
}

function callerOf(server: McpServer, { mcpReq }: ServerContext): string {
  const envelope = mcpReq.envelope as Record<string, { name?: string } | undefined> | undefined;
  // oxlint-disable-next-line typescript/no-deprecated -- the only word of a client of the earlier revisions
  return actorOf((envelope?.[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion())?.name);
}

/** The client puts it to its person and sends the call again with the answer. */
function questionTo({ id, words, choices }: Question): InputRequiredResult {
  const [first, ...rest] = choices ?? [];
  const answer = first === undefined ? z.string().min(1) : z.enum([first, ...rest]);
  return inputRequired({ inputRequests: { [id]: inputRequired.elicit({ message: words, requestedSchema: z.object({ answer }) }) } });
}

function askedOf(server: McpServer, context: ServerContext): Asked {
  const { mcpReq } = context;
  const { signal, inputResponses = {} } = mcpReq;
  const progressToken = mcpReq._meta?.progressToken;
  let progress = 0;
  return {
    by: callerOf(server, context),
    signal,
    tell(message) {
      if (progressToken === undefined) return;
      const params = { progressToken, progress: ++progress, message };
      void mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
    },
    answers: new Map(Object.entries(inputResponses).map(([id, response]) => [id, answerOf(response)])),
  };
}

const responseSchema = z.object({ action: z.enum(["accept", "decline", "cancel"]), content: z.object({ answer: z.string() }).optional() });

function answerOf(response: unknown): Answer {
  const { data } = responseSchema.safeParse(response);
  if (!data || data.action === "cancel") return { action: "cancel" };
  return data.action === "accept" && data.content ? { action: "accept", text: data.content.answer } : { action: "decline" };
}
