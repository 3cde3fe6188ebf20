// The goal that shows most of what the scripted model can play, for programs that offer an example.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { bundledAgentsDir } from "./places.ts";

export async function demoGoal(): Promise<string> {
  const goals = parse(await readFile(join(bundledAgentsDir(), "demo", "goals.yaml"), "utf8")) as Record<string, string>;
  return (goals["feature"] ?? "").trim();
}
