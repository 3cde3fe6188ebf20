// The built-in servers, each behind an MCP client of its own (A4), one set for all tasks of a process.
// Owns names and the catalogue; each server's tools are in its folder.

import type { CallScope, ToolSpec } from "../core/ports.ts";
import { builtInServers, defaultOutputLimit } from "./catalogue.ts";
import { judgeChange } from "./ide/change.ts";
import { judgeCall, judgeShellCall } from "./judge.ts";
import { linkServer } from "./mcpLink.ts";
import type { Link } from "./mcpLink.ts";
import { previewCall } from "./preview.ts";
import { failed } from "./toolDefinition.ts";
import type { Tool } from "./toolDefinition.ts";
import type { Tools, ToolsOptions } from "./tools.ts";

type Entry = { link: Link; tool: Tool };

export async function openBuiltInTools(options: ToolsOptions): Promise<Tools> {
  const outputLimit = options.outputLimit ?? defaultOutputLimit;
  const entries = new Map<string, Entry>();
  const specs: ToolSpec[] = [];
  const links: Link[] = [];
  const kept = (options.shell?.env ?? process.env)["AO_DATA_DIR"];
  for (const server of builtInServers(options)) {
    const link = await linkServer(server, { ...options, outputLimit });
    links.push(link);
    const listed = new Map((await link.tools()).map((tool) => [tool.name, tool]));
    for (const tool of server.tools) {
      const name = `${server.name}__${tool.name}`;
      entries.set(name, { link, tool });
      const inputSchema = withoutNoise(listed.get(tool.name)?.inputSchema ?? { type: "object" });
      // What can only answer that nothing is there is not offered; a call of it still gets that answer.
      if (server.name !== "ide" || options.editor) specs.push({ name, description: tool.description, inputSchema, access: tool.access });
    }
  }
  return {
    list: () => Promise.resolve(specs),
    call: (name, args, scope, signal) => callByName(entries, name, args, scope, signal),
    judge: async (name, args, scope) => {
      if (name === "ide__rename" || name === "ide__format") return await judgeChange(options.editor, name, args, scope);
      return name === "shell__run"
        ? await judgeShellCall(args, { ...scope, ...(kept === undefined ? {} : { kept }) })
        : judgeCall(name, args, scope);
    },
    preview: (name, args, root) => previewCall(options.editor, name, args, root),
    close: async () => {
      await Promise.all(links.map((link) => link.close()));
    },
  };
}

async function callByName(entries: Map<string, Entry>, name: string, args: unknown, scope: CallScope, signal: AbortSignal) {
  const entry = entries.get(name);
  if (!entry) return failed("unknown_tool", `There is no tool ${name}. The tools are: ${[...entries.keys()].join(", ")}.`);
  return entry.link.call(entry.tool, args ?? {}, scope, signal);
}

/** What a model does not need to know costs tokens in every request. */
function withoutNoise(schema: Record<string, unknown>): Record<string, unknown> {
  const { $schema: _, ...rest } = schema;
  return strip(rest) as Record<string, unknown>;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !isNoise(key, inner));
  return Object.fromEntries(entries.map(([key, inner]) => [key, strip(inner)]));
}

function isNoise(key: string, value: unknown): boolean {
  return (key === "maximum" && value === Number.MAX_SAFE_INTEGER) || (key === "additionalProperties" && typeof value === "object");
}
