// Who may use the tools of external MCP servers: agents that may run commands, since each such call is asked for as a
// command is, and those whose own file names them.

import { covers } from "../core/routing.ts";
import type { RegistryPort } from "../core/ports.ts";
import type { AgentDefinition } from "../protocol/agents.ts";

export function withExternalTools(registry: RegistryPort, servers: { name: string }[]): RegistryPort {
  if (servers.length === 0) return registry;
  const more = servers.map(({ name }) => `${name}__*`);
  const widened = (agent: AgentDefinition): AgentDefinition =>
    covers(agent.tools, "shell__run") ? { ...agent, tools: [...agent.tools, ...more] } : agent;
  return {
    ...registry,
    agents: () => registry.agents().map(widened),
    agent: (id) => {
      const agent = registry.agent(id);
      return agent && widened(agent);
    },
  };
}
