// Turns an agent off or on for the user, wherever it is declared.

import { join } from "node:path";
import { writeStatus } from "../registry/status.ts";
import type { Runtime } from "./runtime.ts";

export async function toggleAgent({ registry, dataDir }: Pick<Runtime, "registry" | "dataDir">, id: string): Promise<void> {
  const agent = registry.agent(id);
  if (agent) await writeStatus(join(dataDir, "agents"), id, agent.enabled === false ? "active" : "inactive");
}
