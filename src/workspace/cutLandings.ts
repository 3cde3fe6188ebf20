// Which sessions have plans of landings that may have been cut short (landingPlan.ts). Looks at names and plans alone.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionId } from "../protocol/ids.ts";

/** Of all workspaces of a data folder. */
export function cutLandings(dataDir: string): SessionId[] {
  const homes = namesIn(join(dataDir, "workspaces")).map((home) => join(dataDir, "workspaces", home, "landings"));
  const folders = homes.flatMap((landings) => namesIn(landings).map((name) => join(landings, name)));
  const plans = folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
  return [...new Set(plans.flatMap((file) => (file.endsWith(".json") ? sessionIn(file) : [])))];
}

function sessionIn(file: string): SessionId[] {
  try {
    const { sessionId } = JSON.parse(readFileSync(file, "utf8")) as { sessionId?: unknown };
    return typeof sessionId === "string" ? [sessionId] : [];
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
