// Where nothing is committed, each in one sentence that says the way out; and a repository that would run something at
// every turn: nothing of it runs, and nothing is written through its links.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeOf, lines, valueOf } from "../support/folderWorld.ts";
import { gitIn, readFiles } from "../support/gitProject.ts";
import { type CommitOptions, type CommitWorld, commitWorld } from "../support/commitWorld.ts";

describe("a commit of a session's work is refused", () => {
  let world: CommitWorld;
  afterEach(async () => {
    await world.engine.close();
    world.at.remove();
  });

  const refused = async (id: string, says: RegExp, options: Parameters<CommitWorld["commit"]>[1] = {}): Promise<void> => {
    const done = await world.commit(id, options);
    assert.ok(!done.ok, `it was not refused, but should have said ${String(says)}`);
    assert.match(done.error.message, says);
    assert.ok(!done.error.message.includes("\n"), done.error.message);
  };
  const opened = async (options: CommitOptions = {}): Promise<string> => {
    world = await commitWorld({ a: lines() }, options);
    return await world.taken({ put: { a: lines({ 20: "the agent's" }) } });
  };

  it("where there is no repository, none of its own, or no commit in it", async () => {
    const id = await opened();
    const dotGit = join(world.root, ".git");
    const aside = join(world.at.folder, "aside");
    renameSync(dotGit, aside);
    await refused(id, /is in no git repository: git init makes one\.$/);
    writeFileSync(dotGit, `gitdir: ${aside}\n`);
    await refused(id, /has a \.git that belongs to another place/);
    rmSync(dotGit);
    symlinkSync(aside, dotGit);
    await refused(id, /has a \.git that belongs to another place/);
    rmSync(dotGit);
    world.git("init", "--quiet");
    await refused(id, /has no commit yet: make your first one/);
    await refused(id, /has no commit yet/, { branch: "new" });
  });

  it("where the repository is bare, has its files elsewhere, or keeps branches or index in other forms", async () => {
    const id = await opened();
    const before = world.git("rev-parse", "HEAD");
    world.git("config", "core.bare", "true");
    await refused(id, /is bare/);
    world.git("config", "core.bare", "false");
    world.git("config", "core.worktree", world.at.folder);
    await refused(id, /belongs to another place/);
    world.git("config", "--unset", "core.worktree");
    world.git("update-index", "--split-index");
    await refused(id, /split index.*git update-index --no-split-index/);
    world.git("update-index", "--no-split-index");
    for (const name of readdirSync(join(world.root, ".git")).filter((one) => one.startsWith("sharedindex.")))
      rmSync(join(world.root, ".git", name));
    assert.equal(world.git("rev-parse", "HEAD"), before);
    assert.equal(codeOf(await world.commit(id)), "ok");
  });

  it("on no branch, in the middle of a merge or a rebase, while the index is locked", async () => {
    const id = await opened();
    world.git("stash", "--quiet");
    world.git("checkout", "--quiet", "-b", "side");
    world.edit({ put: { a: lines({ 1: "side" }) } });
    world.git("commit", "--quiet", "-am", "side");
    world.git("checkout", "--quiet", "main");
    world.edit({ put: { a: lines({ 1: "main" }) } });
    world.git("commit", "--quiet", "-am", "main");
    assert.throws(() => world.git("merge", "side"));
    await refused(id, /in the middle of a merge: end it first/);
    world.git("merge", "--abort");
    assert.throws(() => world.git("rebase", "side"));
    await refused(id, /in the middle of a rebase: end it first/);
    world.git("rebase", "--abort");
    world.git("stash", "pop", "--quiet");
    writeFileSync(join(world.root, ".git", "index.lock"), "");
    await refused(id, /Another program is changing the index/);
    rmSync(join(world.root, ".git", "index.lock"));
    const staged = world.git("ls-files", "--stage");
    writeFileSync(join(world.root, ".git", "refs", "heads", "main.lock"), "");
    await refused(id, /the branch cannot be written\. Is another program at work/);
    rmSync(join(world.root, ".git", "refs", "heads", "main.lock"));
    assert.equal(world.git("ls-files", "--stage"), staged, "what was put into the index is out of it again");
    world.git("checkout", "--quiet", "--detach");
    await refused(id, /on no branch \(detached HEAD\).*--branch NAME/);
    assert.equal(valueOf(await world.commit(id, { branch: "kept" })).branch, "kept");
    assert.equal(world.blob("kept", "a").toString(), lines({ 1: "main", 20: "the agent's" }));
  });

  it("where git does not know who the user is, unless the environment says so", async () => {
    const id = await opened({ identity: false });
    await inEnvironment({ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", EMAIL: undefined }, async () => {
      await refused(id, /^git does not know who you are: git config --global user\.name .*git config --global user\.email/);
      const named = { GIT_AUTHOR_NAME: "An Author", GIT_AUTHOR_EMAIL: "author@example.org", GIT_AUTHOR_DATE: "2001-02-03T04:05:06Z" };
      await inEnvironment({ ...named, GIT_COMMITTER_NAME: "C", GIT_COMMITTER_EMAIL: "c@example.org" }, async () =>
        valueOf(await world.commit(id)),
      );
    });
    assert.equal(
      world.git("log", "-1", "--format=%an %ae %aI %cn %ce").trim(),
      "An Author author@example.org 2001-02-03T04:05:06+00:00 C c@example.org",
    );
  });

  it("for files of a repository inside, and for those that a filter changes: then the drafted message is kept", async () => {
    const id = await opened();
    writeFileSync(join(world.root, ".gitattributes"), "a filter=lfs\n");
    const done = await world.commit(id);
    const [, file = ""] =
      /^Nothing was committed: a go through a filter program .*: git add a && git commit -F '(.+)'$/.exec(
        done.ok ? "" : done.error.message,
      ) ?? [];
    assert.match(readFileSync(file, "utf8"), /^Fix the typo in README\.md\n[^]*\nAgent-Session: /);
    rmSync(join(world.root, ".gitattributes"));
    mkdirSync(join(world.root, "inner"));
    writeFileSync(join(world.root, "inner", "x"), "x\n");
    gitIn(join(world.root, "inner"), "init", "--quiet");
    const second = await world.taken({ put: { "inner/x": "y\n" } });
    await refused(second, /^inner\/x lies in a repository of its own: commit it there with git\.$/);
  });

  it("where something inside .git is a link: nothing is written through it", async () => {
    const id = await opened();
    const victim = join(world.at.folder, "victim");
    writeFileSync(victim, "untouched\n");
    for (const path of ["index", "logs/HEAD", "refs/heads/main", "packed-refs"]) {
      const place = join(world.root, ".git", path);
      const kept = existsSync(place) ? readFileSync(place) : undefined;
      rmSync(place, { force: true });
      symlinkSync(victim, place);
      if (path !== "refs/heads/main") await refused(id, /is a link: nothing is written through it/);
      else assert.equal(codeOf(await world.commit(id)), "not_written");
      rmSync(place);
      if (kept) writeFileSync(place, kept);
    }
    assert.equal(readFileSync(victim, "utf8"), "untouched\n");
    assert.equal(codeOf(await world.commit(id)), "ok");
  });

  it("nothing that the repository names is run, whatever is done", async () => {
    const id = await opened();
    const canary = join(world.at.folder, "canary");
    mkdirSync(canary);
    const program = (name: string): string => {
      const file = join(world.at.folder, `run-${name}`);
      writeFileSync(file, `#!/bin/sh\ntouch '${canary}/${name}'\ncat\n`);
      chmodSync(file, 0o755);
      return file;
    };
    const hooks = [
      "pre-commit",
      "prepare-commit-msg",
      "commit-msg",
      "post-commit",
      "post-index-change",
      "reference-transaction",
      "pre-auto-gc",
      "post-rewrite",
    ];
    const folder = join(world.at.folder, "hooks");
    mkdirSync(folder);
    for (const place of [join(world.root, ".git", "hooks"), folder])
      for (const hook of hooks) {
        mkdirSync(place, { recursive: true });
        writeFileSync(join(place, hook), `#!/bin/sh\ntouch '${canary}/${hook}'\n`);
        chmodSync(join(place, hook), 0o755);
      }
    const named = {
      "core.hooksPath": folder,
      "core.fsmonitor": program("fsmonitor"),
      "core.editor": program("editor"),
      "core.pager": program("pager"),
      "core.askPass": program("askpass"),
      "core.sshCommand": program("ssh"),
      "core.gitProxy": program("proxy"),
      "core.alternateRefsCommand": program("alternate"),
      "gpg.program": program("gpg"),
      "gpg.format": "openpgp",
      "commit.gpgsign": "true",
      "user.signingkey": "x",
      "credential.helper": `!${program("credential")}`,
      "diff.external": program("diff"),
      "diff.all.textconv": program("textconv"),
      "diff.all.command": program("diffall"),
      "merge.all.driver": program("merge"),
      "merge.default": "all",
      "filter.all.clean": program("clean"),
      "filter.all.smudge": program("smudge"),
      "filter.other.process": program("process"),
      "trailer.x.command": program("trailer"),
      "sequence.editor": program("sequence"),
      "alias.commit-tree": `!${program("alias")}`,
      "hook.x.command": program("confighook"),
      "hook.x.event": "pre-commit",
      "notes.rewriteRef": "refs/notes/*",
    };
    for (const [key, value] of Object.entries(named)) world.git("config", key, value);
    writeFileSync(join(world.root, ".git", "info", "attributes"), "* diff=all merge=all\nfiltered filter=all\n");
    const files = readFiles(world.root);
    valueOf(await world.commit(id, { dryRun: true }));
    const { remarks } = valueOf(await world.commit(id, { notes: true }));
    assert.match(remarks.join(" "), /asks for signed commits: this one is not signed/);
    const second = await world.run({ put: { a: lines({ 1: "again", 20: "the agent's" }) } });
    valueOf(await world.commit(second, { branch: "aside", notes: true }));
    const third = await world.taken({ put: { filtered: "x\n" } });
    await refused(third, /filtered go through a filter program/);
    assert.deepEqual(readdirSync(canary), []);
    assert.deepEqual({ ...readFiles(world.root), filtered: undefined }, { ...files, filtered: undefined });
    // The proof of the proof: git itself runs them.
    world.git("-c", "gpg.program=/bin/false", "-c", "commit.gpgsign=false", "commit", "--quiet", "--allow-empty", "-m", "by git");
    assert.ok(readdirSync(canary).includes("pre-commit"), "the canaries sing");
  });
});

async function inEnvironment(env: Record<string, string | undefined>, work: () => Promise<unknown>): Promise<void> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const set = (values: Record<string, string | undefined>): void => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(env);
  try {
    await work();
  } finally {
    set(before);
  }
}
