// Several programs on one store: one runs a session, others answer its questions or stop it; two never act at once.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createHome, type Home, sessionIn, until } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";
import { createRuntime } from "../../src/runtime/runtime.ts";
import { configWith } from "../support/world.ts";
import { join } from "node:path";

const model = "anthropic:claude-sonnet-4-5";

describe("two processes", () => {
  let home: Home;
  let server: FakeModelServer;

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const serve = async (handler: (request: FakeRequest) => Reply | Promise<Reply>): Promise<Record<string, string>> => {
    server = await startFakeModelServer(handler);
    return { ANTHROPIC_BASE_URL: server.url };
  };

  const hanging = async (): Promise<Reply> => {
    await new Promise((done) => setTimeout(done, 60_000).unref());
    return { text: "late" };
  };

  it("a second resume of a running session is refused and disturbs nothing; ao cancel reaches the first", async () => {
    const workspace = home.project(teamProject);
    const env = await serve(hanging);
    const first = home.start(["run", "What is this?", "--workspace", workspace, "--model", model], env);
    await until(() => server.requests.length > 0, "the model call");
    const session = sessionIn(await home.ao(["list"]));
    const second = await home.ao(["resume", session], env);
    assert.equal(second.code, 1, second.stdout + second.stderr);
    assert.match(second.stderr, /is running in process \d+/);
    const cancelled = await home.ao(["cancel", session]);
    assert.equal(cancelled.code, 0, cancelled.stderr);
    const ended = await first.ended;
    assert.equal(ended.code, 130, ended.stdout + ended.stderr);
    const again = await home.ao(["cancel", session]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /not running/);
  });

  it("a lease of a process that was killed does not hold", async () => {
    const workspace = home.project(teamProject);
    let hang = true;
    const env = await serve(() => (hang ? hanging() : { text: "A sample." }));
    const first = home.start(["run", "What is this?", "--workspace", workspace, "--model", model], env);
    await until(() => server.requests.length > 0, "the model call");
    first.child.kill("SIGKILL");
    await first.ended;
    hang = false;
    const again = await home.ao(["resume", "--last", "--workspace", workspace], env);
    assert.equal(again.code, 0, again.stdout + again.stderr);
  });

  it("a session of a program that is stopped is taken over; that program, awake, ends with one sentence and acts no more", async function () {
    if (process.platform === "win32") this.skip();
    const workspace = home.project(teamProject);
    let hang = true;
    const env = await serve(() => (hang ? hanging() : { text: "A sample." }));
    const first = home.start(["run", "What is this?", "--workspace", workspace, "--model", model], env);
    await until(() => server.requests.length > 0, "the model call");
    const session = sessionIn(await home.ao(["list"]));
    first.child.kill("SIGSTOP");
    hang = false;
    const refused = await home.ao(["resume", session], env);
    assert.equal(refused.code, 1, refused.stdout + refused.stderr);
    assert.match(
      refused.stderr,
      new RegExp(`is running in process ${first.child.pid};.* If it hangs there: ao resume ${session} --take-over`),
    );
    const taken = await home.ao(["resume", session, "--take-over"], env);
    assert.equal(taken.code, 0, taken.stdout + taken.stderr);
    const asked = server.requests.length;
    const record = await home.events(session);
    first.child.kill("SIGCONT");
    const ended = await first.ended;
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    assert.match(ended.stderr, /^ao: [^\n]*session s_\w+ was taken over by [^\n]*nothing more of it is done here[^\n]*\n$/);
    assert.equal(server.requests.length, asked);
    assert.deepEqual(await home.events(session), record);
  });

  it("an approval given in another process reaches the waiting run; the second answer is told of the first", async () => {
    const workspace = home.project(teamProject);
    const env = await serve(({ turn }) =>
      turn === 0 ? { calls: [{ tool: "shell__run", arguments: { command: "touch made.txt" } }] } : { text: "Done." },
    );
    const runtime = await createRuntime({
      env: { ...process.env, ...env, ANTHROPIC_API_KEY: "key", AO_DATA_DIR: join(home.dir, "data") },
      attended: true,
    });
    try {
      const created = await runtime.engine.dispatch({
        type: "session.create",
        goal: "Fix the typo in README.md",
        workspace,
        config: configWith({ model, level: "default", apply: true }),
      });
      assert.ok(created.ok);
      const { sessionId } = created.value;
      const running = runtime.engine.dispatch({ type: "session.run", sessionId });
      await until(async () => (await runtime.store.listPending()).length > 0, "the approval");
      const [pending] = await runtime.store.listPending();
      const answered = await home.ao(["approve", pending!.id]);
      assert.equal(answered.code, 0, answered.stderr);
      const outcome = await running;
      assert.ok(outcome.ok);
      assert.equal(outcome.value.status, "done", outcome.value.reason);
      assert.equal((await home.ao(["deny", pending!.id])).code, 1);
    } finally {
      await runtime.close();
    }
  });

  it("apply and discard at once: one of them counts, the files and the record say the same, the loser is told", async function () {
    this.timeout(120_000);
    server = await startFakeModelServer(teamModel());
    const env = { ANTHROPIC_BASE_URL: server.url };
    for (const round of [1, 2, 3]) {
      const workspace = home.project(teamProject);
      const goal = ["run", "Write added.mjs", "--workflow", "sequential", "--level", "assisted", "--yes-to", "checks"];
      const ended = await home.ao([...goal, "--workspace", workspace, "--model", model], env);
      assert.equal(ended.code, 3, ended.stdout + ended.stderr);
      const session = sessionIn(ended);
      const ends = await Promise.all([home.ao(["apply", session]), home.ao(["discard", session])]);
      const said = `round ${round}: ${JSON.stringify(ends)}`;
      const [applied, discarded] = ends.map(({ code }) => code === 0);
      assert.ok(applied !== discarded, said);
      const loser = ends.find(({ code }) => code !== 0)!;
      assert.equal(loser.code, 1, said);
      assert.match(
        loser.stderr,
        /^[^\n]*(is in use by process \d+|has no changes waiting|all changes are applied already|the changes were discarded)[^\n]*\n$/,
        said,
      );
      const { decision } = JSON.parse((await home.ao(["changes", session, "--json"])).stdout) as { decision: string };
      assert.equal(decision, applied ? "applied" : "discarded", said);
      assert.equal(existsSync(join(workspace, "added.mjs")), applied, said);
    }
  });
});
