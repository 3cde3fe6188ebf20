// (b) A team: a coordinator, a plan of five steps side by side, each step's specialist with three sub-agents at once.
// One such session, then twenty at the same time, with the longest time that the event loop was not free.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { join } from "node:path";
import { type Compared, compare, cpuSince, median, ms, pair, type Row, times } from "./figures.ts";
import { closeFloor, type Floor, openFloor, runFloorAgent } from "./floor.ts";
import { openOurs, runOurs, type Session } from "./ours.ts";
import { planSteps } from "./script.ts";
import type { Setting } from "./setting.ts";

const crowd = 20;
const goal = "Look through the notes, area by area, and write down what each of them says";

type Sides = { floor(): Promise<void>; ours(): Promise<void>; turns: number[] };

export async function measureTree(setting: Setting): Promise<Row[]> {
  const floor = openFloor(join(setting.folder("floor"), "log.db"), setting.model.url, setting.project);
  const ours = await openOurs(setting.folder("ours"), setting.model.url);
  const session: Session = { workspace: setting.project, goal, model: "anthropic:bench-1", workflow: "bench" };
  const turns: number[] = [];
  const sides: Sides = {
    turns,
    floor: () => floorTree(setting, floor),
    ours: async () => void turns.push((await runOurs(ours, session)).turns),
  };
  try {
    await timed(sides, 1, 3);
    turns.length = 0;
    const one = await timed(sides, 1, setting.rounds(11));
    const inTurns = median(turns);
    const many = await timed(sides, crowd, setting.rounds(5));
    return [
      row("b  tree of 1 + 5 + 15, wall", one.wall, "≤ 2.5×"),
      { what: "b  … without opening the session", ours: ms(inTurns), floor: "", ratio: times(inTurns / one.wall.floor), goal: "" },
      row("b  … CPU", one.cpu, ""),
      row(`b  ${crowd} trees at once, wall`, many.wall, "≤ 3.0×"),
      row("b  … CPU", many.cpu, ""),
      row("b  … worst event-loop stall", many.stall, "≤ 60 ms"),
    ];
  } finally {
    closeFloor(floor);
    await ours.close();
  }
}

function row(what: string, { ours, floor, ratio }: Compared, goal: string): Row {
  return { what, ours: ms(ours), floor: ms(floor), ratio: times(ratio), goal };
}

async function floorTree(setting: Setting, floor: Floor): Promise<void> {
  const tools = setting.tools(["filesystem__read_file", "agents__submit_result", "agents__recall"]);
  const plan = setting.tools(["agents__submit_plan", "filesystem__read_file", "agents__submit_result", "agents__recall"]);
  const agent = (id: string, task: string, given: string): Promise<number> => {
    const system = `agent: ${id}\n\nRead the notes one after the other.`;
    return runFloorAgent(floor, { model: "bench-1", system, tools: given, goal: task });
  };
  await agent("bench-planner", goal, plan);
  const areas = Array.from({ length: planSteps }, (_, i) => `Look at area ${i}`);
  await Promise.all(areas.flatMap((area) => ["bench-one", "bench-two", "bench-three"].map((id) => agent(id, area, tools))));
  await agent("coordinator", goal, tools);
}

type Figures = { wall: Compared; cpu: Compared; stall: Compared };

async function timed(sides: Sides, sessions: number, rounds: number): Promise<Figures> {
  const cpu: { floor: number[]; ours: number[] } = { floor: [], ours: [] };
  const stall: { floor: number[]; ours: number[] } = { floor: [], ours: [] };
  const run = async (side: "floor" | "ours"): Promise<number> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const used = process.cpuUsage();
    delay.enable();
    const began = performance.now();
    await Promise.all(Array.from({ length: sessions }, () => sides[side]()));
    const took = performance.now() - began;
    // One more turn of the loop, so that the last stall is seen as well.
    await new Promise((resolve) => setTimeout(resolve, 3));
    delay.disable();
    cpu[side].push(cpuSince(used));
    stall[side].push(delay.max / 1e6);
    return took;
  };
  const wall = await compare(
    rounds,
    () => run("floor"),
    () => run("ours"),
  );
  return { wall, cpu: pair(cpu), stall: pair(stall) };
}
