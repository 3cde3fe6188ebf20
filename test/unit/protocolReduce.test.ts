// The reducer: pure, complete, and indifferent to what it does not know (A2, A14). The events are those of real runs.

import assert from "node:assert/strict";
import { eventTypes, isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduce, reduceAll } from "../../src/protocol/reduce.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { live, logOf, newMachine, stateIn } from "../sim/lives.ts";
import { stories } from "../sim/story.ts";

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  return value;
}

async function recorded(): Promise<TraceEvent[][]> {
  const logs: TraceEvent[][] = [];
  for (const story of stories) {
    const machine = await newMachine(story);
    await live(machine, { death: { seq: 40, when: "next" } });
    await live(machine);
    logs.push(await logOf(machine));
  }
  return logs;
}

describe("reduce", () => {
  let logs: TraceEvent[][];
  before(async () => {
    logs = await recorded();
  });

  it("changes neither the state nor the event that it is given", () => {
    for (const log of logs) {
      let state: SessionState | undefined;
      for (const event of log) state = deepFreeze(reduce(state, deepFreeze(event)));
      assert.equal(state?.status, "done");
    }
  });

  it("gives the same state byte for byte, from the start or from any place on the way", () => {
    for (const log of logs) {
      const whole = canonicalJson(reduceAll(log));
      assert.equal(canonicalJson(reduceAll(JSON.parse(JSON.stringify(log)) as TraceEvent[])), whole);
      for (let at = 1; at < log.length; at += 17) {
        const saved = JSON.parse(JSON.stringify(reduceAll(log.slice(0, at)))) as SessionState;
        assert.equal(canonicalJson(reduceAll(log.slice(at), saved)), whole, `snapshot at ${at}`);
      }
    }
  });

  it("keeps what it does not know out of the state, and takes it into account in seq and time only", () => {
    const [log] = logs as [TraceEvent[]];
    const state = reduceAll(log)!;
    const strange: TraceEvent = {
      ...log[5]!,
      type: "quantum.entangled",
      payload: { any: ["thing"] },
      seq: state.seq + 1,
      timestamp: "2031-01-01T00:00:00.000Z",
    };
    assert.equal(isKnown(strange), false);
    assert.deepEqual(reduce(state, strange), { ...state, seq: strange.seq, updatedAt: strange.timestamp });
    for (const type of ["toString", "constructor", "__proto__"]) assert.equal(isKnown({ ...strange, type }), false, type);
  });

  it("has a case for every event type that does not throw on a session that lacks what the event is about", async () => {
    const machine = await newMachine(stories[0]!);
    const state = deepFreeze(await stateIn(machine));
    const samples = new Map<string, TraceEvent>(logs.flat().map((event) => [event.type, event]));
    const seen = eventTypes.filter((type) => samples.has(type));
    assert.ok(seen.length > 20, `the stories tell of ${seen.length} types`);
    for (const type of seen) assert.equal(reduce(state, { ...samples.get(type)!, seq: 2 }).seq, 2, type);
  });

  it("begins with session.created and nothing else", () => {
    const [log] = logs as [TraceEvent[]];
    assert.throws(() => reduce(undefined, log[1]!), /must begin with session.created/);
  });

  it("takes the first answer to an approval and to a question, and no second one", () => {
    const [log] = logs as [TraceEvent[]];
    const at = (type: string, payload: object, seq: number): TraceEvent => ({ ...log[0]!, type, payload, seq });
    const state = reduceAll([
      log[0]!,
      at("approval.requested", { approvalId: "a_1", kind: "call", tool: "t", arguments: {}, cwd: "/" }, 2),
      at("approval.resolved", { approvalId: "a_1", decision: "deny", scope: "once", by: "one" }, 3),
      at("approval.resolved", { approvalId: "a_1", decision: "approve", scope: "once", by: "two" }, 4),
      at("interrupt.raised", { interruptId: "i_1", kind: "user_input", text: "?" }, 5),
      at("interrupt.resolved", { interruptId: "i_1", action: "respond", text: "first" }, 6),
      at("interrupt.resolved", { interruptId: "i_1", action: "cancel", text: "second" }, 7),
      at("approval.resolved", { approvalId: "a_unknown", decision: "approve", scope: "once", by: "x" }, 8),
    ])!;
    assert.equal(state.approvals["a_1"]?.resolution?.decision, "deny");
    assert.equal(state.interrupts["i_1"]?.resolution?.text, "first");
    assert.deepEqual(Object.keys(state.approvals), ["a_1"]);
  });
});
