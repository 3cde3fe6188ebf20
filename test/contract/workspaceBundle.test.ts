// Packs of snapshots that come from elsewhere: what holds exactly the named commits is taken, anything else is refused
// before git sees it. The packs are made by real git.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createBundles } from "../../src/workspace/bundle.ts";
import { scanPack, UnsoundPack } from "../../src/workspace/packScan.ts";
import { commitAll, gitIn, writeFiles } from "../support/gitProject.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";
import { makeFixture } from "../support/workspaceFixture.ts";

const most = 1 << 26;

describe("a pack from elsewhere", () => {
  let dir: TempDir;
  let repo: string;
  let commit: string;
  beforeEach(() => {
    dir = makeTempDir("pack");
    repo = join(dir.path, "repo");
    const long = Array.from({ length: 400 }, (_, i) => `line ${i}\n`).join("");
    writeFiles(repo, {
      "a.txt": "a\n",
      "b/c.txt": "c\n",
      "run*": "#!/bin/sh\n",
      link: "link:a.txt",
      "one.txt": long,
      "two.txt": `${long}more\n`,
    });
    commitAll(repo);
    commit = gitIn(repo, "rev-parse", "HEAD").trim();
  });
  afterEach(() => dir.remove());

  const git = (input: string | Buffer, ...args: string[]): Buffer =>
    execFileSync("git", ["-C", repo, ...args], { input, stdio: ["pipe", "pipe", "ignore"] });
  const objectsOf = (from: string): string => gitIn(repo, "rev-list", "--objects", "--no-object-names", from);
  const packed = (objects: string, ...how: string[]): string => {
    const file = join(dir.path, "test.pack");
    writeFileSync(
      file,
      git(objects, "pack-objects", "--stdout", "--quiet", ...(how.length > 0 ? how : ["--window=0", "--no-reuse-delta"])),
    );
    return file;
  };
  const refused = async (file: string, says: RegExp, commits = [commit], room = most): Promise<void> => {
    await assert.rejects(scanPack(file, commits, room), (error) => error instanceof UnsoundPack && says.test(error.message));
  };
  const treeWith = (name: string): string => {
    const blob = git("x\n", "hash-object", "-w", "--stdin").toString().trim();
    const raw = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]);
    const tree = git(raw, "hash-object", "-w", "--literally", "-t", "tree", "--stdin").toString().trim();
    return gitIn(repo, "commit-tree", "-m", "m", tree).trim();
  };

  it("is taken where it holds what the commits need, whole", async () => {
    assert.match(await scanPack(packed(objectsOf(commit)), [commit], most), /^[0-9a-f]{40}$/);
  });

  it("is refused with other objects, without one, with deltas, or too large", async () => {
    const secret = git("not yours\n", "hash-object", "-w", "--stdin").toString().trim();
    await refused(packed(`${objectsOf(commit)}${secret}\n`), /1 objects that no snapshot of the session needs/);
    const all = objectsOf(commit).trim().split("\n");
    await refused(packed(`${all.filter((one) => one !== all.at(-1)).join("\n")}\n`), new RegExp(`lack the (blob|tree) ${all.at(-1)}`));
    await refused(packed(objectsOf(commit)), /lack the commit 0{40}/, ["0".repeat(40)]);
    await refused(packed(objectsOf(commit), "--window=10"), /no whole commit, tree or file/);
    await refused(packed(objectsOf(commit)), /larger than they may be/, [commit], 100);
  });

  it("is refused where it was cut or changed, at any place", async () => {
    const file = packed(objectsOf(commit));
    const whole = readFileSync(file);
    for (const length of [0, 5, 40, whole.length - 25, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      await assert.rejects(scanPack(file, [commit], most), UnsoundPack, `cut at ${length}`);
    }
    for (let at = 0; at < whole.length - 20; at += 7) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0x55;
      writeFileSync(file, changed);
      await assert.rejects(scanPack(file, [commit], most), UnsoundPack, `changed at ${at}`);
    }
  });

  it("is refused with names that lead elsewhere", async () => {
    for (const name of ["..", ".", "a/b", ".git", ".GIT"]) {
      const bad = treeWith(name);
      await refused(packed(objectsOf(bad)), /hold a file named/, [bad]);
    }
    const good = treeWith("...");
    await scanPack(packed(objectsOf(good)), [good], most);
  });

  it("brings a session's snapshots from one data folder to another, and no more than the record names", async () => {
    const [here, there] = [makeFixture({ "a.txt": "a\n" }), makeFixture({ "z.txt": "z\n" })];
    try {
      const first = await here.snapshot();
      const second = await here.change(first, { "b.txt": "b\n" });
      const third = await here.change(second, { "c.txt": "c\n" });
      const { commits, file } = await createBundles(here.dataDir).pack("s", here.path, new Set([first, second]), dir.path);
      assert.deepEqual(commits, [first, second].toSorted());
      await createBundles(there.dataDir).unpack("s_2", there.path, { commits, file: file!, most });
      const files = (await there.port.diff("s_2", there.path, first, second)).files;
      assert.deepEqual(
        files.map(({ path }) => path),
        ["b.txt"],
      );
      await assert.rejects(there.port.diff("s_2", there.path, second, third));
      await there.port.openWorktree("s_2", there.path, "t_9", second);
    } finally {
      here.remove();
      there.remove();
    }
  });
});
