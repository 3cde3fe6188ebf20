// The commands around a run, as a user types them: what is refused before anything runs, where the work happens, and what
// the lists and results say.

import assert from "node:assert/strict";
import { existsSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { unwritableFolder } from "../support/smallDisk.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";
import { createTerminal } from "../support/terminal.ts";
import { configWith } from "../support/world.ts";

const model = "anthropic:claude-sonnet-4-5";
const goal = "Implement adding, with tests and documentation";
const question = "What does this project do?";

describe("ao, around a run", () => {
  let home: Home;
  let server: FakeModelServer | undefined;

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
    home.remove();
  });

  const serve = async (handler: (request: FakeRequest) => Reply): Promise<Record<string, string>> => {
    server = await startFakeModelServer(handler);
    return { ANTHROPIC_BASE_URL: server.url };
  };
  const oneLine = (ended: Ended, code: number, ...mentions: RegExp[]): void => {
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    assert.equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
    for (const mention of mentions) assert.match(ended.stderr, mention);
  };

  const refused: [title: string, args: string[], ...mentions: RegExp[]][] = [
    ["an unknown rule", ["run", "x", "--model", "demo", "--yes-to", "everything"], /everything/, /writes, checks, shell, network, secrets/],
    ["a mistyped rule among others", ["run", "x", "--model", "demo", "--yes-to", "writes,chekcs"], /did you mean checks/],
    ["a negative budget", ["run", "x", "--model", "demo", "--budget-usd", "-1"], /above 0, not "-1"/],
    ["candidates without a consensus", ["run", "x", "--models", "demo,demo"], /--workflow consensus/],
    ["a list of a folder that is not there", ["list", "--workspace", "/nowhere/at/all"], /does not exist/],
  ];
  for (const [title, args, ...mentions] of refused) {
    it(`refuses ${title}: exit 2 and one line`, async () => oneLine(await home.ao(args), 2, ...mentions));
  }

  it("takes several rules with commas", async () => {
    const workspace = home.project(teamProject);
    const write = { tool: "filesystem__write_file", arguments: { path: "a.txt", content: "a\n" } };
    const touch = { tool: "shell__run", arguments: { command: "touch b.txt" } };
    const env = await serve(({ turn }) => (turn === 0 ? { calls: [write, touch] } : { text: "Done." }));
    const args = ["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model, "--apply", "--yes-to", "writes, shell"];
    const ended = await home.ao(args, env);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.ok(existsSync(join(workspace, "b.txt")));
  });

  it("help of a command is the same either way", async () => {
    assert.equal((await home.ao(["help", "run"])).stdout, (await home.ao(["run", "--help"])).stdout);
    oneLine(await home.ao(["doctor", "x"]), 2, /"ao doctor" takes no arguments; see: ao doctor --help/);
    oneLine(await home.ao(["help", "runn"]), 2, /did you mean run/);
  });

  const unusable: [title: string, dir: (base: string) => string][] = [
    ["a file", (base) => join(base, "file")],
    ["below a file", (base) => join(base, "file", "data")],
    ["where nothing can be made", (base) => (existsSync("/proc/self") ? "/proc/nope/data" : join(base, "file", "data"))],
  ];
  for (const [title, dir] of unusable) {
    it(`a data folder that is ${title}: exit 1, one line, at once`, async () => {
      writeFileSync(join(home.dir, "file"), "");
      for (const args of [["list"], ["run", "x", "--model", "demo"]])
        oneLine(await home.ao(args, { AO_DATA_DIR: dir(home.dir) }), 1, /data folder/, /AO_DATA_DIR/);
    });
  }

  it("an agent that is turned off: said as that, exit 2", async () => {
    const workspace = home.project({ ...teamProject, ".agents/helper.md": "---\nenabled: false\n---\nHelp.\n" });
    oneLine(
      await home.ao(["run", question, "--model", "demo", "--agent", "helper", "--workspace", workspace]),
      2,
      /"helper" is turned off/,
      /ao agents/,
    );
  });

  it("a data folder that cannot be written: exit 1 and one line", async function () {
    const locked = unwritableFolder();
    if (!locked) this.skip();
    else oneLine(await home.ao(["list"], { AO_DATA_DIR: join(locked.path, "data") }), 1, /data folder/, /AO_DATA_DIR/);
    locked?.remove();
  });

  it("works in the root of the repository around this folder, says so, and --workspace . means this folder", async () => {
    const project = realpathSync(home.project({ ...teamProject, ".git/HEAD": "ref: refs/heads/main\n", "lib/a.txt": "a\n" }));
    const lib = join(project, "lib");
    const env = { PATH: process.env["PATH"] ?? "", HOME: home.dir, AO_DATA_DIR: join(home.dir, "data") };
    const workspaces: string[] = [];
    for (const more of [[], ["--workspace", "."]]) {
      const at = createTerminal(env, { cwd: lib });
      assert.equal(await at.ao(["run", question, "--model", "demo", "--no-ask", ...more]), 0, at.printed());
      assert.equal(/Working in .*the repository's root/.test(at.printed()), more.length === 0, at.printed());
      const [created] = await home.events(sessionIn({ stdout: at.printed(), stderr: "" }));
      workspaces.push((created!.payload as { workspace: string }).workspace);
    }
    assert.deepEqual(workspaces, [project, lib]);
  });

  it("a folder that was moved away: said before anything is done, and moving it back is enough", async () => {
    const workspace = home.project(teamProject);
    const ended = await home.ao(
      ["run", goal, "--workspace", workspace, "--model", model, "--level", "assisted", "--yes-to", "checks"],
      await serve(teamModel()),
    );
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    const session = sessionIn(ended);
    renameSync(workspace, `${workspace}-moved`);
    oneLine(await home.ao(["apply", session]), 1, /is gone; move it back/, /ao changes/);
    oneLine(await home.ao(["resume", session]), 1, /is gone; move it back/);
    renameSync(`${workspace}-moved`, workspace);
    assert.equal((await home.ao(["apply", session])).code, 0);
    assert.ok(existsSync(join(workspace, "added.mjs")));
  });

  it("lists the newest twenty with their folders, and all on demand", async () => {
    const workspace = home.project(teamProject);
    const events = (n: number): TraceEvent[] => [
      {
        id: `e${n}`,
        runId: "r_1",
        sessionId: `s_${String(n).padStart(10, "0")}`,
        actor: "user",
        timestamp: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
        seq: 1,
        type: "session.created",
        payload: { name: `n${n}`, goal: `goal ${n}`, workspace, config: configWith({ model: "demo" }) },
      },
    ];
    const { openRecord } = await import("../../src/runtime/record.ts");
    const store = await openRecord({ AO_DATA_DIR: join(home.dir, "data") });
    for (let n = 1; n <= 22; n++) await store.append(events(n)[0]!.sessionId, events(n));
    await store.close();
    const newest = (await home.ao(["list"])).stdout.trim().split("\n");
    assert.equal(newest.length, 21);
    assert.match(newest[0]!, /^s_0000000022 {2}created {4}20\d\d-\d\d-\d\d \d\d:\d\d {2}~\/project-1 {2}n22: goal 22$/);
    assert.match(newest[20]!, /ao list --all/);
    assert.equal((await home.ao(["list", "--all", "--workspace", workspace])).stdout.trim().split("\n").length, 22);
  });

  it("result: a waiting session exits 3 and a failed one 1, each with the way on; an empty answer is refused", async () => {
    const workspace = home.project(teamProject);
    const args = ["--workspace", workspace, "--model", model];
    const ask = { tool: "agents__ask_user", arguments: { question: "Which one?" } };
    const env = await serve(({ turn }) => (turn === 0 ? { calls: [ask] } : { text: "Done." }));
    const waiting = sessionIn(await home.ao(["run", "Fix the typo in README.md", ...args], env));
    const waits = await home.ao(["result", waiting]);
    assert.equal(waits.code, 3, waits.stdout + waits.stderr);
    const [id] = /ao answer (i_\w+)/.exec(waits.stderr)?.slice(1) ?? [];
    oneLine(await home.ao(["answer", id!, " "]), 2, /needs its text/);
    const failing = sessionIn(await home.ao(["run", "Make coffee", "--workspace", workspace, "--model", "demo"]));
    const failed = await home.ao(["result", failing]);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /no plan was made.*no scene[\s\S]*ao resume/);
  });

  it("a failed run gives the failing step's own reason whole, and once", async () => {
    const workspace = home.project(teamProject);
    const said = `${"I cannot go on, and this is why. ".repeat(6)}\nThe second line says what to do.`;
    const give = { tool: "agents__submit_result", arguments: { status: "failed", summary: said } };
    const team = teamModel();
    const env = await serve((request) => (request.agent === "typescript" ? { calls: [give] } : team(request)));
    const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], env);
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    const summary = ended.stdout.slice(ended.stdout.lastIndexOf("\nSession "));
    assert.ok(summary.includes(said), summary);
    assert.equal(ended.stdout.split("The second line says").length, 2, "it is said once");
    const printed = `${ended.stdout}${ended.stderr}`.split("\n").filter((line) => line.includes(": I cannot go on, and this is why."));
    assert.deepEqual(
      printed.map((line) => /task failed: |^Reason: /.exec(line)?.[0]),
      ["task failed: ", "Reason: "],
      "the beginning where it fails, and all of it at the end",
    );
    assert.match(ended.stderr, /^ao: session s_\w+ failed; go on with: ao resume s_\w+$/m);
  });

  it("the scripted model without a scene says which goals it knows", async () => {
    const ended = await home.ao(["run", "Make coffee", "--workspace", home.project(teamProject), "--model", "demo"]);
    assert.equal(ended.code, 1);
    assert.match(ended.stdout, /knows 5 goals: feature, consensus, parallel, edit, question \(play one with: npm run demo -- feature\)/);
  });

  it("trace --tasks is the tree of tasks with figures and nothing else", async () => {
    const workspace = home.project(teamProject);
    const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], await serve(teamModel()));
    const tree = (await home.ao(["trace", sessionIn(ended), "--tasks"])).stdout.trim().split("\n");
    const tasks = (await home.events(sessionIn(ended))).filter((event) => event.type === "task.created");
    assert.equal(tree.length, tasks.length + 2);
    assert.match(tree[0]!, /^✓ coordinator .* tok · \$/);
    assert.match(tree.at(-1)!, /^Total: /);
    const lines = (await home.ao(["trace", sessionIn(ended), "--tasks", "--json"])).stdout.trim().split("\n");
    const [first, ...others] = lines.map(
      (line) => JSON.parse(line) as { taskId: string; parentId?: string; agent: string; status: string },
    );
    assert.deepEqual([first!.agent, first!.status, first!.parentId], ["coordinator", "done", undefined]);
    assert.ok(others.length === tasks.length - 1 && others.every((task) => task.taskId !== undefined && task.parentId !== undefined));
    oneLine(await home.ao(["trace", sessionIn(ended), "--tasks", "--format", "agent-trace"]), 2, /--tasks goes with/);
    oneLine(await home.ao(["trace", sessionIn(ended), "--json", "--format", "tree"]), 2, /name one of them/);
    await home.ao(["run", question, "--workspace", workspace, "--model", "demo", "--name", "asked"]);
    oneLine(await home.ao(["trace", "asked", "--format", "agent-trace"]), 0, /no line of session s_\w+ is in the files/);
  });

  it("a page in place of an answer is not asked for again", async () => {
    const page: Reply = { fault: { kind: "other", contentType: "text/html; charset=utf-8", body: "<h1>hello</h1>" } };
    const env = await serve(() => page);
    const ended = await home.ao(["run", question, "--workspace", home.project(teamProject), "--model", model], env);
    assert.equal(ended.code, 1);
    assert.match(ended.stdout, /text\/html in place of an event stream; check ANTHROPIC_BASE_URL\./);
    assert.ok(!(await home.events(sessionIn(ended))).some((event) => event.type === "turn.retried"));
  });

  it("a refused key is told in sentences", async () => {
    const refusal: Reply = { fault: { kind: "status", status: 401, type: "authentication_error", message: "invalid x-api-key" } };
    const env = await serve(() => refusal);
    const ended = await home.ao(["run", question, "--workspace", home.project(teamProject), "--model", model], env);
    assert.match(ended.stdout, /invalid x-api-key\. Check the API key\./);
  });
});
