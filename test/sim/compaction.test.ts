// A process dies before, inside and after a compaction: the next one goes on with the same messages, byte for byte, as the
// chained hash of each turn shows when the context is built again from the events before it (A2, A7).

import assert from "node:assert/strict";
import { createContext } from "../../src/core/context.ts";
import type { ModelRequest } from "../../src/core/ports.ts";
import { isKnown } from "../../src/protocol/events.ts";
import { textOf } from "../../src/protocol/transcript.ts";
import { isSummaryRequest, notes, reader, sizeOf, textIn } from "../support/longWork.ts";
import type { Reply } from "../support/world.ts";
import { replayed } from "./again.ts";
import { batchEnds, live, logOf, type Machine, newMachine, stateIn, violations } from "./lives.ts";
import type { Story } from "./story.ts";

const window = 6_000;
const count = 40;
const goal = "Read all the notes. CONSTRAINT-17: the release stays at 4.2.";

/** Reads the note after the last one that it can know of, so that it is a function of its request. */
function next(request: ModelRequest): Reply {
  const known = [...textIn(request).matchAll(/Now number (\d+)|up to number (\d+)|notes\/(\d+)\.txt → ok/g)];
  const n = Math.max(-1, ...known.map((found) => Number(found.slice(1).find((one) => one !== undefined)))) + 1;
  if (isSummaryRequest(request)) return { text: `I have read the notes up to number ${n - 1}.` };
  if (n >= count) return { text: "All notes are read." };
  return {
    text: `Now number ${n}. ${"I weigh what it says. ".repeat(6)}`,
    calls: [{ tool: "filesystem__read_file", arguments: { path: `notes/${n}.txt` } }],
  };
}

function storyOf(requests: ModelRequest[]): Story {
  return {
    name: "a small window",
    goal,
    window,
    files: notes(count, 1_000),
    agents: [reader],
    config: { agent: "reader" },
    model: (request) => {
      assert.ok(sizeOf(request) <= window, `a request of ${sizeOf(request)} tokens`);
      assert.ok(textIn(request).includes(goal), "the goal is forgotten");
      requests.push(request);
      return next(request);
    },
  };
}

/** The hash of each turn follows from the events before it, whichever process took it. */
async function rebuilt(machine: Machine, { system, tools, messages }: ModelRequest): Promise<number> {
  const [first] = messages;
  assert.ok(first?.role === "user");
  const log = (await logOf(machine)).filter(isKnown);
  let seen = 0;
  for (const [i, event] of log.entries()) {
    if (event.type !== "turn.started" || event.payload.purpose) continue;
    const history = log.slice(0, i).filter(({ taskId }) => taskId === event.taskId);
    const context = createContext({ system, tools, brief: textOf(first.content.filter(({ type }) => type === "text")), history });
    assert.equal(context.seal(), event.payload.contextHash, `the context of the turn at ${event.seq}`);
    seen += 1;
  }
  return seen;
}

describe("crashes around a compaction", function () {
  this.timeout(120_000);

  it("dies at every place, and each turn's context follows from the record", async () => {
    const requests: ModelRequest[] = [];
    const story = storyOf(requests);
    const first = await newMachine(story);
    const ends = await batchEnds(first, live);
    const hows = (await logOf(first)).flatMap((event) => (isKnown(event) && event.type === "context.compacted" ? [event.payload.how] : []));
    assert.ok(hows.includes("results") && hows.includes("summary"), hows.join(", "));
    assert.ok((await rebuilt(first, requests[0]!)) > count);
    const compactions = new Set((await logOf(first)).filter(({ type }) => type === "context.compacted").map(({ seq }) => seq));
    const near = ends.filter((seq, i) => i % 5 === 0 || [...compactions].some((at) => Math.abs(at - seq) <= 4));
    for (const seq of near)
      for (const when of ["recorded", "next"] as const) {
        const machine = await newMachine(story);
        await live(machine, { death: { seq, when } });
        assert.notEqual(await live(machine), "died");
        const where = `died at ${seq}, ${when}`;
        assert.equal((await stateIn(machine)).status, "done", where);
        assert.equal((await stateIn(machine)).run?.answer, "All notes are read.", where);
        assert.deepEqual(await violations(machine), [], where);
        await rebuilt(machine, requests[0]!);
      }
  });

  it("can be made again from its record", async () => {
    const machine = await newMachine(storyOf([]), true);
    const ends = await batchEnds(machine, live);
    assert.equal((await replayed(machine)).divergence, undefined);
    const compacted = (await logOf(machine)).find(({ type }) => type === "context.compacted")!.seq;
    for (const seq of ends.filter((end) => Math.abs(end - compacted) <= 4)) {
      const other = await newMachine(storyOf([]), true);
      await live(other, { death: { seq, when: "next" } });
      await live(other);
      assert.equal((await replayed(other)).divergence, undefined, `died at ${seq}`);
    }
  });
});
