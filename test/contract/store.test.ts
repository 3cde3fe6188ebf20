// What every store must do, run on each of them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { StoreConflict, type StoredDocument, type StorePort } from "../../src/core/ports.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { firstChanged } from "../../src/store/digests.ts";
import { anEvent, created, fact, said, timeOf } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const kinds: Record<string, (folder: string) => Promise<StorePort>> = {
  memory: () => Promise.resolve(createMemoryStore()),
  sqlite: async (folder) => await openSqliteStore({ file: join(folder, "store.db") }),
};

for (const [kind, open] of Object.entries(kinds)) {
  describe(`store: ${kind}`, () => {
    let folder: TempDir;
    let store: StorePort;

    before(async () => {
      folder = makeTempDir("store");
      store = await open(folder.path);
    });
    after(async () => {
      await store.close();
      folder.remove();
    });

    describe("the log", () => {
      it("gives back what was appended, in order and equal", async () => {
        const events = [
          created("s_log"),
          anEvent("s_log", 2, "decision.recorded", { statement: "é 😀 \u0000", reason: "" }, { taskId: "t_1", cause: "s_log#1" }),
          said("s_log", 3, "again"),
        ];
        await store.append("s_log", events.slice(0, 1));
        await store.append("s_log", events.slice(1));
        assert.deepEqual(await store.read("s_log"), events);
      });

      it("keeps what was learned beside the events, and a digest by which any change of either shows", async () => {
        const events = [created("s_tape"), said("s_tape", 2, "one"), said("s_tape", 3, "two")];
        const part = { seq: 2, count: 2, begin: { command: { type: "session.run" } }, entries: [{ at: 0, of: "tools.list", value: [] }] };
        await store.append("s_tape", events.slice(0, 1));
        await store.append("s_tape", events.slice(1), [part]);
        const { parts, digests } = await store.readTape("s_tape");
        assert.deepEqual(parts, [part]);
        assert.equal(new Set(digests).size, 3);
        assert.equal(firstChanged(events, parts, digests), undefined);
        assert.equal(firstChanged(events.with(1, said("s_tape", 2, "0ne")), parts, digests)?.seq, 2);
        assert.equal(firstChanged(events.with(2, said("s_tape", 3, "tw0")), parts, digests)?.seq, 3);
        assert.equal(firstChanged(events, [{ ...part, entries: [] }], digests)?.seq, 2);
        assert.equal(firstChanged(events, parts, ["", "", ""])?.seq, 2, "without any digest where there is a tape");
        assert.equal(firstChanged(events, parts, digests.with(2, ""))?.seq, 3, "without one of them");
        assert.equal(firstChanged(events, [], ["", "", ""]), undefined, "of a version that kept none");
        await store.deleteSession("s_tape");
        assert.deepEqual(await store.readTape("s_tape"), { parts: [], digests: [] });
      });

      it("keeps events of unknown types (A14)", async () => {
        const event = { ...said("s_unknown", 2, ""), type: "from.the.future", payload: { deep: [1, null] } };
        await store.append("s_unknown", [created("s_unknown"), event]);
        assert.deepEqual((await store.read("s_unknown"))[1], event);
      });

      it("reads a part: after a seq, so many, of one task", async () => {
        const id = "s_part";
        const rest = [2, 3, 4, 5, 6].map((seq) => said(id, seq, `${seq}`, seq % 2 === 0 ? "t_even" : "t_odd"));
        await store.append(id, [created(id), ...rest]);
        const seqs = async (query: Parameters<StorePort["read"]>[1]) => (await store.read(id, query)).map((event) => event.seq);
        assert.deepEqual(await seqs({ after: 3 }), [4, 5, 6]);
        assert.deepEqual(await seqs({ after: 1, limit: 2 }), [2, 3]);
        assert.deepEqual(await seqs({ taskId: "t_even" }), [2, 4, 6]);
        assert.deepEqual(await seqs({ taskId: "t_even", after: 2, limit: 1 }), [4]);
        assert.deepEqual(await seqs({ after: 6 }), []);
      });

      it("refuses an append that is not the next one, and keeps nothing of it", async () => {
        const id = "s_conflict";
        await store.append(id, [created(id), said(id, 2, "mine")]);
        await assert.rejects(store.append(id, [said(id, 2, "theirs"), fact(id, 3, "never")]), StoreConflict);
        await assert.rejects(store.append(id, [said(id, 4, "gap")]), StoreConflict);
        await assert.rejects(store.append(id, [created(id)]), StoreConflict);
        await assert.rejects(store.append("s_nobody", [said("s_nobody", 2, "no beginning")]), StoreConflict);
        assert.equal((await store.read(id)).length, 2);
        assert.deepEqual(await store.queryFacts(id, { now: timeOf(0) }), []);
      });

      it("a refused append does not harm what was asked at the same time", async () => {
        await store.append("s_a", [created("s_a")]);
        const asked = await Promise.allSettled([
          store.append("s_a", [said("s_a", 2, "1")]),
          store.append("s_a", [said("s_a", 2, "2")]),
          store.append("s_b", [created("s_b")]),
          store.append("s_a", [said("s_a", 3, "3")]),
        ]);
        assert.deepEqual(
          asked.map(({ status }) => status),
          ["fulfilled", "rejected", "fulfilled", "fulfilled"],
        );
        assert.equal((await store.read("s_a")).length, 3);
        assert.equal((await store.read("s_b")).length, 1);
      });

      it("takes a writer's mistake for a bug, not for a conflict", async () => {
        const wrong = [
          [created("s_other")],
          [created("s_bug"), said("s_bug", 3, "gap")],
          [said("s_bug", 1, "no beginning")],
          [created("s_bug"), { ...created("s_bug"), seq: 2 }],
        ];
        for (const events of wrong)
          await assert.rejects(store.append("s_bug", events), (error) => error instanceof Error && !(error instanceof StoreConflict));
        assert.deepEqual(await store.read("s_bug"), []);
      });

      it("nothing to append is no error", async () => {
        await store.append("s_none", []);
        assert.equal(await store.findSession("s_none"), undefined);
      });

      it("does not see later changes of the objects it was given", async () => {
        const event = created("s_alias");
        await store.append("s_alias", [event]);
        (event.payload as { goal: string }).goal = "changed";
        assert.equal(((await store.read("s_alias"))[0]!.payload as { goal: string }).goal, "do it");
      });
    });

    describe("sessions", () => {
      it("are found by id, else by name, the newest first", async () => {
        await store.append("s_1", [created("s_1", "same")]);
        await store.append("s_2", [created("s_2", "same"), said("s_2", 2, "")]);
        await store.append("s_3", [created("s_3", "s_1")]);
        assert.equal((await store.findSession("same"))?.id, "s_2");
        assert.equal((await store.findSession("s_1"))?.name, "same");
        assert.equal(await store.findSession("nobody"), undefined);
        assert.deepEqual(await store.findSession("s_2"), {
          id: "s_2",
          name: "same",
          goal: "do it",
          workspace: "/w",
          status: "created",
          agent: "coordinator",
          createdAt: timeOf(1),
          updatedAt: timeOf(2),
          seq: 2,
        });
      });

      it("are listed newest first, by workspace, so many", async () => {
        for (const id of ["s_l1", "s_l2", "s_l3"]) await store.append(id, [created(id, id, id === "s_l2" ? "/other" : "/listed")]);
        const ids = async (query: Parameters<StorePort["listSessions"]>[0]) => (await store.listSessions(query)).map((row) => row.id);
        assert.deepEqual(await ids({ workspace: "/listed" }), ["s_l3", "s_l1"]);
        assert.deepEqual(await ids({ limit: 2 }), ["s_l3", "s_l2"]);
        assert.ok((await ids({})).length > 3);
      });

      it("tell their status", async () => {
        const id = "s_status";
        const status = async () => (await store.findSession(id))?.status;
        const workflow = { id: "auto", description: "", review: { below: 0, rounds: 0, auto: false }, checkRounds: 0 };
        await store.append(id, [created(id), anEvent(id, 2, "run.started", { prompt: "", workflow, rootTask: "t_1" })]);
        assert.match((await status()) ?? "", kind === "memory" ? /^running$/ : /^interrupted$/, "no process runs it");
        await store.takeLease(id);
        assert.equal(await status(), "running");
        await store.dropLease(id);
        await store.append(id, [anEvent(id, 3, "run.ended", { status: "waiting", answer: "", unproven: false })]);
        assert.equal(await status(), "waiting");
        await store.append(id, [anEvent(id, 4, "state.changed", { key: "name", value: "renamed" })]);
        assert.equal((await store.findSession("renamed"))?.id, id);
        await store.append(id, [anEvent(id, 5, "session.ended", { status: "cancelled" })]);
        assert.equal(await status(), "cancelled");
      });

      it("are deleted with all that belongs to them", async () => {
        const id = "s_gone";
        await store.append(id, [created(id), fact(id, 2, "vanishes"), question(id, 3)]);
        await store.saveSnapshot(id, { seq: 3, state: {} as SessionState });
        assert.equal(await store.deleteSession(id), true);
        assert.equal(await store.deleteSession(id), false);
        assert.equal(await store.findSession(id), undefined);
        assert.deepEqual(await store.read(id), []);
        assert.equal(await store.loadSnapshot(id), undefined);
        assert.deepEqual(await store.queryFacts(id, { text: "vanishes", now: timeOf(0) }), []);
        assert.ok(!(await store.listPending()).some((entry) => entry.sessionId === id));
        await store.append(id, [created(id), fact(id, 2, "returns")]);
        assert.deepEqual(await store.queryFacts(id, { text: "vanishes", now: timeOf(0) }), []);
      });
    });

    describe("leases", () => {
      it("have an epoch that grows with every taking, also of what was given back", async () => {
        const epochs: number[] = [];
        for (const id of ["s_lease", "s_other_lease", "s_lease", "s_lease"]) {
          const lease = await store.takeLease(id, epochs.length === 2);
          assert.ok(lease.taken);
          epochs.push(lease.epoch);
          if (epochs.length === 3) await store.dropLease(id);
        }
        assert.deepEqual(
          epochs,
          [...new Set(epochs)].toSorted((a, b) => a - b),
        );
      });

      it("who holds one, or gave it back, may append", async () => {
        const id = "s_leased";
        await store.takeLease(id);
        await store.append(id, [created(id)]);
        await store.takeLease(id);
        await store.append(id, [said(id, 2, "held")]);
        await store.dropLease(id);
        await store.append(id, [said(id, 3, "given back")]);
        assert.equal((await store.read(id)).length, 3);
      });
    });

    describe("snapshots", () => {
      it("the newest is kept; an older one does not replace it", async () => {
        const state = (goal: string) => ({ goal }) as SessionState;
        assert.equal(await store.loadSnapshot("s_snap"), undefined);
        await store.append("s_snap", [created("s_snap")]);
        await store.saveSnapshot("s_snap", { seq: 5, state: state("five") });
        await store.saveSnapshot("s_snap", { seq: 9, state: state("nine") });
        await store.saveSnapshot("s_snap", { seq: 7, state: state("seven") });
        assert.deepEqual(await store.loadSnapshot("s_snap"), { seq: 9, state: state("nine") });
      });

      it("none is kept for a session that was deleted meanwhile", async () => {
        await store.saveSnapshot("s_never", { seq: 1, state: {} as SessionState });
        assert.equal(await store.loadSnapshot("s_never"), undefined);
      });
    });

    describe("what waits for a person", () => {
      it("is pending until answered; progress reports never are", async () => {
        const id = "s_pending";
        const mine = async () => (await store.listPending()).filter((entry) => entry.sessionId === id);
        await store.append(id, [created(id), approval(id, 2), question(id, 3), question(id, 4, "progress_report")]);
        assert.deepEqual(await mine(), [
          { kind: "approval", id: "a_2", sessionId: id, summary: 'shell__run {"command":"npm test"}', at: timeOf(2) },
          { kind: "interrupt", id: "i_3", sessionId: id, summary: "which one?", at: timeOf(3) },
        ]);
        await store.append(id, [
          anEvent(id, 5, "approval.resolved", { approvalId: "a_2", decision: "approve", scope: "once", by: "me" }),
          anEvent(id, 6, "interrupt.resolved", { interruptId: "i_3", action: "respond", text: "this" }),
        ]);
        assert.deepEqual(await mine(), []);
      });
    });

    describe("artifacts", () => {
      it("are found by the hash of their content, whatever the bytes", async () => {
        const bytes = Uint8Array.from([0, 255, 10, 13, 0]);
        const put = await store.putArtifact(bytes);
        assert.equal(put.bytes, 5);
        assert.deepEqual(Uint8Array.from((await store.getArtifact(put.hash))!), bytes);
        const text = await store.putArtifact("abc");
        assert.equal(text.hash, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert.deepEqual(await store.putArtifact("abc"), text);
        assert.equal(Buffer.from((await store.getArtifact(text.hash))!).toString(), "abc");
        assert.equal(await store.getArtifact("sha256:00"), undefined);
      });

      it("may be empty", async () => {
        const { hash } = await store.putArtifact("");
        assert.equal((await store.getArtifact(hash))?.length, 0);
      });
    });

    describe("documents", () => {
      const document = (id: string, filename: string, tags: string[]): StoredDocument => ({
        id,
        filename,
        contentType: "text/plain",
        size: 1,
        hash: "sha256:00",
        tags,
        metadata: { of: id },
        createdAt: timeOf(1),
        updatedAt: timeOf(1),
      });

      before(async () => {
        await store.putDocument(document("d1", "Design.md", ["a", "b"]));
        await store.putDocument(document("d2", "notes.txt", ["b"]));
        await store.putDocument(document("d3", "design (old).md", []));
      });

      it("are put, replaced, found and deleted", async () => {
        await store.putDocument(document("d9", "x", []));
        await store.putDocument(document("d9", "y", ["new"]));
        assert.deepEqual(await store.getDocument("d9"), document("d9", "y", ["new"]));
        assert.equal(await store.deleteDocument("d9"), true);
        assert.equal(await store.deleteDocument("d9"), false);
        assert.equal(await store.getDocument("d9"), undefined);
      });

      const queries: [Parameters<StorePort["queryDocuments"]>[0], string[]][] = [
        [{}, ["d3", "d2", "d1"]],
        [{ filename: "DESIGN" }, ["d3", "d1"]],
        [{ filename: "*.md" }, ["d3", "d1"]],
        [{ filename: "design.??" }, ["d1"]],
        [{ filename: "design (" }, ["d3"]],
        [{ tags: ["b"] }, ["d2", "d1"]],
        [{ tags: ["a", "b"] }, ["d1"]],
        [{ limit: 1 }, ["d3"]],
        [{ limit: 2, offset: 1 }, ["d2", "d1"]],
        [{ offset: 3 }, []],
      ];
      for (const [query, expected] of queries)
        it(`query ${JSON.stringify(query)}`, async () => {
          assert.deepEqual(
            (await store.queryDocuments(query)).map(({ id }) => id),
            expected,
          );
        });
    });

    describe("facts", () => {
      const id = "s_facts";
      before(async () => {
        await store.append(id, [
          created(id),
          fact(id, 2, "The API's base path is /api/v2", { tags: ["api", "http"] }),
          fact(id, 3, "Ports: 8765 (main)", { tags: ["http"], expiresAt: timeOf(30) }),
          fact(id, 4, "Café Müller closes early"),
          fact(id, 5, "an older wording", { id: 6 }),
          fact(id, 6, "a newer wording", { id: 6 }),
        ]);
        await store.append("s_elsewhere", [created("s_elsewhere"), fact("s_elsewhere", 2, "API of another session")]);
      });

      const queries: [{ text?: string; tags?: string[]; now?: string }, number[]][] = [
        [{}, [2, 3, 4, 6]],
        [{ text: "api" }, [2]],
        [{ text: "V2 path" }, [2]],
        [{ text: "cafe MULLER" }, [4]],
        [{ text: "clos" }, [4]],
        [{ text: "older" }, []],
        [{ text: "newer" }, [6]],
        [{ text: 'api" OR "port* NEAR(' }, []],
        [{ text: "(main)" }, [3]],
        [{ tags: ["http"] }, [2, 3]],
        [{ tags: ["http", "api"] }, [2]],
        [{ text: "ports", now: timeOf(29) }, [3]],
        [{ text: "ports", now: timeOf(30) }, []],
      ];
      for (const [query, expected] of queries)
        it(`query ${JSON.stringify(query)}`, async () => {
          const found = await store.queryFacts(id, { now: timeOf(10), ...query });
          assert.deepEqual(
            found.map((found) => found.id),
            expected.map((n) => `f_${n}`),
          );
        });

      it("come with their provenance", async () => {
        const [found] = await store.queryFacts(id, { text: "ports", now: timeOf(10) });
        assert.deepEqual(found, {
          id: "f_3",
          sessionId: id,
          actor: "coordinator",
          statement: "Ports: 8765 (main)",
          tags: ["http"],
          expiresAt: timeOf(30),
          at: timeOf(3),
        });
      });
    });

    it("once closed, every call is rejected and closing again is harmless", async () => {
      const other = makeTempDir("store");
      const closed = await open(other.path);
      const last = closed.append("s_last", [created("s_last")]);
      await closed.close();
      await last;
      await closed.close();
      await assert.rejects(closed.append("s_last", [said("s_last", 2, "")]), { code: "closed" });
      await assert.rejects(closed.listSessions(), { code: "closed" });
      other.remove();
    });
  });
}

function approval(id: string, seq: number) {
  return anEvent(id, seq, "approval.requested", {
    approvalId: `a_${seq}`,
    kind: "call",
    tool: "shell__run",
    arguments: { command: "npm test" },
    cwd: "/w",
    digest: "sha256:00",
    risk: 10,
    reasons: [],
    rule: null,
  });
}

function question(id: string, seq: number, kind: "user_input" | "progress_report" = "user_input") {
  return anEvent(id, seq, "interrupt.raised", { interruptId: `i_${seq}`, kind, text: "which one?" });
}
