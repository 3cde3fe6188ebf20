// What the file tools promise to an agent: exact edits, clear refusals, nothing outside the task's folder.

import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { compileRule, hiddenBy } from "../../src/core/rules.ts";
import { codeOf, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("filesystem tools", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  describe("read_file", () => {
    it("gives the text exactly as it is", async () => {
      const text = "\ufeffa\r\nb\tü🙂\n\nlast";
      await bench.put("a.txt", text);
      assert.deepEqual(await bench.call("filesystem__read_file", { path: "a.txt" }), {
        ok: true,
        content: text,
        details: { path: "a.txt" },
      });
    });

    it("gives a part by offset and limit and says how to read on", async () => {
      await bench.put("a.txt", "1\n2\n3\n4\n5\n");
      const part = await bench.call("filesystem__read_file", { path: "a.txt", offset: 2, limit: 2 });
      assert.equal(part.content, "2\n3\n[lines 2–3 of 5; read on with offset 4]");
      const end = await bench.call("filesystem__read_file", { path: "a.txt", offset: 5 });
      assert.equal(end.content, "5\n[lines 5–5 of 5]");
      assert.equal(codeOf(await bench.call("filesystem__read_file", { path: "a.txt", offset: 6 })), "not_found");
    });

    it("gives a long file in whole lines that add up to the file", async () => {
      const lines = Array.from({ length: 3000 }, (_, i) => `line ${i + 1} ${"x".repeat(20)}\n`);
      await bench.put("long.txt", lines.join(""));
      let offset = 1;
      let whole = "";
      for (let parts = 0; parts < 10; parts++) {
        const part = await bench.call("filesystem__read_file", { path: "long.txt", offset });
        assert.ok(part.content.length <= 24_000);
        const note = part.content.lastIndexOf("[lines ");
        whole += part.content.slice(0, note);
        const next = /read on with offset (\d+)/.exec(part.content.slice(note));
        if (!next) break;
        offset = Number(next[1]);
      }
      assert.equal(whole, lines.join(""));
    });

    it("shortens one endless line and keeps the whole as an artifact", async () => {
      await bench.put("min.js", `${"a".repeat(40_000)}END`);
      const result = await bench.call("filesystem__read_file", { path: "min.js" });
      assert.ok(result.ok && result.content.length < 25_000 && result.content.includes("END"));
      assert.equal(result.artifact?.hash, "sha256:saved1");
    });

    it("names what cannot be read: missing, a folder, binary, too large, a pipe", async () => {
      await mkdir(join(bench.root, "folder"));
      await bench.put("image.bin", new Uint8Array([0x89, 0, 1, 2]));
      await bench.put("latin1.txt", new Uint8Array([0x61, 0xe9, 0x62]));
      await bench.put("big.txt", Buffer.alloc(9 * 1024 * 1024, "a"));
      await bench.call("shell__run", { command: "mkfifo pipe" });
      const code = async (path: string): Promise<string> => codeOf(await bench.call("filesystem__read_file", { path }));
      assert.equal(await code("missing.txt"), "not_found");
      assert.equal(await code("image.bin/x"), "not_found");
      assert.equal(await code("folder"), "not_a_file");
      assert.equal(await code("image.bin"), "binary");
      assert.equal(await code("latin1.txt"), "binary");
      assert.equal(await code("big.txt"), "too_large");
      assert.equal(await code("pipe"), "not_a_file");
    });
  });

  describe("containment", () => {
    beforeEach(async () => {
      await writeFile(join(bench.outside, "secret.txt"), "secret");
      await mkdir(join(`${bench.root}-sibling`));
      await writeFile(join(`${bench.root}-sibling`, "x"), "secret");
      await symlink(bench.outside, join(bench.root, "link"));
      await symlink(join(bench.outside, "secret.txt"), join(bench.root, "file-link"));
      await symlink(join(bench.outside, "not-there"), join(bench.root, "dangling"));
      await symlink("loop", join(bench.root, "loop"));
      await bench.put("in.txt", "inside");
      await symlink("in.txt", join(bench.root, "inner-link"));
    });

    it("refuses to read what leads outside, by any way", async () => {
      const ways = ["../outside/secret.txt", "link/secret.txt", "file-link", "a/../../outside/secret.txt", "link/../../outside/secret.txt"];
      for (const path of [...ways, join(bench.outside, "secret.txt"), "/etc/passwd", "../work-sibling/x", "dangling"])
        assert.equal(codeOf(await bench.call("filesystem__read_file", { path })), "outside", path);
      assert.equal(codeOf(await bench.call("filesystem__list_directory", { path: "link" })), "outside");
      assert.equal(codeOf(await bench.call("filesystem__search_text", { pattern: "secret", path: "link" })), "outside");
      assert.ok(["outside", "not_found"].includes(codeOf(await bench.call("filesystem__read_file", { path: "loop" }))));
    });

    it("refuses to write what leads outside, and creates nothing there", async () => {
      for (const path of ["link/new.txt", "dangling", "../new.txt", "file-link", "link/deep/er/new.txt"]) {
        assert.equal(codeOf(await bench.call("filesystem__write_file", { path, content: "x" })), "outside", path);
        assert.equal(codeOf(await bench.call("filesystem__edit_file", { path, old: "secret", new: "x" })), "outside", path);
      }
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "in.txt", to: "link/in.txt" })), "outside");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "link/secret.txt" })), "outside");
      assert.deepEqual(await readdir(bench.outside), ["secret.txt"]);
      assert.equal(await readFile(join(bench.outside, "secret.txt"), "utf8"), "secret");
    });

    it("takes absolute paths and links that stay inside", async () => {
      assert.equal((await bench.call("filesystem__read_file", { path: join(bench.root, "in.txt") })).content, "inside");
      assert.equal((await bench.call("filesystem__read_file", { path: "inner-link" })).content, "inside");
      assert.equal(codeOf(await bench.call("filesystem__write_file", { path: "inner-link", content: "new" })), "ok");
      assert.equal(await bench.get("in.txt"), "new");
      assert.ok((await lstat(join(bench.root, "inner-link"))).isSymbolicLink());
    });

    it("deletes and moves a link itself, never what it leads to", async () => {
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "link", to: "renamed" })), "ok");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "renamed" })), "ok");
      assert.deepEqual(await readdir(bench.outside), ["secret.txt"]);
    });

    it("never writes into git's own data, however it is spelled", async () => {
      await mkdir(join(bench.root, ".git"));
      await symlink(".git", join(bench.root, "innocent"));
      for (const path of [
        ".git/config",
        ".git/hooks/pre-commit",
        "innocent/config",
        "sub/.git/config",
        ".GIT/config",
        "./.git//config",
        ".g\u200cit/config",
      ])
        assert.equal(codeOf(await bench.call("filesystem__write_file", { path, content: "x" })), "protected", path);
      assert.equal(codeOf(await bench.call("filesystem__move", { from: ".git", to: "git" })), "protected");
      assert.deepEqual(await readdir(join(bench.root, ".git")), []);
    });

    it("writes nothing for a task that may only read", async () => {
      for (const [tool, args] of [
        ["write_file", { path: "n", content: "x" }],
        ["edit_file", { path: "in.txt", old: "in", new: "x" }],
        ["edit_file", { patch: "--- a/in.txt\n+++ b/in.txt\n@@ -1 +1 @@\n-inside\n\\ No newline at end of file\n+x\n" }],
        ["move", { from: "in.txt", to: "n" }],
        ["delete", { path: "in.txt" }],
      ] as const)
        assert.equal(codeOf(await bench.call(`filesystem__${tool}`, args, { writable: false })), "not_writable", tool);
      assert.equal(await bench.get("in.txt"), "inside");
    });
  });

  describe("write_file", () => {
    it("creates folders, keeps the mode, leaves no temporary file", async () => {
      assert.equal(codeOf(await bench.call("filesystem__write_file", { path: "a/b/c.sh", content: "one" })), "ok");
      await chmod(join(bench.root, "a/b/c.sh"), 0o750);
      assert.equal(codeOf(await bench.call("filesystem__write_file", { path: "a/b/c.sh", content: "two" })), "ok");
      assert.equal((await stat(join(bench.root, "a/b/c.sh"))).mode & 0o777, 0o750);
      assert.deepEqual(await readdir(join(bench.root, "a/b")), ["c.sh"]);
      assert.equal(await bench.get("a/b/c.sh"), "two");
    });

    it("says what is in the way: a folder, a file as a folder", async () => {
      await bench.put("folder/x", "x");
      assert.equal(codeOf(await bench.call("filesystem__write_file", { path: "folder", content: "y" })), "not_a_file");
      assert.equal(codeOf(await bench.call("filesystem__write_file", { path: "folder/x/y", content: "y" })), "not_a_directory");
    });
  });

  describe("edit_file by replacement", () => {
    const edit = (args: object): ReturnType<Bench["call"]> => bench.call("filesystem__edit_file", { path: "a.ts", ...args });

    it("replaces what occurs once, and dollar signs mean nothing special", async () => {
      await bench.put("a.ts", "const a = 1;\nconst b = 2;\n");
      const result = await edit({ old: "b = 2", new: "b = '$&$1'" });
      assert.equal(codeOf(result), "ok");
      assert.equal(await bench.get("a.ts"), "const a = 1;\nconst b = '$&$1';\n");
    });

    it("names the lines when there are several, and replaces all on request", async () => {
      await bench.put("a.ts", "x\ny\nx\n");
      const several = await edit({ old: "x", new: "z" });
      assert.equal(codeOf(several), "many_matches");
      assert.match(several.content, /lines 1, 3/);
      assert.equal(codeOf(await edit({ old: "x", new: "z", all: true })), "ok");
      assert.equal(await bench.get("a.ts"), "z\ny\nz\n");
    });

    it("shows the nearest lines when there are none, and tells white space apart", async () => {
      await bench.put("a.ts", "function add(a, b) {\n\treturn a + b;\n}\n");
      const space = await edit({ old: "function add(a, b) {\n  return a + b;", new: "x" });
      assert.equal(codeOf(space), "no_match");
      assert.match(space.content, /line 1 differs only in white space.*\n.*\n\treturn a \+ b;/);
      const near = await edit({ old: "  return a + b + c;", new: "x" });
      assert.match(near.content, /nearest lines, from line 2/);
      assert.match((await edit({ old: "zebra crossing", new: "x" })).content, /nor anything like it/);
    });

    it("keeps a file's CRLF line ends, whichever the model writes", async () => {
      await bench.put("a.ts", "one\r\ntwo\r\nthree\r\n");
      assert.equal(codeOf(await edit({ old: "one\ntwo", new: "1\n2\n2b" })), "ok");
      assert.equal(codeOf(await edit({ old: "three", new: "3\n4" })), "ok");
      assert.equal(await bench.get("a.ts"), "1\r\n2\r\n2b\r\n3\r\n4\r\n");
      await bench.put("a.ts", "one\ntwo\n");
      assert.equal(codeOf(await edit({ old: "one\r\ntwo", new: "1\r\n2" })), "ok");
      assert.equal(await bench.get("a.ts"), "1\n2\n");
    });

    it("refuses what makes no sense: empty, the same, both kinds at once", async () => {
      await bench.put("a.ts", "x");
      assert.equal(codeOf(await edit({ old: "", new: "y" })), "invalid_arguments");
      assert.equal(codeOf(await edit({ old: "x", new: "x" })), "invalid_arguments");
      assert.equal(codeOf(await edit({ old: "x", new: "y", patch: "@@" })), "invalid_arguments");
      assert.equal(codeOf(await edit({ old: "x" })), "invalid_arguments");
      assert.equal(codeOf(await edit({ path: "none.ts", old: "x", new: "y" })), "not_found");
    });
  });

  describe("edit_file by patch", () => {
    const patch = (text: string, path?: string): ReturnType<Bench["call"]> =>
      bench.call("filesystem__edit_file", { patch: text, ...(path === undefined ? {} : { path }) });

    it("changes, creates and deletes several files at once", async () => {
      await bench.put("a.txt", "1\n2\n3\n");
      await bench.put("gone.txt", "bye\n");
      const result = await patch(
        "--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n 1\n-2\n+two\n 3\n--- /dev/null\n+++ b/new/b.txt\n@@ -0,0 +1,2 @@\n+x\n+y\n--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n",
      );
      assert.equal(codeOf(result), "ok", result.content);
      assert.equal(await bench.get("a.txt"), "1\ntwo\n3\n");
      assert.equal(await bench.get("new/b.txt"), "x\ny\n");
      await assert.rejects(bench.get("gone.txt"), { code: "ENOENT" });
    });

    it("changes nothing at all when one hunk of one file does not fit, and names it", async () => {
      await bench.put("a.txt", "1\n2\n3\n");
      await bench.put("b.txt", "1\n");
      const result = await patch(
        "--- a/b.txt\n+++ b/b.txt\n@@ -1 +1 @@\n-1\n+one\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-1\n+one\n 2\n@@ -3,1 +3,1 @@\n-drei\n+three\n",
      );
      assert.equal(codeOf(result), "patch_failed");
      assert.match(result.content, /a\.txt: hunk 2 of 2 .*no line "drei"/);
      assert.equal(await bench.get("a.txt"), "1\n2\n3\n");
      assert.equal(await bench.get("b.txt"), "1\n");
    });

    it("forgives wrong counts, a fence and a missing header, but not a missing name", async () => {
      await bench.put("a.txt", "1\n2\n3\n");
      assert.equal(codeOf(await patch("```diff\n--- a/a.txt\n+++ b/a.txt\n@@ -1,9 +1,1 @@\n 1\n-2\n+zwei\n 3\n```\n")), "ok");
      assert.equal(codeOf(await patch("@@\n-zwei\n+two\n", "a.txt")), "ok");
      assert.equal(await bench.get("a.txt"), "1\ntwo\n3\n");
      assert.equal(codeOf(await patch("@@\n-two\n+x\n")), "patch_failed");
      assert.equal(codeOf(await patch("please change it", "a.txt")), "patch_failed");
    });

    it("keeps CRLF and renames by git's headers", async () => {
      await bench.put("a.txt", "1\r\n2\r\n");
      const result = await patch(
        "diff --git a/a.txt b/b.txt\nrename from a.txt\nrename to b.txt\n--- a/a.txt\n+++ b/b.txt\n@@ -1,2 +1,2 @@\n 1\n-2\n+zwei\n",
      );
      assert.equal(codeOf(result), "ok", result.content);
      assert.equal(await bench.get("b.txt"), "1\r\nzwei\r\n");
      await assert.rejects(bench.get("a.txt"), { code: "ENOENT" });
    });

    it("stays inside the task's folder and out of git's data", async () => {
      await writeFile(join(bench.outside, "x.txt"), "1\n");
      assert.equal(codeOf(await patch("--- a/../outside/x.txt\n+++ b/../outside/x.txt\n@@ -1 +1 @@\n-1\n+2\n")), "outside");
      assert.equal(codeOf(await patch("--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+evil\n")), "protected");
    });
  });

  describe("move and delete", () => {
    it("moves into new folders and never overwrites", async () => {
      await bench.put("a.txt", "a");
      await bench.put("b.txt", "b");
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "a.txt", to: "b.txt" })), "exists");
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "a.txt", to: "x/y/a.txt" })), "ok");
      assert.equal(await bench.get("x/y/a.txt"), "a");
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "x", to: "x/y/x" })), "invalid_arguments");
      assert.equal(codeOf(await bench.call("filesystem__move", { from: "none", to: "n" })), "not_found");
    });

    it("deletes files and empty folders only", async () => {
      await bench.put("d/a.txt", "a");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "d" })), "not_empty");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "d/a.txt" })), "ok");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "d" })), "ok");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "." })), "not_a_file");
      assert.equal(codeOf(await bench.call("filesystem__delete", { path: "d" })), "not_found");
    });
  });

  describe("list_directory and find_files", () => {
    it("lists sorted, with marks and sizes, within bounds", async () => {
      await bench.put("b.txt", "12345");
      await bench.put("a/x", "x");
      await symlink("b.txt", join(bench.root, "c"));
      assert.equal((await bench.call("filesystem__list_directory", {})).content, "a/\nb.txt 5\nc (link)");
      assert.equal(codeOf(await bench.call("filesystem__list_directory", { path: "b.txt" })), "not_a_directory");
      assert.equal(codeOf(await bench.call("filesystem__list_directory", { path: "none" })), "not_found");
      await Promise.all(Array.from({ length: 600 }, (_, i) => bench.put(`many/${i}`, "")));
      const many = await bench.call("filesystem__list_directory", { path: "many" });
      assert.match(many.content, /\[100 more entries/);
    });

    it("finds by name or path, leaves out what is ignored, in every folder", async () => {
      for (const path of [
        "a.ts",
        "src/b.ts",
        "src/deep/c.ts",
        "src/d.js",
        "dist/e.ts",
        "src/gen/f.ts",
        "src/gen/keep.ts",
        ".git/g.ts",
        ".github/h.ts",
      ])
        await bench.put(path, "");
      await bench.put(".gitignore", "/dist\n");
      await bench.put("src/.gitignore", "gen/*\n!gen/keep.ts\n");
      const find = async (glob: string): Promise<string> => (await bench.call("filesystem__find_files", { glob })).content;
      assert.equal(await find("*.ts"), ".github/h.ts\na.ts\nsrc/b.ts\nsrc/deep/c.ts\nsrc/gen/keep.ts");
      assert.equal(await find("src/*.ts"), "src/b.ts");
      assert.equal(await find("src/**/*.{ts,js}"), "src/b.ts\nsrc/d.js\nsrc/deep/c.ts\nsrc/gen/keep.ts");
      assert.match(await find("*.zig"), /No file matches/);
      assert.equal(codeOf(await bench.call("filesystem__find_files", { glob: "*".repeat(100) })), "invalid_arguments");
    });
  });

  for (const engine of ["ripgrep", "own engine"]) {
    describe(`search_text by ${engine}`, () => {
      const path = process.env["PATH"];
      before(function skipWithoutRipgrep() {
        if (engine === "own engine") process.env["PATH"] = "/nonexistent";
        else if (!(path ?? "").split(delimiter).some((folder) => existsSync(join(folder, "rg")))) this.skip();
      });
      after(() => {
        process.env["PATH"] = path;
      });
      const search = (args: object): ReturnType<Bench["call"]> => bench.call("filesystem__search_text", args);

      it("leaves out what a rule keeps from it", async () => {
        await bench.put("plans/a.txt", "needle\n");
        await bench.put("src/a.txt", "needle\n");
        const rule = compileRule({ effect: "deny", tool: "filesystem", path: ["PLANS"] });
        const hidden = hiddenBy([rule], "filesystem__search_text")!;
        const found = await bench.call("filesystem__search_text", { pattern: "needle" }, { hidden });
        assert.equal(found.content, "src/a.txt:1: needle");
      });

      it("answers path:line: text, by path and glob, without ignored files and secrets", async () => {
        await bench.put("a.ts", "const needle = 1;\nother\n");
        await bench.put("src/b.js", "x\n  needle()\r\n");
        await bench.put("dist/c.ts", "needle");
        await bench.put(".env", "needle=1");
        await bench.put(".gitignore", "dist/\n");
        await bench.put(".git/config", "needle");
        await bench.put("bin.dat", new Uint8Array([0, 110, 101, 101, 100, 108, 101]));
        assert.equal((await search({ pattern: "needle" })).content, "a.ts:1: const needle = 1;\nsrc/b.js:2:   needle()");
        assert.equal((await search({ pattern: "^\\s+needle\\(", path: "src" })).content, "src/b.js:2:   needle()");
        assert.equal((await search({ pattern: "needle", path: "a.ts" })).content, "a.ts:1: const needle = 1;");
        assert.equal((await search({ pattern: "needle", glob: "*.ts" })).content, "a.ts:1: const needle = 1;");
        assert.match((await search({ pattern: "haystack" })).content, /No line matches/);
      });

      it("reports a pattern or path that cannot be used", async () => {
        assert.equal(codeOf(await search({ pattern: "a(b" })), "invalid_arguments");
        assert.equal(codeOf(await search({ pattern: "x", path: "none" })), "not_found");
      });

      it("is not caught by a pattern made to hang, by options in the pattern, or by a flood of hits", async () => {
        await bench.put("evil.txt", `${"a".repeat(5000)}!\n`);
        await bench.put("many.txt", "hit\n".repeat(5000));
        assert.match((await search({ pattern: "^(a+)+$" })).content, /No line matches/);
        assert.match((await search({ pattern: "--files" })).content, /No line matches/);
        const flood = await search({ pattern: "hit" });
        assert.match(flood.content, /more than 200 matching lines/);
        assert.ok(flood.content.split("\n").length <= 202);
      });
    });
  }

  it("says so when the task's folder is gone", async () => {
    await rm(bench.root, { recursive: true });
    assert.equal(codeOf(await bench.call("filesystem__read_file", { path: "a" })), "not_found");
  });
});
