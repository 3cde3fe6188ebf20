// Comments on lines go back to the agents that wrote them: over real worktrees, merges and landings, with a played model.

import assert from "node:assert/strict";
import type { LineComment } from "../../src/protocol/events.ts";
import { codeOf, valueOf } from "../support/folderWorld.ts";
import { type TeamFolder, teamFolder } from "../support/teamFolder.ts";

const own = Array.from({ length: 20 }, (_, i) => `const person${i} = ${i};\n`).join("");
const sum = "export function sum(a, b) {\n  return a + b;\n}\n";
const readme = "# Sample\n\nIt adds numbers.\n";
const goal = "Implement a sum function, then document it in the README, as well as its use";

describe("comments on lines", () => {
  let team: TeamFolder;
  afterEach(() => team.close());

  const open = async (options: Parameters<typeof teamFolder>[1] = {}): Promise<string> => {
    team = await teamFolder({ "own.ts": own, "README.md": "# Sample\n" }, options);
    team.plan = [
      { id: "code", type: "generate", goal: "Write sum.ts", files: ["own.ts"], language: "typescript" },
      { id: "docs", type: "document", goal: "Say in the README what it does", dependsOn: ["code"] },
    ];
    team.parts = {
      typescript: () => ({ put: { "sum.ts": sum }, summary: "sum is there, for two numbers" }),
      "readme-generator": () => ({ put: { "README.md": readme }, summary: "the README says it" }),
    };
    const id = await team.begin(goal);
    team.briefs.length = 0;
    return id;
  };
  const comment = async (sessionId: string, ...comments: LineComment[]) =>
    team.engine.dispatch({ type: "changes.comment", sessionId, comments, by: "user" });
  const briefOf = (agent: string): string => {
    const found = team.briefs.filter((one) => one.agent === agent);
    assert.equal(found.length, 1, `${agent} was asked ${found.length} times, of ${team.briefs.map((one) => one.agent).join(", ")}`);
    return found[0]!.brief;
  };
  const planOf = async (id: string): Promise<string[]> => (await team.state(id)).run!.plan!.map((step) => `${step.id} ${step.status}`);

  it("of two agents each hears its own, with what it did and what stands there, and works on top of what is proposed", async () => {
    const id = await open();
    team.parts = {
      typescript: (_brief, read) => ({
        put: { "sum.ts": read("sum.ts").replace("a + b", "Number(a) + Number(b)") },
        summary: "it converts now",
      }),
      "readme-generator": (_brief, read) => ({ put: { "README.md": `${read("README.md")}See sum.ts.\n` }, summary: "it names the file" }),
    };
    const before = await team.state(id);
    assert.equal(before.status, "waiting");
    const outcome = valueOf(
      await comment(
        id,
        { path: "sum.ts", line: 2, text: "Convert both to numbers first" },
        { path: "README.md", line: 3, text: "Name the file" },
        { path: "sum.ts", line: 1, endLine: 3, text: "Why no default export?" },
      ),
    );
    assert.equal(outcome.status, "waiting");
    assert.deepEqual(await planOf(id), ["comments-typescript done", "comments-readme-generator done"]);
    const code = briefOf("typescript");
    for (const part of [
      "### sum.ts:2\n\nConvert both to numbers first",
      "> 2   return a + b;",
      "### sum.ts:1-3\n\nWhy no default export?",
      "Goal: Write sum.ts",
      `Of what the user asked for: ${goal}`,
      "What you said you did: sum is there, for two numbers",
    ])
      assert.ok(code.includes(part), `${part}\nis not in\n${code}`);
    assert.ok(!code.includes("Name the file"), "nobody hears what is said to another");
    const docs = briefOf("readme-generator");
    assert.ok(docs.includes("### README.md:3\n\nName the file") && docs.includes("the README says it"), docs);
    assert.ok(!docs.includes("Convert both"));
    const { landing, run } = await team.state(id);
    assert.deepEqual(landing!.files.map(({ path }) => path).toSorted(), ["README.md", "sum.ts"]);
    assert.equal(run!.comments!.length, 3);
    assert.match(run!.prompt, /^3 comments on sum\.ts, README\.md\n\nsum\.ts:2\nConvert both/);
    assert.deepEqual(team.files(), { "own.ts": own, "README.md": "# Sample\n" }, "nothing is in the user's files yet");
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    assert.deepEqual(team.files(), {
      "own.ts": own,
      "README.md": `${readme}See sum.ts.\n`,
      "sum.ts": sum.replace("a + b", "Number(a) + Number(b)"),
    });
  });

  it("of a result that was taken the lines are those of the user's file, whatever was edited since", async () => {
    const id = await open();
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    team.put({ "sum.ts": `// a person's line\n${sum}` });
    team.parts = { typescript: (_brief, read) => ({ put: { "sum.ts": read("sum.ts").replace("sum(", "total(") }, summary: "renamed" }) };
    assert.equal(codeOf(await comment(id, { path: "sum.ts", line: 5, text: "?" })), "not_found", "four lines are there");
    assert.equal(valueOf(await comment(id, { path: "sum.ts", line: 2, text: "Call it total" })).status, "waiting");
    assert.match(briefOf("typescript"), />\s2 export function sum/);
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    assert.equal(team.files()["sum.ts"], `// a person's line\n${sum.replace("sum(", "total(")}`);
  });

  it("a line that nobody of a team wrote goes to whom routing chooses, beside the others", async () => {
    const id = await open();
    const asked: string[] = [];
    team.parts = {
      typescript: (brief, read) => {
        asked.push(brief.split("\n")[0]!);
        if (!brief.includes("own.ts:4")) return { summary: "nothing to do" };
        return { put: { "own.ts": read("own.ts").replace("person3", "fourth") }, summary: "renamed" };
      },
    };
    valueOf(await comment(id, { path: "own.ts", line: 4, text: "Call it fourth" }, { path: "sum.ts", line: 1, text: "fine?" }));
    assert.deepEqual(await planOf(id), ["comments done", "comments-typescript done"]);
    const { tasks, run } = await team.state(id);
    const first = Object.values(tasks).find((task) => task.parentId === run!.rootTask && task.stepId === "comments")!;
    assert.equal(first.assignedAgent, "code-generation");
    assert.deepEqual(asked.length, 2);
    assert.ok(team.briefs.every(({ brief }) => brief.includes("own.ts:4") !== brief.includes("sum.ts:1")));
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    assert.match(team.files()["own.ts"]!, /fourth = 3/);
  });

  it("the project's checks follow where code is commented, and leave their receipt", async () => {
    const id = await open({ checks: [{ kind: "test", command: "npm test" }] });
    team.parts = { typescript: (_brief, read) => ({ put: { "sum.ts": `${read("sum.ts")}// checked\n` }, summary: "done" }) };
    valueOf(await comment(id, { path: "sum.ts", line: 1, text: "Say that it is checked" }));
    assert.deepEqual(await planOf(id), ["comments-typescript done", "checks done"]);
    const { receipts } = await team.state(id);
    assert.deepEqual(
      receipts.map(({ command, exitCode }) => [command, exitCode]),
      [["npm test", 0]],
    );
    team.briefs.length = 0;
    team.parts = { "readme-generator": () => ({ summary: "nothing to do" }) };
    valueOf(await comment(id, { path: "README.md", line: 3, text: "Fine?" }));
    assert.deepEqual(await planOf(id), ["comments-readme-generator done"], "prose is not tested");
  });

  it("is refused with one sentence while a run goes on, and where nothing or nothing that is there is meant", async () => {
    const id = await open();
    const refused = async (says: RegExp, ...comments: LineComment[]): Promise<void> => {
      const answer = await comment(id, ...comments);
      assert.ok(!answer.ok && says.test(answer.error.message), answer.ok ? "taken" : answer.error.message);
    };
    const { seq } = await team.state(id);
    await refused(/at least one line/);
    await refused(/needs some text/, { path: "sum.ts", line: 1, text: " " });
    await refused(/counted from 1/, { path: "sum.ts", line: 3, endLine: 2, text: "x" });
    await refused(/There is no file none\.ts in the proposed result/, { path: "none.ts", line: 1, text: "x" });
    await refused(/sum\.ts has no line 9: it has 3/, { path: "sum.ts", line: 1, endLine: 9, text: "x" });
    assert.equal((await team.state(id)).seq, seq, "nothing is on record of what was refused");
    let during: ReturnType<typeof comment> | undefined;
    team.parts = {
      typescript: () => {
        during = comment(id, { path: "sum.ts", line: 1, text: "another" });
        return { summary: "said" };
      },
    };
    valueOf(await comment(id, { path: "sum.ts", line: 1, text: "one" }));
    const answer = await during!;
    assert.ok(!answer.ok);
    assert.match(answer.error.message, /is running already; say it to the team instead/);
  });

  it("begins in one piece: whoever goes on with a run that was cut off right there finds what was said and what is planned (A3)", async () => {
    const id = await open();
    const { store } = team;
    const batches: string[][] = [];
    const append = store.append.bind(store);
    store.append = async (sessionId, events) => {
      batches.push(events.map(({ type }) => type));
      await append(sessionId, events);
    };
    team.parts = { typescript: () => ({ summary: "fine" }) };
    valueOf(await comment(id, { path: "sum.ts", line: 1, text: "Fine?" }));
    const [begun] = batches;
    for (const type of ["run.started", "workspace.opened", "review.commented", "plan.submitted"])
      assert.ok(begun!.includes(type), begun!.join());
  });

  it("what failed is tried again by a resume, with the same comments", async () => {
    const id = await open();
    team.parts = { typescript: () => undefined };
    assert.equal(valueOf(await comment(id, { path: "sum.ts", line: 2, text: "Subtract instead" })).status, "failed");
    team.briefs.length = 0;
    team.parts = { typescript: (_brief, read) => ({ put: { "sum.ts": read("sum.ts").replace("a + b", "a - b") }, summary: "subtracts" }) };
    assert.equal(valueOf(await team.engine.dispatch({ type: "session.run", sessionId: id })).status, "waiting");
    assert.match(briefOf("typescript"), /Subtract instead/);
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    assert.deepEqual(team.files()["sum.ts"], sum.replace("a + b", "a - b"));
    assert.equal(team.files()["README.md"], readme, "what was proposed before the comments is not lost");
  });
});
