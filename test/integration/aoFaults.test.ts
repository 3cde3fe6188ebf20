// What goes wrong, as a user meets it: one clear line that names the remedy, the right exit code, nothing lost.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn, until } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { processesWith } from "../support/processes.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const model = "anthropic:claude-sonnet-4-5";
const goal = "Implement adding, with tests and documentation";

describe("ao, when something is wrong", () => {
  let home: Home;
  let servers: FakeModelServer[];

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
    servers = [];
  });

  afterEach(async () => {
    for (const server of servers) await server.close();
    home.remove();
  });

  const serve = async (handler: (request: FakeRequest) => Reply | Promise<Reply>): Promise<Record<string, string>> => {
    const server = await startFakeModelServer(handler);
    servers.push(server);
    return { ANTHROPIC_BASE_URL: server.url };
  };

  const oneLine = (ended: Ended, code: number, ...mentions: RegExp[]): void => {
    assert.equal(ended.code, code, ended.stdout + ended.stderr);
    assert.equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
    for (const mention of mentions) assert.match(ended.stderr, mention);
  };

  const wrong: [title: string, args: string[], ...mentions: RegExp[]][] = [
    ["an unknown command", ["runn"], /did you mean run/],
    ["an unknown flag", ["run", "x", "--modle", "demo"], /did you mean --model/],
    ["an unknown model", ["run", "x", "--model", "nope"], /nope/, /anthropic:/],
    ["an unknown agent", ["run", "x", "--model", "demo", "--agent", "typescrip"], /did you mean typescript/],
    ["an unknown workflow", ["run", "x", "--model", "demo", "--workflow", "sequentiel"], /did you mean sequential/],
    ["an unknown level", ["run", "x", "--model", "demo", "--level", "all"], /bypass/],
    ["a budget of nothing", ["run", "x", "--model", "demo", "--budget-usd", "0"], /above 0/],
    ["an empty goal", ["run", " ", "--model", "demo"], /empty/],
    ["two goals", ["run", "x", "y", "--model", "demo"], /quotes/],
    ["a workspace that does not exist", ["run", "x", "--model", "demo", "--workspace", "/nowhere/at/all"], /does not exist/],
    ["an unknown session", ["resume", "s_nothing"], /ao list/],
  ];
  for (const [title, args, ...mentions] of wrong) {
    it(`${title}: exit 2 and one line`, async () => oneLine(await home.ao(args), 2, ...mentions));
  }

  it("a missing key: exit 2, and the variable is named", async () => {
    oneLine(await home.ao(["run", "x", "--model", model], { ANTHROPIC_API_KEY: "" }), 2, /ANTHROPIC_API_KEY/);
  });

  it("nothing to run with: exit 2, and the ways to get a model", async () => {
    const nowhere = { ANTHROPIC_API_KEY: "", LMSTUDIO_BASE_URL: "http://127.0.0.1:9/v1", OLLAMA_BASE_URL: "http://127.0.0.1:9/v1" };
    oneLine(await home.ao(["run", "x"], nowhere), 2, /ANTHROPIC_API_KEY/, /--model demo/);
  });

  it("a file as the workspace: exit 2", async () => {
    const file = join(home.project(teamProject), "README.md");
    oneLine(await home.ao(["run", "x", "--model", "demo", "--workspace", file]), 2, /folder|directory/);
  });

  it("a broken blueprint is reported with file and line, and the rest still runs", async () => {
    const workspace = home.project({ ...teamProject, ".agents/broken.md": "---\nid: broken\nrole: [\n---\nNothing.\n" });
    const ended = await home.ao(
      ["run", "What is this?", "--workspace", workspace, "--model", model],
      await serve(() => ({ text: "A sample." })),
    );
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stderr, /broken\.md:\d+: /);
  });

  const faults: [title: string, reply: Reply, mention: RegExp][] = [
    ["is not what it says it is", { fault: { kind: "other", contentType: "text/html", body: "<h1>hello</h1>" } }, /Reason: /],
    ["refuses the key", { fault: { kind: "status", status: 401, type: "authentication_error", message: "invalid x-api-key" } }, /key/i],
    [
      "has no credit left",
      { fault: { kind: "status", status: 400, type: "invalid_request_error", message: "Your credit balance is too low" } },
      /credit|spend|limit/i,
    ],
  ];
  for (const [title, reply, mention] of faults) {
    it(`a model server that ${title}: exit 1, the reason, and resume goes on when it is mended`, async function () {
      this.timeout(120_000);
      const workspace = home.project(teamProject);
      let broken = true;
      const team = teamModel();
      const env = await serve((request) => (broken && request.agent === "typescript" ? reply : team(request)));
      const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], env);
      assert.equal(ended.code, 1, ended.stdout + ended.stderr);
      assert.match(ended.stdout, mention);
      broken = false;
      const again = await home.ao(["resume", sessionIn(ended)], env);
      assert.equal(again.code, 0, again.stdout + again.stderr);
      assert.ok(existsSync(join(workspace, "added.mjs")));
    });
  }

  it("a model server that is down: exit 1, the address is named, and resume goes on when it is up", async function () {
    this.timeout(120_000);
    const workspace = home.project(teamProject);
    const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], {
      ANTHROPIC_BASE_URL: "http://127.0.0.1:9",
    });
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /127\.0\.0\.1:9/);
    assert.match(ended.stdout, /ao resume/);
    const again = await home.ao(["resume", sessionIn(ended)], await serve(teamModel()));
    assert.equal(again.code, 0, again.stdout + again.stderr);
  });

  it("overload and a stream cut in the middle pass by themselves", async () => {
    const workspace = home.project(teamProject);
    const team = teamModel();
    const troubles: Reply[] = [
      { fault: { kind: "status", status: 529, type: "overloaded_error", message: "Overloaded" } },
      { text: "I wr", fault: { kind: "cut" } },
      { text: "I", fault: { kind: "error_event", type: "overloaded_error", message: "Overloaded" } },
    ];
    const env = await serve((request) => (request.agent === "typescript" ? (troubles.shift() ?? team(request)) : team(request)));
    const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], env);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    const retried = (await home.events(sessionIn(ended))).filter((event) => event.type === "turn.retried");
    assert.equal(retried.length, 3);
  });

  it("kill -9 in the middle: resume ends with the same result, and no command ran twice", async function () {
    this.timeout(120_000);
    const workspace = home.project(teamProject);
    const team = teamModel();
    let hold = true;
    const env = await serve(async (request) => {
      if (hold && request.agent === "readme-generator") await new Promise((done) => setTimeout(done, 60_000).unref());
      return team(request);
    });
    const run = home.start(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], env);
    await until(() => servers[0]!.requests.some((request) => request.agent === "readme-generator"), "the last step");
    run.child.kill("SIGKILL");
    const killed = await run.ended;
    assert.equal(killed.signal, "SIGKILL");
    assert.ok(!existsSync(join(workspace, "added.mjs")), "nothing was landed yet");
    hold = false;
    const before = servers[0]!.requests.filter((request) => request.agent === "typescript").length;
    const again = await home.ao(["resume", "--last", "--workspace", workspace], env);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.equal(
      servers[0]!.requests.filter((request) => request.agent === "typescript").length,
      before,
      "finished work is not paid for twice",
    );
    assert.match(readFileSync(join(workspace, "README.md"), "utf8"), /# Added/);
    const events = await home.events(sessionIn(again));
    assert.deepEqual(
      events.map((event) => event.seq),
      events.map((_, i) => i + 1),
    );
  });

  it("Ctrl-C cancels the whole tree, children's processes included, and exits 130; resume goes on", async function () {
    this.timeout(120_000);
    const marker = `sleep 300.${process.pid}`;
    const workspace = home.project({
      ...teamProject,
      "package.json": JSON.stringify({ type: "module", scripts: { test: marker } }),
    });
    const env = await serve(teamModel());
    const run = home.start(["run", goal, "--workspace", workspace, "--model", model, "--level", "bypass"], env);
    await until(() => processesWith(marker).length > 0, "the test command");
    const began = performance.now();
    run.child.kill("SIGINT");
    const ended = await run.ended;
    const waited = performance.now() - began;
    assert.equal(ended.code, 130, ended.stdout + ended.stderr);
    assert.ok(waited < 20_000, `it took ${waited} ms`);
    assert.deepEqual(processesWith(marker), [], "the command's process is gone");
    assert.match((await home.ao(["list"])).stdout, /cancelled/);
    assert.match(ended.stdout, /ao resume/);
  });

  it("an approval with nobody to ask: exit 3 with the command; denied, the agent is told", async () => {
    const workspace = home.project(teamProject);
    const told: string[] = [];
    const env = await serve(({ agent, turn, results }) => {
      if (agent !== "typescript") return { text: "ok" };
      told.push(...results);
      return turn === 0 ? { calls: [{ tool: "shell__run", arguments: { command: "make everything" } }] } : { text: "Then I leave it." };
    });
    const ended = await home.ao(["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model], env);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    const [, approval, session] = /ao approve (a_\w+) && ao resume (s_\w+)/.exec(ended.stdout)!;
    assert.equal((await home.ao(["deny", approval!, "--reason", "not today"])).code, 0);
    oneLine(await home.ao(["approve", approval!]), 1, /answered/);
    const again = await home.ao(["resume", session!], env);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(told.join("\n"), /not today/);
  });

  it("with --no-ask what would be asked is refused, and the run ends", async () => {
    const workspace = home.project(teamProject);
    const env = await serve(({ turn }) =>
      turn === 0 ? { calls: [{ tool: "shell__run", arguments: { command: "make everything" } }] } : { text: "Refused, so I leave it." },
    );
    const ended = await home.ao(["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model, "--no-ask"], env);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /denied/);
  });

  it("an agent's question with nobody there: exit 3; the answer reaches the agent", async () => {
    const workspace = home.project(teamProject);
    const heard: string[] = [];
    const env = await serve(({ turn, results }) => {
      heard.push(...results);
      return turn === 0 ? { calls: [{ tool: "agents__ask_user", arguments: { question: "Which colour?" } }] } : { text: "Thank you." };
    });
    const ended = await home.ao(["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model], env);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /Which colour\?/);
    const [, interrupt] = /ao answer (i_\w+)/.exec(ended.stdout)!;
    assert.equal((await home.ao(["answer", interrupt!, "Blue"])).code, 0);
    assert.equal((await home.ao(["resume", sessionIn(ended)], env)).code, 0);
    assert.match(heard.join("\n"), /Blue/);
  });

  it("a further prompt in the same session knows what was said before", async () => {
    const workspace = home.project(teamProject);
    const prompts: string[] = [];
    const env = await serve(({ prompt }) => {
      prompts.push(prompt);
      return { text: "It is a sample." };
    });
    const first = await home.ao(["run", "What is this?", "--workspace", workspace, "--model", model], env);
    const second = await home.ao(["resume", sessionIn(first), "-p", "Why is that?"], env);
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.match(prompts.at(-1)!, /Why is that\?[\s\S]*It is a sample\./);
    oneLine(await home.ao(["resume", sessionIn(first)]), 2, /-p/);
  });
});
