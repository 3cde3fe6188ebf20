// The tools of external MCP servers beside our own, named `server__tool`. Nothing of what a server says about its tools'
// effects is believed: each counts as `execute`, so that it is asked for like a command.

import type { CallScope, ToolSpec } from "../../core/ports.ts";
import type { SandboxPort } from "../../core/sandboxPort.ts";
import type { CallResult } from "../../protocol/events.ts";
import { messageOf } from "../../protocol/result.ts";
import { limitOutput } from "../outputLimit.ts";
import { failed } from "../toolDefinition.ts";
import type { Tools, ToolsOptions } from "../tools.ts";
import type { Connection } from "./connection.ts";
import type { ServerDefinition } from "./definitions.ts";

export type ServerReport = { name: string; tools: string[]; problem?: string };

type Kept = Pick<ToolsOptions, "saveOutput" | "clean" | "sandbox">;
/** `keys`: the argument of a tool that is for an idempotency key. */
type Server = ServerReport & { connection: Connection; names: Map<string, string>; keys: Map<string, string> };

const callMs = 120_000;
const outputLimit = 24_000;
const longestDescription = 1_000;
const mostTools = 100;

/** Starts nothing before the first list or call. */
export function withServers(own: Tools, definitions: ServerDefinition[], options: Kept): Tools & { servers(): ServerReport[] } {
  const servers = new Map(
    definitions.map((one): [string, Server] => [
      one.name,
      { name: one.name, tools: [], names: new Map(), keys: new Map(), connection: lateConnection(one, options.sandbox) },
    ]),
  );
  return {
    ...own,
    servers: () =>
      [...servers.values()].map(({ name, tools, problem }) => ({ name, tools, ...(problem === undefined ? {} : { problem }) })),
    list: async () => [...(await own.list()), ...(await Promise.all([...servers.values()].map(toolsOf))).flat()],
    call: async (tool, args, scope, signal) => {
      const server = servers.get(tool.slice(0, Math.max(0, tool.indexOf("__"))));
      return server ? callServer(server, tool, args, scope, signal, options) : own.call(tool, args, scope, signal);
    },
    close: async () => {
      await Promise.all([own.close(), ...[...servers.values()].map(({ connection }) => connection.close())]);
    },
  };
}

/** The protocol is loaded with the first server that is wanted. */
function lateConnection(definition: ServerDefinition, sandbox: SandboxPort | undefined): Connection {
  let loading: Promise<Connection> | undefined;
  const load = (): Promise<Connection> =>
    (loading ??= import("./connection.ts").then(({ connectionTo }) => connectionTo(definition, callMs, sandbox)));
  return {
    tools: async () => (await load()).tools(),
    call: async (tool, args, signal, key) => (await load()).call(tool, args, signal, key),
    close: async () => await (await loading)?.close(),
  };
}

/** A server that cannot be had offers nothing this time; the rest goes on without it. */
async function toolsOf(server: Server): Promise<ToolSpec[]> {
  try {
    const listed = await server.connection.tools();
    const usable = listed.slice(0, mostTools).map((tool) => ({ tool, name: nameOf(server.name, tool.name) }));
    server.names = new Map(usable.map(({ tool, name }) => [name, tool.name]));
    server.keys = new Map(usable.flatMap(({ tool, name }) => keyArgument(tool.inputSchema).map((key) => [name, key] as const)));
    server.tools = usable.map(({ name }) => name);
    delete server.problem;
    return usable.map(({ tool, name }) => ({
      name,
      description: (tool.description ?? tool.title ?? tool.name).slice(0, longestDescription),
      inputSchema: withoutKey(tool.inputSchema, server.keys.get(name)),
      access: { effect: "execute", idempotent: false, ...(server.keys.has(name) ? { keyed: true as const } : {}), timeoutMs: callMs },
    }));
  } catch (error) {
    server.problem = messageOf(error);
    server.tools = [];
    return [];
  }
}

type Schema = Record<string, unknown>;

const keyArguments = /^idempotency[_-]?key$/i;

function keyArgument({ properties }: Schema): string[] {
  return typeof properties === "object" && properties !== null ? Object.keys(properties).filter((name) => keyArguments.test(name)) : [];
}

/** The key is the call's own: no model makes one up. */
function withoutKey(schema: Schema, key: string | undefined): Schema {
  if (key === undefined) return { ...schema };
  const { [key]: _key, ...properties } = schema["properties"] as Schema;
  const { required } = schema;
  return { ...schema, properties, ...(Array.isArray(required) ? { required: required.filter((name) => name !== key) } : {}) };
}

/** In the letters and the length that every model's interface takes. */
function nameOf(server: string, tool: string): string {
  return `${server}__${tool.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`.slice(0, 64);
}

async function callServer(
  server: Server,
  tool: string,
  args: unknown,
  { sessionId, callId }: CallScope,
  signal: AbortSignal,
  kept: Kept,
): Promise<CallResult> {
  if (signal.aborted) return failed("cancelled", "The call was cancelled before it began.");
  if (server.names.size === 0) await toolsOf(server);
  const named = server.names.get(tool);
  if (named === undefined) {
    const words = server.problem ?? `The server ${server.name} has no tool ${tool}; it has: ${server.tools.join(", ") || "none"}.`;
    return failed(server.problem === undefined ? "unknown_tool" : "server_failed", words);
  }
  if (typeof args !== "object" || args === null || Array.isArray(args))
    return failed("invalid_arguments", "The arguments must be a JSON object.");
  const key = `${sessionId}/${callId}`;
  const argument = server.keys.get(tool);
  const given = { ...(args as Record<string, unknown>), ...(argument === undefined ? {} : { [argument]: key }) };
  const result = await server.connection.call(named, given, signal, key);
  return foreign(await limitOutput(result, tool, { ...kept, outputLimit }), server.name);
}

/** What a server answers are strangers' words: the guard heeds that from here on. */
function foreign(result: CallResult, server: string): CallResult {
  const { details } = result;
  const own =
    typeof details === "object" && details !== null && !Array.isArray(details) ? details : details === undefined ? {} : { data: details };
  return { ...result, details: { ...own, taint: [`mcp:${server}`] } };
}
