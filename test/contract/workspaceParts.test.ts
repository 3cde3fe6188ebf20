// Some parts of a change, made into a commit: exactly those files and hunks, byte for byte, and nothing else.

import assert from "node:assert/strict";
import type { ChangePart } from "../../src/protocol/events.ts";
import type { Commit } from "../../src/protocol/ids.ts";
import type { Files } from "../support/gitProject.ts";
import { readFiles } from "../support/gitProject.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const numbered = (end: string, change: Record<number, string> = {}): string =>
  Array.from({ length: 40 }, (_, i) => `${change[i + 1] ?? i + 1}${end}`).join("");

const before = { 2: "two", 20: "twenty", 38: "near the end" };
const old = numbered("\n");
const fresh = numbered("\n", before);

type Case = {
  title: string;
  before: Files;
  agent: Files;
  gone?: string[];
  only: ChangePart[];
  after: Record<string, string>;
};

const bytes = Buffer.from([0, 1, 2, 255]);

const cases: Case[] = [
  {
    title: "one hunk of several",
    before: { a: old },
    agent: { a: fresh },
    only: [{ path: "a", hunks: [1] }],
    after: { a: numbered("\n", { 20: "twenty" }) },
  },
  {
    title: "the first and the last hunk, in whatever order they are named",
    before: { a: old, b: "b" },
    agent: { a: fresh, b: "B" },
    only: [{ path: "a", hunks: [2, 0] }],
    after: { a: numbered("\n", { 2: "two", 38: "near the end" }), b: "b" },
  },
  {
    title: "all hunks are the whole file",
    before: { a: old },
    agent: { a: fresh },
    only: [{ path: "a", hunks: [0, 1, 2] }],
    after: { a: fresh },
  },
  {
    title: "a whole file among others",
    before: { a: old, b: "b" },
    agent: { a: fresh, b: "B", n: "n" },
    only: [{ path: "b" }],
    after: { a: old, b: "B" },
  },
  {
    title: "line ends of another system, byte by byte",
    before: { ".gitattributes": "* text=auto eol=lf\n", a: numbered("\r\n") },
    agent: { a: numbered("\r\n", before) },
    only: [{ path: "a", hunks: [0] }],
    after: { ".gitattributes": "* text=auto eol=lf\n", a: numbered("\r\n", { 2: "two" }) },
  },
  {
    title: "a missing newline at the end stays with its hunk: not taken",
    before: { a: old },
    agent: { a: `${numbered("\n", { 2: "two" })}end` },
    only: [{ path: "a", hunks: [0] }],
    after: { a: numbered("\n", { 2: "two" }) },
  },
  {
    title: "a missing newline at the end stays with its hunk: taken",
    before: { a: old.slice(0, -1) },
    agent: { a: `${numbered("\n", { 2: "two" })}41` },
    only: [{ path: "a", hunks: [1] }],
    after: { a: `${old}41` },
  },
  {
    title: "lines added to the start and the end, and lines removed",
    before: { a: old },
    agent: { a: `0\n${numbered("\n").replace("20\n21\n", "")}41\n` },
    only: [{ path: "a", hunks: [0, 2] }],
    after: { a: `0\n${old}41\n` },
  },
  {
    title: "lines that look like headings of a diff",
    before: { a: `@@ -1 +1 @@\n${old}diff --git a/a b/a\n\r@@ -9,9 +9,9 @@\n` },
    agent: { a: `@@ -2 +2 @@\n${fresh}diff --git a/b b/b\n\r@@ -8,8 +8,8 @@\n` },
    only: [{ path: "a", hunks: [0] }],
    after: { a: `@@ -2 +2 @@\n${numbered("\n", { 2: "two" })}diff --git a/a b/a\n\r@@ -9,9 +9,9 @@\n` },
  },
  {
    title: "bytes that are no UTF-8",
    before: { a: Buffer.concat([Buffer.from("\xe9\n", "latin1"), Buffer.from(old)]) },
    agent: { a: Buffer.concat([Buffer.from("\xe8\n", "latin1"), Buffer.from(fresh)]) },
    only: [{ path: "a", hunks: [0] }],
    after: { a: `\xe8\n${numbered("\n", { 2: "two" })}` },
  },
  {
    title: "a file added, one removed, each as its only hunk",
    before: { gone: "1\n2\n", stays: "1\n" },
    agent: { made: "m\n", other: "o\n" },
    gone: ["gone", "stays"],
    only: [
      { path: "made", hunks: [0] },
      { path: "gone", hunks: [0] },
    ],
    after: { made: "m\n", stays: "1\n" },
  },
  {
    title: "a file that moved is a removal and an addition",
    before: { "src/a": old },
    agent: { "lib/a": old },
    gone: ["src/a"],
    only: [{ path: "lib/a" }],
    after: { "lib/a": old, "src/a": old },
  },
  {
    title: "contents that are no text, links, and empty files, as wholes",
    before: { bin: bytes, l: "link:a", f: "x", a: "a" },
    agent: { bin: Buffer.concat([bytes, bytes]), l: "link:b", f: "link:a", empty: "" },
    only: [{ path: "bin" }, { path: "f" }, { path: "empty" }],
    after: { a: "a", bin: Buffer.concat([bytes, bytes]).toString("latin1"), empty: "", f: "link:a", l: "link:a" },
  },
  {
    title: "a mode with the first hunk",
    before: { a: old, b: old, c: "c" },
    agent: { "a*": fresh, "b*": fresh, "c*": "c" },
    only: [{ path: "a", hunks: [0] }, { path: "b", hunks: [1] }, { path: "c" }],
    after: { "a*": numbered("\n", { 2: "two" }), b: numbered("\n", { 20: "twenty" }), "c*": "c" },
  },
  {
    title: "a folder in a file's place, both together",
    before: { a: "a", "d/x": "x" },
    agent: { "a/b": "b", d: "d" },
    gone: ["a", "d"],
    only: [{ path: "a" }, { path: "a/b" }],
    after: { "a/b": "b", "d/x": "x" },
  },
  {
    title: "names that are hard to write",
    before: { 'a "quoted"\tname\n': old, "grün/*.txt": "x\n", "[a]": "1\n", a: "1\n" },
    agent: { 'a "quoted"\tname\n': fresh, "[a]": "2\n", a: "2\n" },
    only: [{ path: 'a "quoted"\tname\n', hunks: [0] }, { path: "[a]" }],
    after: { "[a]": "2\n", a: "1\n", 'a "quoted"\tname\n': numbered("\n", { 2: "two" }), "grün/*.txt": "x\n" },
  },
];

describe("workspace: parts of a change", () => {
  let at: Fixture;
  afterEach(() => at.remove());

  const commits = async (files: Files, agent: Files, gone?: string[]): Promise<[Commit, Commit]> => {
    at = makeFixture(files);
    const base = await at.snapshot();
    return [base, await at.change(base, agent, gone)];
  };

  for (const { title, before, agent, gone, only, after } of cases)
    it(title, async () => {
      const [base, result] = await commits(before, agent, gone);
      const picked = await at.port.pick("s", at.path, base, result, only);
      assert.ok(picked.ok, picked.ok ? "" : picked.error.message);
      assert.deepEqual(await at.filesOf(picked.value), after);
    });

  it("all parts one after another are the whole change", async () => {
    const [base, result] = await commits({ a: old, b: "b", l: "link:a" }, { "a*": fresh, l: "a file", n: "n" }, ["b"]);
    const counts = await at.port.hunks("s", at.path, base, result);
    assert.deepEqual(
      counts.toSorted((x, y) => (x.path < y.path ? -1 : 1)),
      [
        { path: "a", hunks: 3 },
        { path: "b", hunks: 1 },
        { path: "l", hunks: 0 },
        { path: "n", hunks: 1 },
      ],
    );
    const picked = await at.port.pick(
      "s",
      at.path,
      base,
      result,
      counts.map(({ path, hunks }) => (hunks === 0 ? { path } : { path, hunks: Array.from({ length: hunks }, (_, i) => i) })),
    );
    assert.ok(picked.ok);
    assert.equal(await at.port.treeOf("s", at.path, picked.value), await at.port.treeOf("s", at.path, result));
  });

  it("counts the hunks of the diff that is shown", async () => {
    const [base, result] = await commits({ a: old, b: old }, { a: fresh, b: numbered("\n", { 2: "x", 8: "y" }), n: "", bin: bytes });
    const { text } = await at.port.diff("s", at.path, base, result);
    const shown = text.split(/^diff --git /m).slice(1);
    const counts = await at.port.hunks("s", at.path, base, result);
    assert.deepEqual(
      counts.map(({ hunks }) => hunks),
      shown.map((file) => file.split("\n").filter((line) => line.startsWith("@@ ")).length),
    );
    assert.deepEqual(new Map(counts.map(({ path, hunks }) => [path, hunks])).get("b"), 1, "changes near each other are one");
  });

  it("does not take what cannot stand alone", async () => {
    const [base, result] = await commits({ a: "a", "d/x": "x" }, { "a/b": "b", d: "d" }, ["a", "d"]);
    for (const path of ["a/b", "d"]) {
      const picked = await at.port.pick("s", at.path, base, result, [{ path }]);
      assert.ok(!picked.ok);
      assert.match(picked.error.message, /take or refuse both together/);
    }
    assert.deepEqual(readFiles(at.path), { a: "a", "d/x": "x" });
  });

  it("a part taken before is no obstacle to the next, nor is an edit elsewhere", async () => {
    const [base, result] = await commits({ a: old }, { a: fresh });
    const port = at.port;
    const one = await port.pick("s", at.path, base, result, [{ path: "a", hunks: [1] }]);
    const two = await port.pick("s", at.path, base, result, [{ path: "a", hunks: [0, 1] }]);
    assert.ok(one.ok && two.ok);
    assert.deepEqual(await at.land(base, one.value), { files: ["a"], conflicts: [] });
    assert.deepEqual(await at.land(one.value, two.value), { files: ["a"], conflicts: [] });
    assert.deepEqual(readFiles(at.path), { a: numbered("\n", { 2: "two", 20: "twenty" }) });
  });
});
