// Taking a result into the user's tree: what the user edited stays, a conflict writes nothing (A10). What stops it in the
// middle has a suite of its own.

import assert from "node:assert/strict";
import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Commit } from "../../src/protocol/ids.ts";
import { commitAll, type Files, gitIn, readFiles, removeFiles, writeFiles } from "../support/gitProject.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const text = (...lines: (string | number)[]): string => lines.map((line) => `${line}\n`).join("");

type Edit = { put?: Files; gone?: string[] };
type Case = { title: string; before: Files; agent: Edit; user?: Edit; after?: Record<string, string>; conflicts?: string[] };

const five = text(1, 2, 3, 4, 5);

const cases: Case[] = [
  {
    title: "writes what changed, was added and was removed",
    before: { a: "a", "b/c/d": "d", same: "s" },
    agent: { put: { a: "A", "new/e": "e" }, gone: ["b/c/d"] },
    after: { a: "A", "new/e": "e", same: "s" },
  },
  {
    title: "keeps the user's edits in other places of the same file, and other files",
    before: { a: five, other: "o" },
    agent: { put: { a: text("one", 2, 3, 4, 5) } },
    user: { put: { a: text(1, 2, 3, 4, "five"), other: "edited", mine: "m" } },
    after: { a: text("one", 2, 3, 4, "five"), mine: "m", other: "edited" },
  },
  {
    title: "takes what both did the same",
    before: { a: "a", b: "b" },
    agent: { put: { a: "A", n: "n" }, gone: ["b"] },
    user: { put: { a: "A", n: "n" }, gone: ["b"] },
    after: { a: "A", n: "n" },
  },
  {
    title: "writes nothing at all when the same lines changed",
    before: { a: five, b: "b" },
    agent: { put: { a: text("agent", 2, 3, 4, 5), b: "B", n: "n" } },
    user: { put: { a: text("user", 2, 3, 4, 5) } },
    conflicts: ["a"],
  },
  {
    title: "does not remove what the user edited",
    before: { a: "a", b: "b" },
    agent: { put: { b: "B" }, gone: ["a"] },
    user: { put: { a: "edited" } },
    conflicts: ["a"],
  },
  {
    title: "does not bring back what the user removed",
    before: { a: "a" },
    agent: { put: { a: "A" } },
    user: { gone: ["a"] },
    conflicts: ["a"],
  },
  {
    title: "does not replace a file that the user made meanwhile",
    before: {},
    agent: { put: { n: "agent" } },
    user: { put: { n: "user" } },
    conflicts: ["n"],
  },
  {
    title: "does not join what is no text",
    before: { "a.bin": Buffer.from([0, 1, 2]) },
    agent: { put: { "a.bin": Buffer.from([0, 1, 3]) } },
    user: { put: { "a.bin": Buffer.from([0, 0, 2]) } },
    conflicts: ["a.bin"],
  },
  {
    title: "keeps line ends byte by byte",
    before: { ".gitattributes": "* text eol=lf\n", a: "1\r\n2\r\n3\r\n4\r\n5\r\n" },
    agent: { put: { a: "one\r\n2\r\n3\r\n4\r\n5\r\n" } },
    user: { put: { a: "1\r\n2\r\n3\r\n4\r\nfive\r\n" } },
    after: { ".gitattributes": "* text eol=lf\n", a: "one\r\n2\r\n3\r\n4\r\nfive\r\n" },
  },
  {
    title: "changes modes and links",
    before: { run: "x", "plain*": "x", l: "link:run", f: "x" },
    agent: { put: { "run*": "x", plain: "x", l: "link:plain", f: "link:run" } },
    after: { f: "link:run", l: "link:plain", plain: "x", "run*": "x" },
  },
  {
    title: "keeps a mode that the user changed beside the agent's edit",
    before: { run: five },
    agent: { put: { run: text("one", 2, 3, 4, 5) } },
    user: { put: { "run*": five } },
    after: { "run*": text("one", 2, 3, 4, 5) },
  },
  {
    title: "does not join a link",
    before: { l: "link:a" },
    agent: { put: { l: "link:b" } },
    user: { put: { l: "link:c" } },
    conflicts: ["l"],
  },
  {
    title: "turns a file into a folder and a folder into a file",
    before: { a: "a", "d/x": "x", "d/y/z": "z" },
    agent: { put: { "a/b": "b", d: "d" }, gone: ["a", "d"] },
    after: { "a/b": "b", d: "d" },
  },
  {
    title: "does not remove a folder in which the user has a file of their own",
    before: { "d/x": "x" },
    agent: { put: { d: "d" }, gone: ["d"] },
    user: { put: { "d/mine": "m" } },
    conflicts: ["d"],
  },
  {
    title: "keeps a folder that holds what no snapshot knows",
    before: { "d/x": "x", ".gitignore": "*.log" },
    agent: { gone: ["d/x"] },
    user: { put: { "d/a.log": "l" } },
    after: { ".gitignore": "*.log", "d/a.log": "l" },
  },
  {
    title: "does not replace an ignored file that is there already",
    before: { ".gitignore": "*.log", a: "a" },
    agent: { put: { ".gitignore": "nothing", "x.log": "agent" } },
    user: { put: { "x.log": "user" } },
    conflicts: ["x.log"],
  },
  {
    title: "does not write through a link that the user put in a folder's place",
    before: { "src/a": "a" },
    agent: { put: { "src/a": "A", "src/n": "n" } },
    user: { put: { src: "link:../outside" }, gone: ["src"] },
    conflicts: ["src/a", "src/n"],
  },
  { title: "is at ease with nothing to do", before: { a: "a" }, agent: {}, after: { a: "a" } },
];

describe("workspace: landing", () => {
  let at: Fixture;
  afterEach(() => at.remove());

  const edit = ({ put = {}, gone = [] }: Edit): void => {
    removeFiles(at.path, [...gone, ...Object.keys(put)]);
    writeFiles(at.path, put);
  };
  const land = async (base: Commit, result: Commit) => await at.land(base, result);

  for (const { title, before, agent, user = {}, after, conflicts = [] } of cases)
    it(title, async () => {
      at = makeFixture(before);
      mkdirSync(join(at.folder, "outside"));
      writeFiles(at.folder, { "outside/a": "a" });
      const base = await at.snapshot();
      const result = await at.change(base, agent.put ?? {}, agent.gone);
      edit(user);
      const untouched = readFiles(at.path);
      const landed = await land(base, result);
      assert.deepEqual([...landed.conflicts].sort(), conflicts);
      assert.deepEqual(readFiles(at.path), after ?? untouched);
      assert.deepEqual(readFiles(join(at.folder, "outside")), { a: "a" });
      const changed = (await at.port.diff("s", at.path, base, result)).files.map(({ path }) => path);
      assert.deepEqual(landed.files, conflicts.length > 0 ? [] : changed);
      if (conflicts.length > 0) return;
      assert.deepEqual(await land(base, result), landed, "landing again changes nothing");
      assert.deepEqual(readFiles(at.path), after);
    });

  for (const [folder, kind] of [
    ["n", "an empty folder"],
    ["n/deep/er", "empty folders"],
  ] as const)
    it(`${kind} of the user's in a file's place: nothing is written`, async () => {
      at = makeFixture({ a: "a" });
      const base = await at.snapshot();
      const result = await at.change(base, { a: "A", n: "a file" });
      mkdirSync(join(at.path, folder), { recursive: true });
      assert.deepEqual(await land(base, result), { files: [], conflicts: ["n"] });
      assert.deepEqual(readFiles(at.path), { a: "a" });
      assert.ok(lstatSync(join(at.path, folder)).isDirectory());
    });

  it("leaves the user's repository alone: what was staged is still staged", async () => {
    at = makeFixture({ a: "a", b: "b" });
    commitAll(at.path);
    writeFiles(at.path, { b: "staged" });
    gitIn(at.path, "add", "b");
    const base = await at.snapshot();
    const result = await at.change(base, { a: "A" });
    const before = readFiles(join(at.path, ".git"));
    await land(base, result);
    assert.deepEqual(readFiles(join(at.path, ".git")), before);
    assert.equal(gitIn(at.path, "status", "--porcelain"), " M a\nM  b\n");
  });

  it("keeps permissions", async function () {
    if (process.platform === "win32") this.skip();
    at = makeFixture({ a: "a", b: "b" });
    chmodSync(join(at.path, "a"), 0o640);
    chmodSync(join(at.path, "b"), 0o600);
    const base = await at.snapshot();
    const result = await at.change(base, { a: "A", "b*": "B" });
    await land(base, result);
    assert.equal(statSync(join(at.path, "a")).mode & 0o777, 0o640);
    assert.equal(statSync(join(at.path, "b")).mode & 0o777, 0o700);
  });

  it("is refused by an obstacle without harm, and goes on when it is out of the way", async function () {
    if (process.platform === "win32") this.skip();
    at = makeFixture({ a: "a" });
    const base = await at.snapshot();
    const result = await at.change(base, { a: "A", "new/b": "b" });
    mkdirSync(join(at.path, "a2"));
    writeFiles(at.path, { new: "a file of the user's" });
    assert.deepEqual(await land(base, result), { files: [], conflicts: ["new/b"] });
    rmSync(join(at.path, "new"));
    assert.deepEqual(await land(base, result), { files: ["a", "new/b"], conflicts: [] });
    assert.ok(lstatSync(join(at.path, "a2")).isDirectory());
  });
});
