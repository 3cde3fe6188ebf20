// The `ide` tools over an editor that is played here: which file they ask about, how they answer, and that what they write
// stays in the task's folder. Real language services are asked in the suites inside the editor.

import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answer, CodePlace, EditorPort, FileChanges, Span, TextChange } from "../../src/tools/ide/editorPort.ts";
import { mindedOf, outsideOf } from "../../src/core/reach.ts";
import { codeOf, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

const span = (line: number, from: number, to: number): Span => ({ start: { line, column: from }, end: { line, column: to } });
const good = <T>(value: T): Promise<Answer<T>> => Promise.resolve({ ok: true, value });

/** An editor that knows nothing; each test says what it knows. */
function blank(): EditorPort & { asked: string[] } {
  const asked: string[] = [];
  const place = (what: string) => (file: string) => {
    asked.push(`${what} ${file}`);
    return good([]);
  };
  return {
    asked,
    folderOf: () => Promise.resolve(undefined),
    problems: place("problems"),
    allProblems: () => [],
    definition: place("definition"),
    references: place("references"),
    symbols: place("symbols"),
    findSymbols: () => good([]),
    rename: place("rename"),
    format: place("format"),
  };
}

describe("ide tools", () => {
  let bench: Bench;
  let editor: ReturnType<typeof blank>;
  beforeEach(async () => {
    editor = blank();
    bench = await openBench({ editor });
    await bench.put("src/a.css", ":root { --ink: #111; }\n");
    await bench.put("src/b.css", "p { color: var(--ink); }\n");
  });
  afterEach(() => bench.close());

  const file = (path: string): string => join(bench.root, path);
  const at = (path: string, line: number, from: number, to: number): CodePlace => ({ file: file(path), span: span(line, from, to) });
  const judged = (tool: string, args: object): ReturnType<Bench["tools"]["judge"]> => bench.tools.judge(`ide__${tool}`, args, bench.scope);

  it("are offered with an editor only; without one a call says so", async () => {
    const listed = async (of: Bench): Promise<string[]> =>
      (await of.tools.list()).flatMap(({ name, access }) => (name.startsWith("ide__") ? [`${name} ${access.effect}`] : []));
    assert.deepEqual((await listed(bench)).toSorted(), [
      "ide__definition read",
      "ide__diagnostics read",
      "ide__format write",
      "ide__references read",
      "ide__rename write",
      "ide__symbols read",
    ]);
    const headless = await openBench();
    try {
      assert.deepEqual(await listed(headless), []);
      for (const [tool, args] of [
        ["diagnostics", {}],
        ["definition", { path: "a", line: 1, symbol: "x" }],
        ["references", { path: "a", line: 1, symbol: "x" }],
        ["symbols", { query: "x" }],
        ["rename", { path: "a", line: 1, symbol: "x", newName: "y" }],
        ["format", { path: "a" }],
      ] as const) {
        const result = await headless.call(`ide__${tool}`, args);
        assert.equal(codeOf(result), "no_editor", tool);
        assert.match(result.content, /^No editor is attached: /);
      }
    } finally {
      await headless.close();
    }
  });

  it("find a symbol by its name on the line, and tell places with their lines", async () => {
    editor.definition = (path, position) => {
      assert.deepEqual([path, position], [file("src/b.css"), { line: 1, column: 16 }]);
      return good([at("src/a.css", 1, 9, 14)]);
    };
    const found = await bench.call("ide__definition", { path: "src/b.css", line: 1, symbol: "--ink" });
    assert.equal(found.content, "src/a.css:1:9: :root { --ink: #111; }");
    const missing = await bench.call("ide__definition", { path: "src/b.css", line: 1, symbol: "--paper" });
    assert.equal(codeOf(missing), "no_match");
    assert.match(missing.content, /It is: p \{ color/);
    assert.equal(codeOf(await bench.call("ide__definition", { path: "src/b.css", line: 1 })), "invalid_arguments");
    assert.equal(codeOf(await bench.call("ide__definition", { path: "src/b.css", line: 9, symbol: "x" })), "no_match");
  });

  it("quote nothing of a secret or of a file outside", async () => {
    await bench.put(".env", "KEY=hunter2\n");
    await writeFile(join(bench.outside, "far.css"), "far away\n");
    editor.references = () => good([at(".env", 1, 1, 4), { file: join(bench.outside, "far.css"), span: span(1, 1, 2) }]);
    const found = await bench.call("ide__references", { path: "src/b.css", line: 1, symbol: "--ink" });
    assert.match(found.content, /^\.env:1:1$/m);
    assert.match(found.content, /far\.css:1:1$/m);
    assert.doesNotMatch(found.content, /hunter2|far away/);
    assert.equal(codeOf(await bench.call("ide__symbols", { path: "../outside/far.css" })), "outside");
    assert.deepEqual(mindedOf(await judged("symbols", { path: ".env" })), [".env"]);
  });

  describe("where only the user's own folder is known", () => {
    let folder: string;
    beforeEach(async () => {
      folder = join(bench.outside, "project");
      await mkdir(join(folder, "src"), { recursive: true });
      await writeFile(join(folder, "src", "a.css"), ":root { --ink: #111; }\n");
      editor.folderOf = () => Promise.resolve(folder);
    });
    const theirs = (line: number): CodePlace => ({ file: join(folder, "src", "a.css"), span: span(line, 9, 14) });

    it("answer for it, and say that it is the user's", async () => {
      editor.references = (path) => good(path.startsWith(folder) ? [theirs(1)] : []);
      const found = await bench.call("ide__references", { path: "src/a.css", line: 1, symbol: "--ink" });
      assert.match(found.content, /^In the user's own folder .*\nsrc\/a\.css:1:9: :root/);
      assert.deepEqual(found.details, { count: 1, usersVersion: true });
    });

    it("tell no problems of a text that is not the task's", async () => {
      editor.problems = (path) => good(path.startsWith(folder) ? [{ ...theirs(1), severity: "error", message: "odd" }] : []);
      assert.match((await bench.call("ide__diagnostics", { path: "src/a.css" })).content, /user's own folder[^]*error: odd/);
      await bench.put("src/a.css", ":root { --ink: #222; }\n");
      assert.match((await bench.call("ide__diagnostics", { path: "src/a.css" })).content, /^The editor reports no problems in src\/a\.css/);
    });

    it("keep the two apart in what concerns all files", async () => {
      editor.findSymbols = () =>
        good([
          { ...at("src/a.css", 1, 9, 14), name: "--ink", kind: "Variable" },
          { ...theirs(1), name: "--ink", kind: "Variable" },
          { file: "/elsewhere/x.css", span: span(1, 1, 2), name: "--ink", kind: "Variable" },
        ]);
      const { content } = await bench.call("ide__symbols", { query: "ink" });
      assert.match(content, /^src\/a\.css:1:9: variable --ink: [^]*\n\nIn the user's own folder[^\n]*\nsrc\/a\.css:1:9/);
      assert.doesNotMatch(content, /elsewhere/);
    });

    it("do not ask again where the editor has another text of the task's own file", async () => {
      editor.symbols = () => Promise.resolve({ ok: false, code: "stale", message: "not yet" });
      assert.equal(codeOf(await bench.call("ide__symbols", { path: "src/a.css" })), "stale");
    });
  });

  describe("that write", () => {
    const ink = (path: string, line: number, from: number): FileChanges => ({
      file: file(path),
      changes: [{ span: span(line, from, from + 5), text: "--text" }],
    });
    const args = { path: "src/b.css", line: 1, symbol: "--ink", newName: "--text" };

    it("rename in every file of the task's folder", async () => {
      editor.rename = (_path, _at, name) =>
        good([ink("src/a.css", 1, 9), ink("src/b.css", 1, 16)].map((one) => (assert.equal(name, "--text"), one)));
      const renamed = await bench.call("ide__rename", args);
      assert.equal(renamed.content, "Renamed --ink to --text: 2 places in src/a.css, src/b.css.");
      assert.equal(await bench.get("src/a.css"), ":root { --text: #111; }\n");
      assert.equal(await bench.get("src/b.css"), "p { color: var(--text); }\n");
    });

    it("change nothing at all where one file lies outside, and the guard hears of it", async () => {
      const far = join(bench.outside, "far.css");
      await writeFile(far, "p { color: var(--ink); }\n");
      editor.rename = () => good([ink("src/a.css", 1, 9), { ...ink("src/b.css", 1, 16), file: far }]);
      assert.deepEqual(outsideOf(await judged("rename", args)), [far]);
      assert.equal(codeOf(await bench.call("ide__rename", args)), "outside");
      assert.equal(await bench.get("src/a.css"), ":root { --ink: #111; }\n");
      assert.match(await readFile(far, "utf8"), /--ink/);
    });

    it("name protected files to the guard, and refuse where the task may only read", async () => {
      await bench.put(".vscode/settings.json", "{}\n");
      editor.rename = () =>
        good([ink("src/a.css", 1, 9), { file: file(".vscode/settings.json"), changes: [{ span: span(1, 1, 1), text: " " }] }]);
      assert.deepEqual(mindedOf(await judged("rename", args)), [".vscode/settings.json"]);
      assert.equal(codeOf(await bench.call("ide__rename", args, { writable: false })), "not_writable");
      assert.equal(codeOf(await bench.call("ide__format", { path: "../outside/x" })), "outside");
    });

    it("are bound to every file and every change when they are approved", async () => {
      editor.rename = () => good([ink("src/a.css", 1, 9), ink("src/b.css", 1, 16)]);
      const before = (await judged("rename", args)).preimage;
      assert.match(before ?? "", /^sha256:/);
      assert.equal((await judged("rename", args)).preimage, before);
      await bench.put("src/a.css", ":root { --ink: #222; }\n");
      const changed = (await judged("rename", args)).preimage;
      assert.notEqual(changed, before, "another file of the rename was edited");
      editor.rename = () => good([ink("src/b.css", 1, 16)]);
      assert.notEqual((await judged("rename", args)).preimage, changed, "other changes than those that were shown");
    });

    it("keep line ends and the mark at the beginning", async () => {
      await bench.put("crlf.css", "\uFEFFa {\r\ncolor: red }\r\n");
      editor.format = (path) => good([{ file: path, changes: [{ span: span(2, 1, 13), text: "  color: red;\n}" }] }]);
      assert.equal((await bench.call("ide__format", { path: "crlf.css" })).content, "Formatted crlf.css.");
      assert.equal(await bench.get("crlf.css"), "\uFEFFa {\r\n  color: red;\r\n}\r\n");
    });

    it("refuse changes that do not fit the file, and say when there are none", async () => {
      const wrong: TextChange[][] = [
        [{ span: span(9, 1, 2), text: "x" }],
        [
          { span: span(1, 1, 5), text: "x" },
          { span: span(1, 3, 6), text: "y" },
        ],
      ];
      for (const changes of wrong) {
        editor.format = (path) => good([{ file: path, changes }]);
        assert.equal(codeOf(await bench.call("ide__format", { path: "src/a.css" })), "no_match");
      }
      editor.format = () => good([]);
      assert.equal((await bench.call("ide__format", { path: "src/a.css" })).content, "There is nothing to change.");
      editor.rename = () => Promise.resolve({ ok: false, code: "no_answer", message: "You cannot rename this element." });
      const refused = await bench.call("ide__rename", args);
      assert.deepEqual([codeOf(refused), refused.content], ["no_answer", "You cannot rename this element."]);
    });
  });
});
