// (d) Proportion: what a typo costs when the whole team is at hand, beside one agent that makes the same four calls with
// the same instructions and tools. Counted at the model server, from the bytes that arrive there: four are one token.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { systemPrompt } from "../src/core/context.ts";
import { toolsFor } from "../src/core/routing.ts";
import { times, type Row } from "./figures.ts";
import { closeFloor, openFloor, runFloorAgent } from "./floor.ts";
import { makeProject, openOurs, runOurs } from "./ours.ts";
import type { Setting } from "./setting.ts";

const goal = "Fix the typo in README.md: recieve should be receive";

export async function measureTypo(setting: Setting): Promise<Row[]> {
  const workspace = makeProject(setting.folder("typo"));
  execFileSync("git", ["init", "-q"], { cwd: workspace });
  const ours = await openOurs(setting.folder("ours"), setting.model.url);
  const floor = openFloor(join(setting.folder("floor"), "log.db"), setting.model.url, workspace);
  try {
    const agent = ours.registry.agent("typescript")!;
    const tools = setting.tools(toolsFor({ tools: [...agent.tools, "agents__recall"] }, setting.specs).map((tool) => tool.name));
    await setting.model.counts();
    await runFloorAgent(floor, { model: "bench-1", system: systemPrompt(agent, undefined), tools, goal });
    const bare = await setting.model.counts();
    await runOurs(ours, { workspace, goal, model: "anthropic:bench-1" });
    const team = await setting.model.counts();
    const tokens = (bytes: number): string => Math.round(bytes / 4).toLocaleString("en-US");
    return [
      {
        what: "d  a typo: tokens",
        ours: tokens(team.bytes),
        floor: tokens(bare.bytes),
        ratio: times(team.bytes / bare.bytes),
        goal: "≤ 2.0×",
      },
      {
        what: "d  … model calls",
        ours: String(team.requests),
        floor: String(bare.requests),
        ratio: times(team.requests / bare.requests),
        goal: "",
      },
    ];
  } finally {
    closeFloor(floor);
    await ours.close();
  }
}
