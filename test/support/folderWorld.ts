// The engine over a real project in a real folder: snapshots, worktrees and landings are git's; only the model is played.
// Each run carries out the next of the edits that the test names.

import assert from "node:assert/strict";
import type { Engine } from "../../src/core/engine.ts";
import type { Ports, StorePort } from "../../src/core/ports.ts";
import type { CallResult, SessionConfig } from "../../src/protocol/events.ts";
import type { Result } from "../../src/protocol/result.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { commitAll, type Files, readFiles, removeFiles, writeFiles } from "./gitProject.ts";
import { configWith, createWorld, type Model, type Reply } from "./world.ts";
import { type Fixture, makeFixture } from "./workspaceFixture.ts";

export type Edit = { put?: Files; gone?: string[] };

export type FolderWorld = {
  at: Fixture;
  engine: Engine;
  store: StorePort;
  /** What the model was asked, request by request. */
  asked: string[];
  create(config?: Partial<SessionConfig>): Promise<string>;
  /** A run of a session (a new one unless it is named), in which an agent makes this edit. */
  run(edit: Edit, sessionId?: string, prompt?: string): Promise<string>;
  edit(edit: Edit): void;
  files(): Record<string, string>;
  state(sessionId: string): Promise<SessionState>;
};

const goal = "Fix the typo in README.md";

export async function folderWorld(
  files: Files,
  options: {
    git?: boolean;
    attended?: boolean;
    store?: StorePort;
    /** The folder of another world. */ at?: Fixture;
    /** Plays the team itself: what its agents write is written. */ model?: Model;
    /** What the project's tests say of a folder; without it the project has none. */ test?: (files: Record<string, string>) => boolean;
  } = {},
): Promise<FolderWorld> {
  const at = options.at ?? makeFixture(files);
  if (options.git) commitAll(at.path);
  let next: Edit = {};
  const asked: string[] = [];
  const played: Model = (request, signal) => {
    asked.push(JSON.stringify(request.messages));
    return (options.model ?? editing)(request, signal);
  };
  const editing: Model = (request): Reply => {
    const hand = (result: object): Reply => ({ calls: [{ tool: "agents__submit_result", arguments: { status: "done", ...result } }] });
    if (request.agent.endsWith("-review")) return hand({ summary: "looked", score: 0.9 });
    if (request.agent !== "typescript") return { text: "Said." };
    const edits = { calls: [{ tool: "filesystem__write_file", arguments: { path: ".", content: "" } }] };
    return request.turn === 0 ? edits : hand({ summary: `edit ${asked.length} made` });
  };
  const { test } = options;
  const wrap = (ports: Ports): Ports => ({
    ...ports,
    workspace: { ...at.port, checks: () => Promise.resolve(test ? [{ kind: "test", command: "npm test" }] : []) },
    tools: {
      ...ports.tools,
      call: async (tool, args, scope, signal) => {
        if (tool === "shell__run" && test) return tested(test(readFiles(scope.root)));
        if (tool !== "filesystem__write_file") return await ports.tools.call(tool, args, scope, signal);
        const { path, content } = args as { path: string; content: string };
        apply(scope.root, path === "." ? next : { put: { [path]: content } });
        return { ok: true, content: "written" };
      },
    },
  });
  const { engine, store } = await createWorld({
    model: played,
    wrap,
    attended: options.attended ?? false,
    ...(options.store ? { store: options.store } : {}),
  });
  const create = async (config: Partial<SessionConfig> = {}): Promise<string> => {
    const created = await engine.dispatch({
      type: "session.create",
      goal,
      workspace: at.path,
      config: configWith({ level: "assisted", ...config }),
    });
    return valueOf(created).sessionId;
  };
  return {
    at,
    engine,
    store,
    asked,
    create,
    run: async (edit, sessionId, prompt = goal) => {
      next = edit;
      const id = sessionId ?? (await create());
      const again = ((await engine.state(id))?.runs ?? 0) > 0;
      valueOf(await engine.dispatch({ type: "session.run", sessionId: id, ...(again ? { prompt } : {}) }));
      return id;
    },
    edit: (edit) => apply(at.path, edit),
    files: () => readFiles(at.path),
    state: async (sessionId) => {
      const state = await engine.state(sessionId);
      assert.ok(state);
      return state;
    },
  };
}

function tested(passes: boolean): CallResult {
  const details = { exitCode: passes ? 0 : 1, durationMs: 1 };
  return passes ? { ok: true, content: "passed", details } : { ok: false, code: "exit_1", content: "1 failing", details };
}

function apply(root: string, { put = {}, gone = [] }: Edit): void {
  removeFiles(root, [...gone, ...Object.keys(put)]);
  writeFiles(root, put);
}

export function valueOf<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? "" : result.error.message);
  return result.value;
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}

/** Forty lines, some of them changed: far enough from each other to be hunks of their own. */
export function lines(change: Record<number, string> = {}): string {
  return Array.from({ length: 40 }, (_, i) => `${change[i + 1] ?? i + 1}\n`).join("");
}
