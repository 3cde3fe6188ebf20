// Sessions that nobody ran, for what takes too long or is too rare to run: very long ones, hostile ones, waiting ones.

import type { EventPayloads, EventType, TraceEvent } from "../../src/protocol/events.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { anEvent, created } from "../support/storeEvents.ts";

export const root: TaskId = "t_root";

/** A goal that the scripted model knows: it ends with four changed files. */
export const feature =
  "Add a function `discounted(item, percent)` that returns the item with its price reduced by that percentage, rounded to cents. Cover it with tests and describe it in the README.";

export type Story = {
  events: TraceEvent[];
  add<T extends EventType>(type: T, payload: EventPayloads[T], taskId?: TaskId): Story;
};

/** A session whose coordinator has begun to work. */
export function story(sessionId: string, workspace = "/w"): Story {
  const events: TraceEvent[] = [created(sessionId, "A story", workspace)];
  const made: Story = {
    events,
    add(type, payload, taskId) {
      events.push(anEvent(sessionId, events.length + 1, type, payload, taskId ? { taskId } : {}));
      return made;
    },
  };
  const workflow = { id: "auto", description: "", review: { below: 0.8, rounds: 1, auto: true }, checkRounds: 1 };
  return made
    .add("run.started", { prompt: "Tell a story", workflow, rootTask: root })
    .add("task.created", { task: task(sessionId, root), writable: false });
}

export function task(sessionId: string, id: TaskId, agent = "coordinator", parentId?: TaskId): EventPayloads["task.created"]["task"] {
  const at = "2026-01-01T00:00:00.000Z";
  return {
    id,
    sessionId,
    assignedAgent: agent,
    goal: `work of ${agent}`,
    status: "running",
    input: {},
    createdAt: at,
    updatedAt: at,
    ...(parentId ? { parentId } : {}),
  };
}

export const usage = { input: 900, output: 100, cacheRead: 0, cacheWrite: 0 };

/** One turn of the coordinator that says something. */
export function say(told: Story, text: string): Story {
  const turnId = `u_${told.events.length}` as const;
  return told
    .add("turn.started", { turnId, model: "demo", attempt: 1, contextHash: "sha256:0" }, root)
    .add("turn.ended", { turnId, model: "demo", stop: "end", usage, costUsd: 0.001, durationMs: 800 }, root)
    .add("message", { role: "assistant", content: [{ type: "text", text }], turnId }, root);
}

/** An open turn: what streams belongs to it. */
export function beginTurn(told: Story): Story {
  return told.add("turn.started", { turnId: `u_${told.events.length}`, model: "demo", attempt: 1, contextHash: "sha256:0" }, root);
}

export function ask(told: Story, tool: string, args: unknown, more: Partial<EventPayloads["approval.requested"]> = {}): Story {
  const n = told.events.length;
  return told.add(
    "approval.requested",
    {
      approvalId: `a_${n}`,
      kind: "call",
      callId: `c_${n}`,
      tool,
      arguments: args,
      cwd: "/w/worktree",
      digest: "sha256:0",
      risk: 50,
      reasons: ["runs a shell command"],
      rule: "shell",
      ...more,
    },
    root,
  );
}

export function longStory(sessionId: string, length: number): TraceEvent[] {
  const told = story(sessionId);
  while (told.events.length < length) {
    say(told, `Step ${told.events.length}: I read a file and go on with \`work${told.events.length}\`.`);
    const callId = `c_${told.events.length}` as const;
    told.add("call.started", { callId, tool: "filesystem__read_file", arguments: { path: `src/file${told.events.length}.ts` } }, root);
    told.add(
      "call.ended",
      { callId, tool: "filesystem__read_file", result: { ok: true, content: "export const a = 1;\n" }, durationMs: 4 },
      root,
    );
  }
  return told.events.slice(0, length);
}

export function manyMessages(sessionId: string, messages: number): TraceEvent[] {
  const told = story(sessionId);
  for (let i = 1; i <= messages; i++) say(told, `Message **${i}**: a line of prose with \`code\`.\n\n- one\n- two`);
  return told.events;
}
