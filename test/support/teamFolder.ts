// A planned team over a real project in a real folder: snapshots, worktrees, merges and landings are git's, files are
// written by the agents' calls; only the model is played. Each agent does what the test says of it, and its brief is kept.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../src/core/engine.ts";
import type { Check } from "../../src/core/workspacePort.ts";
import type { ModelMessage, Ports, StorePort } from "../../src/core/ports.ts";
import type { PlanStep } from "../../src/protocol/agents.ts";
import type { CallResult, SessionConfig } from "../../src/protocol/events.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { valueOf } from "./folderWorld.ts";
import { readFiles, writeFiles } from "./gitProject.ts";
import { configWith, createWorld, type Model, type Reply } from "./world.ts";
import { type Fixture, makeFixture } from "./workspaceFixture.ts";

/** What an agent writes when it is given this brief, and what it says of it; nothing for an agent that fails. */
export type Part = (brief: string, read: (path: string) => string) => { put?: Record<string, string>; summary: string } | undefined;

export type TeamFolder = {
  at: Fixture;
  engine: Engine;
  store: StorePort;
  /** Who was asked for work, with the brief, in order. */
  briefs: { agent: string; brief: string }[];
  /** Replaces what agents do, by their id. */
  parts: Record<string, Part>;
  plan: PlanStep[];
  begin(goal: string, config?: Partial<SessionConfig>): Promise<string>;
  state(sessionId: string): Promise<SessionState>;
  put(files: Record<string, string>): void;
  files(): Record<string, string>;
  close(): Promise<void>;
};

const ran: CallResult = { ok: true, content: "ok\nexit code 0", details: { exitCode: 0, durationMs: 1 } };

export async function teamFolder(files: Record<string, string>, { checks = [] as Check[], attended = false } = {}): Promise<TeamFolder> {
  const at = makeFixture(files);
  const team: Pick<TeamFolder, "briefs" | "parts" | "plan"> = { briefs: [], parts: {}, plan: [] };
  const model: Model = (request): Reply => {
    const { agent, turn } = request;
    const hand = (result: object): Reply => ({ calls: [{ tool: "agents__submit_result", arguments: { status: "done", ...result } }] });
    if (agent === "planning") return { calls: [{ tool: "agents__submit_plan", arguments: { steps: team.plan } }] };
    if (agent.endsWith("-review")) return hand({ summary: "looked", score: 0.9 });
    const part = team.parts[agent];
    if (!part) return { text: "Said." };
    const brief = briefIn(request.messages);
    if (turn === 0) team.briefs.push({ agent, brief });
    // The folder that it works in is known where a call is made: what it writes is made there.
    if (turn === 0) return { calls: [{ tool: "filesystem__read_file", arguments: { path: `?${agent}` } }] };
    const done = plans.get(`${agent} ${brief}`);
    if (!done) return hand({ status: "failed", summary: "could not" });
    const [next] = Object.entries(done.put ?? {}).slice(turn - 1);
    if (!next) return hand({ summary: done.summary });
    return { calls: [{ tool: "filesystem__write_file", arguments: { path: next[0], content: next[1] } }] };
  };
  const plans = new Map<string, ReturnType<Part>>();
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    workspace: { ...at.port, checks: () => Promise.resolve(checks) },
    tools: {
      ...ports.tools,
      call: async (tool, args, scope, signal) => {
        const { path = "", content = "" } = args as { path?: string; content?: string };
        if (tool === "filesystem__write_file") {
          writeFiles(scope.root, { [path]: content });
          return { ok: true, content: "written" };
        }
        if (tool !== "filesystem__read_file") return ports.tools.call(tool, args, scope, signal);
        if (!path.startsWith("?")) return readIn(scope.root, path);
        const agent = path.slice(1);
        const brief = team.briefs.findLast((one) => one.agent === agent)!.brief;
        plans.set(
          `${agent} ${brief}`,
          team.parts[agent]!(brief, (file) => readFileSync(join(scope.root, file), "utf8")),
        );
        return { ok: true, content: "looked" };
      },
    },
  });
  const world = await createWorld({ model, wrap, attended, shell: () => ran });
  const { engine, store } = world;
  return Object.assign(team, {
    at,
    engine,
    store,
    begin: async (goal: string, config: Partial<SessionConfig> = {}) => {
      const made = await engine.dispatch({
        type: "session.create",
        goal,
        workspace: at.path,
        config: configWith({ level: "assisted", ...config }),
      });
      const { sessionId } = valueOf(made);
      valueOf(await engine.dispatch({ type: "session.run", sessionId }));
      return sessionId;
    },
    state: async (sessionId: string) => (await engine.state(sessionId))!,
    put: (more: Record<string, string>) => writeFiles(at.path, more),
    files: () => readFiles(at.path),
    close: async () => {
      await engine.close();
      at.remove();
    },
  });
}

function readIn(root: string, path: string): CallResult {
  const file = join(root, path);
  return existsSync(file)
    ? { ok: true, content: readFileSync(file, "utf8") }
    : { ok: false, code: "not_found", content: `There is no ${path}.` };
}

function briefIn([first]: ModelMessage[]): string {
  return first?.role === "user" ? first.content.map((block) => (block.type === "text" ? block.text : "")).join("\n") : "";
}
