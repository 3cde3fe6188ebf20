// What a tool can do, by its name, without starting anything. Most of what the servers need is not loaded for a command.

import type { ToolAccess } from "../core/ports.ts";
import { access } from "./toolDefinition.ts";

/** Of a tool that is not ours nothing is known. */
export async function accessTo(name: string): Promise<ToolAccess> {
  if (name === "shell__run") return access.run;
  const { builtInServers } = await import("./catalogue.ts");
  for (const server of builtInServers({})) for (const tool of server.tools) if (`${server.name}__${tool.name}` === name) return tool.access;
  return { effect: "execute", idempotent: false, timeoutMs: null };
}
