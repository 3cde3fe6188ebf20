// A session forked in the middle of a run, as a user does it: the fork goes on from there with the files of that event, in
// other words or with another model, and the source and the user's folder stay as they are.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type EventOf, isKnown } from "../../src/protocol/events.ts";
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
    server = await startFakeModelServer(teamModel());
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
});
