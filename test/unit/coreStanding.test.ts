// What a standing grant covers: exactly what was shown. Judged by the real judge of calls, on real folders; each near miss
// is asked again.

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Permission } from "../../src/protocol/agents.ts";
import type { Coverage } from "../../src/protocol/events.ts";
import type { Reach } from "../../src/core/ports.ts";
import { decide } from "../../src/core/guard.ts";
import { patternCovers, patternFor } from "../../src/core/proposals.ts";
import { coverageOf, sayCoverage, scopesOf } from "../../src/core/standing.ts";
import { judgeCall } from "../../src/tools/judge.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { compileRule } from "../../src/core/rules.ts";
import { nowhere, place, simple } from "../support/reach.ts";
import { makeTempDir } from "../support/tempDir.ts";

describe("standing grants", () => {
  let root: string;
  let remove: () => void;
  before(() => {
    ({ path: root, remove } = makeTempDir("standing"));
    mkdirSync(join(root, "src"));
    mkdirSync(join(root, "other"));
    writeFileSync(join(root, "a.txt"), "a\n");
    symlinkSync("/etc", join(root, "link"));
  });
  after(() => remove());

  const cover = (
    tool: string,
    args: Record<string, unknown>,
    more: { checks?: string[]; rules?: Permission[]; root?: string } = {},
  ): Coverage | undefined => {
    const scope = { root: more.root ?? root, writable: true };
    const reach = judgeCall(tool, args, scope);
    const effect = tool === "shell__run" ? ("execute" as const) : tool.includes("read") ? ("read" as const) : ("write" as const);
    const decision = decide({
      tool,
      access: { effect, idempotent: false, timeoutMs: 1000 },
      reach,
      writable: true,
      level: "default",
      yesTo: [],
      checks: more.checks ?? [],
      rules: (more.rules ?? []).map(compileRule),
      taint: [],
      named: [],
      paths: typeof args["path"] === "string" ? [args["path"]] : [],
    });
    return decision.decision === "ask"
      ? coverageOf({ tool, arguments: args, root: scope.root, workspace: "/user", reach, decision })
      : undefined;
  };
  const run = (command: string, more: Record<string, unknown> = {}): Coverage | undefined => cover("shell__run", { command, ...more });
  const write = (path: string): Coverage | undefined => cover("filesystem__write_file", { path, content: "x" });
  const isSame = (a: Coverage | undefined, b: Coverage | undefined): boolean => a !== undefined && canonicalJson(a) === canonicalJson(b);

  it("for a command: the same words in the same folder, however they are written", () => {
    const granted = run("npm run build");
    for (const same of [
      run("npm  run 'build'"),
      run("npm run build", { timeoutMs: 5 }),
      run("npm run build", { cwd: "." }),
      run("npm run build", { cwd: root }),
    ])
      assert.ok(isSame(granted, same), JSON.stringify(same));
    assert.ok(isSame(run("npm test", { cwd: "src" }), run("npm test", { cwd: `${root}/src/` })));
  });

  it("and nothing that is only near", () => {
    const granted = run("npm run build");
    assert.ok(granted);
    const near: [string, Coverage | undefined][] = [
      ["another command", run("npm run deploy")],
      ["an option more", run("npm run build --force")],
      ["a word less", run("npm run")],
      ["words joined", run("npm 'run build'")],
      ["another letter case", run("NPM run build")],
      ["another program of the name", run("./npm run build")],
      ["another folder", run("npm run build", { cwd: "src" })],
      ["a way out and back", run("npm run build", { cwd: `../${root.split("/").at(-1)}` })],
      ["a folder by a way back", run("npm run build", { cwd: "src/.." })],
      ["a list", run("npm run build; rm a.txt")],
      ["a pipe", run("npm run build | sh")],
      ["a redirection", run("npm run build > a.txt")],
      ["a substitution", run("npm run build $(id)")],
      ["an assignment before", run("PATH=. npm run build")],
      ["in the background", run("npm run build &")],
      ["an argument that the tool may come to know", run("npm run build", { env: { PATH: "." } })],
      ["a path outside", run("npm run build /etc/passwd")],
      ["a path outside by a link", run("npm run build link/passwd")],
      ["another tool", cover("shell__start", { command: "npm run build" })],
    ];
    for (const [what, other] of near) assert.ok(!isSame(granted, other), what);
  });

  it("for an edit: that tool in the agent's own folder", () => {
    const granted = write("a.txt");
    assert.ok(isSame(granted, write("src/new.txt")));
    for (const other of [
      cover("filesystem__delete", { path: "a.txt" }),
      cover("filesystem__edit_file", { path: "a.txt", old: "a", new: "b" }),
      write("../a.txt"),
      write("link/x"),
      write(".github/workflows/ci.yml"),
      write(".env"),
      write("a\0b"),
    ])
      assert.ok(!isSame(granted, other), JSON.stringify(other));
  });

  it("is not offered for what the floor, a blueprint's rule or doubt has a say in", () => {
    const asks = (rule: Partial<Permission>): Permission[] => [{ effect: "ask", tool: "shell", ...rule }];
    const build = { command: "npm run build" };
    // A blueprint may name its rule as it likes, also like one of ours.
    for (const id of ["mine", "shell", "checks", "writes"])
      assert.equal(cover("shell__run", build, { rules: asks({ id }) }), undefined, id);
    assert.equal(
      cover("filesystem__write_file", { path: "a.txt", content: "" }, { rules: asks({ tool: "filesystem", id: "writes" }) }),
      undefined,
    );
    for (const text of ["npm run build && id", "cat /etc/passwd", "cat .env"]) assert.equal(run(text), undefined, text);
    assert.equal(cover("filesystem__read_file", { path: ".env" }), undefined, "a secret");
    assert.equal(cover("github__create_issue", { title: "x" }), undefined, "a tool whose reach nobody knows");
    const inUsersFolder = { tool: "shell__run", arguments: build, root, workspace: root };
    const reach = judgeCall("shell__run", build, { root, writable: true });
    const decision = { decision: "ask" as const, risk: 50, reasons: [], rule: "shell" };
    assert.equal(coverageOf({ ...inUsersFolder, reach, decision }), undefined, "outside of an agent's own folder");
  });

  it("is not offered where the text says more than the words that were read from it", () => {
    const decision = { decision: "ask" as const, risk: 50, reasons: [], rule: "shell" };
    const of = (text: string, ...commands: string[][]): Coverage | undefined => {
      const reach = { ...nowhere, commands: commands.map((words) => simple(words)), text };
      return coverageOf({ tool: "shell__run", arguments: { command: text }, root, workspace: "/user", reach, decision });
    };
    assert.ok(of("npm run 'a b'", ["npm", "run", "a b"]));
    for (const text of ["npm run > x", "npm run &", "(npm run)", "! npm run", "A=1 npm run"])
      assert.equal(of(text, ["npm", "run"]), undefined, text);
    assert.equal(of("npm run && id", ["npm", "run"], ["id"]), undefined);
    assert.equal(of("npm run"), undefined);
  });

  it("for a check holds while it is one: an agent that rewrites it is asked", () => {
    const check = { command: "npm test" };
    assert.ok(!isSame(cover("shell__run", check, { checks: ["npm test"] }), cover("shell__run", check)));
  });

  it("says what it covers, and offers no more than that", () => {
    const granted = run("npm run 'my build'", { cwd: "src" })!;
    assert.equal(
      sayCoverage(granted),
      'exactly the command npm run "my build" in src in an agent\'s own folder, on whatever files are there then',
    );
    const decision = { decision: "ask" as const, risk: 50, reasons: [], rule: "shell" };
    assert.deepEqual(scopesOf({ approvals: {} }, { decision }), { session: "this same call again, in this session" });
    const { workspace, always, exactly } = scopesOf({ approvals: {} }, { decision, coverage: granted });
    assert.match(workspace!, /in all sessions of this project$/);
    assert.match(always!, /in all projects$/);
    assert.deepEqual(exactly, granted);
  });

  it("is proposed for commands like one, where further words are the program's own affair", () => {
    const table: [command: string, pattern: string | undefined][] = [
      ["npm test", "npm test *"],
      ["npm run build --silent", "npm run build *"],
      ["cargo test --all", "cargo test *"],
      ["make all", "make all *"],
      ["pytest -q tests", "pytest *"],
      ["node scripts/build.js --fast", "node scripts/build.js *"],
      ["npm install left-pad", undefined],
      ["npm run", undefined],
      ["node --eval x", undefined],
      ["python3 -c x", undefined],
      ["sudo make all", undefined],
      ["curl x", undefined],
      ["rm -r dist", undefined],
      ["git push origin", undefined],
      ["./build.sh", undefined],
      ["gh pr list", "gh pr list *"],
      ["terraform plan -out x", "terraform plan *"],
      ["terraform apply", undefined],
      ["brew install x", undefined],
      ["sqlite3 a.db", undefined],
      ["tsx a.ts", "tsx a.ts *"],
      ["eslint src", "eslint *"],
    ];
    for (const [command, pattern] of table)
      assert.equal(patternFor("shell__run", { ...nowhere, text: command, commands: [simple(command)] })?.pattern, pattern, command);
    const reach = { ...nowhere, text: "make all", commands: [simple("make all")] };
    assert.equal(patternFor("shell__run", { ...reach, certain: false }), undefined);
    assert.equal(patternFor("shell__run", { ...reach, places: [place("/etc/x", "write")] }), undefined);
  });

  it("for commands like one covers its further words, and nothing that goes further", () => {
    const pattern = { kind: "pattern" as const, tool: "shell__run", rule: "shell", pattern: "npm run build *", network: false };
    const covers = (command: string, more: Partial<Reach> = {}): boolean =>
      patternCovers(pattern, "shell__run", { ...nowhere, text: command, commands: [simple(command)], ...more });
    assert.ok(covers("npm run build"));
    assert.ok(covers("npm run build --watch src"));
    assert.ok(!covers("npm run build2"));
    assert.ok(!covers("npm run build", { network: true }));
    assert.ok(!covers("npm run build", { certain: false }));
    assert.ok(!covers("npm run build", { commands: [simple("npm run build", { beyond: ["--script-shell"] })] }));
    assert.ok(!covers("npm run build", { commands: [simple("npm run build"), simple("id")] }));
    assert.ok(!covers("npm run build > x", { places: [place("x", "write", { redirected: true })] }));
    assert.ok(!covers("npm run build /etc/x", { places: [place("/etc/x", "read")] }));
  });
});
