// What a blueprint asks for that this version does not do. The file still counts: the person is told, instead of finding
// out by what does not happen.

import type { BlueprintProblem } from "../core/ports.ts";
import type { AgentDefinition } from "../protocol/agents.ts";
import type { Blueprint } from "./blueprintFile.ts";

export function notHonoured({ definition, file, lineOf }: Blueprint): BlueprintProblem[] {
  return Object.entries(wishes(definition)).flatMap(([key, instead]) =>
    instead === undefined
      ? []
      : [{ file, line: lineOf([key]), message: `${key} is not honoured by this version: ${instead}.`, note: true }],
  );
}

/** By key, what happens instead. */
function wishes({ isolation, memoryScope, mcp_servers: servers, type }: AgentDefinition): Record<string, string | undefined> {
  return {
    isolation: isolation === "shared" ? "the agent works in a worktree of its own" : undefined,
    memoryScope: memoryScope === "none" ? undefined : "the agent keeps no memory",
    mcp_servers: servers === undefined ? undefined : "the servers are not started",
    type: type === undefined || type === "builtin" ? undefined : `the agent runs as a built-in one, not over ${type}`,
  };
}
