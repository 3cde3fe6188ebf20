// Where things are on this machine: the data folder that all programs share, and the files that ship with the product.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function dataDirOf(env: Record<string, string | undefined>): string {
  return env["AO_DATA_DIR"] ?? join(homedir(), ".agent-orchestrator");
}

/** The bundled `agents/` folder: beside the sources when run from them, beside `dist/` when bundled. */
export function bundledAgentsDir(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    const agents = join(dir, "agents");
    if (existsSync(join(agents, "coordinator.md"))) return agents;
  }
  throw new Error("the agents folder is missing from this installation; install Agent Orchestrator again");
}
