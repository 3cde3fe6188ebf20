// One blueprint from one Markdown file: YAML front matter is the definition, the body the instructions.
// Owns the file's own faults; what it says about other agents is checked in relations.ts.

import { z } from "zod";
import type { AgentDefinition } from "../protocol/agents.ts";
import { check, readYaml } from "./yamlText.ts";
import type { Fault, YamlText } from "./yamlText.ts";

export type Blueprint = { definition: AgentDefinition; file: string; lineOf: (path: PropertyKey[]) => number };
export type ReadBlueprint = { ok: true; blueprint: Blueprint } | { ok: false; faults: Fault[] };

const word = z.string().min(1);
const words = z.array(word);
export const idPattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

const permission = z.strictObject({
  effect: z.enum(["allow", "ask", "deny"]),
  id: word.optional(),
  tool: word,
  path: words.optional(),
  command: words.optional(),
  host: words.optional(),
  reason: z.string().optional(),
});

const routing = z.union(
  [z.strictObject({ to: z.literal("one"), by: z.enum(["language", "focus"]), fallback: word }), z.strictObject({ to: z.literal("all") })],
  "{ to: all } is needed, or { to: one, by: language or focus, fallback: AGENT }",
);

const limits = z.strictObject({
  turns: z.number().int().positive().optional(),
  minutes: z.number().positive().optional(),
  usd: z.number().positive().optional(),
  tokens: z.number().int().positive().optional(),
});

const definition = z.strictObject({
  id: z
    .string()
    .regex(idPattern, "must be lower-case letters, digits, dots and dashes")
    .optional()
    .describe("How others call this agent; the file's name unless given."),
  name: word.optional().describe("How people call it."),
  role: word.optional().describe("Its part in the team, in a word."),
  description: word.optional().describe("One sentence: what it is for. Others choose it by this."),
  model: word.default("inherit").describe("`inherit`, or `provider:model` where this agent needs another one."),
  tools: words.default([]).describe("The tools that it may use: names or globs over `server__tool`. Without any it can only answer."),
  permissions: z.array(permission).default([]).describe("Rules of its own: what it is denied, or asked for, whatever the level."),
  memoryScope: z.enum(["none", "session", "project", "global"]).default("none").describe("What it remembers."),
  skills: words.default([]).describe("Words by which work finds it."),
  subAgents: words.default([]).describe("The agents that it may hand work to."),
  routing: routing.optional().describe("How its work is handed on without a turn of its own."),
  runsChecks: z.boolean().optional().describe("Runs the project's own checks."),
  answersTo: words.optional().describe("Further names of it in plans."),
  mcp_servers: z.record(z.string(), z.unknown()).optional().describe("MCP servers of its own."),
  temperature: z.number().min(0).max(2).optional().describe("How freely the model chooses its words."),
  max_tokens: z.number().int().positive().optional().describe("How long one answer may be."),
  limits: limits.optional().describe("What it may use at most: turns, minutes, usd, tokens."),
  isolation: z.enum(["worktree", "container", "shared"]).optional().describe("Where it works."),
  enabled: z.boolean().optional().describe("`false` turns it off."),
  type: z.enum(["builtin", "acp", "a2a"]).optional().describe("Who carries it out."),
});

/** The keys of a definition, for other files that declare agents and for editors. */
export const agentDefinition = definition;
export const agentKeys = definition.shape;
const keys = Object.keys(agentKeys);

export function readBlueprint(file: string, text: string, fileId: string): ReadBlueprint {
  const parts = splitFrontMatter(text);
  if (!parts)
    return {
      ok: false,
      faults: [{ line: 1, message: "There is no front matter: begin with a line ---, the definition, and a line ---." }],
    };
  // All keys may be left out: the file's name and the instructions are enough.
  const read = readYaml(parts.frontMatter.trim() === "" ? "{}" : parts.frontMatter, 2);
  if (!read.ok) return read;
  const checked = check(definition, read.yaml, keys);
  if (!checked.ok) return checked;
  const instructions = parts.body.trim();
  const fault = faultOfBody(instructions, parts.bodyLine);
  if (fault) return { ok: false, faults: [fault] };
  const { id = fileId, name = id, role = id, description = `Works as ${name}.`, ...rest } = checked.value;
  if (!idPattern.test(id))
    return { ok: false, faults: [{ line: 1, message: `The file's name does not make an id ("${id}"): give one with id.` }] };
  const complete = { id, name, role, description, ...rest, instructions } as AgentDefinition;
  return { ok: true, blueprint: { definition: withoutUndefined(complete), file, lineOf: lineOf(read.yaml) } };
}

function faultOfBody(instructions: string, line: number): Fault | undefined {
  if (instructions === "") return { line, message: "There are no instructions below the front matter." };
  if (/^agent:/i.test(instructions)) return { line, message: "The instructions must not begin with an agent: line; it is added." };
  return undefined;
}

/** The definition between two lines of dashes, and what follows. */
export function splitFrontMatter(text: string): { frontMatter: string; body: string; bodyLine: number } | undefined {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "---") return undefined;
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === "---");
  if (end < 0) return undefined;
  return { frontMatter: lines.slice(1, end).join("\n"), body: lines.slice(end + 1).join("\n"), bodyLine: end + 2 };
}

export function lineOf(yaml: YamlText): (path: PropertyKey[]) => number {
  return (path) => yaml.lineOf(path);
}

export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}
