// Long sessions fit their window: 1,000 turns within 200,000 tokens, with what people said word for word in every request,
// and with everything that was set aside within reach.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StorePort } from "../../src/core/ports.ts";
import { roomIn } from "../../src/core/contextWindow.ts";
import { isKnown, type EventOf, type TraceEvent } from "../../src/protocol/events.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { makeTempDir } from "../support/tempDir.ts";
import { createWorld, roomyBudget, runGoal, type World } from "../support/world.ts";
import { longModel, note, notes, reader } from "../support/longWork.ts";

const budget = { ...roomyBudget, tokens: 500_000_000, turns: 5_000, usd: 50 };
const config = { agent: "reader", workflow: "auto", budget };
const read = (n: number): { calls: { tool: string; arguments: unknown }[] } => ({
  calls: [{ tool: "filesystem__read_file", arguments: { path: `notes/${n}.txt` } }],
});

type Compacted = EventOf<"context.compacted">["payload"];
const compactions = (events: TraceEvent[]): Compacted[] =>
  events.flatMap((event) => (isKnown(event) && event.type === "context.compacted" ? [event.payload] : []));

describe("a session of 1,000 turns", function () {
  this.timeout(120_000);
  const turns = 1_000;
  const size = 6_000;
  const goal = "Read all the notes. CONSTRAINT-17: the release stays at 4.2.";
  const temp = makeTempDir("long");
  let store: StorePort;

  before(async () => {
    store = await openSqliteStore({ file: join(temp.path, "store.db") });
  });

  after(async () => {
    await store.close();
    temp.remove();
  });

  it("works within a window of 200,000 tokens, and forgets neither the task nor what people said", async () => {
    let recalled = "";
    const marks: number[] = [];
    let seen = 0;
    const played = longModel({
      window: 200_000,
      see: (text) => {
        seen += 1;
        assert.ok(text.includes(goal), `turn ${seen} lacks the goal`);
        assert.ok(text.includes("NEVER touch the file vault.txt."), `turn ${seen} lacks the instructions`);
        if (seen > 6) assert.ok(text.includes("Ultramarine, please."), `turn ${seen} lacks the person's answer`);
      },
      next: (n, request) => {
        marks.push(performance.now());
        if (n === 5) return { calls: [{ tool: "agents__ask_user", arguments: { question: "Which colour?" } }] };
        if (n === turns - 2) return { calls: [{ tool: "agents__recall", arguments: { find: "notes/7.txt" } }] };
        if (n === turns - 1)
          return { calls: [{ tool: "agents__recall", arguments: { item: itemIn(lastResult(request), "notes/7.txt") } }] };
        if (n === turns) recalled = lastResult(request);
        return n < turns
          ? { text: `Now number ${n}. ${"I weigh what it says. ".repeat(20)}`, ...read(n) }
          : { text: "All notes are read." };
      },
    });
    const world = await createWorld({ files: notes(turns, size), model: played.model, agents: [reader], attended: true, store });
    const { sessionId, outcome, events } = await runAnswering(world, goal);
    const state = await world.engine.state(sessionId);
    assert.equal(state?.status, "done", JSON.stringify(outcome));
    assert.ok(state.turns > turns);
    const { requests } = played;
    const room = roomIn({ contextWindow: 200_000, maxOutput: 16_000 }, 16_000);
    assert.ok(Math.max(...requests.map((one) => one.size)) <= room, "a request was larger than the window leaves beside an answer");
    const made = compactions(events);
    const hows = new Set(made.map(({ how }) => how));
    assert.ok(hows.has("results") && hows.has("summary"), [...hows].join(", "));
    assert.ok(made.length < turns / 20, `set aside ${made.length} times`);
    for (const { before, after } of made) assert.ok(after < before * 0.8, `${before} → ${after}`);
    assert.ok(recalled.includes(note(7, size)), "the dropped result was not recalled whole");
    assert.ok(laterBeside(marks) < 3, `late turns took ${laterBeside(marks)} times as long`);
  });

  /** The person answers what is asked. */
  async function runAnswering(world: World, prompt: string): ReturnType<typeof runGoal> {
    const { engine } = world;
    const timer = setInterval(() => {
      void store.listPending().then((pending) => {
        for (const { id, sessionId } of pending)
          void engine.dispatch({
            type: "interrupt.resolve",
            sessionId,
            interruptId: id as `i_${string}`,
            action: "respond",
            text: "Ultramarine, please.",
          });
      });
    }, 20);
    try {
      return await runGoal(world, prompt, config);
    } finally {
      clearInterval(timer);
    }
  }
});

function lastResult({ messages }: { messages: { role: string }[] }): string {
  const last = messages.at(-1) as { results?: { result: { content: string } }[] };
  return last.results?.[0]?.result.content ?? "";
}

function itemIn(list: string, about: string): number {
  const line = list.split("\n").findLast((one) => one.includes(about));
  return Number(/^#(\d+)/.exec(line ?? "")?.[1]);
}

/** The median of the last turns beside that of early ones. */
function laterBeside(marks: number[]): number {
  const steps = marks.slice(1).map((at, i) => at - marks[i]!);
  const median = (part: number[]): number => part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)]!;
  return median(steps.slice(-200)) / median(steps.slice(50, 250));
}
