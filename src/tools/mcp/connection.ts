// One external MCP server: started when it is first wanted, started again after it went, ended with the runtime. Whatever
// it does wrong fails a call, never more than that; what it says of itself is data.

import { isAbsolute } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client, SdkError, SdkErrorCode, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { CallToolResult, Tool as McpTool, Transport } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { SandboxPort } from "../../core/sandboxPort.ts";
import type { CallResult } from "../../protocol/events.ts";
import { messageOf } from "../../protocol/result.ts";
import { watchLimits } from "../process/watchLimits.ts";
import { done, failed } from "../toolDefinition.ts";
import type { ServerDefinition } from "./definitions.ts";

const startMs = 20_000;
const keptWords = 2_000;
/** Under which a server finds the key of a call: the same for the same call, also after a crash. */
const keyName = "agent-orchestrator/idempotency-key";

export type Connection = {
  /** Rejects with a sentence when the server cannot be had. */
  tools(): Promise<McpTool[]>;
  /** Never rejects. */
  call(tool: string, args: Record<string, unknown>, signal: AbortSignal, key: string): Promise<CallResult>;
  close(): Promise<void>;
};

type Joined = { client: Client; tools: McpTool[] };

export function connectionTo(definition: ServerDefinition, callMs: number, sandbox?: SandboxPort): Connection {
  let joining: Promise<Joined> | undefined;
  let isClosed = false;
  const join = (): Promise<Joined> => {
    if (isClosed) return Promise.reject(new Error(`The MCP server ${definition.name} has been ended.`));
    joining ??= start(definition, sandbox, () => (joining = undefined)).catch((error: unknown) => {
      joining = undefined;
      throw error;
    });
    return joining;
  };
  return {
    tools: async () => (await join()).tools,
    call: async (tool, args, signal, key) => {
      try {
        const { client } = await join();
        const params = { name: tool, arguments: args, _meta: { [keyName]: key } };
        return asResult(await client.callTool(params, { signal, timeout: callMs }));
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

async function start(definition: ServerDefinition, sandbox: SandboxPort | undefined, onGone: () => void): Promise<Joined> {
  const client = new Client({ name: "agent-orchestrator", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const { transport, lastWords, release, watch } = await transportTo(definition, sandbox);
  const late = new AbortController();
  try {
    const joined = client.connect(transport).then(async () => ({ client, tools: (await client.listTools()).tools }));
    const found = await Promise.race([joined, pause(startMs, undefined, { signal: late.signal })]);
    if (!found) throw new Error(`it did not answer within ${startMs / 1000} s`);
    const unwatch = watch();
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client is no event target
    client.onclose = () => {
      unwatch();
      void release();
      onGone();
    };
    return found;
  } catch (error) {
    await client.close().catch(() => undefined);
    await release();
    const words = lastWords.text.trim().split("\n").at(-1) ?? "";
    const { reach } = definition;
    const isConfined = reach.kind === "stdio" && reach.sandbox !== "off" && (await sandbox?.status())?.driver === "process";
    const confined = isConfined ? "; it runs in the sandbox" : "";
    throw new Error(
      `The MCP server ${definition.name} cannot be used: ${messageOf(error)}${words ? ` (it said: ${words}${confined})` : ""}`,
      {
        cause: error,
      },
    );
  } finally {
    late.abort();
  }
}

type Way = {
  transport: Transport;
  lastWords: { text: string };
  release: () => Promise<unknown>;
  /** Holds the server to its limits, until the answer is called. */
  watch: () => () => void;
};

async function transportTo({ name, reach }: ServerDefinition, sandbox: SandboxPort | undefined): Promise<Way> {
  if (reach.kind === "http") {
    const transport = new StreamableHTTPClientTransport(new URL(reach.url), { requestInit: { headers: reach.headers } });
    return { transport, lastWords: { text: "" }, release: () => Promise.resolve(), watch: () => () => undefined };
  }
  const { command, args, env, cwd } = reach;
  const plain = { file: command, args, cwd: cwd ?? process.cwd(), env: { ...getDefaultEnvironment(), ...env } };
  const named = [command, ...args].filter((word) => isAbsolute(word));
  const within = reach.sandbox === "off" ? undefined : sandbox;
  // It reads the folder that it stands in, and writes nothing there: the user's files change by landing alone (A10).
  const confined = await within?.confine({ ...plain, root: plain.cwd, writable: false, workspace: plain.cwd, named });
  if (confined?.ok === false) throw new Error(`The MCP server ${name} cannot be used: ${confined.error}`);
  const start = confined?.value ?? plain;
  const transport = new StdioClientTransport({
    command: start.file,
    args: start.args,
    cwd: start.cwd,
    env: Object.fromEntries(Object.entries(start.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
    stderr: "pipe",
  });
  const lastWords = { text: "" };
  transport.stderr?.on("data", (chunk: Buffer) => (lastWords.text = (lastWords.text + chunk.toString()).slice(-keptWords)));
  const limits = confined?.value.limits;
  return {
    transport,
    lastWords,
    release: async () => await confined?.value.release(),
    watch: () => {
      const { pid } = transport;
      return limits && pid !== null ? watchLimits(pid, limits, () => process.kill(pid, "SIGKILL")) : () => undefined;
    },
  };
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
