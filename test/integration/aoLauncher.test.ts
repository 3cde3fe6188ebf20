// `ao` under an older Node hands over to a newer one. To the outside the two are one program: a signal or a kill that
// reaches the first ends the second.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createHome, type Home, until } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamProject } from "../support/teamModel.ts";

/** A Node that reports an older version to the launcher, and is itself again for what it starts. */
const pretend =
  'if (!process.env.AO_PRETENDED) { process.env.AO_PRETENDED = "1"; Object.defineProperty(process.versions, "node", { value: "20.0.0" }); }';

describe("the launcher", () => {
  let home: Home;
  let server: FakeModelServer;

  beforeEach(async () => {
    home = createHome();
    server = await startFakeModelServer(async () => {
      await new Promise((done) => setTimeout(done, 60_000).unref());
      return { text: "late" };
    });
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const launch = () => {
    const workspace = home.project(teamProject);
    mkdirSync(join(home.dir, "pretend"), { recursive: true });
    const preload = join(home.dir, "pretend", "old.cjs");
    writeFileSync(preload, pretend);
    const env = {
      ...process.env,
      HOME: home.dir,
      AO_DATA_DIR: join(home.dir, "data"),
      AO_NODE: process.execPath,
      ANTHROPIC_API_KEY: "key",
      ANTHROPIC_BASE_URL: server.url,
    };
    const args = [
      "--require",
      preload,
      resolve("dist/cli.js"),
      "run",
      "What is this?",
      "--workspace",
      workspace,
      "--model",
      "anthropic:claude-sonnet-4-5",
    ];
    return spawn(process.execPath, args, { cwd: home.dir, env, stdio: ["ignore", "pipe", "pipe"] });
  };

  const statusListed = async (): Promise<string> => (await home.ao(["list"])).stdout;

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`passes ${signal} on: the run is cancelled and recorded, exit 130`, async () => {
      const child = launch();
      await until(() => server.requests.length > 0, "the model call");
      child.kill(signal);
      const [code] = (await once(child, "close")) as [number];
      assert.equal(code, 130);
      assert.match(await statusListed(), /cancelled/);
    });
  }

  it("killed, takes its worker with it", async () => {
    const child = launch();
    await until(() => server.requests.length > 0, "the model call");
    child.kill("SIGKILL");
    await until(async () => /cancelled/.test(await statusListed()), "the worker's end");
    const left = spawnSync("pgrep", ["-f", `${home.dir}/project`], { encoding: "utf8" });
    assert.equal(left.stdout.trim(), "");
  });
});
