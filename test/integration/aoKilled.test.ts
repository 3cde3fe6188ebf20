// `kill -9` in the middle of what writes into the user's files, with the program as it is shipped: it dies before a chosen
// change of a file, the next command starts, and the files are as they were before or as they are after, never between.

import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { readFiles } from "../support/gitProject.ts";
import { createDice } from "../support/randomEdits.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const dieAt = new URL("../support/dieAt.ts", import.meta.url).href;
const model = "anthropic:claude-sonnet-4-5";
const untouched = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`data/${i % 20}/${i}.txt`, `row ${i}\n`]));

describe("ao: killed while it writes into the user's files", function () {
  this.timeout(300_000);
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;

  beforeEach(async function () {
    if (process.platform === "win32") this.skip();
    server = await startFakeModelServer(teamModel());
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project({ ...teamProject, ...untouched });
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const run = async (...more: string[]): Promise<Ended> =>
    await home.ao(
      ["run", "Write added.mjs", "--workflow", "sequential", "--level", "assisted", "--yes-to", "checks", "--workspace", workspace].concat(
        ["--model", model],
        more,
      ),
    );
  const files = (): Record<string, string> => readFiles(workspace);
  const landings = (): string[] => {
    const homes = join(home.dir, "data", "workspaces");
    return existsSync(homes) ? readdirSync(homes).map((name) => join(homes, name, "landings")) : [];
  };
  /** Undefined when the program came to its end. */
  const killedAt = async (step: number, ...args: string[]): Promise<Ended | undefined> => {
    const env = { NODE_OPTIONS: `--import=${dieAt}`, AO_DIE_AT: String(step), AO_DIE_IN: [workspace, ...landings()].join("\n") };
    const ended = await home.ao(args, env);
    assert.ok(ended.signal === "SIGKILL" || ended.code === 0, ended.stdout + ended.stderr);
    return ended.signal === "SIGKILL" ? ended : undefined;
  };

  for (const seed of [1, 2])
    it(`takes it back when the next command starts, and the session goes on (seed ${seed})`, async () => {
      const { below } = createDice(seed);
      const ended = await run();
      assert.equal(ended.code, 3, ended.stdout + ended.stderr);
      const session = sessionIn(ended);
      const start = { ...files() };
      const cutEverywhere = async (before: Record<string, string>, isDone: () => boolean, ...args: string[]): Promise<void> => {
        let cuts = 0;
        for (let step = 1 + below(2); await killedAt(step, ...args); step += 1 + below(3)) {
          cuts++;
          writeFileSync(join(workspace, "mine.txt"), `${args[0]} ${step}\n`);
          const listed = await home.ao(["list"]);
          assert.equal(listed.code, 0, listed.stderr);
          // Once it is on record it is there, as a whole.
          if (isDone()) break;
          assert.deepEqual(files(), { ...before, "mine.txt": `${args[0]} ${step}\n` }, `${args.join(" ")} cut before change ${step}`);
        }
        assert.ok(cuts >= 4, `${args.join(" ")} was cut at ${cuts} places`);
      };
      await cutEverywhere(start, () => "added.mjs" in files(), "apply", session);
      const applied = files();
      assert.deepEqual(
        Object.keys(applied).filter((path) => applied[path] !== start[path]),
        ["README.md", "added.mjs", "added.test.mjs", "mine.txt"],
      );

      const checkpoints = await home.ao(["checkpoints", session]);
      const to = /^(k_\w+)/.exec(checkpoints.stdout)![1]!;
      await cutEverywhere(applied, () => !("added.mjs" in files()), "rollback", session, "--to", to);
      const { "mine.txt": _, ...back } = files();
      assert.deepEqual(back, start);
      const undo = /(k_\w+) {2}before: going back/.exec((await home.ao(["checkpoints", session])).stdout)![1]!;
      assert.equal((await home.ao(["rollback", session, "--to", undo])).code, 0);
      assert.equal(files()["added.mjs"], applied["added.mjs"]);
    });

  it("a run that lands by itself is gone on with, and lands once", async () => {
    const before = files();
    const args = ["run", "Write added.mjs", "--workflow", "sequential", "--level", "bypass", "--yes-to", "checks", "--model", model];
    const { below } = createDice(3);
    for (const step of [1 + below(3), 4 + below(3), 7 + below(3)]) {
      const killed = await killedAt(step, ...args, "--workspace", workspace, "--apply");
      assert.ok(killed, `change ${step} was never reached`);
      const session = sessionIn(await home.ao(["list"]));
      assert.deepEqual(files(), before, `cut before change ${step}`);
      const resumed = await home.ao(["resume", session]);
      assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
      assert.ok(files()["added.mjs"]);
      const landed = (await home.events(session)).filter(({ type }) => type === "landing.done");
      assert.equal(landed.length, 1);
      const to = /^(k_\w+)/.exec((await home.ao(["checkpoints", session])).stdout)![1]!;
      assert.equal((await home.ao(["rollback", session, "--to", to])).code, 0);
      assert.deepEqual(files(), before);
    }
  });
});
