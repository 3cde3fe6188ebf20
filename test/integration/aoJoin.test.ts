// The ways out of a clash between a result and one's own edits, as a user has them in the terminal.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

describe("ao apply: a clash with one's own edits", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;
  let session: string;
  let asked = "";

  beforeEach(async () => {
    const team = teamModel();
    asked = "";
    server = await startFakeModelServer((request) => {
      const { agent, prompt, turn } = request;
      if (agent === "readme-generator" && turn === 0 && prompt.startsWith("Join the team's changes")) asked = prompt;
      return asked === "" ? team(request) : joining(agent, turn);
    });
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project(teamProject);
    const given = ["--level", "assisted", "--yes-to", "checks", "--workspace", workspace, "--model", "anthropic:claude-sonnet-4-5"];
    const ended = await home.ao(["run", "Write added.mjs", "--workflow", "sequential", ...given]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    session = sessionIn(ended);
    writeFileSync(join(workspace, "README.md"), "# My own title\n");
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const joining = (agent: string, turn: number): Reply => {
    if (agent !== "readme-generator") return { text: "Said." };
    const content = "# My own title\n\n`added` adds.\n";
    const turns: Reply[] = [
      { calls: [{ tool: "filesystem__write_file", arguments: { path: "README.md", content } }] },
      { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "Both titles are one." } }] },
    ];
    return turns[turn] ?? { text: "Done." };
  };
  const readme = (): string => readFileSync(join(workspace, "README.md"), "utf8");
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

  it("names both ways; joined by hand it counts as taken, and as unproven", async () => {
    refused(
      await home.ao(["apply", session]),
      3,
      /in README\.md/,
      new RegExp(`ao apply ${session} README\\.md --joined`),
      /ao apply s_\w+ --join$/m,
    );
    refused(await home.ao(["resume", session, "-p", "go on"]), 1, /--joined/, /--join\)/);
    refused(await home.ao(["apply", session, "--joined"]), 2, /name the files that you have joined/);
    refused(await home.ao(["apply", session, "--join", "--joined"]), 2, /--join or --joined, not both/);
    refused(await home.ao(["apply", session, "README.md", "--join"]), 2, /name no files/);
    assert.equal(readme(), "# My own title\n");
    writeFileSync(join(workspace, "README.md"), "# My own title\n\nIt adds.\n");
    assert.match(await ok("apply", session, join(workspace, "README.md"), "--joined"), /^Taken as you joined it: README\.md$/m);
    assert.match(await ok("changes", session, "--stat"), /README\.md .*\(joined by hand\)/);
    const rest = await ok("apply", session);
    assert.match(rest, /Applied \d files? to .*added\.mjs/);
    assert.match(rest, /Unproven: joined by hand: no check was run on what README\.md holds now\./);
    assert.equal(readme(), "# My own title\n\nIt adds.\n");
    assert.match(await ok("trace", session), /parts joined by hand: README\.md/);
  });

  it("an agent joins them, with both sides at hand; its result is applied", async () => {
    refused(await home.ao(["apply", session]), 3, /README\.md/);
    const ended = await home.ao(["apply", session, "--join"]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /ao apply/);
    for (const part of [/\+# Added/, /\+# My own title/, /Goal: /]) assert.match(asked, part);
    await ok("apply", session);
    assert.equal(readme(), "# My own title\n\n`added` adds.\n");
    assert.match(readFileSync(join(workspace, "added.mjs"), "utf8"), /export const added/);
    refused(await home.ao(["apply", session, "--join"]), 2, /no changes waiting/);
  });
});
