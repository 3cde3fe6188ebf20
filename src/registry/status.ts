// Agents that the user turned off or on, whatever their files say: a small file for each in the user's own folder, so that
// no definition is rewritten and several programs at once lose nothing.

import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentDefinition } from "../protocol/agents.ts";
import { idPattern } from "./blueprintFile.ts";

export type Status = "active" | "inactive";

const folderOf = (userDir: string): string => join(userDir, "status");

export async function readStatus(userDir: string): Promise<Map<string, Status>> {
  const folder = folderOf(userDir);
  const ids = (await readdir(folder).catch(() => [])).filter((name) => idPattern.test(name));
  const read = ids.map(async (id): Promise<[string, string]> => [id, (await readFile(join(folder, id), "utf8").catch(() => "")).trim()]);
  return new Map((await Promise.all(read)).filter((one): one is [string, Status] => one[1] === "active" || one[1] === "inactive"));
}

export async function writeStatus(userDir: string, id: string, status: Status): Promise<void> {
  const folder = folderOf(userDir);
  await mkdir(folder, { recursive: true });
  const half = join(folder, `.${id}.${process.pid}`);
  await writeFile(half, `${status}\n`);
  await rename(half, join(folder, id));
}

export function withStatus(agent: AgentDefinition, status: Status | undefined): AgentDefinition {
  return status === undefined ? agent : { ...agent, enabled: status === "active" };
}
