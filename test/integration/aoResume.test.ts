// `kill -9` at any moment, with a model server that streams: whoever resumes goes on as if nothing had happened. Each effect
// is counted by a program outside of the record, and the record of all lives can be made again.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Home, sessionIn, type Started, until } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { readFiles } from "../support/gitProject.ts";
import { createDice, seeds } from "../support/randomEdits.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const model = ["--model", "anthropic:claude-sonnet-4-5", "--level", "bypass"];
const goal = ["run", "Write added.mjs", "--workflow", "sequential", "--apply", ...model];

describe("ao: killed anywhere, and resumed", function () {
  this.timeout(240_000);
  let home: Home;
  let server: FakeModelServer;
  let answer: (request: FakeRequest) => Reply;

  beforeEach(async function () {
    if (process.platform === "win32") this.skip();
    server = await startFakeModelServer((request) => answer(request));
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const kill = async ({ child, ended }: Started): Promise<boolean> => {
    child.kill("SIGKILL");
    return (await ended).signal === "SIGKILL";
  };
  const madeAgain = async (session: string): Promise<void> => {
    const replayed = await home.ao(["replay", session]);
    assert.equal(replayed.code, 0, replayed.stdout + replayed.stderr);
    assert.match(replayed.stdout, /each as it was recorded/);
  };

  it("a command in the middle: it is not run again, and its agent is told what can be seen of it", async () => {
    const counter = join(home.dir, "effects");
    const told: string[] = [];
    answer = ({ turn, results }) => {
      told.push(...results);
      if (turn === 0) return { calls: [{ tool: "filesystem__write_file", arguments: { path: "kept.txt", content: "kept\n" } }] };
      const command = `echo once >> "${counter}"; echo half > made.txt; sleep 60`;
      if (turn === 1) return { calls: [{ tool: "shell__run", arguments: { command } }] };
      return { text: "made.txt is there; the rest of the command is not needed." };
    };
    const workspace = home.project({ "README.md": "# Sample\n" });
    // Outside of the sandbox the command reaches a counter that is nobody's record.
    mkdirSync(join(home.dir, "data"), { recursive: true });
    writeFileSync(join(home.dir, "data", "policy.yaml"), 'version: 1\nrules: []\nsandbox: { mode: "off" }\n');
    const first = home.start(["run", "Make made.txt", "--agent", "typescript", "--apply", "--workspace", workspace, ...model]);
    const folders = join(home.dir, "data", "worktrees");
    const made = (): boolean =>
      existsSync(folders) && readdirSync(folders, { recursive: true, encoding: "utf8" }).some((name) => name.endsWith("made.txt"));
    await until(made, "the command's file");
    assert.ok(await kill(first));
    const session = sessionIn(await home.ao(["list"]));
    const resumed = await home.ao(["resume", session]);
    assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
    assert.equal(readFileSync(counter, "utf8"), "once\n", "the command ran once");
    const [unknown, ...more] = told.filter((text) => text.includes("Unknown outcome"));
    assert.match(unknown ?? "", /changed since the call before it: made\.txt\./);
    assert.deepEqual(more, []);
    assert.deepEqual(readFiles(workspace), { "README.md": "# Sample\n", "kept.txt": "kept\n", "made.txt": "half\n" });
    await madeAgain(session);
  });

  for (const seed of seeds(1))
    it(`at random moments, five times: the same files, and a record that can be made again (seed ${seed})`, async () => {
      const { below } = createDice(seed);
      const team = teamModel();
      // Streams take a while, so that most kills are in the middle of one.
      answer = (request) => ({ ...team(request), deltas: 20, delayMs: 150 });
      const plain = home.project(teamProject);
      const whole = performance.now();
      const expected = await home.ao([...goal, "--workspace", plain]);
      assert.equal(expected.code, 0, expected.stdout + expected.stderr);
      const lifeMs = performance.now() - whole;

      const workspace = home.project(teamProject);
      let kills = 0;
      let session: string | undefined;
      for (let lives = 0; lives < 80; lives++) {
        const life = home.start(session ? ["resume", session] : [...goal, "--workspace", workspace]);
        const soon = kills < 5 ? 300 + below(lifeMs / 2) : lifeMs * 20;
        const end = await Promise.race([life.ended, new Promise<"late">((late) => setTimeout(late, soon, "late"))]);
        if (end === "late" && (await kill(life))) kills += 1;
        const listed = JSON.parse((await home.ao(["list", "--workspace", workspace, "--json"])).stdout) as { id: string; status: string }[];
        session = listed[0]?.id;
        if (listed[0]?.status === "done") break;
      }
      assert.ok(session && kills > 0, `killed ${kills} times`);
      assert.deepEqual(readFiles(workspace), readFiles(plain));
      const events = await home.events(session);
      const ends = events.filter(({ type }) => type === "call.ended").map(({ payload }) => (payload as { callId: string }).callId);
      assert.equal(new Set(ends).size, ends.length, "no call ended twice");
      assert.equal(events.filter(({ type }) => type === "landing.done").length, 1);
      await madeAgain(session);
    });

  it("a record in which a byte was changed is told, with the event", async () => {
    answer = () => ({ text: "It is an inventory." });
    const workspace = home.project({ "README.md": "# Sample\n" });
    const ran = await home.ao(["run", "What is this?", "--workspace", workspace, ...model]);
    assert.equal(ran.code, 0, ran.stderr);
    const session = sessionIn(await home.ao(["list"]));
    await madeAgain(session);
    const { stdout } = await home.ao(["trace", session, "--format", "jsonl"]);
    const file = join(home.dir, "trace.jsonl");
    writeFileSync(file, stdout);
    assert.equal((await home.ao(["replay", "--file", file])).code, 0);
    const seq = (JSON.parse(stdout.split("\n").find((line) => line.includes('"type":"message"'))!) as { seq: number }).seq;
    writeFileSync(file, stdout.replace('What is this?"}]', 'What is that?"}]'));
    const told = await home.ao(["replay", "--file", file]);
    assert.equal(told.code, 1, told.stdout);
    assert.match(told.stdout, new RegExp(`at event ${seq} \\(message\\)`));
    const json = JSON.parse((await home.ao(["replay", "--file", file, "--json"])).stdout) as { divergence: { seq: number } };
    assert.equal(json.divergence.seq, seq);
  });
});
