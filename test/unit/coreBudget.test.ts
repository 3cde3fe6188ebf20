// Budgets over random trees of tasks (A8): a share never exceeds what there is, nothing is handed out twice, and what is
// left when all have ended is what nobody spent. Seeded; a failure names its seed.

import assert from "node:assert/strict";
import type { Amount } from "../../src/protocol/agents.ts";
import type { EventPayloads, EventType } from "../../src/protocol/events.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { reduce } from "../../src/protocol/reduce.ts";
import { childrenOf, isTerminal, noUsage, type SessionState, type TaskState } from "../../src/protocol/state.ts";
import { atLeastZero, availableTo, exhausted, rootAmount, shareFor, spentBy, subtract, topUp } from "../../src/core/budget.ts";
import { random } from "../support/random.ts";
import { configWith } from "../support/world.ts";

const root: TaskId = "t_root";
const total: Amount = { usd: 2, tokens: 500_000, turns: 200 };
const slack = 1e-9;

class Ledger {
  state!: SessionState;
  count = 0;

  constructor() {
    const config = configWith({ budget: { ...total, minutes: 60, depth: 9, parallel: 9 } });
    this.add("session.created", undefined, { name: "n", goal: "g", workspace: "/", config });
    this.create(root, undefined);
  }

  add<T extends EventType>(type: T, taskId: TaskId | undefined, payload: EventPayloads[T]): void {
    const seq = (this.state?.seq ?? 0) + 1;
    const place = taskId === undefined ? {} : { taskId };
    const event = { id: `s#${seq}`, runId: "r_1" as const, sessionId: "s", actor: "a", timestamp: "", seq, type, payload, ...place };
    this.state = reduce(this.state, event);
  }

  create(id: TaskId, parentId: TaskId | undefined): void {
    const common = { sessionId: "s", goal: "g", status: "running" as const, input: {}, createdAt: "", updatedAt: "" };
    const task = { id, ...common, ...(parentId === undefined ? {} : { parentId }) };
    this.add("task.created", id, { task, writable: false });
  }

  live(): TaskState[] {
    return Object.values(this.state.tasks).filter((task) => !isTerminal(task.status));
  }

  reserve(parent: TaskId, siblings: number): void {
    const available = availableTo(this.state, parent);
    const amount = shareFor(available, siblings, undefined);
    if (!amount) return;
    assertWithin(amount, available, "a share is more than there is");
    const id: TaskId = `t_${++this.count}`;
    this.create(id, parent);
    this.add("budget.reserved", id, { taskId: id, from: parent, amount });
  }

  /** One turn, of no more than there is. */
  spend(taskId: TaskId, part: number): void {
    const left = availableTo(this.state, taskId);
    if (exhausted(left)) return;
    const usage = { ...noUsage, input: Math.floor(left.tokens * part) };
    this.add("turn.ended", taskId, { turnId: "u_1", model: "m", stop: "end", usage, costUsd: left.usd * part, durationMs: 1 });
  }

  end(task: TaskState): void {
    if (task.id === root || childrenOf(this.state, task.id).some((child) => !isTerminal(child.status))) return;
    const amount = atLeastZero(subtract(task.reserved!, spentBy(this.state, task)));
    this.add("task.updated", task.id, { status: "done" });
    this.add("budget.refunded", task.id, { taskId: task.id, to: task.parentId!, amount });
  }

  raise(taskId: TaskId): void {
    for (const payload of topUp(this.state, taskId)) this.add("budget.reserved", payload.taskId, payload);
  }

  check(): void {
    for (const task of this.live()) {
      const left = availableTo(this.state, task.id);
      assert.ok(
        left.usd > -slack && left.tokens >= 0 && left.turns >= 0,
        `${task.id} has handed out more than it has: ${JSON.stringify(left)}`,
      );
    }
    const held = childrenOf(this.state, root).filter((child) => child.reserved);
    const out = held.reduce((sum, child) => sum + child.reserved!.tokens, 0);
    const used = childrenOf(this.state, root)
      .filter((child) => !child.reserved)
      .reduce((sum, child) => sum + spentBy(this.state, child).tokens, ownTokens(this.state));
    assert.ok(out + used <= total.tokens, `${out} handed out and ${used} spent of ${total.tokens}`);
  }
}

function ownTokens(state: SessionState): number {
  return state.tasks[root]!.usage.input;
}

function assertWithin(amount: Amount, limit: Amount, words: string): void {
  assert.ok(amount.usd <= limit.usd + slack && amount.tokens <= limit.tokens && amount.turns <= limit.turns, words);
}

describe("budget", () => {
  it("hands out no more than there is, and gets back what was not spent", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const dice = random(seed);
      const ledger = new Ledger();
      const pick = (): TaskState => ledger.live()[Math.floor(dice() * ledger.live().length)]!;
      try {
        for (let step = 0; step < 120; step++) {
          const move = dice();
          if (move < 0.4) ledger.reserve(pick().id, 1 + Math.floor(dice() * 4));
          else if (move < 0.7) ledger.spend(pick().id, dice());
          else if (move < 0.85) ledger.end(pick());
          else ledger.raise(pick().id);
          ledger.check();
        }
        while (ledger.live().length > 1) ledger.live().forEach((task) => ledger.end(task));
        const left = availableTo(ledger.state, root);
        const spent = spentBy(ledger.state, ledger.state.tasks[root]!);
        assert.equal(left.tokens + spent.tokens, total.tokens);
        assert.equal(left.turns + spent.turns, total.turns);
        assert.ok(Math.abs(left.usd + spent.usd - total.usd) < slack);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  });

  it("gives a task without a reservation nothing, unless it is the root", () => {
    const ledger = new Ledger();
    ledger.create("t_bare", root);
    assert.deepEqual(availableTo(ledger.state, "t_bare"), { usd: 0, tokens: 0, turns: 0 });
    assert.deepEqual(availableTo(ledger.state, root), rootAmount(ledger.state));
    assert.deepEqual(availableTo(ledger.state, "t_nobody"), { usd: 0, tokens: 0, turns: 0 });
  });

  it("starts no child with less than it needs, and keeps a blueprint's own limits", () => {
    assert.equal(shareFor({ usd: 1, tokens: 1_999, turns: 9 }, 1, undefined), undefined);
    assert.equal(shareFor({ usd: 1, tokens: 90_000, turns: 0 }, 1, undefined), undefined);
    assert.equal(shareFor({ usd: 0, tokens: 90_000, turns: 9 }, 1, undefined), undefined);
    assert.deepEqual(shareFor(total, 1, { turns: 3, usd: 0.1, tokens: 5_000 }), { usd: 0.1, tokens: 5_000, turns: 3 });
    const ledger = new Ledger();
    ledger.reserve(root, 1);
    assert.equal(topUp(ledger.state, "t_1").length, 1);
    ledger.reserve("t_1", 1);
    ledger.spend("t_1", 1);
    assert.equal(topUp(ledger.state, "t_2").length, 2, "from the root, through its parent");
    ledger.state.tasks["t_1"]!.most = { turns: 3 };
    assert.deepEqual([topUp(ledger.state, "t_1"), topUp(ledger.state, "t_2")], [[], []]);
  });

  it("names what ran out", () => {
    assert.equal(exhausted({ usd: 1, tokens: 1, turns: 0 }), "turns");
    assert.equal(exhausted({ usd: 1, tokens: 0, turns: 1 }), "tokens");
    assert.equal(exhausted({ usd: 0, tokens: 1, turns: 1 }), "money");
    assert.equal(exhausted({ usd: 0.1, tokens: 1, turns: 1 }), undefined);
  });
});
