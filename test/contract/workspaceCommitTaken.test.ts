// A commit of what a person took of a result in parts, joined by hand, refused or undid: it holds what their files hold, and
// its message claims no more. Real git, a team whose words alone are played.

import assert from "node:assert/strict";
import type { Check } from "../../src/core/workspacePort.ts";
import type { PlanStep } from "../../src/protocol/agents.ts";
import type { CommandAnswer, Commands } from "../../src/protocol/commands.ts";
import { codeOf, lines, valueOf } from "../support/folderWorld.ts";
import { gitIn, removeFiles } from "../support/gitProject.ts";
import { type TeamFolder, teamFolder } from "../support/teamFolder.ts";

const plan: PlanStep[] = [
  { id: "code", type: "generate", goal: "Write the second lines", files: ["a.ts", "b.ts"], language: "typescript" },
  { id: "docs", type: "document", goal: "Say it in the README", dependsOn: ["code"] },
];
const second = (line: string): string => lines({ 2: line });

describe("a commit of what was taken", () => {
  let team: TeamFolder;
  let id: string;
  afterEach(() => team.close());

  const git = (...args: string[]): string => gitIn(team.at.path, ...args);
  const open = async (
    options: Parameters<typeof teamFolder>[1] = {},
    attributes = "a.ts text eol=lf\n",
    more: PlanStep[] = [],
  ): Promise<void> => {
    team = await teamFolder({ "a.ts": lines(), "b.ts": lines(), "README.md": lines(), ".gitattributes": attributes }, options);
    git("init", "--quiet");
    git("config", "user.name", "A Person");
    git("config", "user.email", "person@example.org");
    git("add", "--all");
    git("commit", "--quiet", "-m", "first");
    team.plan = [...plan, ...more];
    team.parts = {
      typescript: () => ({ put: { "a.ts": second("agent a"), "b.ts": second("agent b") }, summary: "Both have their second line" }),
      "readme-generator": () => ({ put: { "README.md": second("agent readme") }, summary: "The README says it" }),
    };
    id = await team.begin("Implement the second line in a.ts, b.ts and the README");
  };
  const apply = async (only: string[], joined?: true): Promise<void> => {
    const named = only.length > 0 ? { only: only.map((path) => ({ path })) } : {};
    valueOf(await team.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", ...named, ...(joined ? { joined } : {}) }));
  };
  const commit = async (options: Partial<Commands["changes.commit"]> = {}): Promise<CommandAnswer["changes.commit"]> =>
    valueOf(await team.engine.dispatch({ type: "changes.commit", sessionId: id, by: "user", ...options }));
  const refusal = async (options: Partial<Commands["changes.commit"]> = {}): Promise<string> => {
    const refused = await team.engine.dispatch({ type: "changes.commit", sessionId: id, by: "user", ...options });
    assert.equal(codeOf(refused), "nothing_to_do");
    return refused.ok ? "" : refused.error.message;
  };

  it("of a file that was joined by hand it holds what the person's file holds; what they removed is removed; nothing is proven", async () => {
    await open({ checks: [{ kind: "test", command: "npm test" }] });
    team.put({ "a.ts": second("agent a, and mine").replaceAll("\n", "\r\n") });
    removeFiles(team.at.path, ["b.ts"]);
    await apply(["a.ts", "b.ts"], true);
    await apply([]);
    const files = team.files();
    const { message, remarks } = await commit();
    assert.deepEqual(team.files(), files);
    assert.equal(git("show", "HEAD:a.ts"), second("agent a, and mine"));
    assert.equal(git("ls-tree", "-r", "--name-only", "HEAD"), ".gitattributes\nREADME.md\na.ts\n");
    assert.equal(git("status", "--porcelain"), "");
    assert.match(message, /\n\nThis is unproven: joined by hand: no check was run on what a\.ts,\sb\.ts\shold now\.\n/);
    assert.doesNotMatch(message, /Proven|Checked-by/);
    assert.match(remarks.join(" "), /Joined by hand, so committed as your files hold them, .*: a\.ts, b\.ts\./);
  });

  it("what still waits goes on top of what was joined by hand, on a branch of its own", async () => {
    await open();
    team.put({ "a.ts": second("agent a, and mine") });
    await apply(["a.ts"], true);
    const { files } = await commit({ branch: "feat" });
    assert.deepEqual(files.toSorted(), ["README.md", "a.ts", "b.ts"]);
    assert.deepEqual([git("show", "feat:a.ts"), git("show", "feat:b.ts")], [second("agent a, and mine"), second("agent b")]);
  });

  it("its message tells only of what it holds: nothing of what was refused", async () => {
    await open();
    await apply(["b.ts"]);
    valueOf(await team.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" }));
    const { message, files } = await commit();
    assert.deepEqual(files, ["b.ts"]);
    assert.match(message, /\n- Both have their second line \(Of this, the commit holds b\.ts\.\)\n/);
    assert.doesNotMatch(message, /The README says it/);
    assert.match(message, /\nAssisted-by: code-generation \(/);
  });

  it("its message says Proven where what has to pass has passed on it, as the project is now, and of parts it does not", async () => {
    const checks: Check[] = [{ kind: "test", command: "npm test" }];
    await open({ checks }, "", [{ id: "test", type: "test", goal: "Test it", dependsOn: ["docs"] }]);
    await apply(["b.ts"]);
    assert.match(
      (await commit({ dryRun: true })).message,
      /unproven: only parts of the result were taken: its checks passed\son the whole/,
    );
    await apply([]);
    assert.match(
      (await commit({ dryRun: true })).message,
      /\nProven by npm test \(exit 0\) on exactly these files\.\n[^]*\nChecked-by: npm test/,
    );
    checks.splice(0, 1, { kind: "lint", command: "npm run lint" });
    assert.match((await commit()).message, /unproven: npm run lint did not run on these files, and has to\spass; npm test/);
  });

  it("counts for the branches that hold it: on another one the same files are committed again", async () => {
    await open();
    await apply([]);
    const feat = await commit({ branch: "feat" });
    const here = await commit({ message: "Of another name" });
    assert.deepEqual([here.branch, here.files, git("status", "--porcelain")], ["main", feat.files, ""]);
    assert.match(await refusal({ branch: "more" }), /is committed: [0-9a-f]{10} on main\. See it with git show [0-9a-f]{10}$/);
    git("checkout", "--quiet", "feat");
    assert.match(await refusal(), /is committed: [0-9a-f]{10} on feat\./);
    git("commit", "--quiet", "--amend", "-m", "my words");
    assert.match(await refusal(), /^There is nothing to commit: HEAD holds these changes already/);
    team.put({ "a.ts": second("mine, since") });
    git("commit", "--quiet", "--all", "-m", "mine");
    assert.match(await refusal(), /^There is nothing to commit\. Left out, because your files are as HEAD has them: a\.ts\.$/);
  });

  it("says what is so where all was taken back, and what can be done", async () => {
    await open();
    await apply([]);
    const { checkpoints } = await team.state(id);
    const back = async (i: number): Promise<void> =>
      void valueOf(
        await team.engine.dispatch({ type: "session.rollback", sessionId: id, to: checkpoints.at(i)!.checkpointId, by: "user" }),
      );
    await back(0);
    assert.match(await refusal(), /^Your files hold nothing of session \w+ any more: it was taken back\. .* ao checkpoints \w+ names\.$/);
    await back(-1);
    await commit();
    await back(0);
    assert.match(await refusal(), /any more: it was taken back\. HEAD still has it \([0-9a-f]{10} on main\): commit the way back with git/);
  });

  it("gets a note afterwards", async () => {
    await open();
    await apply([]);
    const made = await commit();
    assert.throws(() => git("notes", "--ref", "agent-trace", "show"));
    const noted = await commit({ notes: true });
    assert.deepEqual([noted.commit, noted.remarks], [made.commit, ["It was made before; its note is written now."]]);
    assert.match(git("notes", "--ref", "agent-trace", "show", made.commit!), /"version":"0\.1\.0"/);
    assert.match(await refusal(), /is committed/);
  });

  it("says that it was undone where HEAD never had it", async () => {
    await open();
    await apply([]);
    team.put({ "b.ts": lines({ 2: "agent b", 30: "mine" }) });
    const steps = Object.values((await team.state(id)).run!.plan!).map(({ taskId }) => taskId!);
    for (const taskId of steps.toReversed())
      valueOf(await team.engine.dispatch({ type: "work.undo", sessionId: id, of: { taskId }, by: "user" }));
    assert.deepEqual(team.files()["b.ts"], lines({ 30: "mine" }));
    assert.match(await refusal(), /^There is nothing to commit: what was taken into your files was undone again, and HEAD is as it was/);
  });

  it("leaves out a file that was joined by hand and is as HEAD has it: then the rest is not proven either", async () => {
    await open({ checks: [{ kind: "test", command: "npm test" }] }, "", [
      { id: "test", type: "test", goal: "Test it", dependsOn: ["docs"] },
    ]);
    await apply(["a.ts"], true);
    assert.match(await refusal(), /^There is nothing to commit\. Left out, because your files are as HEAD has them: a\.ts\.$/);
    await apply([]);
    const { files, message } = await commit();
    assert.deepEqual(files.toSorted(), ["README.md", "b.ts"]);
    assert.match(message, /unproven: joined by hand: no check was run on what a\.ts holds\snow\./);
    assert.doesNotMatch(message, /Proven|Checked-by/);
  });
});
