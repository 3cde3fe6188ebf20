// The task tree as text: what stays when there is little room, and in which order.

import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { columnsOf, cutTo } from "../../src/cli/format.ts";
import { frame } from "../../src/cli/render/liveTree.ts";
import { createPlainLines } from "../../src/cli/render/plainLines.ts";
import { cutTree, drawTree, taskLine } from "../../src/cli/render/tree.ts";
import type { EventDraft, TraceEvent } from "../../src/protocol/events.ts";
import type { TaskId, TurnId } from "../../src/protocol/ids.ts";
import { reduce } from "../../src/protocol/reduce.ts";
import type { SessionState, TaskState } from "../../src/protocol/state.ts";
import { configWith } from "../support/world.ts";

const at = "2026-01-01T00:00:00.000Z";
const goal = "Add a function that returns the item with its price reduced by that percentage, rounded to cents";

type Log = { state: SessionState; last: TraceEvent; add(...drafts: EventDraft[]): void };

function begin(): Log {
  let seq = 0;
  const eventOf = (draft: EventDraft): TraceEvent => {
    seq += 1;
    return { id: `e${seq}`, runId: "r_1", sessionId: "s_1", timestamp: at, seq, ...draft };
  };
  const first = eventOf({
    type: "session.created",
    actor: "user",
    payload: { name: "n", goal, workspace: "/w", config: configWith({ model: "demo" }) },
  });
  const log: Log = {
    state: reduce(undefined, first),
    last: first,
    add(...drafts) {
      for (const draft of drafts) {
        log.last = eventOf(draft);
        log.state = reduce(log.state, log.last);
      }
    },
  };
  return log;
}

function created(id: TaskId, agent: string, parentId?: TaskId, stepId?: string): EventDraft {
  const task = { id, sessionId: "s_1", assignedAgent: agent, goal, status: "pending" as const, input: null, createdAt: at, updatedAt: at };
  const payload = { task: { ...task, ...(parentId ? { parentId } : {}) }, writable: false, ...(stepId ? { stepId } : {}) };
  return { type: "task.created", actor: "user", taskId: id, payload };
}

const status = (taskId: TaskId, to: "running" | "done"): EventDraft => ({
  type: "task.updated",
  actor: "orchestrator",
  taskId,
  payload: { status: to },
});

const turnId: TurnId = "u_1";
const started = (taskId: TaskId): EventDraft => ({
  type: "turn.started",
  actor: "a",
  taskId,
  payload: { turnId, model: "demo", attempt: 1, contextHash: "sha256:0" },
});
const ended = (taskId: TaskId): EventDraft => {
  const usage = { input: 12_345, output: 0, cacheRead: 0, cacheWrite: 0 };
  return {
    type: "turn.ended",
    actor: "a",
    taskId,
    payload: { turnId, model: "demo", stop: "end", usage, costUsd: 0.0123, durationMs: 5 },
  };
};

/** A root, four specialists with one helper each. */
function team(): Log {
  const log = begin();
  log.add(created("t_root", "coordinator"), status("t_root", "running"));
  for (const n of [1, 2, 3, 4] as const) {
    log.add(created(`t_${n}`, "code-generation", "t_root", `step${n}`), created(`t_${n}a`, "typescript", `t_${n}`));
    log.add(status(`t_${n}`, "running"), status(`t_${n}a`, "running"));
    if (n < 4) log.add(status(`t_${n}a`, "done"), status(`t_${n}`, "done"));
  }
  return log;
}

const task = ({ state }: Log, id: TaskId): TaskState => state.tasks[id]!;

describe("a task's line", () => {
  it("keeps the agent's name and the figures, and cuts the goal", () => {
    const log = team();
    log.add(started("t_1a"), ended("t_1a"));
    for (const width of [74, 60, 50]) {
      const line = taskLine(log.state, task(log, "t_1"), { colour: false, width });
      assert.ok(columnsOf(line) <= width, `${columnsOf(line)} of ${width}: ${line}`);
      assert.match(line, /^✓ step1: code-generation/);
      assert.match(line, /12\.3k tok · \$0\.01 · 0ms/);
    }
  });

  it("names the scripted model in short, and says how long an open turn takes", () => {
    const log = team();
    log.add(started("t_4a"));
    const nowMs = Date.parse(at) + 12_400;
    assert.match(taskLine(log.state, task(log, "t_4a"), { colour: false, width: 74, nowMs }), /model… 12s$/);
    log.add(ended("t_4a"), started("t_4a"));
    assert.match(taskLine(log.state, task(log, "t_4a"), { colour: false, width: 56, nowMs }), /model… 12s$/, "before the model's name");
    log.add(ended("t_4a"));
    const line = taskLine(log.state, task(log, "t_4a"), { colour: false, width: 74, nowMs });
    assert.doesNotMatch(line, /model…/);
    assert.match(line, /demo \(scripted\) · 24\.7k tok/);
  });

  it("counts wide characters as two columns", () => {
    assert.equal(columnsOf("漢字🙂a"), 7);
    assert.equal(cutTo("漢字漢字", 5), "漢字…");
  });
});

describe("the live tree", () => {
  const drawn = (log: Log, room: number): string[] =>
    cutTree(log.state, task(log, "t_root"), room).map((one) => `${one.prefix}${one.task.id}`);

  it("cut to few lines keeps who works, with those above, in the tree's order and with whole line art", () => {
    const log = team();
    assert.equal(drawTree(log.state, task(log, "t_root")).length, 9);
    assert.deepEqual(drawn(log, 3), ["t_root", "└─ t_4", "   └─ t_4a"]);
    assert.deepEqual(drawn(log, 5), ["t_root", "├─ t_1", "│  └─ t_1a", "└─ t_4", "   └─ t_4a"]);
    assert.deepEqual(drawn(log, 1), ["t_root"]);
  });

  it("fits into the window, in both directions, and says what is hidden", () => {
    const log = team();
    for (const [columns, rows] of [
      [80, 24],
      [80, 8],
      [60, 4],
      [140, 50],
    ] as const) {
      const lines = frame(log.state, "call filesystem__edit_file ".repeat(8), { columns, rows, colour: false });
      assert.ok(lines.length < rows, `${lines.length} lines in ${rows} rows`);
      for (const line of lines) assert.ok(columnsOf(line) < columns, line);
      assert.equal(
        lines.some((line) => /… and \d more task/.test(line)),
        rows < 12,
      );
    }
  });

  it("has colours only where they are wanted", () => {
    const log = team();
    const plain = frame(log.state, "line", { columns: 80, rows: 24, colour: false }).join("\n");
    const coloured = frame(log.state, "line", { columns: 80, rows: 24, colour: true }).join("\n");
    assert.equal(plain, stripVTControlCharacters(plain));
    assert.notEqual(coloured, plain);
    assert.equal(stripVTControlCharacters(coloured), plain);
  });
});

describe("plain lines", () => {
  it("give a sign of life while a model takes long, and none once it has answered", async () => {
    const lines: string[] = [];
    const log = team();
    const view = createPlainLines((line) => lines.push(line), 30);
    const waits = (): number => lines.filter((line) => line.includes("waiting for the model")).length;
    try {
      log.add(started("t_4a"));
      view.event(log.last, log.state);
      while (waits() < 2) await new Promise((done) => setTimeout(done, 5));
      assert.match(lines[0]!, /^ {4}typescript: waiting for the model \(0s\)$/);
      log.add(ended("t_4a"));
      view.event(log.last, log.state);
      const before = waits();
      await new Promise((done) => setTimeout(done, 100));
      assert.equal(waits(), before);
    } finally {
      view.end();
    }
  });
});
