// Files that the project's ignore rules hide: what an agent writes by name is part of its result, is taken and taken back
// like any other; the user's own hidden files are never seen, and never written over.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeCall, type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { commitAll } from "../support/gitProject.ts";

const put = (path: string, content: string): FakeCall => ({ tool: "filesystem__write_file", arguments: { path, content } });
const team = ({ agent, turn }: FakeRequest): Reply => {
  if (agent !== "typescript") return { text: "Done." };
  return turn === 0
    ? {
        calls: [
          put("local.json", "{}\n"),
          put("README.md", "# Typo mended\n"),
          { tool: "shell__run", arguments: { command: "mkdir out && echo x > out/made" } },
        ],
      }
    : { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "Mended." } }] };
};

describe("ao run, files that are ignored", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;
  const ao = async (...args: string[]) => await home.ao(args, { ANTHROPIC_BASE_URL: server.url });
  const at = (path: string): string => join(workspace, path);

  beforeEach(async () => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
    server = await startFakeModelServer(team);
    workspace = home.project({ "README.md": "# Typo\n", ".gitignore": "local.json\nout/\n*.secret\n" });
    commitAll(workspace);
    writeFileSync(at("own.secret"), "mine");
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });
  const run = async (): Promise<string> => {
    const args = ["--workspace", workspace, "--level", "bypass", "--no-ask", "--model", "anthropic:claude-sonnet-4-5"];
    const ended = await ao("run", "Fix the typo in README.md", ...args);
    assert.ok(ended.code === 0 || ended.code === 3, ended.stdout + ended.stderr);
    return sessionIn(ended);
  };

  it("are taken where an agent wrote them by name, and taken back; what a command made stays out", async () => {
    const session = await run();
    assert.equal(readFileSync(at("local.json"), "utf8"), "{}\n");
    assert.equal(existsSync(at("out")), false);
    const checkpoints = JSON.parse((await ao("checkpoints", session, "--json")).stdout) as { checkpointId: string; name: string }[];
    const [start] = checkpoints.filter(({ name }) => name.startsWith("before: "));
    const back = await ao("rollback", session, "--to", start!.checkpointId);
    assert.equal(back.code, 0, back.stderr);
    assert.deepEqual([existsSync(at("local.json")), readFileSync(at("README.md"), "utf8")], [false, "# Typo\n"]);
    const undo = /--to (\S+)/.exec(back.stdout)![1]!;
    assert.equal((await ao("rollback", session, "--to", undo)).code, 0);
    assert.equal(readFileSync(at("local.json"), "utf8"), "{}\n");
    assert.equal(readFileSync(at("own.secret"), "utf8"), "mine");
  });

  it("and never written over where the user has one of that name", async () => {
    writeFileSync(at("local.json"), "my own\n");
    const session = await run();
    assert.equal(readFileSync(at("local.json"), "utf8"), "my own\n");
    const applied = await ao("apply", session);
    assert.match(applied.stderr, /nothing was written.*local\.json/);
    assert.deepEqual([readFileSync(at("local.json"), "utf8"), readFileSync(at("README.md"), "utf8")], ["my own\n", "# Typo\n"]);
  });
});
