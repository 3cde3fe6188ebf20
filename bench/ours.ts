// The product's side: the real runtime on a data folder of its own, with the bench's blueprints, against the fake model.
// Nothing is replaced: SQLite at FULL, tools through MCP, guard, budgets, A2A handoffs, the git workspace.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Budget } from "../src/protocol/agents.ts";
import type { TraceEvent } from "../src/protocol/events.ts";
import { createRuntime, type Runtime } from "../src/runtime/runtime.ts";
import { noteCount } from "./script.ts";

const budget: Budget = { usd: 1_000, tokens: 2_000_000_000, turns: 100_000, minutes: 60, depth: 4, parallel: 8 };

const reader = (id: string, more = ""): string =>
  `---\nid: ${id}\nname: ${id}\nrole: reader\ndescription: Reads notes for the bench.\n` +
  `tools: [filesystem__read_file, agents__submit_result]\n${more}---\n\nRead the notes one after the other.\n`;

const panel = ["bench-one", "bench-two", "bench-three"];

const blueprints: Record<string, string> = {
  "bench-reader.md": reader("bench-reader", "limits: { turns: 100000 }\n"),
  "bench-planner.md": reader("bench-planner").replace("[filesystem__read_file,", "[agents__submit_plan, filesystem__read_file,"),
  "bench-panel.md": reader("bench-panel", `subAgents: [${panel.join(", ")}]\nrouting: { to: all }\n`),
  ...Object.fromEntries(panel.map((id) => [`${id}.md`, reader(id)])),
  "workflows/bench.yaml":
    "id: bench\ndescription: A plan of five steps side by side.\nplanner: bench-planner\n" +
    "review: { below: 0.8, rounds: 0, auto: false }\ncheckRounds: 0\n",
};

/** A folder to work in: a README with a typo, and notes of about a kilobyte each. */
export function makeProject(folder: string): string {
  mkdirSync(join(folder, "notes"), { recursive: true });
  writeFileSync(join(folder, "README.md"), "# Sample\n\nA program can recieve notes and keeps them in order.\n");
  const line = "The quick brown fox notes that the lazy dog has not moved since this morning.\n";
  for (let i = 0; i < noteCount; i++) writeFileSync(join(folder, "notes", `note-${i}.md`), `# Note ${i}\n\n${line.repeat(13)}`);
  return folder;
}

export async function openOurs(dataDir: string, url: string): Promise<Runtime> {
  for (const [name, text] of Object.entries(blueprints)) {
    const file = join(dataDir, "agents", name);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  }
  const env = {
    AO_DATA_DIR: dataDir,
    ANTHROPIC_API_KEY: "bench",
    ANTHROPIC_BASE_URL: url,
    OPENAI_API_KEY: "bench",
    OPENAI_BASE_URL: `${url}/v1`,
  };
  return createRuntime({ env, attended: false });
}

export type Session = { workspace: string; goal: string; model: string; agent?: string; workflow?: string };

/** Times in ms on a clock that never jumps: `turns` from the first turn's record to the end of the run's. */
export type Measured = { sessionId: string; whole: number; turns: number };

export async function runOurs(runtime: Runtime, session: Session): Promise<Measured> {
  const { engine } = runtime;
  const began = performance.now();
  const { agent = "coordinator", workflow = "auto", model, goal, workspace } = session;
  const config = {
    model,
    models: [],
    workflow,
    agent,
    level: "bypass" as const,
    budget,
    apply: true,
    yesTo: [],
    ask: false,
    modelOverrides: true,
  };
  const created = await engine.dispatch({ type: "session.create", goal, workspace, config });
  if (!created.ok) throw new Error(created.error.message);
  const { sessionId } = created.value;
  const marks = new Map<string, number>();
  const note = ({ type }: TraceEvent): void => void (marks.has(type) || marks.set(type, performance.now()));
  const end = await engine.follow(sessionId, 0, note);
  const outcome = await engine.dispatch({ type: "session.run", sessionId });
  end();
  if (!outcome.ok || outcome.value.status !== "done") throw new Error(`the bench's session failed: ${JSON.stringify(outcome)}`);
  return { sessionId, whole: performance.now() - began, turns: marks.get("run.ended")! - marks.get("turn.started")! };
}
