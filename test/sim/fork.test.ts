// A fork at every place of a story goes on to the same result as the whole run, and the source is as it was. Where a
// folder's files are not on record, the fork begins at the newest place before that.

import assert from "node:assert/strict";
import type { ClockPort, Ports } from "../../src/core/ports.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import { faultIn } from "../../src/runtime/bundle/payloads.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { CommandAnswer, Commands } from "../../src/protocol/commands.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createWorld } from "../support/world.ts";
import { batchEnds, live, logOf, type Machine, newMachine, resultOf, stateIn, violations } from "./lives.ts";
import { type Story, stories } from "./story.ts";

type How = Omit<Commands["session.fork"], "sessionId">;

/** Another machine's view of the same store and folders, in which the fork is the session. */
async function forked(machine: Machine, how: How): Promise<{ fork: Machine; answer: CommandAnswer["session.fork"] }> {
  const { engine } = await createWorld({ ...machine, ...machine.story });
  const answer = await engine.dispatch({ type: "session.fork", sessionId: machine.sessionId, ...how });
  assert.ok(answer.ok, answer.ok ? "" : answer.error.message);
  return { fork: { ...machine, sessionId: answer.value.sessionId, acts: [] }, answer: answer.value };
}

/** Every event has a time of its own unless it was recorded with the one before. */
function ticking(story: Story): Story {
  let ms = 0;
  const now: ClockPort["now"] = () => new Date(Date.UTC(2030, 0, 1) + ms++).toISOString();
  const wrap = (ports: Ports): Ports => ({ ...ports, clock: { ...ports.clock, now } });
  return { ...story, wrap };
}

function plain(state: SessionState): string {
  const { id: _id, name: _name, createdAt: _at, forkedFrom: _from, run, tasks, approvals, landing, ...rest } = state;
  const { past: _over, ...going } = run ?? {};
  const bare = Object.values(tasks).map(({ sessionId: _session, root: _root, ...task }) => task);
  const asked = Object.values(approvals).map(({ approvalId: _own, cwd: _cwd, digest: _digest, ...approval }) => approval);
  return canonicalJson({ ...rest, run: going, tasks: bare, approvals: asked, landing: landing?.commit });
}

/** The files as they were before anything was landed. */
function untouched(machine: Machine): void {
  for (const path of Object.keys(machine.workspace.user)) delete machine.workspace.user[path];
  Object.assign(machine.workspace.user, machine.story.files);
}

async function whole(story: Story): Promise<{ machine: Machine; ends: number[]; log: TraceEvent[]; result: unknown }> {
  const machine = await newMachine(story);
  const ends = await batchEnds(machine, live);
  const log = await logOf(machine);
  assert.deepEqual(log.map(faultIn).filter(Boolean), [], "what an import looks for is in every event");
  return { machine, ends, log, result: await resultOf(machine) };
}

for (const told of stories) {
  const story = ticking(told);
  describe(`forks: ${story.name}`, () => {
    it("at every place has the state of that event, goes on to the same result, and leaves the source alone", async () => {
      const { machine, ends, log, result } = await whole(story);
      const ended = log.find((event) => isKnown(event) && event.type === "run.ended" && event.payload.status === "done");
      const landed = log.find((event) => event.type === "landing.done")?.seq ?? Infinity;
      for (const at of ends) {
        const { fork, answer } = await forked(machine, { at });
        assert.deepEqual([answer.at >= at, answer.moved], [true, undefined], `at ${at}`);
        const own = await logOf(fork);
        assert.equal(plain(reduceAll(own.slice(0, answer.at))!), plain(reduceAll(log.slice(0, answer.at))!), `the state at ${at}`);
        if (answer.at < (ended?.seq ?? Infinity)) {
          if (answer.at < landed) untouched(machine);
          assert.ok((await live(fork)) !== "died");
          assert.deepEqual(await violations(fork), [], `forked at ${at} (${log[at - 1]?.type})`);
          assert.deepEqual(await resultOf(fork), result, `forked at ${at} (${log[at - 1]?.type})`);
        }
        assert.equal(canonicalJson(await logOf(machine)), canonicalJson(log), "the source's record");
      }
    });

    it("of a run that was cut off goes on without the source's folders", async () => {
      const { ends, result } = await whole(story);
      for (const seq of ends.filter((_, i) => i % 3 === 0)) {
        const machine = await newMachine(story);
        await live(machine, { death: { seq, when: "next" } });
        const { fork } = await forked(machine, { at: (await logOf(machine)).length });
        if ((await stateIn(fork)).status === "done") continue;
        assert.ok((await live(fork)) !== "died");
        assert.deepEqual(await resultOf(fork), result, `died at ${seq}`);
      }
    });
  });
}

describe("forks: files that are not on record", () => {
  const [story] = stories.map(ticking) as [Story];
  const changed = async (change: (event: TraceEvent) => TraceEvent): Promise<Machine> => {
    const machine = await newMachine(story);
    await live(machine);
    const store = createMemoryStore();
    await store.append(machine.sessionId, (await logOf(machine)).map(change));
    return { ...machine, store };
  };
  const ended = async (machine: Machine, tool: string): Promise<number> =>
    (await logOf(machine)).find((event) => isKnown(event) && event.type === "call.ended" && event.payload.tool === tool)!.seq;

  it("begins before a command whose effect nobody knows, and says so", async () => {
    const machine = await changed((event) => {
      if (!isKnown(event) || event.type !== "call.ended") return event;
      const { folder: _unknown, ...payload } = event.payload;
      return { ...event, payload };
    });
    const asked = await ended(machine, "shell__run");
    const { fork, answer } = await forked(machine, { at: asked + 1 });
    assert.ok(answer.at < asked, `at ${answer.at}, asked ${asked}`);
    assert.match(answer.moved ?? "", new RegExp(`what shell__run did at ${asked} to the files of its task is not on record`));
    const said = (await logOf(fork)).find((event) => event.type === "decision.recorded");
    assert.match(JSON.stringify(said?.payload), new RegExp(`begins at ${answer.at}, and not at ${asked + 1}`));
    assert.ok((await live(fork)) !== "died");
    assert.deepEqual(await violations(fork), []);
  });

  it("begins before an edit that does not say the same when it is made again", async () => {
    const asked = await ended(await changed((event) => event), "filesystem__write_file");
    const machine = await changed((event) => {
      if (event.seq !== asked || !isKnown(event) || event.type !== "call.ended") return event;
      return { ...event, payload: { ...event.payload, result: { ok: true, content: "another file was written" } } };
    });
    const { answer, fork } = await forked(machine, { at: asked });
    assert.ok(answer.at < asked && answer.moved?.includes("filesystem__write_file"), JSON.stringify(answer));
    assert.deepEqual(
      machine.workspace.open().filter((root) => root.includes(fork.sessionId)).length,
      1,
      "only the folder that agrees is left",
    );
  });
});
