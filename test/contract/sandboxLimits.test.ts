// What a command in the sandbox may use, and that nothing of it is left: memory, processes, time, daemons, cancelled work,
// and what the sandbox itself has started. Bounds are small, so that the machine stays fine.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { until } from "../support/ao.ts";
import { processesWith } from "../support/processes.ts";
import { benchFolder, needsSandbox, openSandboxBench, type SandboxBench } from "../support/sandboxBench.ts";
import { codeOf } from "./toolsFixture.ts";

describe("the sandbox's limits", () => {
  let bench: SandboxBench;
  let count = 0;
  /** A command line that nobody else has. */
  const sleeper = (): string => `sleep 1000.${process.pid}${(count += 1)}`;

  before(async function () {
    await needsSandbox(this);
    bench = await openSandboxBench({ policy: { mode: "process", memoryMb: 300, pids: 40 } });
  });
  after(() => bench?.close());

  const limitOf = (result: Awaited<ReturnType<SandboxBench["run"]>>): unknown => (result.details as { limit?: string }).limit;

  it("ends what takes too much memory, and says so", async () => {
    const hog = "const kept = []; setInterval(() => kept.push(Buffer.alloc(2e7, 1)), 20)";
    const result = await bench.run(`echo begun; '${process.execPath}' -e '${hog}'`);
    assert.deepEqual([codeOf(result), limitOf(result)], ["limit", "memory"]);
    assert.match(result.content, /^begun\nThe command was ended: it took more memory/);
  });

  it("counts temporary files, which are kept in memory", async () => {
    const result = await bench.run("for i in $(seq 40); do head -c 20M /dev/zero > /tmp/$i; sleep 0.1; done");
    assert.deepEqual([codeOf(result), limitOf(result)], ["limit", "memory"]);
  });

  it("ends what starts too many processes, and says so", async () => {
    const mark = sleeper();
    const result = await bench.run(`for i in $(seq 200); do ${mark} & done; wait`);
    assert.deepEqual([codeOf(result), limitOf(result)], ["limit", "pids"]);
    await until(() => processesWith(mark).length === 0, "their end");
  });

  it("bounds a fork bomb", async () => {
    // It ends by itself after a while, should nothing else end it.
    const bomb = 'end=$((SECONDS + 5)); f() { [ "$SECONDS" -gt "$end" ] || { f "$1" & f "$1" & wait; }; }; f';
    const result = await bench.run(`${bomb} bomb-${process.pid}`);
    assert.deepEqual([codeOf(result), limitOf(result)], ["limit", "pids"]);
    await until(() => processesWith(`bomb-${process.pid}`).length === 0, "its end");
  });

  it("lets modest commands be", async () => {
    const result = await bench.run("for i in $(seq 10); do sleep 0.3 & done; head -c 50M /dev/zero > /tmp/x; wait");
    assert.equal(codeOf(result), "ok", result.content);
  });

  it("ends a daemon that cut every tie, when its command has ended", async () => {
    const mark = sleeper();
    const result = await bench.run(`setsid -f ${mark}; (setsid ${mark} >/dev/null 2>&1 &) ; echo started`);
    assert.equal(result.content, "started\nexit code 0");
    await until(() => processesWith(mark).length === 0, "the daemon's end");
  });

  it("ends all of a cancelled command within a second, daemons included", async () => {
    const mark = sleeper();
    const controller = new AbortController();
    const running = bench.run(`trap '' TERM; setsid -f ${mark}; ${mark} & wait`, { signal: controller.signal });
    await until(() => processesWith(mark).length > 1, "the command");
    controller.abort();
    assert.equal(codeOf(await running), "cancelled");
    await until(() => processesWith(mark).length === 0, "its end");
  });

  it("ends all of what took too long", async () => {
    const mark = sleeper();
    const result = await bench.run(`echo begun; setsid -f ${mark}; ${mark}`, { timeoutMs: 500 });
    assert.equal(codeOf(result), "timeout");
    assert.match(result.content, /^begun\n/);
    await until(() => processesWith(mark).length === 0, "its end");
  });

  it("leaves nothing of its own: no proxy, no socket, no folder", async () => {
    const before = foldersOf(process.pid);
    const other = await openSandboxBench();
    await other.run("true");
    const folder = foldersOf(process.pid).find((name) => !before.includes(name))!;
    assert.ok(processesWith(folder).length > 0, "control");
    await other.close();
    assert.deepEqual(processesWith(folder), []);
    assert.ok(!foldersOf(process.pid).includes(folder));
  });

  it("goes, with its commands, when the program that uses it is killed", async () => {
    const mark = sleeper();
    const program = fileURLToPath(new URL("../support/sandboxProgram.ts", import.meta.url));
    const base = await benchFolder();
    const child: ChildProcess = spawn(process.execPath, [program, base, mark], { stdio: ["ignore", "ignore", "inherit"] });
    await until(() => processesWith(mark).some((line) => line.startsWith("sleep")), "the command");
    child.kill("SIGKILL");
    await once(child, "exit");
    await until(() => processesWith(mark).length === 0 && processesWith(`ao-sandbox-${child.pid}-`).length === 0, "the end of it all");
    await until(() => foldersOf(child.pid!).length === 0, "its folder to be gone");
    await rm(base, { recursive: true, force: true });
  });

  it("starts its helper anew when that one was killed", async () => {
    await bench.run("true");
    const [helper] = foldersOf(process.pid);
    const [line] = processesWith(helper!).filter((one) => one.includes("helper"));
    assert.ok(line, "control");
    await killBy(helper!);
    const again = await bench.run("echo again");
    const once = codeOf(again) === "ok" ? again : await bench.run("echo again");
    assert.equal(once.content, "again\nexit code 0");
  });
});

function foldersOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`ao-sandbox-${pid}-`));
}

async function killBy(word: string): Promise<void> {
  const listed = spawn("ps", ["-A", "-o", "pid=,args="], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  listed.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(listed, "close");
  for (const line of text.split("\n"))
    if (line.includes(word) && line.includes("helper.ts")) process.kill(Number.parseInt(line, 10), "SIGKILL");
  await until(() => processesWith(word).length === 0, "the helper's end, with its proxies");
}
