// Turns an agent off or on where it is declared; a bundled one by a copy of the user's.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { withEnabled } from "../registry/enabled.ts";
import type { Runtime } from "./runtime.ts";

export async function toggleAgent({ registry, dataDir }: Pick<Runtime, "registry" | "dataDir">, id: string): Promise<void> {
  const agent = registry.agent(id);
  if (!agent?.file) return;
  const text = await readFile(agent.file, "utf8");
  const target = agent.source === "bundled" ? join(dataDir, "agents", basename(agent.file)) : agent.file;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, withEnabled(agent.file, text, id, agent.enabled === false));
}
