// `ao comment` as a user runs it, against a server that speaks the Messages API: what is said of lines goes to the agents
// that wrote them, also once the result was taken, with the exit codes and the progress of any run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeCall, type FakeModelServer, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

describe("ao comment", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;
  let session: string;
  const heard: { agent: string; prompt: string }[] = [];

  before(async () => {
    const team = teamModel();
    server = await startFakeModelServer((request) => {
      const { agent, prompt, turn } = request;
      if (turn === 0 && prompt.startsWith("Answer what the user says")) heard.push({ agent, prompt });
      return heard.length > 0 ? answer(agent, turn) : team(request);
    });
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project(teamProject);
    const given = ["--level", "assisted", "--yes-to", "checks", "--workspace", workspace, "--model", "anthropic:claude-sonnet-4-5"];
    const ended = await home.ao(["run", "Write added.mjs", "--workflow", "sequential", ...given]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    session = sessionIn(ended);
  });
  after(async () => {
    await server.close();
    home.remove();
  });
  beforeEach(() => {
    heard.length = 0;
  });

  const answer = (agent: string, turn: number): Reply => {
    const call = (tool: string, args: object): Reply => ({ calls: [{ tool, arguments: args } satisfies FakeCall] });
    const edits: Record<string, object> = {
      typescript: { path: "added.mjs", old: "a + b", new: "Number(a) + Number(b)" },
      "readme-generator": { path: "README.md", old: "adds.", new: "adds numbers." },
    };
    const edit = edits[agent];
    if (!edit) return { text: "Both are answered." };
    const steps = [call("filesystem__read_file", { path: (edit as { path: string }).path }), call("filesystem__edit_file", edit)];
    return steps[turn] ?? call("agents__submit_result", { status: "done", summary: `${agent} answered` });
  };
  const refused = ({ code, stdout, stderr }: Ended, wanted: number, says: RegExp): void => {
    assert.equal(code, wanted, stdout + stderr);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  };

  it("says what is wrong in one line, and runs nothing", async () => {
    refused(await home.ao(["comment", session, "added.mjs:1"]), 2, /needs SESSION FILE:LINE/);
    refused(await home.ao(["comment", session, "added.mjs:1", "a", "README.md:1"]), 2, /"README\.md:1" has none/);
    refused(await home.ao(["comment", session, "added.mjs", "a"]), 2, /"added\.mjs" names no line; write it as FILE:LINE/);
    refused(await home.ao(["comment", session, "added.mjs:99", "a"]), 2, /added\.mjs has no line 99: it has 13/);
    refused(await home.ao(["comment", session, "none.mjs:1", "a"]), 2, /^ao: there is no file none\.mjs in the proposed result/);
    refused(await home.ao(["comment", "s_none", "a:1", "a"]), 2, /no session "s_none"/);
    assert.equal(heard.length, 0);
    assert.match((await home.ao(["comment", "--help"])).stdout, /ao comment SESSION FILE:LINE/);
  });

  it("each agent hears its own comments; the answer waits like any result, and is applied", async () => {
    const ended = await home.ao(["comment", session, "added.mjs:1", "Convert to numbers", join(workspace, "README.md:3"), "Adds what?"]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /commented: added\.mjs:1 Convert to numbers; README\.md:3 Adds what\?/);
    assert.match(ended.stdout, /ao apply/);
    assert.deepEqual(heard.map(({ agent }) => agent).toSorted(), ["readme-generator", "typescript"]);
    const [code, docs] = ["typescript", "readme-generator"].map((agent) => heard.find((one) => one.agent === agent)!.prompt);
    assert.ok(code!.includes("Convert to numbers") && !code!.includes("Adds what?"), code);
    assert.ok(docs!.includes("Adds what?") && !docs!.includes("Convert to numbers"), docs);
    assert.equal((await home.ao(["apply", session])).code, 0);
    assert.match(readFileSync(join(workspace, "added.mjs"), "utf8"), /Number\(a\) \+ Number\(b\)/);
    assert.match(readFileSync(join(workspace, "README.md"), "utf8"), /adds numbers\./);
  });

  it("of what is applied the lines are those of the files", async () => {
    const ended = await home.ao(["comment", session, "added.mjs:1-2", "Fine?", "--json"]);
    assert.equal(ended.code, 0, "nothing was to be changed, so nothing waits");
    assert.deepEqual(
      heard.map(({ agent }) => agent),
      ["typescript"],
    );
    assert.match(heard[0]!.prompt, />\s+1 export const added = \(a, b\) => Number\(a\)/);
  });
});
