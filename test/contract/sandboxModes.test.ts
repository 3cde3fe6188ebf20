// Which sandbox a command gets: what is asked for, or a clear word; only `auto` does without, and never silently. Also as
// an ordinary user, where the tests themselves run as root.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { needsSandbox, openSandboxBench } from "../support/sandboxBench.ts";
import { codeOf } from "./toolsFixture.ts";

type Details = { sandbox: string };

describe("the sandbox's mode", () => {
  let broken: string;

  before(() => {
    broken = mkdtempSync(join(tmpdir(), "ao-broken-"));
    const bwrap = join(broken, "bwrap");
    writeFileSync(bwrap, "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n");
    chmodSync(bwrap, 0o755);
  });
  after(() => rmSync(broken, { recursive: true, force: true }));

  /** As on a machine where bubblewrap is there and may not work. */
  const withBroken = (): Record<string, string> => ({ PATH: `${broken}${delimiter}${process.env["PATH"]}` });

  it("auto: where none works commands run as they are, and it is said why", async () => {
    const bench = await openSandboxBench({ policy: {}, env: withBroken() });
    const status = await bench.sandbox.status();
    assert.equal(status.driver, "off");
    assert.match(status.why ?? "", /a trial command did not run \(bwrap: No permissions to create new namespace\)/);
    const result = await bench.run("echo ran");
    assert.equal(result.content, "ran\nexit code 0");
    assert.equal((result.details as Details).sandbox, "off");
    await bench.close();
  });

  it("auto: names what is not installed", async () => {
    const bench = await openSandboxBench({ policy: {}, env: { PATH: "/nowhere" } });
    const { driver, why } = await bench.sandbox.status();
    assert.equal(driver, "off");
    if (process.platform === "linux") assert.match(why ?? "", /not found; install it|not installed; install/);
    await bench.close();
  });

  it("process: where it does not work nothing runs", async () => {
    const bench = await openSandboxBench({ policy: { mode: "process" }, env: withBroken() });
    const result = await bench.run("echo ran > ran");
    assert.equal(codeOf(result), "no_sandbox");
    assert.match(result.content, /^Not run: the sandbox "process" is asked for, but .*namespace.*\.$/);
    await assert.rejects(bench.get("data/worktrees/s_1/t_1/ran"), { code: "ENOENT" });
    await bench.close();
  });

  it("container: without an image, or with hosts to allow, nothing runs and the way out is named", async () => {
    for (const [policy, words] of [
      [{ mode: "container" }, /no image is named/],
      [{ mode: "container", container: { image: "x", engine: "docker" }, network: ["a.example"] }, /allow none|docker was not found/],
    ] as const) {
      const bench = await openSandboxBench({ policy: policy as never });
      const result = await bench.run("true");
      assert.equal(codeOf(result), "no_sandbox");
      assert.match(result.content, words);
      await bench.close();
    }
  });

  it("off: as it is, and said", async () => {
    const bench = await openSandboxBench({ policy: { mode: "off" } });
    assert.deepEqual(await bench.sandbox.status(), { driver: "off", wanted: true });
    assert.equal(((await bench.run("true")).details as Details).sandbox, "off");
    await bench.close();
  });

  it("auto: confined where it works", async function () {
    await needsSandbox(this);
    const bench = await openSandboxBench({ policy: {} });
    assert.deepEqual(await bench.sandbox.status(), { driver: "process" });
    assert.equal(((await bench.run("true")).details as Details).sandbox, "process");
    await bench.close();
  });

  it("works for an ordinary user", async function () {
    if (process.getuid?.() !== 0) this.skip();
    await needsSandbox(this);
    this.timeout(180_000);
    const uid = 65_534;
    const world = worldOf(uid);
    try {
      const program = [join(world, "test/support/sandboxProgram.ts"), join(world, "bench"), "id -u; touch here"];
      const env = { PATH: process.env["PATH"] ?? "", HOME: world };
      const told = await outputOf(join(world, "node"), program, { uid, gid: uid, cwd: world, env });
      const { status, result } = JSON.parse(told) as { status: unknown; result: { content: string } };
      assert.deepEqual(status, { driver: "process" });
      assert.equal(result.content, `${uid}\nexit code 0`);
    } finally {
      rmSync(world, { recursive: true, force: true });
    }
  });
});

/** All that the program needs, where that user can read it. */
function worldOf(uid: number): string {
  const world = mkdtempSync("/var/tmp/ao-user-");
  cpSync(process.execPath, join(world, "node"));
  for (const part of ["package.json", "src", "scripts", "test", "agents"]) cpSync(part, join(world, part), { recursive: true });
  // Tools of development, which the program does without.
  const isHeavy = (path: string): boolean =>
    /node_modules\/(@?typescript|@vscode|@azure|@?ox|@microsoft|playwright|@esbuild|knip)/.test(path);
  cpSync("node_modules", join(world, "node_modules"), { recursive: true, filter: (path) => !isHeavy(path) });
  execFileSync("chown", ["-R", `${uid}:${uid}`, world]);
  return world;
}

function outputOf(
  file: string,
  args: string[],
  options: { uid: number; gid: number; cwd: string; env: Record<string, string> },
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("close", () => resolve(text));
  });
}
