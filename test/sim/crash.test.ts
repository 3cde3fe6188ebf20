// Core dies at every place where a process can die, and goes on in another: the result is the same, nothing is done
// twice, nothing is lost (A2, A3). A batch of events is atomic, so the places are the ends of batches.

import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { makeTempDir } from "../support/tempDir.ts";
import { replayed } from "./again.ts";
import { batchEnds, type Death, live, logOf, type Machine, newMachine, resultOf, stateIn, violations } from "./lives.ts";
import { type Story, stories } from "./story.ts";

type Reference = { ends: number[]; result: unknown };

async function reference(story: Story): Promise<Reference> {
  const machine = await newMachine(story);
  const ends = await batchEnds(machine, live);
  assert.deepEqual(await violations(machine), []);
  assert.equal((await stateIn(machine)).status, "done");
  assert.deepEqual(machine.workspace.open(), [], "a worktree was left behind");
  return { ends, result: await resultOf(machine) };
}

/** Lives again until the session is done; a machine on which that takes too many lives is broken. */
async function liveOn(machine: Machine): Promise<void> {
  const end = await live(machine);
  assert.notEqual(end, "died");
}

async function sameResult(machine: Machine, { result }: Reference, where: string): Promise<void> {
  assert.deepEqual(await violations(machine), [], where);
  assert.deepEqual(await resultOf(machine), result, where);
}

for (const story of stories) {
  describe(`crashes: ${story.name}`, () => {
    let whole: Reference;
    before(async () => {
      whole = await reference(story);
    });

    for (const when of ["recorded", "next"] as const)
      it(`dies at every place (${when}) and ends with the same result`, async () => {
        for (const seq of whole.ends) {
          const machine = await newMachine(story);
          await live(machine, { death: { seq, when } });
          const log = await logOf(machine);
          assert.ok(log.length <= seq);
          await liveOn(machine);
          await sameResult(machine, whole, `died at ${seq} (${log.at(-1)?.type}), ${when}`);
        }
      });

    it("dies twice and ends with the same result", async () => {
      for (const [i, seq] of whole.ends.entries()) {
        if (i % 2 === 1) continue;
        const deaths: Death[] = [
          { seq, when: i % 4 === 0 ? "next" : "recorded" },
          { seq: seq + 1 + ((i * 7) % 13), when: i % 3 === 0 ? "recorded" : "next" },
        ];
        const machine = await newMachine(story);
        for (const death of deaths) await live(machine, { death });
        await liveOn(machine);
        await sameResult(machine, whole, `died at ${deaths.map((death) => `${death.seq} ${death.when}`).join(" and ")}`);
      }
    });

    it("is cancelled at every place, and resumed ends with the same result", async () => {
      const landed = await lastPlaceToCancel(story);
      for (const seq of whole.ends) {
        const machine = await newMachine(story);
        const end = await live(machine, { cancelAt: seq });
        assert.ok(end !== "died" && end.ok);
        const tooLate = seq > landed || story.config.level === "default"; // between two runs there is nothing to cancel
        if (end.value.status !== "done") assert.equal(end.value.status, "cancelled", `cancelled at ${seq}`);
        else assert.ok(tooLate, `cancelled at ${seq}, and done all the same`);
        if (end.value.status === "cancelled") await liveOn(machine);
        await sameResult(machine, whole, `cancelled at ${seq}`);
      }
    });
  });
}

/** Once the result is on its way into the user's tree, a cancel comes too late. */
async function lastPlaceToCancel(story: Story): Promise<number> {
  const machine = await newMachine(story);
  await live(machine);
  const landing = (await logOf(machine)).find((event) => event.type === "landing.proposed");
  assert.ok(landing);
  return landing.seq - 1;
}

describe("crashes, with the record on disk and a clock that jumps", () => {
  const [story] = stories as [Story];
  /** What the wall clock says goes back and forth by hours; nothing may depend on it. */
  const jumpy: Story = {
    ...story,
    wrap: (ports) => {
      let count = 0;
      const now = (): string => new Date(Date.UTC(2030, 0, 1) + ((++count * 7_919) % 48) * 3_600_000).toISOString();
      return { ...ports, clock: { ...ports.clock, now } };
    },
  };

  it("dies here and there, is read again by another program, and ends with the same result", async () => {
    const whole = await reference(story);
    for (const [i, seq] of whole.ends.entries()) {
      if (i % 6 !== 0) continue;
      const folder = makeTempDir("sim");
      try {
        const file = join(folder.path, "store.db");
        const first = await openSqliteStore({ file });
        const machine = await newMachine(jumpy, true, first);
        await live(machine, { death: { seq, when: i % 12 === 0 ? "next" : "recorded" } });
        // With its process, a program's lease is gone; here the process lives on.
        await first.dropLease(machine.sessionId);
        await first.close();
        machine.store = await openSqliteStore({ file });
        const end = await live(machine);
        assert.ok(end !== "died" && end.ok, JSON.stringify(end));
        await sameResult(machine, whole, `died at ${seq}`);
        assert.equal((await replayed(machine)).divergence, undefined, `died at ${seq}`);
        await machine.store.close();
      } finally {
        folder.remove();
      }
    }
  });
});

describe("the simulation itself", () => {
  it("sees an effect that is silently repeated", async () => {
    const [story] = stories as [Story];
    const { ends } = await reference(story);
    const seen: string[] = [];
    for (const seq of ends) {
      const machine = await newMachine(story);
      await live(machine, { death: { seq, when: "next" }, trust: { idempotent: true } });
      await live(machine, { trust: { idempotent: true } });
      seen.push(...(await violations(machine)).filter((violation) => violation.includes("more than once")));
    }
    assert.ok(seen.length > 0, "with every tool taken for idempotent, a repeated effect must show");
  });

  it("calls a tool that takes a key again under the same one", async () => {
    const [story] = stories as [Story];
    const { ends } = await reference(story);
    let repeated = 0;
    for (const seq of ends) {
      const machine = await newMachine(story);
      await live(machine, { death: { seq, when: "next" }, trust: { keyed: true } });
      await live(machine, { trust: { keyed: true } });
      const runs = machine.acts.filter(({ tool }) => tool === "shell__run");
      for (const [, acts] of Map.groupBy(runs, ({ callId }) => callId)) if (acts.length > 1) repeated += 1;
      const unknown = (await logOf(machine)).filter(({ payload }) => JSON.stringify(payload).includes("Unknown outcome"));
      assert.deepEqual(unknown, [], `died at ${seq}`);
    }
    assert.ok(repeated > 0);
  });
});
