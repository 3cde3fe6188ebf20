// (a) One agent, many tool turns, each of them durable; and what a turn leaves on the disk (e).

import { statSync } from "node:fs";
import { join } from "node:path";
import type { TraceEvent } from "../src/protocol/events.ts";
import { type Compared, compare, cpuSince, kib, ms, pair, type Row, times } from "./figures.ts";
import { closeFloor, openFloor, runFloorAgent } from "./floor.ts";
import { openOurs, runOurs } from "./ours.ts";
import type { Setting } from "./setting.ts";

const system = "agent: bench-reader\n\nRead the notes one after the other.";
const goal = "Read the notes";

export async function measureTurns(setting: Setting): Promise<Row[]> {
  await compareTurns(setting, 100, 1, "anthropic");
  const { wall: hundred, cpu } = await compareTurns(setting, 100, setting.rounds(9), "anthropic");
  const { wall: openai } = await compareTurns(setting, 100, setting.rounds(5), "openai");
  const { wall: thousand } = await compareTurns(setting, 1_000, setting.rounds(3), "anthropic");
  const flat = { ours: thousand.ours / hundred.ours, floor: thousand.floor / hundred.floor };
  return [
    row("a  100 turns, ms per turn", hundred, "≤ 2.0×"),
    row("a  … CPU per turn", cpu, ""),
    row("a  100 turns, openai: wire", openai, ""),
    row("a  1,000 turns, ms per turn", thousand, "≤ 2.0×"),
    { what: "a  1,000 turns beside 100", ours: times(flat.ours), floor: times(flat.floor), ratio: "", goal: "≤ 1.5×" },
    ...(await measureDisk(setting)),
  ];
}

function row(what: string, { ours, floor, ratio }: Compared, goal: string): Row {
  return { what, ours: ms(ours), floor: ms(floor), ratio: times(ratio), goal };
}

async function compareTurns(setting: Setting, turns: number, rounds: number, provider: string): Promise<{ wall: Compared; cpu: Compared }> {
  const floor = openFloor(join(setting.folder("floor"), "log.db"), setting.model.url, setting.project);
  const ours = await openOurs(setting.folder("ours"), setting.model.url);
  const tools = setting.tools(["filesystem__read_file", "agents__submit_result", "agents__recall"]);
  const cpu: { floor: number[]; ours: number[] } = { floor: [], ours: [] };
  const byFloor = async (): Promise<number> => {
    const used = process.cpuUsage();
    const began = performance.now();
    const made = await runFloorAgent(floor, { model: `claude-sonnet-5-5-bench-${turns}`, system, tools, goal });
    const took = performance.now() - began;
    cpu.floor.push(cpuSince(used) / made);
    return took / made;
  };
  const byUs = async (): Promise<number> => {
    const session = {
      workspace: setting.project,
      goal,
      model: `${provider}:${provider === "openai" ? "gpt-4.1" : "claude-sonnet-5-5"}-bench-${turns}`,
      agent: "bench-reader",
    };
    const used = process.cpuUsage();
    const measured = await runOurs(ours, session);
    cpu.ours.push(cpuSince(used) / (turns + 1));
    return measured.turns / (turns + 1);
  };
  try {
    const wall = await compare(rounds, byFloor, byUs);
    return { wall, cpu: pair(cpu) };
  } finally {
    closeFloor(floor);
    await ours.close();
  }
}

/** What the store keeps beyond the words themselves, from the difference of two sizes: what every store has is in neither. */
async function measureDisk(setting: Setting): Promise<Row[]> {
  const few = await diskOf(setting, 100);
  const many = await diskOf(setting, 1_000);
  const more = (many.bytes - few.bytes - (many.content - few.content)) / 900;
  const early = (few.bytes - few.content) / 100;
  return [
    { what: "e  disk per turn beyond content", ours: kib(more), floor: "", ratio: "", goal: "≤ 2 KiB" },
    { what: "e  the same, first 100 turns with the empty store", ours: kib(early), floor: "", ratio: "", goal: "" },
  ];
}

async function diskOf(setting: Setting, turns: number): Promise<{ bytes: number; content: number }> {
  const dataDir = setting.folder("disk");
  const ours = await openOurs(dataDir, setting.model.url);
  const session = { workspace: setting.project, goal, model: `anthropic:claude-sonnet-5-5-bench-${turns}`, agent: "bench-reader" };
  const { sessionId } = await runOurs(ours, session);
  const content = contentOf(await ours.store.read(sessionId));
  await ours.close();
  return { bytes: statSync(join(dataDir, "store.db")).size, content };
}

/** What was said, asked for and answered. */
function contentOf(events: TraceEvent[]): number {
  let bytes = 0;
  for (const { type, payload } of events as { type: string; payload: Record<string, unknown> }[]) {
    if (type === "message") bytes += Buffer.byteLength(JSON.stringify(payload["content"]));
    if (type === "call.started") bytes += Buffer.byteLength(JSON.stringify(payload["arguments"]));
    if (type === "call.ended") bytes += Buffer.byteLength(JSON.stringify((payload["result"] as { content: string }).content));
  }
  return bytes;
}
