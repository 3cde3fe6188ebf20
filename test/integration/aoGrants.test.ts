// Approvals in the terminal that hold beyond their session: given, listed, used by the next session, revoked.

import assert from "node:assert/strict";
import type { StandingGrant } from "../../src/core/ports.ts";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamProject } from "../support/teamModel.ts";

describe("ao approve --scope", () => {
  let home: Home;
  let server: FakeModelServer;
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  it("workspace: the next session of this project is not asked, until it is revoked", async () => {
    const call = { tool: "shell__run", arguments: { command: "node --print 1" } };
    server = await startFakeModelServer(({ turn }) => (turn === 0 ? { calls: [call] } : { text: "Done." }));
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    const workspace = home.project(teamProject);
    const model = "anthropic:claude-sonnet-4-5";
    const run = (folder = workspace) =>
      home.ao(["run", "Fix the typo in README.md", "--workspace", folder, "--model", model, "--level", "assisted"]);
    const pending = async (): Promise<{ id: string }[]> => JSON.parse((await home.ao(["approvals", "--json"])).stdout) as { id: string }[];

    const first = await run();
    assert.equal(first.code, 3, first.stdout + first.stderr);
    const [{ id }] = (await pending()) as [{ id: string }];
    const listed = (await home.ao(["approvals"])).stdout.split("\n");
    assert.match(listed[1]!, /^ {2}risk 50: runs a shell command/);
    assert.match(listed[2]!, /^ {2}beyond the session \(--scope workspace, always\): exactly the command node --print 1 in/);
    const wrong = await home.ao(["approve", id, "--scope", "forever"]);
    assert.deepEqual([wrong.code, wrong.stderr], [2, 'ao: --scope is one of once, session, workspace, like, always, not "forever"\n']);
    const approved = await home.ao(["approve", id, "--scope", "workspace"]);
    assert.equal(approved.code, 0, approved.stderr);
    assert.match(
      approved.stdout,
      /Allowed from now on: exactly the command node --print 1 in an agent's own folder.*, in .*\. Take it back with: ao approvals revoke g_/,
    );
    const resumed = await home.ao(["resume", sessionIn(first)]);
    assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);

    const [grant] = JSON.parse((await home.ao(["approvals", "--grants", "--json"])).stdout) as [StandingGrant];
    assert.equal(grant.workspace, workspace);
    assert.match(
      (await home.ao(["approvals", "--grants"])).stdout,
      new RegExp(`^${grant.id}  exactly the command node --print 1 .*, in ~/project-1 \\(by user, `),
    );

    const second = await run();
    assert.equal(second.code, 0, second.stdout + second.stderr);
    assert.deepEqual(await pending(), []);
    const events = await home.events(sessionIn(second));
    assert.ok(events.some((event) => event.type === "call.started" && (event.payload as { grant?: string }).grant === grant.id));
    assert.equal((await run(home.project(teamProject))).code, 3, "another project is asked");

    assert.match((await home.ao(["approvals", "revoke", grant.id])).stdout, /^Revoked g_/);
    const again = await home.ao(["approvals", "revoke", grant.id]);
    assert.deepEqual([again.code, /there is no grant/.test(again.stderr)], [1, true]);
    assert.equal((await home.ao(["approvals", "revoke"])).code, 2);
    assert.equal((await run()).code, 3);
  });

  it("like: commands like it are not asked in this project, for some days; what goes further is", async () => {
    let words = "one";
    server = await startFakeModelServer(({ turn }) =>
      turn === 0 ? { calls: [{ tool: "shell__run", arguments: { command: `node tools/say.js ${words}` } }] } : { text: "Done." },
    );
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    const workspace = home.project({ ...teamProject, "tools/say.js": "console.log(process.argv[2]);\n" });
    const run = (): Promise<Ended> =>
      home.ao([
        "run",
        "Fix the typo in README.md",
        "--workspace",
        workspace,
        "--model",
        "anthropic:claude-sonnet-4-5",
        "--level",
        "assisted",
      ]);
    const first = await run();
    assert.equal(first.code, 3, first.stdout + first.stderr);
    const [{ id }] = JSON.parse((await home.ao(["approvals", "--json"])).stdout) as [{ id: string }];
    assert.match(
      (await home.ao(["approvals"])).stdout,
      / {2}its like \(--scope like\): commands like node tools\/say\.js … in an agent's own folder/,
    );
    const approved = await home.ao(["approve", id, "--scope", "like", "--for", "30"]);
    assert.match(approved.stdout, /Allowed from now on for 30 days: commands like node tools\/say\.js/);
    assert.doesNotMatch(approved.stdout, /90 days/);
    assert.equal(approved.code, 0, approved.stderr);
    assert.match((await home.ao(["approvals", "--grants"])).stdout, /commands like node tools\/say\.js .* for 30 days, session/);
    words = "two three";
    const second = await run();
    assert.equal(second.code, 0, second.stdout + second.stderr);
    words = "two > out";
    assert.equal((await run()).code, 3, "a redirection is no further word");
    words = "two; node --eval 1";
    assert.equal((await run()).code, 3, "another command is none either");
  });
});
