// Agent files that users have already for other programs (`.claude/agents/*.md`, `.github/agents/*.agent.md`), read as
// blueprints. Their tool names become ours; what has no counterpart here is left out.

import { z } from "zod";
import type { AgentDefinition } from "../protocol/agents.ts";
import { idPattern, lineOf, splitFrontMatter } from "./blueprintFile.ts";
import type { ReadBlueprint } from "./blueprintFile.ts";
import { check, readYaml } from "./yamlText.ts";

const names = z.union([z.string(), z.array(z.string())]).nullish();
const foreign = z.looseObject({ name: z.string().nullish(), description: z.string().nullish(), tools: names, model: names });

export function readForeignBlueprint(file: string, text: string, fileId: string): ReadBlueprint {
  const parts = splitFrontMatter(text) ?? { frontMatter: "", body: text, bodyLine: 1 };
  const read = readYaml(parts.frontMatter.trim() === "" ? "{}" : parts.frontMatter, 2);
  if (!read.ok) return read;
  const checked = check(foreign, read.yaml, []);
  if (!checked.ok) return checked;
  const instructions = parts.body.trim();
  if (instructions === "") return { ok: false, faults: [{ line: parts.bodyLine, message: "There are no instructions in the file." }] };
  const { name, description, tools, model } = checked.value;
  const id = asId(name ?? fileId);
  if (!idPattern.test(id)) return { ok: false, faults: [{ line: 1, message: `The name does not make an id ("${id}").` }] };
  const definition: AgentDefinition = {
    id,
    name: name ?? id,
    role: "specialist",
    description: description ?? `Works as ${name ?? id}.`,
    model: modelOf(model),
    instructions: `${instructions}\n\nWhen the work is done, hand it in with agents__submit_result: status, a summary of what you did and saw, and the files.`,
    tools: toolsOf(tools),
    permissions: [],
    memoryScope: "none",
    skills: [],
    subAgents: [],
  };
  return { ok: true, blueprint: { definition, file, lineOf: lineOf(read.yaml) } };
}

function asId(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Other programs' short names (`sonnet`) say nothing here; only `provider:model` does. */
function modelOf(given: string | string[] | null | undefined): string {
  const model = Array.isArray(given) ? given[0] : given;
  return model?.includes(":") ? model : "inherit";
}

const always = ["agents__submit_result", "agents__ask_user", "agents__report_progress"];
/** What an agent may use whose file names no tools. */
export const allTools = ["filesystem__*", "shell__run", "git__*", ...always];
const reading = ["filesystem__read_file", "filesystem__list_directory"];
const searching = ["filesystem__search_text", "filesystem__find_files", "filesystem__list_directory"];
const editing = ["filesystem__edit_file", "filesystem__write_file", "filesystem__move", "filesystem__delete"];

const counterparts: Record<string, string[]> = {
  "*": ["filesystem__*", "shell__run", "git__*"],
  all: ["filesystem__*", "shell__run", "git__*"],
  read: reading,
  notebookread: reading,
  ls: ["filesystem__list_directory"],
  grep: ["filesystem__search_text"],
  glob: ["filesystem__find_files"],
  search: searching,
  codebase: [...reading, ...searching],
  usages: searching,
  edit: ["filesystem__edit_file"],
  multiedit: ["filesystem__edit_file"],
  write: ["filesystem__write_file"],
  editfiles: editing,
  createfile: ["filesystem__write_file"],
  bash: ["shell__run"],
  shell: ["shell__run"],
  execute: ["shell__run"],
  runcommands: ["shell__run"],
  runinterminal: ["shell__run"],
  terminal: ["shell__run"],
  runtests: ["shell__run"],
  changes: ["git__status", "git__diff"],
  webfetch: ["web__fetch"],
  fetch: ["web__fetch"],
  web: ["web__fetch"],
  task: ["agents__delegate"],
  agent: ["agents__delegate"],
};

/** No list means all tools, as in the formats themselves; an unknown name stands for none. */
function toolsOf(given: string | string[] | null | undefined): string[] {
  if (given === null || given === undefined) return allTools;
  const named = Array.isArray(given) ? given : given.split(",");
  const mapped = named.map((name) => name.trim()).flatMap(toolOf);
  return [...new Set([...mapped, ...always])];
}

function toolOf(name: string): string[] {
  if (name.startsWith("mcp__")) return [name.slice("mcp__".length)];
  const plain = name.replace(/\(.*\)$/, "").toLowerCase();
  const found = counterparts[plain] ?? counterparts[plain.split("/").at(-1)!] ?? [];
  // An edit tool of the other kind of file covers creating files as well.
  return plain === "edit" && name === "edit" ? editing : found;
}
