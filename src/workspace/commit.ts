// A session's work as a commit in the user's own repository. Objects first; then, before anything of the user's changes,
// the plan is told (A3); then the index, then the branch, which moves only from where it was. A program that ends in
// between leaves the old commit with the session's work staged, or the new one.

import { createHash } from "node:crypto";
import { appendFile, lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Committed, CommitTalk, CommitWish, Prepared } from "../core/repositoryPort.ts";
import type { Revision } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { countBesides } from "./besides.ts";
import { type Chosen, chooseFiles } from "./commitFiles.ts";
import { type Identity, identityOf, nobody, obstacleTo } from "./commitObstacles.ts";
import { type Git, GitFailed } from "./git.ts";
import type { Places } from "./places.ts";
import { indexEntries } from "./repositoryForm.ts";
import { isOn, type UserGit, withUserGit } from "./userGit.ts";
import { indexFileOf, indexSteps, type IndexStep, putBack, refresh, writeIndex } from "./userIndex.ts";
import { alone } from "./working.ts";

/** The branch moved while the commit was made: it begins anew from there. */
const tries = 3;

export async function commit(git: Git, places: Places, wish: CommitWish, talk: CommitTalk): Promise<Result<Committed>> {
  try {
    for (let left = tries; left > 0; left--) {
      const done = await withUserGit(git, places, wish, async (user) => {
        const obstacle = await obstacleTo(user, wish.branch);
        if (obstacle !== undefined) return fail("not_written", obstacle);
        return wish.dry
          ? await make(git, places, user, wish, talk)
          : await byOne(places, user, async () => await make(git, places, user, wish, talk));
      });
      if (!done) return fail("not_written", `The folder ${places.workspace} is in no git repository: git init makes one.`);
      if (done !== "moved") return done;
    }
    return fail(
      "busy",
      "The branch moved each time while the commit was made: another program commits there. Try again when it has ended.",
    );
  } catch (error) {
    if (error instanceof GitFailed) return fail("not_written", `Nothing was committed: ${error.message}`);
    throw error;
  }
}

/** Two programs of ours would overwrite each other's index. */
async function byOne<T>(places: Places, { repository }: UserGit, work: () => Promise<T>): Promise<T> {
  const name = createHash("sha256").update(repository.commonDir).digest("hex").slice(0, 16);
  const here = { ...places, working: join(places.dataDir, "repositories", name) };
  for (;;) {
    const done = await alone(here, work);
    if (done) return done.value;
    await setTimeout(20 + Math.random() * 60);
  }
}

async function make(git: Git, places: Places, user: UserGit, wish: CommitWish, talk: CommitTalk): Promise<Result<Committed> | "moved"> {
  const { run, line, ref, prefix, settings } = user;
  const parent = await line({ args: ["rev-parse", "--verify", "HEAD^{commit}"] });
  const headIndex = join(user.temp, "head.index");
  await run({ args: ["read-tree", parent], indexFile: headIndex });
  const { entries } = await indexEntries(user, headIndex);
  const { entries: staged, clashes } = await indexEntries(user, indexFileOf(user));
  if (clashes && wish.branch === undefined)
    return fail("not_written", "Some files are in conflict (git status names them): settle them first.");
  const chosen = await chooseFiles(git, places, user, { file: headIndex, entries, staged }, wish);
  if (!chosen.ok) return chosen;
  const { steps, filtered, exact, joined, held, remarks } = chosen.value;
  if (steps.length === 0) {
    const why =
      remarks.length > 0
        ? `There is nothing to commit. ${remarks.join(" ")}`
        : held
          ? "There is nothing to commit: HEAD holds these changes already."
          : "There is nothing to commit: what was taken into your files was undone again, and HEAD is as it was before.";
    return fail("nothing_to_do", why);
  }
  const next = new Map(
    [...entries, ...steps.map(({ path, next: file }) => [path, file] as const)].flatMap(([path, file]) => (file ? [[path, file]] : [])),
  );
  const who = identityOf(settings);
  if (!who && !wish.dry) return fail("not_written", nobody);
  const seen = (path: string): string => path.slice(prefix.length);
  const target = wish.branch === undefined ? ref! : `refs/heads/${wish.branch}`;
  const prepared: Prepared = {
    files: steps.map(({ path }) => seen(path)),
    exact,
    besides: await countBesides(git, places, user, { snapshot: wish.differences.at(-1)!.commit, headIndex, next }),
    joined: joined.map((one) => ({ ...one, path: seen(one.path) })),
    filtered: filtered.map(seen),
    branch: target.replace("refs/heads/", ""),
    remarks: [...remarks, ...signing(settings)],
  };
  const said = await talk.message(prepared);
  if (!said.ok) return said;
  const message = `${said.value.trimEnd()}\n`;
  if (wish.dry || !who) return ok({ ...prepared, commit: null, message });
  const made = await commitObject(user, { headIndex, steps, parent, message, who });
  const changes = wish.branch === undefined ? await indexSteps(user, staged, steps) : [];
  await talk.planned({ commit: made, parent, branch: prepared.branch, files: prepared.files, message });
  await writeIndex(user, indexFileOf(user), changes);
  const moved = await moveBranch(user, { target, to: made, from: wish.branch === undefined ? parent : undefined, message });
  if (moved !== "done") {
    await afterMoved(user, changes, steps);
    return moved === "elsewhere" ? "moved" : fail("not_written", lockedOf(user, target));
  }
  if (wish.branch === undefined) await refresh(user, steps);
  return ok({ ...prepared, commit: made, message });
}

function signing(settings: UserGit["settings"]): string[] {
  return isOn(settings, "commit.gpgsign")
    ? ["Your configuration asks for signed commits: this one is not signed, because no program is run for it."]
    : [];
}

type Parts = { headIndex: string; steps: Chosen["steps"]; parent: Revision; message: string; who: Identity };

async function commitObject(user: UserGit, { headIndex, steps, parent, message, who }: Parts): Promise<Revision> {
  await writeIndex(user, headIndex, steps);
  // What else HEAD holds may be elsewhere, in a clone that has only part of it.
  const tree = await user.line({ args: ["write-tree", "--missing-ok"], indexFile: headIndex });
  return await user.line({ args: ["commit-tree", tree, "-p", parent, "-F", "-"], input: message, env: who });
}

type Move = { target: string; to: Revision; /** Undefined: there must be no such branch. */ from: Revision | undefined; message: string };

async function moveBranch(user: UserGit, { target, to, from, message }: Move): Promise<"done" | "elsewhere" | "locked"> {
  const old = from ?? "0".repeat(to.length);
  const { code } = await user.run({ args: ["update-ref", "--no-deref", target, to, old], answers: [1, 128] });
  if (code !== 0) {
    const now = await user.run({ args: ["rev-parse", "--verify", "--quiet", target], answers: [1, 128] });
    return now.stdout.toString("utf8").trim() === (from ?? "") ? "locked" : "elsewhere";
  }
  await noteInLogs(user, { target, to, old, isHead: from !== undefined, subject: message.split("\n")[0]! }).catch(() => undefined);
  return "done";
}

function lockedOf({ repository: { commonDir } }: UserGit, target: string): string {
  return `Nothing was committed: the branch cannot be written. Is another program at work (${join(commonDir, `${target}.lock`)})? Try again when it has ended.`;
}

/** The reflog as git writes it, by our own hand: in the repository's own place, where one is kept. */
async function noteInLogs(
  { line, repository: { gitDir, commonDir }, settings }: UserGit,
  { target, to, old, isHead, subject }: { target: string; to: Revision; old: Revision; isHead: boolean; subject: string },
): Promise<void> {
  const written = await line({ args: ["cat-file", "commit", to] });
  const committer = /^committer (.*)$/m.exec(written)?.[1] ?? "";
  const entry = `${old} ${to} ${committer}\t${isHead ? "commit" : "branch: commit"}: ${subject}\n`;
  const own = join(commonDir, "logs", target);
  const kept = settings.get("core.logallrefupdates");
  if (!isHead && (kept === undefined || kept === "true" || kept === "always")) {
    await mkdir(dirname(own), { recursive: true });
    await appendFile(own, entry);
    return;
  }
  for (const log of isHead ? [join(gitDir, "logs", "HEAD"), own] : [])
    if (
      await lstat(log).then(
        (one) => one.isFile(),
        () => false,
      )
    )
      await appendFile(log, entry);
}

async function afterMoved(user: UserGit, changes: IndexStep[], steps: Chosen["steps"]): Promise<void> {
  const now = join(user.temp, "now.index");
  await user.run({ args: ["read-tree", "HEAD"], indexFile: now });
  const { entries } = await indexEntries(user, now);
  await putBack(user, changes, entries, new Map(steps.map(({ path, head }) => [path, head])));
}
