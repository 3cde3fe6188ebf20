// Reads the shipped script: `script.yaml` for what all scenes share, one file of scenes per agent in `scenes/`, and the
// goals that they are made for in `goals.yaml`.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { messageOf } from "../protocol/result.ts";
import { readScript, type Script, type ScriptSource } from "./script.ts";

export async function loadDemoScript(demoDir: string): Promise<Script> {
  const shared = (await parsed(join(demoDir, "script.yaml"))) as Exclude<ScriptSource, string>;
  const agents: Record<string, unknown> = { ...shared.agents };
  for (const file of await readdir(join(demoDir, "scenes"))) {
    if (file.endsWith(".yaml")) agents[file.slice(0, -".yaml".length)] = await parsed(join(demoDir, "scenes", file));
  }
  const goals = await parsed(join(demoDir, "goals.yaml"));
  return readScript({ ...shared, goals, agents } as ScriptSource);
}

async function parsed(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, "utf8"), { prettyErrors: true });
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error).split("\n")[0] ?? ""}`, { cause: error });
  }
}
