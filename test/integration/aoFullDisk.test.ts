// A disk that fills up in the middle of a run: the program stops with one clear line, what was recorded is readable, and
// after making room the session goes on to its end without doing twice what was done.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { type SmallDisk, smallDisk } from "../support/smallDisk.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const run = [
  "run",
  "Implement adding, with tests and documentation",
  "--model",
  "anthropic:claude-sonnet-4-5",
  "--level",
  "bypass",
  "--apply",
];

describe("ao, on a disk that fills up", () => {
  let disk: SmallDisk | undefined;
  let home: Home;
  let server: FakeModelServer | undefined;

  before(function () {
    disk = smallDisk();
    if (!disk) this.skip();
    home = createHome({ ANTHROPIC_API_KEY: "key", AO_DATA_DIR: join(disk.path, "data") });
  });

  after(async () => {
    await server?.close();
    home?.remove();
    disk?.remove();
  });

  it("says so, keeps what was recorded, and goes on when there is room", async () => {
    const team = teamModel();
    let full = true;
    server = await startFakeModelServer((request) => {
      if (request.agent === "unit-test" && full) disk!.fill();
      return team(request);
    });
    const env = { ANTHROPIC_BASE_URL: server.url };
    const workspace = home.project(teamProject);
    const stopped = await home.ao([...run, "--workspace", workspace], env);
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.match(stopped.stderr.trim(), /^ao: the session could not be recorded: The disk with the data folder is full: make room.*\.$/m);
    assert.doesNotMatch(stopped.stderr, /\.\.|\n.*\n/);
    const session = sessionIn(await home.ao(["list", "--workspace", workspace]));
    const recorded = await home.events(session);
    assert.ok(recorded.length > 20);

    disk!.makeRoom();
    full = false;
    const resumed = await home.ao(["resume", session], env);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(readFileSync(join(workspace, "added.mjs"), "utf8"), /export const added/);
    const events = await home.events(session);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_event, i) => i + 1),
    );
    assert.deepEqual(events.slice(0, recorded.length), recorded);
    const plans = events.filter(({ type }) => type === "plan.submitted");
    assert.equal(plans.length, 1);
  });
});
