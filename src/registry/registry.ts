// The registry port: blueprints and workflows from the program, the user and the workspace, the last one winning.
// A bad file is a problem with file and line, and all others still load. Owns precedence; what a workspace's files may
// not do is restrict.ts.

import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BlueprintProblem, RegistryPort } from "../core/ports.ts";
import type { AgentDefinition, Workflow } from "../protocol/agents.ts";
import { messageOf } from "../protocol/result.ts";
import { readBlueprint } from "./blueprintFile.ts";
import type { Blueprint, ReadBlueprint } from "./blueprintFile.ts";
import { readForeignBlueprint } from "./foreignFile.ts";
import { notHonoured } from "./notHonoured.ts";
import { relate } from "./relations.ts";
import { restrict } from "./restrict.ts";
import { readStatus, type Status, withStatus } from "./status.ts";
import { readTeam, teamFiles } from "./teamFile.ts";
import { readWorkflow } from "./workflowFile.ts";

export type RegistryOptions = {
  /** The program's own `agents` folder. */
  bundledDir: string;
  /** The user's `agents` folder. */
  userDir?: string;
  /** The workspace's top folder; absent where the workspace is not trusted. */
  workspaceDir?: string;
};

type Source = NonNullable<AgentDefinition["source"]>;
type Folder = { source: Source; path: string; suffix: string; read(file: string, text: string, id: string): ReadBlueprint };
type Problems = BlueprintProblem[];

export async function loadRegistry(options: RegistryOptions): Promise<RegistryPort> {
  const problems: Problems = [];
  const blueprints = new Map<string, Blueprint>();
  for (const folder of blueprintFolders(options)) await loadBlueprints(folder, blueprints, problems);
  if (options.workspaceDir !== undefined) await loadTeam(options.workspaceDir, blueprints, problems);
  const status = options.userDir === undefined ? new Map<string, Status>() : await readStatus(options.userDir);
  for (const [id, blueprint] of blueprints)
    blueprints.set(id, { ...blueprint, definition: withStatus(blueprint.definition, status.get(id)) });
  const { agents, problems: wrongRelations } = relate(blueprints);
  problems.push(...wrongRelations);
  const workflows = new Map<string, Workflow>();
  for (const path of workflowFolders(options)) await loadWorkflows(path, workflows, new Set(agents.keys()), problems);
  return {
    agent: (id) => agents.get(id),
    agents: () => [...agents.values()],
    workflow: (id) => workflows.get(id),
    workflows: () => [...workflows.values()],
    problems: () => [...problems],
  };
}

function blueprintFolders({ bundledDir, userDir, workspaceDir }: RegistryOptions): Folder[] {
  const folders: Folder[] = [{ source: "bundled", path: bundledDir, suffix: ".md", read: readBlueprint }];
  if (userDir !== undefined) folders.push({ source: "user", path: userDir, suffix: ".md", read: readBlueprint });
  if (workspaceDir === undefined) return folders;
  return [
    ...folders,
    { source: "workspace", path: join(workspaceDir, ".agents"), suffix: ".md", read: readBlueprint },
    { source: "workspace", path: join(workspaceDir, ".github", "agents"), suffix: ".agent.md", read: readForeignBlueprint },
    { source: "workspace", path: join(workspaceDir, ".claude", "agents"), suffix: ".md", read: readForeignBlueprint },
  ];
}

function workflowFolders({ bundledDir, userDir, workspaceDir }: RegistryOptions): string[] {
  const above = [bundledDir, userDir, workspaceDir === undefined ? undefined : join(workspaceDir, ".agents")];
  return above.filter((path) => path !== undefined).map((path) => join(path, "workflows"));
}

async function loadBlueprints(folder: Folder, blueprints: Map<string, Blueprint>, problems: Problems): Promise<void> {
  for (const { file, id, text } of await readFiles(folder.path, folder.suffix, problems)) {
    const read = folder.read(file, text, id);
    if (!read.ok) {
      problems.push(...read.faults.map((fault) => ({ file, ...fault })));
      continue;
    }
    addBlueprint(read.blueprint, folder.source, blueprints, problems);
    problems.push(...notHonoured(read.blueprint));
  }
}

async function loadTeam(workspaceDir: string, blueprints: Map<string, Blueprint>, problems: Problems): Promise<void> {
  for (const name of teamFiles) {
    const file = join(workspaceDir, name);
    const text = await readRegularFile(file, problems);
    if (text === undefined) continue;
    const { members, faults } = await readTeam(workspaceDir, file, text);
    problems.push(...faults.map((fault) => ({ file, ...fault })));
    for (const blueprint of members) addBlueprint(blueprint, "workspace", blueprints, problems);
    return;
  }
}

function addBlueprint(blueprint: Blueprint, source: Source, blueprints: Map<string, Blueprint>, problems: Problems): void {
  const { file } = blueprint;
  const earlier = blueprints.get(blueprint.definition.id);
  if (earlier?.definition.source === source) {
    const message = `The id "${blueprint.definition.id}" is taken by ${earlier.file}; this one is not used.`;
    problems.push({ file, line: blueprint.lineOf(["id"]), message });
    return;
  }
  const definition = { ...blueprint.definition, source, file };
  const kept = source === "workspace" ? restrict({ ...blueprint, definition }, earlier?.definition, problems) : definition;
  blueprints.set(definition.id, { ...blueprint, definition: kept });
}

async function loadWorkflows(path: string, workflows: Map<string, Workflow>, agentIds: Set<string>, problems: Problems): Promise<void> {
  const here = new Map<string, string>();
  for (const { file, id, text } of await readFiles(path, ".yaml", problems)) {
    const read = readWorkflow(text, id, agentIds);
    if (!read.ok) {
      problems.push(...read.faults.map((fault) => ({ file, ...fault })));
      continue;
    }
    const taken = here.get(read.workflow.id);
    if (taken === undefined) workflows.set(read.workflow.id, read.workflow);
    else problems.push({ file, line: 1, message: `The id "${read.workflow.id}" is taken by ${taken}; this file is not used.` });
    here.set(read.workflow.id, taken ?? file);
  }
}

type TextFile = { file: string; id: string; text: string };

const notBlueprints = /^(readme|agents|claude|contributing|changelog)\.md$/i;
const maximumCharacters = 256 * 1024;

/** Regular files only: a link could lead anywhere. A folder that does not exist holds nothing. */
async function readFiles(folder: string, suffix: string, problems: Problems): Promise<TextFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const wanted = entries.filter((entry) => entry.isFile() && entry.name.endsWith(suffix) && !notBlueprints.test(entry.name));
  const files: TextFile[] = [];
  for (const name of wanted.map((entry) => entry.name).sort()) {
    const file = join(folder, name);
    const text = await readRegularFile(file, problems);
    if (text !== undefined) files.push({ file, id: name.slice(0, -suffix.length).toLowerCase(), text });
  }
  return files;
}

async function readRegularFile(file: string, problems: Problems): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  try {
    const text = await readFile(file, "utf8");
    if (text.length <= maximumCharacters) return text;
    problems.push({ file, line: 1, message: `The file is too long for a definition (more than ${maximumCharacters} characters).` });
  } catch (error) {
    problems.push({ file, line: 1, message: `The file cannot be read: ${messageOf(error)}` });
  }
  return undefined;
}
