// What blueprints say about each other, once all are read: sub-agents that exist, routing that leads somewhere, no cycle.
// A wrong name is taken out and reported; the agent itself stays usable.

import type { AgentDefinition } from "../protocol/agents.ts";
import type { BlueprintProblem } from "../core/ports.ts";
import type { Blueprint } from "./blueprintFile.ts";
import { didYouMean } from "./closest.ts";

export function relate(blueprints: Map<string, Blueprint>): { agents: Map<string, AgentDefinition>; problems: BlueprintProblem[] } {
  const problems: BlueprintProblem[] = [];
  const agents = new Map<string, AgentDefinition>();
  for (const [id, blueprint] of blueprints) agents.set(id, withKnownRelations(blueprint, blueprints, problems));
  for (const cycle of cycles(agents)) {
    const blueprint = blueprints.get(cycle[0]!)!;
    const message = `These agents are each other's sub-agents: ${[...cycle, cycle[0]].join(" → ")}. Remove one of the links.`;
    problems.push({ file: blueprint.file, line: blueprint.lineOf(["subAgents"]), message });
  }
  return { agents, problems };
}

function withKnownRelations(blueprint: Blueprint, all: Map<string, Blueprint>, problems: BlueprintProblem[]): AgentDefinition {
  const { definition, file } = blueprint;
  const report = (path: PropertyKey[], message: string): void => void problems.push({ file, line: blueprint.lineOf(path), message });
  const subAgents = definition.subAgents.filter((id, i) => {
    if (all.has(id)) return true;
    report(["subAgents", i], `There is no agent "${id}" to be a sub-agent.${didYouMean(id, all.keys())}`);
    return false;
  });
  const { routing, ...rest } = definition;
  if (!routing) return { ...rest, subAgents };
  if (subAgents.length === 0) {
    report(["routing"], "Routing needs at least one sub-agent: without it the agent works by itself.");
    return { ...rest, subAgents };
  }
  if (routing.to === "one" && !subAgents.includes(routing.fallback)) {
    report(
      ["routing", "fallback"],
      `The fallback "${routing.fallback}" is not one of the sub-agents.${didYouMean(routing.fallback, subAgents)}`,
    );
    return { ...rest, subAgents, routing: { ...routing, fallback: subAgents[0]! } };
  }
  return { ...rest, subAgents, routing };
}

/** Each cycle once, from the agent at which it was met first. */
function cycles(agents: Map<string, AgentDefinition>): string[][] {
  const found: string[][] = [];
  const finished = new Set<string>();
  const visit = (id: string, path: string[]): void => {
    const at = path.indexOf(id);
    if (at >= 0) found.push(path.slice(at));
    if (at >= 0 || finished.has(id)) return;
    for (const sub of agents.get(id)?.subAgents ?? []) visit(sub, [...path, id]);
    finished.add(id);
  };
  for (const id of agents.keys()) visit(id, []);
  return found;
}
