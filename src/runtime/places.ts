// Where things are on this machine: the data folder that all programs share, and the files that ship with the product.

import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "../protocol/result.ts";

export function dataDirOf(env: Record<string, string | undefined>): string {
  const set = env["AO_DATA_DIR"];
  return set ? resolve(set) : join(homedir(), ".agent-orchestrator");
}

/** The data folder cannot be used; the message says why and what to do. */
export class UnusableDataDir extends Error {
  override name = "UnusableDataDir";
}

/** Makes the data folder where it is missing. Throws an UnusableDataDir. */
export function openDataDir(dir: string): void {
  try {
    makeFolder(dir);
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = messageOf(error).replace(/, \w+ '.*'$/, "");
    throw new UnusableDataDir(`the data folder ${dir} cannot be used (${reason}); set AO_DATA_DIR to a folder that can be written`, {
      cause: error,
    });
  }
}

/** One step at a time: where nothing can be made (in /proc, say) Node's own recursive way tries for ever. */
function makeFolder(dir: string): void {
  const found = statSync(dir, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new Error(`${dir} is no folder`);
  if (dirname(dir) !== dir) makeFolder(dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** The bundled `agents/` folder: beside the sources when run from them, beside `dist/` when bundled. */
export function bundledAgentsDir(): string {
  for (let dir = dirname(fileURLToPath(import.meta.url)); dir !== dirname(dir); dir = dirname(dir)) {
    const agents = join(dir, "agents");
    if (existsSync(join(agents, "coordinator.md"))) return agents;
  }
  throw new Error("the agents folder is missing from this installation; install Agent Orchestrator again");
}
