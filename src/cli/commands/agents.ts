// `ao agents`: the blueprints that are found here, and what is wrong with those that are not.

import type { AgentDefinition } from "../../protocol/agents.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, workspaceOption } from "../command.ts";
import { oneLine } from "../format.ts";
import { withRuntime, workspaceOf } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

export const agentsCommand: Command = {
  name: "agents",
  args: "[AGENT] [--workspace DIR] [--json]",
  summary: "List the agents, or show one",
  options: { workspace: workspaceOption, json: jsonOption },
  arity: [0, 1],
  run: ({ positionals, values, io }) =>
    withRuntime(io, { workspace: workspaceOf({ values, io }) }, async ({ registry }) => {
      const [id] = positionals;
      for (const { file, line, message } of registry.problems()) io.err(`${file}:${line}: ${message}`);
      if (id !== undefined) {
        const agent = registry.agent(id);
        if (!agent) throw new CommandError(`there is no agent "${id}"; see: ao agents`);
        if (values["json"]) io.out(JSON.stringify(agent));
        else show(io, agent);
      } else if (values["json"]) io.out(JSON.stringify(registry.agents()));
      else printAll(io, registry.agents());
      return exit.done;
    }),
};

/** Specialists with their sub-agents below them, as the hierarchy is. */
function printAll(io: Io, agents: AgentDefinition[]): void {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const below = new Set(agents.flatMap((agent) => agent.subAgents));
  const print = (agent: AgentDefinition, indent: string, seen: string[]): void => {
    const off = agent.enabled === false ? " (disabled)" : "";
    const source = agent.source && agent.source !== "bundled" ? ` [${agent.source}]` : "";
    io.out(`${indent}${agent.id}${off}${source}  ${oneLine(agent.description, 100 - indent.length)}`);
    for (const id of agent.subAgents) {
      const sub = byId.get(id);
      if (sub && !seen.includes(id)) print(sub, `${indent}  `, [...seen, id]);
    }
  };
  for (const agent of agents.filter((one) => !below.has(one.id))) print(agent, "", [agent.id]);
}

function show(io: Io, agent: AgentDefinition): void {
  io.out(`${agent.name} (${agent.id}) — ${agent.description}`);
  io.out(`role: ${agent.role}   model: ${agent.model}   memory: ${agent.memoryScope}   source: ${agent.source ?? "bundled"}`);
  if (agent.subAgents.length > 0) io.out(`sub-agents: ${agent.subAgents.join(", ")}`);
  io.out(`tools: ${agent.tools.join(", ") || "none"}`);
  io.out(`\n${agent.instructions.trim()}`);
}
