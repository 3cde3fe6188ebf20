// One external MCP server: started when it is first wanted, started again after it went, ended with the runtime. Whatever
// it does wrong fails a call, never more than that; what it says of itself is data.

import { setTimeout as pause } from "node:timers/promises";
import { Client, SdkError, SdkErrorCode, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { CallToolResult, Tool as McpTool, Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { CallResult } from "../../protocol/events.ts";
import { messageOf } from "../../protocol/result.ts";
import { done, failed } from "../toolDefinition.ts";
import type { ServerDefinition } from "./definitions.ts";

const startMs = 20_000;
const keptWords = 2_000;

export type Connection = {
  /** Rejects with a sentence when the server cannot be had. */
  tools(): Promise<McpTool[]>;
  /** Never rejects. */
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal): Promise<CallResult>;
  close(): Promise<void>;
};

type Joined = { client: Client; tools: McpTool[] };

export function connectionTo(definition: ServerDefinition, callMs: number): Connection {
  let joining: Promise<Joined> | undefined;
  let isClosed = false;
  const join = (): Promise<Joined> => {
    if (isClosed) return Promise.reject(new Error(`The MCP server ${definition.name} has been ended.`));
    joining ??= start(definition, () => (joining = undefined)).catch((error: unknown) => {
      joining = undefined;
      throw error;
    });
    return joining;
  };
  return {
    tools: async () => (await join()).tools,
    call: async (tool, args, signal) => {
      try {
        const { client } = await join();
        return asResult(await client.callTool({ name: tool, arguments: args }, { signal, timeout: callMs }));
      } catch (error) {
        return asFailure(definition.name, error, signal, callMs);
      }
    },
    async close() {
      isClosed = true;
      const joined = await joining?.catch(() => undefined);
      await joined?.client.close().catch(() => undefined);
    },
  };
}

async function start(definition: ServerDefinition, onGone: () => void): Promise<Joined> {
  const client = new Client({ name: "agent-orchestrator", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const { transport, lastWords } = transportTo(definition);
  const late = new AbortController();
  try {
    const joined = client.connect(transport).then(async () => ({ client, tools: (await client.listTools()).tools }));
    const found = await Promise.race([joined, pause(startMs, undefined, { signal: late.signal })]);
    if (!found) throw new Error(`it did not answer within ${startMs / 1000} s`);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
    client.onclose = onGone;
    return found;
  } catch (error) {
    await client.close().catch(() => undefined);
    const words = lastWords.text.trim().split("\n").at(-1) ?? "";
    throw new Error(`The MCP server ${definition.name} cannot be used: ${messageOf(error)}${words ? ` (it said: ${words})` : ""}`, {
      cause: error,
    });
  } finally {
    late.abort();
  }
}

function transportTo({ reach }: ServerDefinition): { transport: Transport; lastWords: { text: string } } {
  if (reach.kind === "http") {
    const transport = new StreamableHTTPClientTransport(new URL(reach.url), { requestInit: { headers: reach.headers } });
    return { transport, lastWords: { text: "" } };
  }
  const { command, args, env, cwd } = reach;
  const inherited = getDefaultEnvironment();
  const options = { command, args, env: { ...inherited, ...env }, ...(cwd ? { cwd } : {}), stderr: "pipe" as const };
  const transport = new StdioClientTransport(options);
  const lastWords = { text: "" };
  transport.stderr?.on("data", (chunk: Buffer) => (lastWords.text = (lastWords.text + chunk.toString()).slice(-keptWords)));
  return { transport, lastWords };
}

function asResult({ content, structuredContent, isError }: CallToolResult): CallResult {
  const texts = content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`));
  const words = texts.length > 0 ? texts.join("\n") : JSON.stringify(structuredContent ?? {});
  return isError ? failed("tool_error", words) : done(words);
}

function asFailure(name: string, error: unknown, signal: AbortSignal, callMs: number): CallResult {
  if (signal.aborted) return failed("cancelled", "The call was cancelled.");
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return failed("timeout", `The server ${name} did not answer within ${callMs / 1000} s.`);
  return failed("server_failed", `The server ${name} failed the call: ${messageOf(error)}`);
}
