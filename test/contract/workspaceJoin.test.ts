// A result that no longer fits the user's files has ways out: joined by hand and told, or joined by the agents that wrote
// it. Over real files; nothing that a person typed is ever lost.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { PlanStep } from "../../src/protocol/agents.ts";
import { codeOf, lines, valueOf } from "../support/folderWorld.ts";
import { type TeamFolder, teamFolder } from "../support/teamFolder.ts";

const goal = "Implement the second line in a.ts, b.ts and the README, then check it";
const plan: PlanStep[] = [
  { id: "code", type: "generate", goal: "Write the second lines", files: ["a.ts", "b.ts"], language: "typescript" },
  { id: "docs", type: "document", goal: "Say it in the README", dependsOn: ["code"] },
];
const theirs = (line: string): string => lines({ 2: line });

describe("a result that does not fit any more", () => {
  let team: TeamFolder;
  let id: string;
  afterEach(() => team.close());

  const open = async (options: Parameters<typeof teamFolder>[1] = {}): Promise<void> => {
    team = await teamFolder({ "a.ts": lines(), "b.ts": lines(), "README.md": lines() }, options);
    team.plan = plan;
    team.parts = {
      typescript: () => ({ put: { "a.ts": theirs("agent a"), "b.ts": theirs("agent b") }, summary: "both have their second line" }),
      "readme-generator": () => ({ put: { "README.md": theirs("agent readme") }, summary: "the README says it" }),
    };
    id = await team.begin(goal);
    team.briefs.length = 0;
  };
  const apply = async (...only: string[]) =>
    team.engine.dispatch({
      type: "changes.apply",
      sessionId: id,
      by: "user",
      ...(only.length > 0 ? { only: only.map((path) => ({ path })) } : {}),
    });
  const joined = async (...only: string[]) =>
    team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", joined: true, only: only.map((path) => ({ path })) });
  const joinByAgents = async () => team.engine.dispatch({ type: "changes.join", sessionId: id, by: "user" });
  /** The person changes the line that the agent changed, and another one. */
  const clash = (): void => team.put({ "a.ts": lines({ 2: "mine", 30: "also mine" }) });

  it("joined by hand: what the file holds counts as taken, unproven; the rest is taken after it, and the way back keeps what is mine", async () => {
    await open({ checks: [] });
    clash();
    assert.deepEqual(valueOf(await apply()), { files: [], conflicts: ["a.ts"] });
    team.put({ "a.ts": lines({ 2: "agent a, and mine", 30: "also mine" }) });
    const before = team.files();
    assert.deepEqual(valueOf(await joined("a.ts")), { files: ["a.ts"], conflicts: [] });
    assert.deepEqual(team.files(), before, "nothing is written");
    const between = (await team.state(id)).landing!;
    assert.deepEqual(between.parts, [{ path: "a.ts", decision: "applied", joined: true }]);
    assert.deepEqual([between.unproven, between.decision], [true, undefined]);
    assert.equal(codeOf(await joined("a.ts")), "already_answered");
    assert.deepEqual(valueOf(await apply()).files.toSorted(), ["README.md", "b.ts"]);
    const { run, landing, checkpoints } = await team.state(id);
    assert.deepEqual([run!.status, run!.unproven, landing!.decision], ["done", true, "applied"]);
    assert.equal(run!.reason, "joined by hand: no check was run on what a.ts holds now");
    assert.deepEqual(team.files(), {
      "a.ts": lines({ 2: "agent a, and mine", 30: "also mine" }),
      "b.ts": theirs("agent b"),
      "README.md": theirs("agent readme"),
    });
    const to = checkpoints[0]!.checkpointId;
    const back = valueOf(await team.engine.dispatch({ type: "session.rollback", sessionId: id, to, by: "user" }));
    assert.deepEqual(back, { files: [], conflicts: ["a.ts"] }, "what was put together by hand is taken apart by hand");
    team.put({ "a.ts": lines({ 2: "agent a", 30: "also mine" }) });
    const again = valueOf(await team.engine.dispatch({ type: "session.rollback", sessionId: id, to, by: "user" }));
    assert.deepEqual(again.files.toSorted(), ["README.md", "a.ts", "b.ts"]);
    assert.deepEqual(team.files(), { "a.ts": lines({ 30: "also mine" }), "b.ts": lines(), "README.md": lines() });
  });

  it("joined by hand needs its files, and those of what is proposed", async () => {
    await open();
    const none = await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", joined: true });
    assert.ok(!none.ok && /Name the files/.test(none.error.message));
    assert.equal(codeOf(await joined("c.ts")), "not_found");
    valueOf(await joined("a.ts", "b.ts", "README.md"));
    assert.equal((await team.state(id)).run!.status, "done");
    assert.deepEqual(team.files(), { "a.ts": lines(), "b.ts": lines(), "README.md": lines() });
  });

  it("joined by the agent that wrote it: what fits is there, both differences and goals are told, the new result takes the old one's place", async () => {
    await open({ checks: [{ kind: "test", command: "npm test" }] });
    clash();
    assert.deepEqual(valueOf(await apply()).conflicts, ["a.ts"]);
    let found: string[] = [];
    team.parts = {
      typescript: (_brief, read) => {
        found = ["a.ts", "b.ts", "README.md"].map(read);
        return { put: { "a.ts": read("a.ts").replace("mine\n", "agent a, and mine\n") }, summary: "joined" };
      },
    };
    assert.equal(valueOf(await joinByAgents()).status, "waiting");
    assert.deepEqual(found, [lines({ 2: "mine", 30: "also mine" }), theirs("agent b"), theirs("agent readme")]);
    assert.deepEqual(
      team.briefs.map(({ agent }) => agent),
      ["typescript"],
    );
    const { brief } = team.briefs[0]!;
    const [own, worked, mine] = ["The team's changes", "What the team worked for", "What the user changed"].map((title) =>
      brief.indexOf(`## ${title}`),
    );
    assert.ok(own! > 0 && worked! > own! && mine! > worked!, brief);
    assert.match(brief.slice(own, worked), /-2\n\+agent a/);
    assert.match(brief.slice(worked, mine), /Goal: Write the second lines[\s\S]*both have their second line/);
    assert.match(brief.slice(mine), /-2\n\+mine[\s\S]*-30\n\+also mine/);
    assert.ok(!brief.includes("agent readme") && !brief.includes("agent b"), "what fits is nobody's to join");
    const { run, landing, receipts } = await team.state(id);
    assert.deepEqual(
      run!.plan!.map((step) => `${step.id} ${step.status}`),
      ["join-typescript done", "checks done"],
    );
    assert.equal(receipts.length, 1);
    assert.deepEqual(landing!.files.map(({ path }) => path).toSorted(), ["README.md", "a.ts", "b.ts"]);
    assert.deepEqual(valueOf(await apply()).conflicts, []);
    assert.deepEqual(team.files(), {
      "a.ts": lines({ 2: "agent a, and mine", 30: "also mine" }),
      "b.ts": theirs("agent b"),
      "README.md": theirs("agent readme"),
    });
  });

  it("what was refused is not brought back, and what was taken stays", async () => {
    await open();
    valueOf(await apply("b.ts"));
    valueOf(await team.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user", only: [{ path: "README.md" }] }));
    clash();
    team.parts = { typescript: (_brief, read) => ({ put: { "a.ts": read("a.ts").replace("mine\n", "both\n") }, summary: "joined" }) };
    valueOf(await joinByAgents());
    assert.deepEqual(
      (await team.state(id)).landing!.files.map(({ path }) => path),
      ["a.ts"],
    );
    valueOf(await apply());
    assert.deepEqual(team.files(), { "a.ts": lines({ 2: "both", 30: "also mine" }), "b.ts": theirs("agent b"), "README.md": lines() });
  });

  it("a file that the user removed or made as well is handed over too, beside what fits", async () => {
    await open();
    rmSync(join(team.at.path, "a.ts"));
    team.put({ "new.ts": "mine\n" });
    team.plan = [{ id: "new", type: "generate", goal: "Write new.ts", files: ["new.ts"], language: "typescript" }];
    team.parts = {
      typescript: (brief, read) => {
        if (!brief.includes("Join the team's changes to a.ts")) return { put: { "new.ts": "the agent's\n" }, summary: "new" };
        assert.throws(() => read("a.ts"));
        return { put: { "a.ts": "back, and mine\n" }, summary: "joined" };
      },
    };
    valueOf(await joinByAgents());
    assert.match(team.briefs[0]!.brief, /deleted file mode/);
    assert.deepEqual(valueOf(await apply()).files.toSorted(), ["README.md", "a.ts", "b.ts"]);
    assert.equal(team.files()["a.ts"], "back, and mine\n");
    rmSync(join(team.at.path, "new.ts"));
    id = await team.begin(goal);
    team.put({ "new.ts": "mine\n" });
    team.parts = { typescript: (_brief, read) => ({ put: { "new.ts": `${read("new.ts")}the agent's\n` }, summary: "joined" }) };
    assert.deepEqual(valueOf(await apply()).conflicts, ["new.ts"]);
    valueOf(await joinByAgents());
    valueOf(await apply());
    assert.equal(team.files()["new.ts"], "mine\nthe agent's\n");
  });

  it("an agent that fails leaves the files as they are; a resume tries again with the same", async () => {
    await open();
    clash();
    team.parts = { typescript: () => undefined };
    assert.equal(valueOf(await joinByAgents()).status, "failed");
    assert.deepEqual(team.files()["a.ts"], lines({ 2: "mine", 30: "also mine" }));
    const further = await team.engine.dispatch({ type: "session.run", sessionId: id, prompt: "go on" });
    assert.ok(!further.ok && /do not fit your files any more \(a\.ts\)/.test(further.error.message), "nothing is lost on the way");
    assert.deepEqual(valueOf(await apply()).conflicts, ["a.ts"], "all of it waits again");
    team.parts = { typescript: (_brief, read) => ({ put: { "a.ts": read("a.ts").replace("mine\n", "both\n") }, summary: "joined" }) };
    valueOf(await team.engine.dispatch({ type: "session.run", sessionId: id }));
    assert.match(team.briefs.at(-1)!.brief, /\+agent a/);
    assert.deepEqual(valueOf(await apply()).files.length, 3);
    assert.equal(team.files()["a.ts"], lines({ 2: "both", 30: "also mine" }));
  });

  it("is refused where it fits, where nothing waits, and while a run goes on; a further prompt names the ways out", async () => {
    await open();
    const fits = await joinByAgents();
    assert.ok(!fits.ok && /fits your files; take it with: ao apply/.test(fits.error.message), JSON.stringify(fits));
    clash();
    const further = await team.engine.dispatch({ type: "session.run", sessionId: id, prompt: "go on" });
    assert.ok(!further.ok);
    for (const way of [/ao apply s_\w+ FILE… --joined/, /ao apply s_\w+ --join\)/, /ao discard/]) assert.match(further.error.message, way);
    let during: ReturnType<typeof joinByAgents> | undefined;
    team.parts = {
      typescript: () => {
        during = joinByAgents();
        return { put: { "a.ts": lines({ 2: "both" }) }, summary: "joined" };
      },
    };
    valueOf(await joinByAgents());
    assert.equal(codeOf(await during!), "busy");
    valueOf(await team.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" }));
    assert.equal(codeOf(await joinByAgents()), "nothing_to_do");
  });
});
