// A session's work as a commit in the user's repository, with real git: the session's changes and nothing else, what the
// user edited and staged stays theirs byte for byte, and the record knows of it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { ok } from "../../src/protocol/result.ts";
import { codeOf, folderWorld, lines, valueOf } from "../support/folderWorld.ts";
import { gitIn, readFiles, writeFiles } from "../support/gitProject.ts";
import { type CommitOptions, type CommitWorld, commitWorld } from "../support/commitWorld.ts";

describe("a commit of a session's work", () => {
  let world: CommitWorld;
  afterEach(async () => {
    await world.engine.close();
    world.at.remove();
  });

  it("holds the session's changes and nothing else; edits and staged edits of the user stay as they were", async () => {
    world = await commitWorld({ a: lines(), b: lines(), c: "c\n", staged: lines(), gone: "gone\n" });
    writeFiles(world.root, { a: lines({ 2: "mine, before" }), c: "mine\n", staged: lines({ 3: "staged by me" }), "new of mine": "n\n" });
    world.git("add", "staged");
    const id = await world.taken({
      put: {
        a: lines({ 2: "mine, before", 20: "the agent's" }),
        staged: lines({ 3: "staged by me", 30: "the agent's" }),
        added: "by the agent\n",
        b: lines({ 1: "the agent's first" }),
      },
      gone: ["gone"],
    });
    world.edit({ put: { a: lines({ 2: "mine, before", 20: "the agent's", 39: "mine, after" }) } });
    const files = readFiles(world.root);
    const committed = valueOf(await world.commit(id));
    assert.deepEqual(committed.files.toSorted(), ["a", "added", "b", "gone", "staged"]);
    assert.equal(committed.branch, "main");
    assert.deepEqual(readFiles(world.root), files);
    assert.equal(world.git("rev-parse", "HEAD").trim(), committed.commit);
    assert.equal(world.blob("HEAD", "a").toString(), lines({ 20: "the agent's" }));
    assert.equal(world.blob("HEAD", "staged").toString(), lines({ 30: "the agent's" }));
    assert.equal(world.blob("HEAD", "added").toString(), "by the agent\n");
    assert.equal(world.blob("HEAD", "c").toString(), "c\n");
    assert.deepEqual(world.status(), [" M a", " M c", "M  staged", '?? "new of mine"']);
    assert.equal(world.blob("", "staged").toString(), lines({ 3: "staged by me", 30: "the agent's" }));
    assert.equal(world.git("log", "-1", "--format=%an %ae %cn").trim(), "A Person person@example.org A Person");
    assert.equal(world.git("diff", "--cached", "--stat", "HEAD").includes("staged"), true);
    const state = await world.state(id);
    assert.deepEqual([state.commits?.[0]?.commit, state.commitPlanned], [committed.commit, undefined]);
    assert.match(world.git("reflog", "-1"), /commit: Fix the typo in README\.md/);
    const again = await world.commit(id);
    assert.equal(codeOf(again), "nothing_to_do");
    assert.match(sentence(again), /is committed: [0-9a-f]{10} on main\./);
  });

  it("goes on a new branch that begins at HEAD, a waiting result too; present branch, index and files stay", async () => {
    world = await commitWorld({ a: lines(), b: "b\n" });
    writeFiles(world.root, { b: "mine\n" });
    world.git("add", "b");
    const id = await world.run({ put: { a: lines({ 5: "the agent's" }) } });
    assert.match(sentence(await world.commit(id)), /still waits: take it first \(ao apply s_\w+\), or .*--branch NAME$/);
    const before = [readFiles(world.root), world.git("ls-files", "--stage"), world.git("rev-parse", "HEAD")];
    for (const name of ["main", "a..b", "-x", "main/below"])
      assert.match(sentence(await world.commit(id, { branch: name })), /already|no name for a branch|cannot be a branch/);
    const committed = valueOf(await world.commit(id, { branch: "agents/typo" }));
    assert.deepEqual(before, [readFiles(world.root), world.git("ls-files", "--stage"), world.git("rev-parse", "HEAD")]);
    assert.equal(world.git("rev-parse", "agents/typo^").trim(), world.git("rev-parse", "HEAD").trim());
    assert.equal(world.blob("agents/typo", "a").toString(), lines({ 5: "the agent's" }));
    assert.equal(world.blob("agents/typo", "b").toString(), "b\n");
    assert.deepEqual([committed.branch, committed.files], ["agents/typo", ["a"]]);
    valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    assert.equal(valueOf(await world.commit(id)).branch, "main", "what was a proposal then is in the files now");
  });

  it("holds only the parts that were taken; later ones are a commit of their own", async () => {
    world = await commitWorld({ a: lines() });
    const id = await world.run({ put: { a: lines({ 2: "two by the agent", 20: "twenty by the agent" }) } });
    const take = async (hunk: number): Promise<void> =>
      void valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", only: [{ path: "a", hunks: [hunk] }] }));
    await take(1);
    valueOf(await world.commit(id));
    assert.equal(world.blob("HEAD", "a").toString(), lines({ 20: "twenty by the agent" }));
    await take(0);
    valueOf(await world.commit(id));
    assert.equal(world.blob("HEAD", "a").toString(), lines({ 2: "two by the agent", 20: "twenty by the agent" }));
    assert.deepEqual(world.status(), []);
    const { checkpoints } = await world.state(id);
    valueOf(await world.engine.dispatch({ type: "session.rollback", sessionId: id, to: checkpoints[0]!.checkpointId, by: "user" }));
    assert.equal(codeOf(await world.commit(id)), "nothing_to_do", "what was taken back is not committed again");
  });

  it("work that is taken out again after a commit is a commit of its own, which says so", async () => {
    world = await commitWorld({ a: lines() });
    const id = await world.taken({ put: { a: lines({ 8: "the agent's" }) } });
    valueOf(await world.commit(id));
    const agent = Object.values((await world.state(id)).tasks).find(({ merged }) => merged)!.assignedAgent!;
    valueOf(await world.engine.dispatch({ type: "work.undo", sessionId: id, of: { agent }, by: "user" }));
    assert.match(valueOf(await world.commit(id)).message, /^Take out in part: Fix the typo in README\.md\n\nThis is unproven/);
    assert.equal(world.blob("HEAD", "a").toString(), lines());
    assert.deepEqual(world.status(), []);
  });

  it("is refused, and changes nothing, where the user's uncommitted edits and the session's cannot be told apart", async () => {
    world = await commitWorld({ a: lines() });
    writeFiles(world.root, { a: lines({ 20: "my uncommitted twenty" }), notes: "my notes\n" });
    const id = await world.taken({ put: { a: lines({ 20: "my uncommitted twenty, by the agent" }) } });
    const second = await world.taken({ put: { notes: "my notes\nand the agent's\n" } });
    const before = [readFiles(world.root), world.git("ls-files", "--stage"), world.git("rev-parse", "HEAD")];
    assert.match(
      sentence(await world.commit(id)),
      /^Nothing was committed: a is changed there too, .* same lines .*: git add a && git commit$/,
    );
    assert.match(sentence(await world.commit(second)), /^Nothing was committed: notes is not in HEAD, .*git add notes && git commit$/);
    assert.deepEqual(before, [readFiles(world.root), world.git("ls-files", "--stage"), world.git("rev-parse", "HEAD")]);
    world.git("add", "--all");
    world.git("commit", "--quiet", "-m", "by hand");
    assert.match(sentence(await world.commit(id)), /^There is nothing to commit: HEAD holds these changes already/);
  });

  it("leaves out what the user took back by hand, and new files that ignore rules hide", async () => {
    world = await commitWorld({ a: lines(), b: "b\n", ".gitignore": "none\n" });
    const id = await world.taken({
      put: { a: lines({ 3: "the agent's" }), b: "changed\n", "out.log": "x\n", "kept.log": "k\n", c: "c\n" },
    });
    world.git("checkout", "--", "b");
    world.edit({ put: { ".gitignore": "*.log\n" } });
    world.edit({ gone: ["c"] });
    world.git("add", "--force", "kept.log");
    const { files, remarks } = valueOf(await world.commit(id));
    assert.deepEqual(files.toSorted(), ["a", "kept.log"]);
    assert.match(remarks.join(" "), /as HEAD has them: (b, c|c, b)\..*ignore rules hide them: out\.log\./);
    assert.deepEqual(world.status(), [" M .gitignore"]);
  });

  it("keeps what is staged of the same lines as it is staged; an index without the file, too", async () => {
    world = await commitWorld({ a: lines(), b: lines() });
    const id = await world.taken({ put: { a: lines({ 7: "the agent's" }), b: lines({ 1: "the agent's" }), c: "new\n" } });
    world.edit({ put: { a: lines({ 7: "the agent's, by me" }) } });
    world.git("add", "a");
    world.git("add", "--intent-to-add", "c");
    world.git("rm", "--cached", "--quiet", "b");
    valueOf(await world.commit(id));
    assert.equal(world.blob("", "a").toString(), lines({ 7: "the agent's, by me" }));
    assert.equal(world.blob("HEAD", "a").toString(), lines({ 7: "the agent's" }));
    assert.deepEqual(world.status(), ["M  a", "D  b", "?? b"]);
  });

  it("takes over executable bits, links, folders in the place of files", async () => {
    world = await commitWorld({ "run.sh": "#\n", d: "a file\n", l: "link:d" });
    const id = await world.taken({ put: { "run.sh*": "#\n", "d/in": "in\n", l: "link:run.sh" }, gone: ["d"] });
    valueOf(await world.commit(id));
    assert.deepEqual(world.status(), []);
    assert.match(world.git("ls-tree", "-r", "HEAD"), /^100644 .*d\/in\n120000 .*l\n100755 .*run\.sh\n$/);
  });

  it("line endings and encodings are those that git add would give: no file is rewritten whole", async () => {
    const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
    const utf16 = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    const attributes = "*.txt text eol=crlf\n*.u16 text working-tree-encoding=UTF-16LE-BOM\nauto/* text=auto\n*.bin -text\n*.id ident\n";
    const before = {
      "a.txt": crlf(lines()),
      "b.u16": utf16(lines()),
      "d.bin": crlf(lines()),
      plain: crlf(lines()),
      "e.id": `$Id$\n${lines()}`,
    };
    world = await commitWorld({ ...before, ".gitattributes": attributes, "auto/old": crlf(lines()) });
    // A file with CRLF in the repository though text=auto would have it otherwise: git leaves it so.
    world.git("-c", "core.autocrlf=false", "rm", "--cached", "--quiet", "auto/old");
    const raw = world.git("hash-object", "-w", "--no-filters", "auto/old").trim();
    world.git("update-index", "--add", "--cacheinfo", `100644,${raw},auto/old`);
    world.git("commit", "--quiet", "-m", "raw");
    const changed = lines({ 12: "the agent's" });
    const id = await world.taken({
      put: {
        "a.txt": crlf(changed),
        "b.u16": utf16(changed),
        "d.bin": crlf(changed),
        "auto/old": crlf(changed),
        "auto/new": crlf("new\n"),
        plain: crlf(changed),
        "e.id": `$Id$\n${changed}`,
      },
    });
    const files = readFiles(world.root);
    valueOf(await world.commit(id));
    assert.deepEqual(readFiles(world.root), files);
    assert.deepEqual(world.status(), []);
    assert.equal(world.blob("HEAD", "a.txt").toString(), changed);
    assert.equal(world.blob("HEAD", "b.u16").toString(), changed);
    assert.equal(world.blob("HEAD", "d.bin").toString(), crlf(changed));
    assert.equal(world.blob("HEAD", "plain").toString(), crlf(changed));
    assert.equal(world.blob("HEAD", "auto/old").toString(), crlf(changed));
    assert.equal(world.blob("HEAD", "auto/new").toString(), "new\n");
    for (const path of ["a.txt", "b.u16", "d.bin", "plain", "auto/old", "e.id"])
      assert.match(world.git("show", "--numstat", "--format=", "HEAD", "--", path), /^1\t1\t/, path);
  });

  it("honours core.autocrlf of the user's configuration", async () => {
    world = await commitWorld({ a: "one\ntwo\n" });
    world.git("config", "core.autocrlf", "true");
    world.edit({ put: { a: "one\r\ntwo\r\n" } });
    const id = await world.taken({ put: { a: "one\r\ntwo\r\nthree\r\n" } });
    valueOf(await world.commit(id));
    assert.equal(world.blob("HEAD", "a").toString(), "one\ntwo\nthree\n");
    assert.deepEqual(world.status(), []);
  });

  const places: Record<string, CommitOptions> = {
    "a workspace below the repository's root": { below: "packages/app" },
    "a SHA-256 repository": { init: ["--object-format=sha256"] },
  };
  for (const [name, options] of Object.entries(places))
    it(`works in ${name}`, async () => {
      world = await commitWorld({ a: lines(), b: "b\n" }, options);
      writeFiles(world.root, { above: "mine\n" });
      const id = await world.taken({ put: { a: lines({ 4: "the agent's" }), "new/c": "c\n" }, gone: ["b"] });
      const { files, commit } = valueOf(await world.commit(id, { notes: true }));
      assert.deepEqual(files.toSorted(), ["a", "b", "new/c"]);
      assert.equal(world.git("rev-parse", "HEAD").trim(), commit);
      assert.deepEqual(world.status(), ["?? above"]);
      assert.match(world.git("fsck", "--no-dangling", "--strict").trim(), /^$/);
      assert.match(world.git("notes", "--ref", "agent-trace", "show", commit!), /"version":"0\.1\.0"/);
    });

  it("works in a sparse checkout, and in a clone that has only part of the contents", async () => {
    world = await commitWorld({ "a/a": lines(), "b/b": "b\n", "c/c": "c\n" });
    const partial = join(world.at.folder, "partial");
    world.git("config", "uploadpack.allowFilter", "true");
    world.git("sparse-checkout", "set", "--cone", "--sparse-index", "a");
    const id = await world.taken({ put: { "a/a": lines({ 6: "the agent's" }) } });
    valueOf(await world.commit(id));
    assert.deepEqual([world.status(), world.git("ls-tree", "-r", "--name-only", "HEAD")], [[], "a/a\nb/b\nc/c\n"]);
    assert.equal(world.git("sparse-checkout", "list"), "a\n");
    await world.engine.close();
    gitIn(world.at.folder, "clone", "--quiet", "--filter=blob:none", "--sparse", `file://${world.root}`, partial);
    gitIn(partial, "sparse-checkout", "set", "a");
    for (const [key, value] of [["user.name", "A Person"], ["user.email", "person@example.org"]] as const) gitIn(partial, "config", key, value); // prettier-ignore
    world = { ...world, ...(await folderWorld({}, { at: { ...world.at, path: partial } })) };
    const second = await world.run({ put: { "a/a": lines({ 6: "the agent's", 30: "again" }) } });
    valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: second, by: "user" }));
    const done = await world.engine.dispatch({ type: "changes.commit", sessionId: second, by: "user" });
    assert.equal(done.ok ? "" : done.error.message, "");
    assert.equal(gitIn(partial, "status", "--porcelain"), "");
    assert.equal(gitIn(partial, "show", "--format=", "--numstat", "HEAD"), "1\t1\ta/a\n");
  });

  it("a linked worktree moves its own branch; the main one stays", async () => {
    const main = await commitWorld({ a: lines() });
    await main.engine.close();
    const linked = join(main.at.folder, "linked");
    main.git("worktree", "add", "--quiet", "-b", "other", linked);
    const fixture = { ...main.at, path: linked };
    world = { ...main, ...(await folderWorld({}, { at: fixture })) };
    const git = (...args: string[]): string => gitIn(linked, ...args);
    const id = await world.run({ put: { a: lines({ 9: "the agent's" }) } });
    valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    const head = main.git("rev-parse", "main");
    const done = valueOf(await world.engine.dispatch({ type: "changes.commit", sessionId: id, by: "user" }));
    assert.deepEqual([done.branch, main.git("rev-parse", "other").trim(), main.git("rev-parse", "main")], ["other", done.commit, head]);
    assert.equal(git("status", "--porcelain"), "");
    assert.equal(main.git("status", "--porcelain"), "");
  });

  it("knows how many other files were not as HEAD has them; line endings are no difference", async () => {
    world = await commitWorld(
      { a: lines(), b: "b\n", "c.txt": "c\r\n", gone: "g\n", ".gitattributes": "*.txt text eol=crlf\n" },
      { below: "app" },
    );
    const besides = async (): Promise<number> => {
      const id = await world.run({ put: { a: lines({ 3: "the agent's" }) } });
      const { base, commit } = (await world.state(id)).landing!;
      let found = -1;
      await world.at.port.repository.commit(
        world.at.path,
        { differences: [{ base: base!, commit }], waiting: 1, joined: [], dry: true },
        { message: (prepared) => Promise.resolve(ok(String((found = prepared.besides)))), planned: () => Promise.resolve() },
      );
      return found;
    };
    assert.equal(await besides(), 0);
    world.edit({ put: { b: "mine\n", untracked: "mine\n" }, gone: ["gone"] });
    assert.equal(await besides(), 3);
  });

  it("two sessions at once: both commits are there, one on the other", async () => {
    world = await commitWorld({ a: lines(), b: lines() });
    const [one, two] = [
      await world.taken({ put: { a: lines({ 1: "one" }) } }),
      await world.taken({ put: { a: lines({ 1: "one", 40: "two" }) } }),
    ];
    const done = await Promise.all([world.commit(one), world.commit(two)]);
    assert.deepEqual(done.map(codeOf), ["ok", "ok"]);
    assert.equal(world.git("rev-list", "--count", "HEAD").trim(), "3");
    assert.equal(world.blob("HEAD", "a").toString(), lines({ 1: "one", 40: "two" }));
    assert.deepEqual(world.status(), []);
  });

  it("a dry run prints the message and writes nothing at all", async () => {
    world = await commitWorld({ a: lines() });
    const id = await world.taken({ put: { a: lines({ 4: "the agent's" }) } });
    const objects = readFiles(join(world.root, ".git"));
    const { commit, message, files } = valueOf(await world.commit(id, { dryRun: true }));
    assert.deepEqual([commit, files], [null, ["a"]]);
    assert.match(message, /^Fix the typo in README\.md\n\n/);
    assert.deepEqual(readFiles(join(world.root, ".git")), objects);
    assert.equal((await world.state(id)).commits, undefined);
  });
});

const sentence = (result: Awaited<ReturnType<CommitWorld["commit"]>>): string => {
  assert.ok(!result.ok, "it was not refused");
  assert.ok(!result.error.message.includes("\n"), result.error.message);
  return result.error.message;
};
