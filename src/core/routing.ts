// Who does what: step type → specialist, language or focus → sub-agent. Data in the blueprints, looked up here.

import type { AgentDefinition, PlanStep } from "../protocol/agents.ts";
import type { RegistryPort, ToolSpec } from "./ports.ts";

const specialistByType: Record<string, string> = {
  plan: "planning",
  generate: "code-generation",
  fix: "code-generation",
  review: "code-review",
  test: "testing",
  document: "documentation",
  answer: "coordinator",
  synthesis: "synthesis",
};

export const defaultSpecialist = "code-generation";

export function agentIdForStep(step: Pick<PlanStep, "type" | "agent">): string {
  return step.agent ?? specialistByType[step.type] ?? defaultSpecialist;
}

/** The sub-agents that take over a specialist's task, in the order of its blueprint. */
export function subAgentsFor(registry: RegistryPort, agent: AgentDefinition, hint: { language?: string; goal: string }): AgentDefinition[] {
  const routing = agent.routing;
  if (!routing) return [];
  const usable = agent.subAgents
    .map((id) => registry.agent(id))
    .filter((sub) => sub !== undefined && sub.enabled !== false) as AgentDefinition[];
  if (routing.to === "all") return usable;
  const chosen = routing.by === "language" ? byWord(usable, hint.language) : byMention(usable, hint.goal);
  const fallback = usable.find((sub) => sub.id === routing.fallback) ?? usable[0];
  const one = chosen ?? fallback;
  return one ? [one] : [];
}

function byWord(agents: AgentDefinition[], word: string | undefined): AgentDefinition | undefined {
  const wanted = word?.toLowerCase();
  return wanted === undefined ? undefined : agents.find((agent) => agent.id === wanted || (agent.answersTo ?? []).includes(wanted));
}

/** The agent whose words the goal mentions most; the first one on a tie. */
function byMention(agents: AgentDefinition[], goal: string): AgentDefinition | undefined {
  const text = ` ${goal.toLowerCase().replaceAll(/[^a-z0-9]+/g, " ")} `;
  const count = (agent: AgentDefinition): number =>
    (agent.answersTo ?? []).filter((word) => text.includes(` ${word.toLowerCase().replaceAll(/[^a-z0-9]+/g, " ")} `)).length;
  let best: AgentDefinition | undefined;
  let most = 0;
  for (const agent of agents) {
    const mentions = count(agent);
    if (mentions > most) [best, most] = [agent, mentions];
  }
  return best;
}

const languageByExtension: Record<string, string> = {
  ts: "typescript",
  tsx: "typescript",
  mts: "typescript",
  cts: "typescript",
  js: "typescript",
  jsx: "typescript",
  mjs: "typescript",
  cjs: "typescript",
  py: "python",
  rs: "rust",
};

/** The language of the files that a text names, if they agree on one. */
export function languageOfPaths(paths: Iterable<string>): string | undefined {
  const found = new Set<string>();
  for (const path of paths) {
    const language = languageByExtension[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""];
    if (language) found.add(language);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** The tools that a blueprint names, by globs over `server__tool`. */
export function toolsFor(agent: Pick<AgentDefinition, "tools">, all: Iterable<ToolSpec>): ToolSpec[] {
  return [...all].filter((tool) => covers(agent.tools, tool.name));
}

export function covers(globs: string[], name: string): boolean {
  return globs.some((glob) => globMatches(glob, name));
}

/** `*` stands for any characters; a bare server name covers all its tools. */
export function globMatches(glob: string, name: string): boolean {
  if (!glob.includes("*")) return glob === name || name.startsWith(`${glob}__`);
  const parts = glob.split("*");
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from <= name.length - last.length;
}

export function isWriter(tools: ToolSpec[]): boolean {
  return tools.some((tool) => tool.access.effect === "write" || tool.access.effect === "execute");
}

/** Order of design: the command line, the step, the blueprint, the session's setting. Consensus candidates keep their own. */
export function modelFor(
  config: { model: string; modelOverrides: boolean; models: string[] },
  step: { model?: string; candidate?: boolean } | undefined,
  agent: Pick<AgentDefinition, "model">,
): string {
  if (step?.candidate && step.model) return step.model;
  if (config.modelOverrides) return config.model;
  if (step?.model) return step.model;
  return agent.model === "inherit" || agent.model === "" ? config.model : agent.model;
}
