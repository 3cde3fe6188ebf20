// A session forked in the middle of a run, as a user does it: the fork goes on from there with the files of that event, in
// other words or with another model, and the source and the user's folder stay as they are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentState } from "../../src/core/agentState.ts";
import { type EventOf, isKnown } from "../../src/protocol/events.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { Comparison } from "../../src/runtime/compare.ts";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { readFiles } from "../support/gitProject.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const model = "anthropic:claude-sonnet-4-5";

describe("ao fork in the middle of a run", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;
  let session: string;

  before(async () => {
    const team = teamModel();
    server = await startFakeModelServer((request) => {
      const isMore = request.agent === "readme-generator" && request.turn === 0 && request.model.includes("opus");
      const text = "# Added\n\n`added` adds.\nMore.\n";
      const commands = ["cat README.md", "echo made > made.txt"].map((command) => ({ tool: "shell__run", arguments: { command } }));
      if (request.agent === "typescript" && request.prompt.includes("typo") && request.turn === 0) return { calls: commands };
      return isMore ? { calls: [{ tool: "filesystem__write_file", arguments: { path: "README.md", content: text } }] } : team(request);
    });
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project(teamProject);
    const how = ["--workflow", "sequential", "--level", "assisted", "--yes-to", "checks", "--workspace", workspace, "--model", model];
    const ended = await home.ao(["run", "Write added.mjs", ...how]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    session = sessionIn(ended);
  });
  after(async () => {
    await server.close();
    home.remove();
  });

  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await home.ao(args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const firstEnd = async (tool: string): Promise<EventOf<"call.ended">> => {
    const events = (await home.events(session)).filter(isKnown);
    const found = events.find((event) => event.type === "call.ended" && event.payload.tool === tool && event.payload.result.ok);
    assert.ok(found?.type === "call.ended", `a call of ${tool}`);
    return found;
  };

  it("goes on from an edit, in another folder that holds it, to the same result", async () => {
    const before = [await ok("trace", session, "--json"), JSON.stringify(readFiles(workspace))];
    const { seq, taskId } = await firstEnd("filesystem__write_file");
    const { sessionId, at } = JSON.parse(await ok("fork", session, "--at", String(seq), "--json")) as { sessionId: string; at: number };
    assert.ok(at >= seq && at < seq + 8, `at ${at}, asked ${seq}`);
    const folders = execFileSync("find", [join(home.dir, "data", "worktrees", sessionId), "-name", "added.mjs"], { encoding: "utf8" });
    assert.match(folders, /added\.mjs/, `the folder of ${taskId} holds what was written`);
    const listed = JSON.parse(await ok("list", "--json")) as { id: string; status: string }[];
    assert.equal(listed.find(({ id }) => id === sessionId)?.status, "interrupted");
    const ended = await home.ao(["resume", sessionId]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.equal(await ok("changes", sessionId), await ok("changes", session));
    assert.deepEqual([await ok("trace", session, "--json"), JSON.stringify(readFiles(workspace))], before);
    assert.ok(!existsSync(join(workspace, "added.mjs")));
  });

  it("goes on from a command: what that left is on record", async () => {
    const { seq, payload } = await firstEnd("shell__run");
    assert.match(payload.folder ?? "", /^[0-9a-f]{40}$/);
    const ended = await home.ao(["fork", session, "--at", String(seq), "--resume"]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.equal(await ok("changes", sessionIn(ended)), await ok("changes", session));
  });

  it("records what a command left, unless it certainly only read", async () => {
    const place = home.project({ "README.md": "# Sample\n" });
    const ended = await home.ao(["run", "Fix the typo in README.md", "--workspace", place, "--model", model, "--level", "bypass"]);
    const events = (await home.events(sessionIn(ended))).filter(isKnown);
    const ends = events.flatMap((event) => (event.type === "call.ended" && event.payload.tool === "shell__run" ? [event] : []));
    assert.deepEqual(
      ends.map(({ payload }) =>
        typeof payload.folder === "string" && /^[0-9a-f]{40}$/.test(payload.folder) ? "a snapshot" : payload.folder,
      ),
      [null, "a snapshot"],
    );
    for (const { seq } of ends) {
      const { sessionId, moved } = JSON.parse(await ok("fork", sessionIn(ended), "--at", String(seq), "--json")) as {
        sessionId: string;
        moved: unknown;
      };
      const found = execFileSync("find", [join(home.dir, "data", "worktrees", sessionId), "-name", "made.txt"], { encoding: "utf8" });
      assert.deepEqual([moved, found.includes("made.txt")], [null, seq === ends[1]!.seq]);
    }
  });

  it("says another thing to the team, and asks another model", async () => {
    const { seq } = await firstEnd("filesystem__write_file");
    const asked = server.requests.length;
    const other = "anthropic:claude-opus-4-5";
    const how = ["--at", String(seq), "--say", "Call it better", "--model", other, "--level", "bypass", "--resume"];
    const ended = await home.ao(["fork", session, ...how]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    const bodies = server.requests.slice(asked).map(({ body }) => JSON.stringify(body));
    assert.ok(bodies.length > 0 && bodies.every((body) => body.includes("claude-opus-4-5")));
    assert.match(bodies[0]!, /The user says: Call it better/);
  });

  it("begins anew in other words, or with another agent; and refuses what makes no sense", async () => {
    const fork = (await ok("fork", session, "--at", "1", "--say", "Write it otherwise", "--agent", "typescript")).trim();
    const [created] = await home.events(fork);
    assert.equal((created as EventOf<"session.created">).payload.goal, "Write it otherwise");
    const { seq } = await firstEnd("filesystem__write_file");
    const inRun = await home.ao(["fork", session, "--at", String(seq), "--agent", "typescript"]);
    assert.deepEqual([inRun.code, /a run of coordinator is under way/.test(inRun.stderr)], [1, true], inRun.stderr);
    const unknown = await home.ao(["fork", session, "--model", "nobody:nothing"]);
    assert.equal(unknown.code, 1, unknown.stderr);
    assert.equal((await home.ao(["fork", session, "--agent", "nobody"])).code, 2);
  });

  it("shows what the session was at any event, and what an agent knew", async () => {
    const { seq, taskId } = await firstEnd("filesystem__write_file");
    const before = await ok("state", session, "--at", String(seq - 1));
    assert.match(before, new RegExp(`^Session ${session} at event ${seq - 1} of \\d+: running$`, "m"));
    assert.match(before, /^Plan: {3}generate \(running\) → review \(pending\)/m);
    assert.match(before, /typescript/);
    assert.doesNotMatch(before, /code-review|Files:/);
    const now = await ok("state", session);
    assert.match(now, /^Asks: {3}a_\w+: the changes$/m);
    assert.match(now, /^Files: {2}README\.md, added\.mjs, added\.test\.mjs \(waiting\)$/m);
    for (const line of [...before.split("\n"), ...now.split("\n")]) assert.ok(line.length <= 100 || /^(Spent|Plan)/.test(line), line);

    const events = await home.events(session);
    for (const at of [1, seq, events.length])
      assert.deepEqual(
        JSON.parse(await ok("state", session, "--at", String(at), "--json")),
        JSON.parse(JSON.stringify(reduceAll(events.slice(0, at)))),
      );

    const agent = await ok("state", session, "--agent", "typescript", "--at", String(seq));
    assert.match(agent, /^typescript \(t_\w+\) of session \w+: running · [^]*── instructions, as they are now\nagent: typescript\n/);
    assert.match(agent, /── to typescript\nWrite added\.mjs[^]*→ filesystem__write_file [^]*── result of filesystem__write_file/);
    assert.doesNotMatch(agent, /agents__submit_result \{/);
    const loaded = JSON.parse(await ok("state", session, "--agent", taskId!, "--at", String(seq), "--json")) as AgentState;
    assert.deepEqual([loaded.agent, loaded.status, loaded.history.at(-1)!.seq], ["typescript", "running", seq]);
    assert.deepEqual(
      loaded.history,
      events.filter((event) => event.taskId === taskId && event.seq <= seq),
    );

    const early = await home.ao(["state", session, "--agent", "typescript", "--at", "2"]);
    assert.deepEqual([early.code, /at 2 there is no agent/.test(early.stderr)], [2, true], early.stderr);
    assert.equal((await home.ao(["state", session, "--at", "0"])).code, 2);
    assert.equal((await home.ao(["state", session, "--at", "99999"])).code, 2);
  });

  it("compares two ways on: where they part, what each did since, and their results", async () => {
    const { seq } = await firstEnd("filesystem__write_file");
    const fork = async (...how: string[]): Promise<string> => {
      const ended = await home.ao(["fork", session, "--at", String(seq), ...how, "--resume"]);
      assert.equal(ended.code, 3, ended.stdout + ended.stderr);
      return sessionIn(ended);
    };
    const [one, two] = [await fork(), await fork("--model", "anthropic:claude-opus-4-5", "--say", "say more in README.md")];
    const same = JSON.parse(await ok("compare", session, one, "--json")) as Comparison;
    assert.deepEqual([same.common >= seq, same.diff?.files, same.a.turns, same.b.turns], [true, [], same.b.turns, same.a.turns]);
    assert.ok(same.a.tokens > 0 && same.a.tokens < 623, "what came before is not counted");
    assert.match(
      await ok("compare", one, two),
      /They part after event \d+; [^]*claude-opus-4-5[^]*From the result of A to that of B: 1 file\n[^]*\+More\./,
    );
    const table = (await ok("compare", one, two, "--stat")).split("\n");
    for (const line of table) assert.ok(line.length <= 80, line);
    assert.match(table.join("\n"), /^checks +npm test passed on exactly this/m);
    assert.doesNotMatch(table.join("\n"), /diff --git/);
    const other = home.project({ "README.md": "# Sample\n" });
    const alone = sessionIn(
      await home.ao(["run", "Fix the typo in README.md", "--workspace", other, "--model", model, "--level", "assisted"]),
    );
    const apart = JSON.parse(await ok("compare", one, alone, "--json")) as Comparison;
    assert.deepEqual([apart.common, apart.diff?.files.map(({ path }) => path)?.includes("package.json")], [0, true]);
    assert.equal((await home.ao(["compare", one, one])).code, 2);
  });
});
