// The built-in servers with their tools, as data: no protocol is loaded for it. What joins them to clients is builtInTools.ts.

import { agentsServer } from "./agents/server.ts";
import { filesystemServer } from "./filesystem/server.ts";
import { gitServer } from "./git/server.ts";
import { ideServer } from "./ide/server.ts";
import { shellServer } from "./shell/server.ts";
import type { ToolServer } from "./toolDefinition.ts";
import type { ToolsOptions } from "./tools.ts";
import { webServer } from "./web/server.ts";

export const defaultOutputLimit = 24_000;

export function builtInServers(options: Omit<ToolsOptions, "saveOutput">): ToolServer[] {
  return [
    filesystemServer({ outputLimit: options.outputLimit ?? defaultOutputLimit }),
    shellServer(options.shell?.env ?? process.env, options.sandbox),
    gitServer(options.git ?? "git"),
    agentsServer(),
    ideServer(options.editor),
    webServer(options.web),
  ];
}
