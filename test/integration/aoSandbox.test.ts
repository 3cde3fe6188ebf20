// Where commands run, as a user meets it: confined where that works, asked and said where it does not, by the policy files,
// and never less than those ask for.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { needsSandbox } from "../support/sandboxBench.ts";
import { teamProject } from "../support/teamModel.ts";

const model = "anthropic:claude-sonnet-4-5";

describe("ao and the sandbox", () => {
  let home: Home;
  let server: FakeModelServer;

  beforeEach(async () => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
    server = await startFakeModelServer(({ turn }) =>
      turn === 0
        ? { calls: [{ tool: "shell__run", arguments: { command: "echo out > ../../../../outside; echo in > inside" } }] }
        : { text: "Done." },
    );
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  /** As on a machine where bubblewrap may not work. */
  const broken = (): Record<string, string> => {
    const folder = join(home.dir, "broken");
    mkdirSync(folder);
    writeFileSync(join(folder, "bwrap"), "#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n");
    chmodSync(join(folder, "bwrap"), 0o755);
    return { PATH: `${folder}${delimiter}${process.env["PATH"]}` };
  };
  const run = (level: string, env: Record<string, string> = {}): Promise<Ended> => {
    const args = [
      "run",
      "Fix the typo in README.md",
      "--workspace",
      home.project(teamProject),
      "--model",
      model,
      "--level",
      level,
      "--apply",
    ];
    return home.ao(args, { ANTHROPIC_BASE_URL: server.url, ...env });
  };
  const outside = (): string => join(home.dir, "outside");
  const ends = async (ended: Ended): Promise<{ ok: boolean; content: string; details?: { sandbox?: string } }> => {
    const events = await home.events(sessionIn(ended));
    const end = events.find(({ type, payload }) => type === "call.ended" && (payload as { tool: string }).tool === "shell__run");
    assert.ok(end, "the call ended");
    return (end.payload as { result: { ok: boolean; content: string } }).result;
  };

  it("confines a command where that works: what it writes outside is not there, and nothing is to be said", async function () {
    await needsSandbox(this);
    const ended = await run("bypass");
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.equal((await ends(ended)).details?.sandbox, "process");
    assert.equal(existsSync(outside()), false);
    assert.ok(!ended.stderr.includes("unsandboxed"));
    const found = JSON.parse((await home.ao(["doctor", "--json"])).stdout) as { what: string; ok: boolean }[];
    assert.equal(found.find(({ what }) => what === "sandbox for commands")?.ok, true);
  });

  it("says at bypass that commands ran unsandboxed where none works, and doctor says why", async () => {
    const env = broken();
    const ended = await run("bypass", env);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /ok shell__run \(\d+ms, unsandboxed\)/);
    assert.match(ended.stderr, /ao: 1 command ran unsandboxed; see: ao doctor/);
    assert.equal((await ends(ended)).details?.sandbox, "off");
    assert.equal(existsSync(outside()), true, "control");
    const told = await home.ao(["doctor"], env);
    assert.match(told.stdout, /absent {3}sandbox for commands: commands run unsandboxed, since .*No permissions/);
  });

  it("asks at assisted where none works", async () => {
    const ended = await run("assisted", broken());
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.match(ended.stdout + ended.stderr, /no sandbox works here/);
  });

  it("runs nothing where a policy file asks for a sandbox that does not work", async () => {
    mkdirSync(join(home.dir, "data"), { recursive: true });
    writeFileSync(join(home.dir, "data", "policy.yaml"), "version: 1\nsandbox: { mode: process }\n");
    const env = broken();
    const ended = await run("bypass", env);
    const { ok, content } = await ends(ended);
    assert.equal(ok, false);
    assert.match(content, /^Not run: the sandbox "process" is asked for, but .*No permissions/);
    assert.match(
      (await home.ao(["doctor"], env)).stdout,
      /absent {3}sandbox for commands: the policy asks for "process", so no command runs/,
    );
  });
});
