import assert from "node:assert/strict";
import { join } from "node:path";
import { findChecks, findLanguage, readRules } from "../../src/workspace/project.ts";
import { type Files, writeFiles } from "../support/gitProject.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

describe("what a project says about itself", () => {
  let folder: TempDir;
  beforeEach(() => (folder = makeTempDir("project")));
  afterEach(() => folder.remove());

  const scripts = (...entries: [string, string][]): string => JSON.stringify({ scripts: Object.fromEntries(entries) });
  const python = /^(python3?|\.venv\/bin\/python) -m pytest$/;

  const checks: [string, Files, (string | RegExp)[]][] = [
    [
      "npm",
      { "package.json": scripts(["test", "mocha"], ["build", "tsc"], ["lint", "oxlint"]) },
      ["npm test", "npm run build", "npm run lint"],
    ],
    ["npm's default", { "package.json": scripts(["test", 'echo "Error: no test specified" && exit 1']) }, []],
    ["pnpm", { "package.json": scripts(["test", "x"]), "pnpm-lock.yaml": "" }, ["pnpm test"]],
    ["bun, whose own `test` is another thing", { "package.json": scripts(["test", "x"]), "bun.lock": "" }, ["bun run test"]],
    ["a broken package.json", { "package.json": "{" }, []],
    ["pytest, declared", { "pyproject.toml": "[tool.pytest.ini_options]\n" }, [python]],
    ["pytest, by its files", { "tests/test_a.py": "" }, [python]],
    ["a project of its own Python", { "tests/test_a.py": "", ".venv/bin/python": "" }, [".venv/bin/python -m pytest"]],
    ["Python without tests", { "pyproject.toml": "[project]\n", "a.py": "" }, []],
    ["cargo", { "Cargo.toml": "" }, ["cargo test", "cargo build"]],
    ["go", { "go.mod": "" }, ["go test ./...", "go build ./..."]],
    ["make", { Makefile: "all:\n\ntest: all\n\t./run\n" }, ["make test"]],
    ["make without the target", { Makefile: "TEST := x\ntests:\ntest:=y\n" }, []],
    ["make beside npm", { Makefile: "test:\n", "package.json": scripts(["test", "x"]) }, ["npm test"]],
    ["nothing", {}, []],
  ];
  for (const [title, files, expected] of checks)
    it(`checks: ${title}`, () => {
      writeFiles(folder.path, files);
      const found = findChecks(folder.path).map(({ command }) => command);
      assert.equal(found.length, expected.length, found.join(", "));
      for (const [i, one] of expected.entries())
        assert.match(found[i]!, one instanceof RegExp ? one : new RegExp(`^${one.replace(/[.]/g, "\\.")}$`));
    });

  const definitions: [string, Files, (string | undefined)[]][] = [
    ["scripts", { "package.json": scripts(["test", "mocha"], ["build", "tsc"], ["lint", "oxlint"]) }, ["mocha", "tsc", "oxlint"]],
    ["scripts with what runs around them", { "package.json": scripts(["posttest", "c"], ["test", "b"], ["pretest", "a"]) }, ["a\nb\nc"]],
    ["a recipe", { Makefile: "all:\n\tcc a\n\ntest: all\n\t./run\n\n\t./more\nclean:\n\trm x\n" }, ["test: all\n\t./run\n\n\t./more"]],
    ["a recipe in two rules", { Makefile: "test: a\nb:\n\tx\ntest:\n\t./run" }, ["test: a\ntest:\n\t./run"]],
    [
      "what is defined by convention",
      { "Cargo.toml": "", "go.mod": "", "conftest.py": "" },
      [undefined, undefined, undefined, undefined, undefined],
    ],
  ];
  for (const [title, files, expected] of definitions)
    it(`definition of a check: ${title}`, () => {
      writeFiles(folder.path, files);
      assert.deepEqual(
        findChecks(folder.path).map(({ definition }) => definition),
        expected,
      );
    });

  const languages: [Files, string | undefined][] = [
    [{ "a.ts": "", "b.tsx": "", "c.py": "" }, "typescript"],
    [{ "src/a.js": "", "README.md": "" }, "typescript"],
    [{ "a.py": "", "node_modules/a.js": "", "node_modules/b.js": "", ".hidden/c.js": "" }, "python"],
    [{ "src/lib.rs": "" }, "rust"],
    [{ "main.GO": "" }, "go"],
    [{ "README.md": "" }, undefined],
  ];
  for (const [files, expected] of languages)
    it(`language: ${expected ?? "none"} (${Object.keys(files).join(", ")})`, () => {
      writeFiles(folder.path, files);
      assert.equal(findLanguage(folder.path), expected);
    });

  it("rules: AGENTS.md, bounded, and never by a link out of the folder", () => {
    assert.equal(readRules(folder.path), undefined);
    writeFiles(folder.path, { outside: "secret", "one/AGENTS.md": "Be kind.", "two/AGENTS.md": "x".repeat(100_000) });
    writeFiles(folder.path, { "three/AGENTS.md": "link:../outside", "four/RULES.md": "inside", "four/AGENTS.md": "link:RULES.md" });
    const rules = (name: string): string | undefined => readRules(join(folder.path, name));
    assert.equal(rules("one"), "Be kind.");
    assert.equal(rules("two")?.length, 64 * 1024);
    assert.equal(rules("three"), undefined);
    assert.equal(rules("four"), "inside");
  });
});
