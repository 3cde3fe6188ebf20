// `ao commit` as a user runs it: after a run of the demo, with a person's own edits and staged edits beside. And killed at
// each step: the old commit or the new one, nothing of the person's lost, and the next `ao commit` finds out which.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { gitIn, readFiles } from "../support/gitProject.ts";

const goal = 'Fix the typo "recieve" in README.md';

describe("ao commit", () => {
  let home: Home;
  let workspace: string;
  let session: string;

  before(async () => {
    home = createHome();
    workspace = home.copyOf(resolve("agents/demo/project"));
    git("init", "--quiet");
    git("config", "user.name", "A Person");
    git("config", "user.email", "person@example.org");
    git("add", "--all");
    git("commit", "--quiet", "-m", "first");
    const readme = join(workspace, "README.md");
    writeFileSync(readme, `A person's staged line.\n\n${readFileSync(readme, "utf8")}`);
    git("add", "README.md");
    const ran = await home.ao(["run", goal, "--workspace", workspace, "--model", "demo", "--level", "bypass"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    session = sessionIn(ran);
    writeFileSync(readme, `${readFileSync(readme, "utf8")}\nA person's last line.\n`);
  });
  after(() => home.remove());

  const git = (...args: string[]): string => gitIn(workspace, ...args);
  const ok = ({ code, stdout, stderr }: Ended): string => {
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };

  /** A git that ends the program that calls it, before or after the first call that is like this. */
  const killingGit = (when: "before" | "after", call: string): string => gitThat(when, call, "kill -9 $PPID; exit 1");
  const gitThat = (when: "before" | "after", call: string, does: string): string => {
    const folder = join(home.dir, "bin");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
    const end = `touch '${folder}/done'; ${does}`;
    const text = `#!/bin/sh
case "$* @$GIT_INDEX_FILE" in ${call}) [ -e '${folder}/done' ] || { ${when === "before" ? end : `'${real}' "$@"; ${end}`}; };; esac
exec '${real}' "$@"
`;
    writeFileSync(join(folder, "git"), text);
    chmodSync(join(folder, "git"), 0o755);
    return `${folder}${delimiter}${process.env["PATH"]}`;
  };

  const moments: [string, "before" | "after", string, "old" | "new"][] = [
    ["before the tree is written", "before", "*write-tree*", "old"],
    ["after the commit is written", "after", "*commit-tree*", "old"],
    ["before the index is written", "before", "*--index-info*/.git/index", "old"],
    ["after the index is written", "after", "*--index-info*/.git/index", "old"],
    ["before the branch moves", "before", "*update-ref*", "old"],
    ["after the branch has moved", "after", "*update-ref*", "new"],
    ["after the times of the files are noted", "after", "*--refresh*", "new"],
  ];
  for (const [name, when, call, is] of moments)
    it(`killed ${name}: the ${is} commit is there; the next ao commit ends it`, async function () {
      if (process.platform === "win32") this.skip();
      await inCopy(async () => {
        const files = readFiles(workspace);
        const first = git("rev-parse", "HEAD");
        const killed = await home.ao(["commit", session, "--notes"], { PATH: killingGit(when, call) });
        assert.equal(killed.signal, "SIGKILL", killed.stdout + killed.stderr);
        assert.deepEqual(readFiles(workspace), files);
        assert.equal(git("rev-parse", "HEAD") === first, is === "old");
        git("fsck", "--strict");
        assert.ok(!existsSync(join(workspace, ".git", "index.lock")));
        ok(await home.ao(["commit", session]));
        checkCommitted(files);
        assert.match((await home.ao(["commit", session])).stderr, /is committed: [0-9a-f]{10} on main\. See it with git show /);
        if (is === "new") assert.match(git("notes", "--ref", "agent-trace", "show"), /"model_id":"agent-orchestrator\/demo"/);
      });
    });

  const checkCommitted = (files: Record<string, string>): void => {
    assert.deepEqual(readFiles(workspace), files);
    assert.equal(git("rev-list", "--count", "HEAD").trim(), "2");
    const committed = git("show", "HEAD:README.md");
    assert.match(committed, /receive/);
    assert.doesNotMatch(committed, /A person/);
    assert.match(git("show", ":README.md"), /^A person's staged line\.\n\n[^]*receive/);
    assert.doesNotMatch(git("show", ":README.md"), /last line/);
    assert.equal(git("status", "--porcelain").trim(), "MM README.md");
  };

  const inCopy = async (work: () => Promise<void>): Promise<void> => {
    const places = { [workspace]: "workspace", [join(home.dir, "data")]: "data" };
    const kept = join(home.dir, "kept");
    for (const [place, name] of Object.entries(places)) cpSync(place, join(kept, name), { recursive: true, verbatimSymlinks: true });
    try {
      await work();
    } finally {
      for (const [place, name] of Object.entries(places)) {
        rmSync(place, { recursive: true });
        cpSync(join(kept, name), place, { recursive: true, verbatimSymlinks: true });
      }
      rmSync(kept, { recursive: true });
    }
  };

  it("begins anew where somebody else commits in between", async function () {
    if (process.platform === "win32") this.skip();
    await inCopy(async () => {
      const files = readFiles(workspace);
      const between = `git -C '${workspace}' update-ref HEAD $(git -C '${workspace}' -c user.name=x -c user.email=x@y commit-tree -p HEAD -m between HEAD^{tree})`;
      const env = {
        PATH: gitThat("before", "*update-ref*refs/heads*", `(PATH='${process.env["PATH"]}'; unset GIT_DIR GIT_INDEX_FILE; ${between})`),
      };
      ok(await home.ao(["commit", session], env));
      assert.match(git("log", "--format=%s"), /^Fix the typo.*\nbetween\nfirst\n$/);
      assert.deepEqual(readFiles(workspace), files);
      assert.equal(git("status", "--porcelain").trim(), "MM README.md");
    });
  });

  it("two at once: one of them commits, the other says that it is done or being done", async () => {
    await inCopy(async () => {
      const both = await Promise.all([home.ao(["commit", session]), home.ao(["commit", session])]);
      assert.deepEqual(new Set(both.map(({ code }) => code)), new Set([0, 1]));
      assert.match(
        both.find(({ code }) => code === 1)!.stderr,
        /^ao: (session s_\w+ is in use by|all that your files hold of session)[^\n]*\n$/,
      );
      assert.equal(git("rev-list", "--count", "HEAD").trim(), "2");
    });
  });

  it("says what it would write, commits it, and knows of it afterwards", async () => {
    const files = readFiles(workspace);
    const draft = ok(await home.ao(["commit", session, "--dry-run"]));
    assert.match(
      draft,
      /^Fix the typo "recieve" in README\.md\n\n- [^]*\n\nThis is unproven: [^]*\n\nAgent-Session: s_\w+\nAssisted-by: [a-z, -]+ \(demo\)\n$/,
    );
    const { commit, message, branch } = JSON.parse(
      ok(await home.ao(["commit", session, "--json", "-m", "Spell it right", "--notes"])),
    ) as Record<string, string>;
    checkCommitted(files);
    assert.deepEqual([branch, git("rev-parse", "HEAD").trim()], ["main", commit]);
    assert.match(message!, /^Spell it right\n\nAgent-Session: s_\w+\nAssisted-by: /);
    assert.equal(git("log", "-1", "--format=%(trailers:key=Agent-Session,valueonly)").trim(), session);
    assert.match(ok(await home.ao(["trace", session])), new RegExp(`committed as ${commit!.slice(0, 10)} on main: README\\.md`));
    const traced = ok(await home.ao(["trace", session, "--format", "agent-trace"]));
    assert.match(traced, /^\{"version":"0\.1\.0".*"path":"README\.md".*"model_id":"agent-orchestrator\/demo".*\}\n$/);
    const again = await home.ao(["commit", session, "--branch", "other"]);
    assert.deepEqual([again.code, again.stderr.trim().split("\n").length], [1, 1]);
    assert.equal((await home.ao(["commit", session, "-m", " "])).code, 2);
  });
});
