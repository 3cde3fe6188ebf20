// A person at the terminal: what they are asked, what they see before they decide, and what happens when they go away.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Home, sessionIn, until } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";
import { createTerminal, ctrlD, type Terminal } from "../support/terminal.ts";

const model = "anthropic:claude-sonnet-4-5";
const goal = "Implement adding, with tests and documentation";
const yes = "y\r";

describe("ao at a terminal", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
    workspace = home.project(teamProject);
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const terminal = async (handler: (request: FakeRequest) => Reply | Promise<Reply>, options = {}): Promise<Terminal> => {
    server = await startFakeModelServer(handler);
    const own = { ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url, AO_DATA_DIR: join(home.dir, "data") };
    return createTerminal({ PATH: process.env["PATH"] ?? "", HOME: home.dir, ...own }, { cwd: workspace, ...options });
  };
  const run = (at: Terminal, ...more: string[]): Promise<number> =>
    at.ao(["run", goal, "--workspace", workspace, "--model", model, ...more]);

  it("Ctrl-D puts off this question and all that follow: the run ends as waiting, and the question is kept", async () => {
    const at = await terminal(teamModel());
    const running = run(at);
    await at.when(/\[l\]ater: /, ctrlD);
    assert.equal(await running, 3, at.printed());
    assert.match(at.printed(), /Waiting for you: ao approve a_\w+ && ao resume s_/);
    assert.equal((JSON.parse((await home.ao(["approvals", "--json"])).stdout) as unknown[]).length, 1);
  });

  it("Ctrl-D before anything was asked puts off what is asked then", async () => {
    let typed = (): void => undefined;
    const waits = new Promise<void>((resolve) => (typed = resolve));
    const team = teamModel();
    const at = await terminal(async (request) => {
      if (request.agent === "planning") await waits;
      return team(request);
    });
    const running = run(at);
    await until(() => server.requests.length > 0, "the first request");
    await at.when(/coordinator/, ctrlD);
    await at.when(/No more answers/, "");
    typed();
    assert.equal(await running, 3, at.printed());
    assert.doesNotMatch(at.printed(), /\[l\]ater: /);
  });

  it("shows who asks and an edit as a diff, and [s] covers all edits of the session, but a command only itself", async () => {
    const at = await terminal(teamModel());
    const running = run(at);
    await at.when(/\[s\] all edits of this session/, "s\r");
    const [asked] = /typescript asks: filesystem__write_file[\s\S]*\[l\]ater/.exec(at.printed()) ?? [];
    assert.match(asked ?? "", /path: added\.mjs\r?\n[\s\S]*a new file[\s\S]*\+ export const added = \(a, b\) => a \+ b;/);
    await at.when(/testing \(test\) asks: shell__run[\s\S]*\[s\] this command again in this session/, "s\r");
    await at.when(/\[v\]iew/, yes);
    assert.equal(await running, 0, at.printed());
    assert.equal(at.printed().match(/filesystem__write_file \(risk/g)?.length, 1);
    assert.ok(existsSync(join(workspace, "added.mjs")));
  });

  it("lists the files before landing, prints the patch on demand, and says when it was discarded", async () => {
    const at = await terminal(teamModel());
    const running = run(at, "--level", "assisted", "--yes-to", "checks");
    await at.when(/added +\+13 -0 +added\.mjs[\s\S]*\[v\]iew/, "v\r");
    await at.when(/\+\+\+ b\/added\.mjs[\s\S]*\[v\]iew/, "d\r");
    assert.equal(await running, 0, at.printed());
    assert.match(at.printed(), /Discarded the changes to 3 files; your files are as they were\./);
    assert.ok(!existsSync(join(workspace, "added.mjs")));
  });

  it("an answer from elsewhere takes the question away", async () => {
    const at = await terminal(({ turn }) =>
      turn === 0 ? { calls: [{ tool: "shell__run", arguments: { command: "touch made.txt" } }] } : { text: "Done." },
    );
    const running = at.ao(["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model, "--apply"]);
    await at.when(/\[l\]ater: /, "");
    const [approval] = /a_[a-z0-9]{10}/.exec((await home.ao(["approvals"])).stdout) ?? [];
    assert.equal((await home.ao(["approve", approval!])).code, 0);
    assert.equal(await running, 0, at.printed());
    assert.match(at.printed(), /answered elsewhere/);
  });

  it("colours only where colour is wanted", async () => {
    for (const colour of [true, false]) {
      const at = await terminal(
        ({ turn }) =>
          turn === 0 ? { calls: [{ tool: "filesystem__write_file", arguments: { path: "a", content: "b" } }] } : { text: "Done." },
        { colour },
      );
      const running = at.ao(["run", "Fix the typo in README.md", "--workspace", workspace, "--model", model]);
      await at.when(/\[l\]ater: /, "l\r");
      assert.equal(await running, 3, at.printed());
      // oxlint-disable-next-line no-control-regex -- this is what is looked for
      assert.equal(/\u001b\[[0-9;]*m/.test(at.printed()), colour);
      assert.ok(sessionIn({ stdout: at.printed(), stderr: "" }));
      if (colour) await server.close();
    }
  });
});
