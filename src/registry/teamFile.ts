// A team declared in one file (`agents.yaml`, `agents.json`): each member becomes a blueprint. A faulty member is left out
// and named with its line, the others still load; what this version does not do with a key is said once for the file.

import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import type { AgentDefinition } from "../protocol/agents.ts";
import { agentKeys, idPattern, lineOf, withoutUndefined } from "./blueprintFile.ts";
import type { Blueprint } from "./blueprintFile.ts";
import { allTools } from "./foreignFile.ts";
import { check, readYaml } from "./yamlText.ts";
import type { Fault, YamlText } from "./yamlText.ts";

/** Where a team is looked for, the first that is there counts. */
export const teamFiles = [".agents/agents.yaml", ".agents/agents.yml", ".agents/agents.json", "agents.yaml", "agents.yml", "agents.json"];

const word = z.string().min(1);
const words = z.array(word);
const { model, tools, permissions, mcp_servers, limits, isolation, enabled } = agentKeys;

export const member = z.strictObject({
  id: word.regex(idPattern, "must be lower-case letters, digits, dots and dashes").describe("How others call this member."),
  type: word.optional().describe("Who carries it out: `builtin`, or the name of another coding agent."),
  description: word.optional().describe("One sentence: what it is for."),
  responsibilities: words.default([]).describe("What it answers for, a line each."),
  goals: words.default([]).describe("What it works towards, a line each."),
  initial_instructions: z.string().default("").describe("What it is told at the beginning."),
  rules_file: word.optional().describe("A Markdown file of rules that it reads and cannot change."),
  model,
  tools: tools.removeDefault().optional(),
  permissions,
  limits,
  enabled,
  memory_file: word.optional().describe("Its own notes."),
  memory_scope: word.optional().describe("What it remembers: none, session, project or global."),
  sandbox_path: word.optional().describe("The folder that it works in."),
  sandbox: z.record(z.string(), z.unknown()).optional().describe("Limits of its commands."),
  isolation,
  direct_communication: words.optional().describe("The members that it may write to."),
  mcp_servers,
  blueprint: word.optional().describe("An agent whose definition it begins with."),
  parameters: z.record(z.string(), z.unknown()).optional().describe("Values for that definition."),
  wake: z.unknown().optional().describe("What wakes it."),
});
type Member = z.infer<typeof member>;

export const team = z.looseObject({ agents: z.array(member).describe("The members of the team.") });

/** By key, what happens instead. */
const notDone: Partial<Record<keyof Member, string>> = {
  type: "every member runs as a built-in agent",
  memory_file: "members keep no memory",
  memory_scope: "members keep no memory",
  sandbox_path: "each member works in a worktree of its own",
  sandbox: "commands run without limits of their own",
  isolation: "each member works in a worktree of its own",
  direct_communication: "members hear of each other through the coordinator",
  mcp_servers: "the servers are not started",
  blueprint: "only the keys of the member itself count",
  parameters: "only the keys of the member itself count",
  wake: "a member works when it is given a task",
};

type TeamFault = Fault & { note?: true };
type Team = { members: Blueprint[]; faults: TeamFault[] };

export async function readTeam(workspace: string, file: string, text: string): Promise<Team> {
  const read = readYaml(text, 1);
  if (!read.ok) return { members: [], faults: read.faults };
  const { yaml } = read;
  const listed = (yaml.data as { agents?: unknown } | null)?.agents;
  if (!Array.isArray(listed)) {
    // A file of that name may be another program's, unless it lies where only ours do.
    const ours = file.startsWith(join(workspace, ".agents"));
    return { members: [], faults: ours ? [{ line: 1, message: "A list of members is needed: agents: [{ id: … }, …]." }] : [] };
  }
  const team: Team = { members: [], faults: [] };
  const told = new Set<string>();
  for (const [i, data] of listed.entries()) {
    const own: YamlText = { data, lineOf: (path) => yaml.lineOf(["agents", i, ...path]) };
    const checked = check(member, own, Object.keys(member.shape));
    if (!checked.ok) team.faults.push(...checked.faults);
    else {
      team.faults.push(...faultsOf(checked.value, own, told));
      const rules = await rulesOf(workspace, checked.value, own, team.faults);
      team.members.push({ definition: definitionOf(checked.value, rules), file, lineOf: lineOf(own) });
    }
  }
  return team;
}

/** The first member that has a key stands for all. */
function faultsOf(given: Member, yaml: YamlText, told: Set<string>): TeamFault[] {
  return Object.entries(notDone).flatMap(([key, instead]) => {
    const value = given[key as keyof Member];
    if (value === undefined || value === "builtin" || value === "worktree" || value === "none" || told.has(key)) return [];
    told.add(key);
    return [{ line: yaml.lineOf([key]), message: `${key} is not honoured by this version: ${instead}.`, note: true }];
  });
}

const longestRules = 64 * 1024;

async function rulesOf(workspace: string, given: Member, yaml: YamlText, faults: Fault[]): Promise<string> {
  if (given.rules_file === undefined) return "";
  const report = (message: string): string => {
    faults.push({ line: yaml.lineOf(["rules_file"]), message: `${given.rules_file} ${message}` });
    return "";
  };
  const path = await realpath(resolve(workspace, given.rules_file)).catch(() => undefined);
  if (path === undefined) return report("is not there; the member works without these rules.");
  const inside = relative(await realpath(workspace), path);
  if (inside.startsWith("..") || isAbsolute(inside)) return report("lies outside the workspace and is not read.");
  // Whatever else is in a project (keys, for instance) is none of an agent's instructions.
  if (!/\.(md|markdown|txt)$/i.test(path)) return report("is no Markdown file and is not read.");
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return report("is no file that can be read; the member works without these rules.");
  if (found.size > longestRules) return report(`is too long (more than ${longestRules} bytes).`);
  const rules = await readFile(path, "utf8").catch(() => undefined);
  return rules === undefined ? report("cannot be read; the member works without these rules.") : rules.trim();
}

function definitionOf(given: Member, rules: string): AgentDefinition {
  const { id, description = `Works as ${id}.`, responsibilities, goals } = given;
  const list = (title: string, lines: string[]): string =>
    lines.length > 0 ? `${title}:\n${lines.map((line) => `- ${line}`).join("\n")}` : "";
  const parts = [
    `You are ${id}: ${description}`,
    list("You are responsible for", responsibilities),
    list("Your goals", goals),
    given.initial_instructions.trim(),
    rules && `# Your rules\n\n${rules}`,
    "When the work is done, hand it in with agents__submit_result: status, a summary of what you did and saw, and the files.",
  ];
  return withoutUndefined({
    id,
    name: id,
    role: "member",
    description,
    model: given.model,
    instructions: parts.filter((part) => part !== "").join("\n\n"),
    tools: given.tools ?? allTools,
    permissions: given.permissions,
    memoryScope: "none",
    skills: [],
    subAgents: [],
    limits: given.limits,
    enabled: given.enabled,
  } as AgentDefinition);
}
