// Joins one built-in server to one MCP client inside the process (A4) and keeps them joined.
// Owns the wire: tokens, timeouts, cancellation, the mapping of MCP results. Knows nothing of what the tools do.
//
// A caller's scope never crosses the wire: the request carries a random token that is worth something only while the
// call runs. MCP's own timers apply per tool; without them its default would end every call after a minute.

import { randomUUID } from "node:crypto";
import { Client, InMemoryTransport, SdkError, SdkErrorCode } from "@modelcontextprotocol/client";
import type { CallToolResult, Tool as McpTool } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { CallScope } from "../core/ports.ts";
import type { CallResult } from "../protocol/events.ts";
import { messageOf } from "../protocol/result.ts";
import { limitOutput } from "./outputLimit.ts";
import type { OutputOptions } from "./outputLimit.ts";
import { done, failed } from "./toolDefinition.ts";
import type { Tool, ToolServer } from "./toolDefinition.ts";

const tokenKey = "agent-orchestrator/call";
/** The longest delay a timer takes: about 25 days. */
const noTimeout = 2 ** 31 - 1;
/** How long a cancelled call may take to put its house in order before its caller goes on without it. */
const settleMs = 1500;
/** A child has calls of its own to settle first. */
const childSettleMs = 4000;

type Running = { scope: CallScope; settled?: Promise<unknown> };
/** By token. */
export type RunningCalls = Map<string, Running>;

export type Link = {
  tools(): Promise<McpTool[]>;
  /** Never rejects. After a cancel or timeout the handler has ended too, unless it ignores its signal. */
  call(tool: Tool, args: unknown, scope: CallScope, signal: AbortSignal): Promise<CallResult>;
  close(): Promise<void>;
};

export async function linkServer(server: ToolServer, options: OutputOptions): Promise<Link> {
  const running: RunningCalls = new Map();
  const mcpServer = serve(server, running, options);
  const client = new Client({ name: "agent-orchestrator", version: "1" });
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await mcpServer.connect(serverSide);
  await client.connect(clientSide);
  return {
    tools: async () => (await client.listTools()).tools,
    call: (tool, args, scope, signal) => callThrough(client, running, tool, args, scope, signal),
    close: async () => {
      await client.close();
      await mcpServer.close();
    },
  };
}

/** The MCP server by itself; it answers only calls whose token is in `running`. */
export function serve(server: ToolServer, running: RunningCalls, options: OutputOptions): McpServer {
  const mcpServer = new McpServer({ name: server.name, version: "1" });
  for (const tool of server.tools) register(mcpServer, server.name, tool, running, options);
  return mcpServer;
}

/** Advertises the schema but leaves the checking to the handler, so that a bad argument has a code of ours. */
function advertise(input: z.ZodType): StandardSchemaWithJSON<unknown, unknown> {
  const standard = input["~standard"];
  return { "~standard": { version: 1, vendor: "agent-orchestrator", validate: (value) => ({ value }), jsonSchema: standard.jsonSchema } };
}

function register(mcpServer: McpServer, serverName: string, tool: Tool, running: RunningCalls, options: OutputOptions): void {
  const config = { description: tool.description, inputSchema: advertise(tool.input) };
  const name = `${serverName}__${tool.name}`;
  mcpServer.registerTool(tool.name, config, (args, context) => {
    const token = context.mcpReq._meta?.[tokenKey];
    const entry = typeof token === "string" ? running.get(token) : undefined;
    if (!entry) return toMcp(failed("not_permitted", "This call did not come through the orchestrator: it is refused."));
    const input = tool.input.safeParse(args);
    if (!input.success) return toMcp(failed("invalid_arguments", invalidArguments(name, input.error)));
    const work = tool
      .run(input.data, { scope: entry.scope, signal: context.mcpReq.signal, tool: name })
      .then((outcome) => limitOutput(outcome, name, options))
      .then(toMcp, (error: unknown) => toMcp(failed("internal_error", `${name} failed unexpectedly: ${messageOf(error)}`)));
    entry.settled = work;
    return work;
  });
}

async function callThrough(
  client: Client,
  running: RunningCalls,
  tool: Tool,
  args: unknown,
  scope: CallScope,
  signal: AbortSignal,
): Promise<CallResult> {
  if (signal.aborted) return failed("cancelled", "The call was cancelled before it began.");
  if (!isRecord(args)) return failed("invalid_arguments", "The arguments must be a JSON object.");
  const token = randomUUID();
  const entry: Running = { scope };
  running.set(token, entry);
  try {
    const params = { name: tool.name, arguments: args, _meta: { [tokenKey]: token } };
    return fromMcp(await client.callTool(params, { signal, timeout: tool.access.timeoutMs ?? noTimeout }));
  } catch (error) {
    await settle(entry.settled, tool.access.timeoutMs === null ? childSettleMs : settleMs);
    return describeInterruption(error, tool, signal);
  } finally {
    running.delete(token);
  }
}

function describeInterruption(error: unknown, tool: Tool, signal: AbortSignal): CallResult {
  if (signal.aborted) return failed("cancelled", "The call was cancelled.");
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return failed("timeout", `The call was stopped after ${(tool.access.timeoutMs ?? noTimeout) / 1000} s.`);
  return failed("internal_error", `The tool's server did not answer: ${messageOf(error)}`);
}

/** Waits for a stopped handler: nothing of a call may still be at work once its result is recorded. */
async function settle(work: Promise<unknown> | undefined, mostMs: number): Promise<void> {
  if (!work) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, mostMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function toMcp(result: CallResult): CallToolResult {
  const { content, ...rest } = result;
  // MCP reads and checks every part on both sides: what says nothing is left out.
  if (result.ok && rest.details === undefined && rest.artifact === undefined) return { content: [{ type: "text", text: content }] };
  return { content: [{ type: "text", text: content }], structuredContent: rest, isError: !result.ok };
}

function fromMcp(result: CallToolResult): CallResult {
  const content = result.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n");
  if (isRecord(result.structuredContent)) return { ...result.structuredContent, content } as CallResult;
  return result.isError ? failed("internal_error", content) : done(content);
}

function invalidArguments(name: string, error: z.ZodError): string {
  const faults = error.issues.slice(0, 5).map((issue) => `${issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""}${issue.message}`);
  return `The arguments of ${name} are not valid. ${faults.join("; ")}.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
