// What a person does with a session's changes in the terminal: takes some files, refuses others, and takes it all back.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const model = "anthropic:claude-sonnet-4-5";

describe("ao: changes in parts, checkpoints, and the way back", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;
  let session: string;

  beforeEach(async () => {
    server = await startFakeModelServer(teamModel());
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project(teamProject);
    const args = [
      "run",
      "Write added.mjs",
      "--workflow",
      "sequential",
      "--level",
      "assisted",
      "--yes-to",
      "checks",
      "--workspace",
      workspace,
      "--model",
      model,
    ];
    const ended = await home.ao(args);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    session = sessionIn(ended);
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await home.ao(args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const refused = ({ code, stdout, stderr }: Ended, wanted: number, ...says: RegExp[]): void => {
    assert.equal(code, wanted, stdout + stderr);
    for (const text of says) assert.match(stderr, text);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  };

  it("takes one file, refuses another, then the rest; goes back and undoes that", async () => {
    const { files } = JSON.parse(await ok("changes", session, "--json")) as { files: { path: string }[] };
    const paths = files.map((file) => file.path);
    assert.ok(paths.includes("added.mjs") && paths.length >= 3, paths.join(", "));
    const refusedFile = paths.find((path) => path !== "added.mjs")!;
    const before = existsSync(join(workspace, refusedFile)) ? readFileSync(join(workspace, refusedFile), "utf8") : undefined;
    refused(await home.ao(["apply", session, "no-such.mjs"]), 2, /no-such\.mjs is not among the changes/, /ao changes/);

    const part = await ok("apply", session, "added.mjs");
    assert.match(
      part,
      /Applied 1 file .*: added\.mjs\nUnproven: only parts of the result were taken.*\nThe other changes still wait: ao apply/,
    );
    assert.ok(existsSync(join(workspace, "added.mjs")));
    refused(await home.ao(["discard", session, "added.mjs"]), 1, /added\.mjs was decided already/);
    assert.match(await ok("discard", session, join(workspace, refusedFile)), /Discarded the changes to 1 file/);
    assert.doesNotMatch(await ok("apply", session), /still wait/);
    const now = existsSync(join(workspace, refusedFile)) ? readFileSync(join(workspace, refusedFile), "utf8") : undefined;
    assert.equal(now, before);
    assert.ok(!(await ok("result", session)).includes("waits"));

    const lines = (await ok("checkpoints", session, "--all")).trim().split("\n");
    assert.match(lines[0]!, /^k_\w+ {2}before: Write added\.mjs {2}\(\d{4}-\d\d-\d\d \d\d:\d\d\)$/);
    assert.match(lines.at(-1)!, /^k_\w+ {2}after: Write added\.mjs {2}\(/);
    assert.ok(!(await ok("checkpoints", session)).includes("in work"));
    assert.match(lines[1]!, /in work: generate .*never in your files/);
    refused(await home.ao(["rollback", session, "--to", lines[1]!.split(" ")[0]!]), 1, /never in your files/, /ao apply/);
    const start = lines[0]!.split(" ")[0]!;
    const taken = readFileSync(join(workspace, "added.mjs"), "utf8");
    writeFileSync(join(workspace, "mine.txt"), "mine\n");
    const back = await ok("rollback", session, "--to", start);
    assert.match(back, /Took back \d files? .*added\.mjs/);
    assert.ok(!existsSync(join(workspace, "added.mjs")));
    assert.equal(readFileSync(join(workspace, "mine.txt"), "utf8"), "mine\n");
    assert.match(await ok("changes", session, "--stat"), /added\.mjs {2}\(taken back\)/);
    assert.doesNotMatch(await ok("changes", session, "--stat"), /passed on|\(applied\)/);
    assert.match((await home.ao(["result", session])).stderr, /taken back out of your files; the patch is still there: ao changes/);
    assert.match(await ok("rollback", session, "--to", start), /Nothing is to be taken back/);
    await ok("rollback", session, "--to", /--to (k_\w+)/.exec(back)![1]!);
    assert.equal(readFileSync(join(workspace, "added.mjs"), "utf8"), taken);

    writeFileSync(join(workspace, "added.mjs"), "// my own\n");
    refused(await home.ao(["rollback", session, "--to", start]), 1, /nothing was changed: .*added\.mjs/);
    assert.equal(readFileSync(join(workspace, "added.mjs"), "utf8"), "// my own\n");
    refused(await home.ao(["rollback", session, "--to", "k_none"]), 2, /no checkpoint "k_none"/, /ao checkpoints/);
    refused(await home.ao(["rollback", session]), 2, /needs one of --to/);
  });

  it("forks: the fork is a session of its own, with what waits, and goes on with a prompt", async () => {
    const { stdout, stderr, code } = await home.ao(["fork", session, "--name", "another way"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^s_\w+\n$/);
    const fork = stdout.trim();
    assert.match(stderr, new RegExp(`ao resume ${fork}$`, "m"));
    assert.notEqual(fork, session);
    refused(await home.ao(["fork", session, "--at", "100000"]), 1, /at any of its events; this one has those from 1 to \d+/);
    refused(await home.ao(["fork", session, "--at", "end"]), 2, /--at is the number of an event/);
    const { sessionId } = JSON.parse(await ok("fork", "another way", "--at", "1", "--json")) as { sessionId: string };
    assert.match(await ok("list", "--workspace", workspace), new RegExp(`${sessionId}[\\s\\S]*${fork}[\\s\\S]*${session}`));
    const ended = await home.ao(["resume", fork, "-p", "Write added.mjs", "--level", "bypass"]);
    assert.equal(ended.code, 3, "what waited is part of its result, and waits again");
    await ok("apply", fork);
    assert.ok(existsSync(join(workspace, "added.mjs")));
    assert.equal((await home.ao(["result", session])).code, 3, "the source still waits");
  });

  it("shows what was decided, single files, and takes a folder for the files below it", async () => {
    const stat = async (...args: string[]): Promise<string[]> => (await ok("changes", session, ...args, "--stat")).trim().split("\n");
    refused(await home.ao(["blame", join(workspace, "added.mjs")]), 2, new RegExp(`still waits: ao changes ${session} added\\.mjs$`, "m"));
    assert.match((await stat("added.mjs")).join("\n"), /^added +\+13 -0 {2}added\.mjs\nnpm test passed/);
    const patch = await ok("changes", session, "README.md");
    assert.match(patch, /^diff --git a\/README\.md b\/README\.md\n[^]*\+# Added\n/);
    assert.doesNotMatch(patch, /added\.mjs b\//);
    refused(await home.ao(["changes", session, "no-such.mjs"]), 2, /no-such\.mjs is not among the changes/);
    refused(await home.ao(["changes", session, "/etc/passwd"]), 2, /^ao: \/etc\/passwd is not among/);
    await ok("apply", session, "added.mjs");
    await ok("discard", session, "README.md");
    const marks = (await stat()).slice(0, 3).map((line) => line.split(/ {2,}/).slice(2));
    assert.deepEqual(marks, [["README.md", "(refused)"], ["added.mjs", "(applied)"], ["added.test.mjs"]]);
    assert.match(await ok("apply", session, workspace), /Applied 1 file .*: added\.test\.mjs/);
    assert.match(await ok("changes", session, "--stat"), /\nnpm test passed on the result as proposed, of which only parts were taken/);
    assert.match((await home.ao(["result", session])).stderr, /ao: not all of its changes are in your files/);
    assert.equal((JSON.parse(await ok("result", session, "--json")) as { changes: string }).changes, "partly");
    refused(await home.ao(["apply", session, workspace]), 1, /all changes are decided already/);
  });

  it("says what became of it: taken, with one agent's work undone, and nothing new by the last prompt", async () => {
    await ok("apply", session);
    assert.equal((await home.ao(["result", session])).stderr, "");
    const again = await home.ao(["apply", session]);
    refused(again, 1, /^ao: session s_\w+: all changes are applied already; undo them with: ao rollback s_\w+ --to k_\w+$/m);
    const checkpoints = await ok("checkpoints", session);
    assert.match(checkpoints, new RegExp(`${/--to (k_\w+)/.exec(again.stderr)![1]} .*before: Write`));
    const [{ taskId } = { taskId: "" }] = (await home.events(session)).filter(({ type }) => type === "work.merged");
    await ok("rollback", session, "--task", taskId!);
    assert.match(await ok("changes", session, "--stat"), /added\.mjs {2}\(undone\)/);
    assert.match((await home.ao(["result", session])).stderr, /not all of its changes/);
    await ok("rollback", session, "--task", taskId!, "--again");
    assert.match(await ok("changes", session, "--stat"), /added\.mjs {2}\(applied\)[^]*exactly this result/);
    assert.equal((await home.ao(["resume", session, "-p", "What is this?"])).code, 0);
    assert.match(await ok("changes", session), /^The last prompt changed no files; earlier ones of this session did: ao checkpoints s_/);
  });

  it("an answer to the question whether to take it says what becomes of it", async () => {
    const [{ id } = { id: "" }] = JSON.parse(await ok("approvals", "--json")) as { id: string }[];
    const said = await ok("deny", id);
    assert.match(said, /^Denied a_\w+: the result is discarded with: ao resume s_\w+; the patch is still there then: ao changes s_\w+$/m);
    assert.equal((await home.ao(["resume", session])).code, 0);
    refused(await home.ao(["apply", session]), 1, /were discarded/);
  });

  it("an apply that something is in the way of changes nothing, and stands in nobody's way", async () => {
    mkdirSync(join(workspace, "added.mjs", "empty"), { recursive: true });
    refused(await home.ao(["apply", session]), 3, /nothing was written: .*added\.mjs/);
    refused(await home.ao(["apply", session, "added.mjs"]), 3, /nothing was written: .*added\.mjs/);
    for (const [path, content] of Object.entries(teamProject)) assert.equal(readFileSync(join(workspace, path), "utf8"), content);
    const other = await home.ao(["run", "What is this?", "--workspace", workspace, "--model", model]);
    assert.equal(other.code, 0, other.stdout + other.stderr);
    await ok("discard", session);
    assert.match((await home.ao(["result", session])).stderr, /^ao: its changes were discarded; the patch is still there: ao changes/);
    refused(await home.ao(["apply", session]), 1, /the changes were discarded; the patch is still there: ao changes s_/);
    rmSync(join(workspace, "added.mjs"), { recursive: true });
    await home.ao(["run", "What is this?", "--workspace", workspace, "--model", model]);
    assert.deepEqual(
      readdirSync(workspace, { recursive: true })
        .map(String)
        .filter((name) => name.includes(".ao-") || name === "added.mjs"),
      [],
    );
  });

  for (const [parts, unproven] of [
    [["added.mjs", "added.test.mjs", "README.md"], false],
    [["added.mjs", "added.test.mjs"], false],
    [["added.mjs", "README.md"], true],
  ] as const)
    it(`${parts.join(", ")} alone: ${unproven ? "no check ran on that" : "the checks ran on just that"}`, async () => {
      const [first, ...rest] = parts;
      assert.match(await ok("apply", session, first), /Unproven/);
      const last = await ok("apply", session, ...rest);
      assert.equal(/Unproven/.test(last), unproven, last);
      if (parts.length < 3) await ok("discard", session);
      const ended = JSON.parse(await ok("result", session, "--json")) as { status: string; unproven: boolean; reason: string | null };
      assert.deepEqual([ended.status, ended.unproven, /only parts/.test(ended.reason ?? "")], ["done", unproven, unproven]);
      assert.equal(/unproven: only parts/.test((await home.ao(["result", session])).stderr), unproven);
    });
});
