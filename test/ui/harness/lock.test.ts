// The lock between set-ups: one at a time, and a holder that died holds nobody up.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { underLock } from "../../../scripts/vscode/lock.ts";

describe("the lock of the set-up", () => {
  let dir: string;
  const file = (): string => join(dir, "deep", "set-up.lock");

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "ao-lock-"))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("lets one work at a time and tells the others once that they wait", async () => {
    let inside = 0;
    let most = 0;
    let told = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await pause(30);
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => underLock(file(), () => told++, work)));
    assert.deepEqual({ most, told, left: existsSync(file()) }, { most: 1, told: 2, left: false });
  });

  it("is free again after a failure", async () => {
    await assert.rejects(
      underLock(file(), assert.fail, () => Promise.reject(new Error("on purpose"))),
      /on purpose/,
    );
    assert.equal(existsSync(file()), false);
  });

  it("is taken over from a process that is gone", async () => {
    await underLock(file(), assert.fail, async () => {});
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(file(), String(pid));
    assert.equal(await underLock(file(), assert.fail, () => Promise.resolve("done")), "done");
  });
});
