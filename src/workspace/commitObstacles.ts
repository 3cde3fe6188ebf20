// Why nothing can be committed in a repository as it is now, each in one sentence with the way out. Reads, changes nothing.

import { existsSync, lstatSync, readdirSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Settings, isOn, type UserGit } from "./userGit.ts";
import { isOwnRepository, type UserRepository } from "./userRepository.ts";

export async function obstacleTo(user: UserGit, branch: string | undefined): Promise<string | undefined> {
  return unwritable(user) ?? (branch === undefined ? present(user) : await newBranch(user, branch)) ?? (await head(user));
}

/** Forms of a repository that we do not write to. */
export function unwritable({ repository, settings, ref }: UserGit): string | undefined {
  const { root, gitDir } = repository;
  if (!isItsOwn(repository, settings))
    return `The folder ${root} has a .git that belongs to another place: nothing is committed there. Commit by yourself with git, if it is yours.`;
  if (isOn(settings, "core.bare")) return `The repository ${root} is bare: it has no files of its own to commit.`;
  const link = linkIn(repository, ref);
  if (link !== undefined)
    return `${link} is a link: nothing is written through it. Commit by yourself with git, if you trust this repository.`;
  const storage = settings.get("extensions.refstorage") ?? "files";
  if (storage !== "files")
    return `The repository ${root} keeps its branches as "${storage}", which this version does not write: commit by yourself with git (ao commit --dry-run prints the message).`;
  if (readdirSync(gitDir).some((name) => name.startsWith("sharedindex.")))
    return "The repository uses a split index, which this version does not write: git update-index --no-split-index, then try again.";
  return undefined;
}

/** The repository says of itself that this folder is its own; a submodule's does so in its configuration. */
function isItsOwn(repository: UserRepository, settings: Settings): boolean {
  const { root, gitDir } = repository;
  const elsewhere = settings.get("core.worktree");
  if (elsewhere !== undefined) {
    const named = resolve(gitDir, elsewhere);
    return existsSync(named) && realpathSync(named) === realpathSync(root);
  }
  return isOwnRepository(repository);
}

/** What a crafted repository could lead to other files of the user's. */
function linkIn({ gitDir, commonDir }: UserRepository, ref: string | undefined): string | undefined {
  const refs = ["refs/heads", "refs/notes", ...(ref === undefined ? [] : [ref])];
  const written = [
    ...["HEAD", "index", "logs/HEAD"].map((path) => [gitDir, path] as const),
    ...["config", "objects/info", "objects/pack", "packed-refs", ...refs, ...refs.map((one) => `logs/${one}`)].map(
      (path) => [commonDir, path] as const,
    ),
  ];
  for (const [base, path] of written) {
    const parts = path.split("/");
    for (let i = 1; i <= parts.length; i++) {
      const at = join(base, ...parts.slice(0, i));
      if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) return at;
    }
  }
  return undefined;
}

const underWay: Record<string, string> = {
  MERGE_HEAD: "a merge",
  CHERRY_PICK_HEAD: "a cherry-pick",
  REVERT_HEAD: "a revert",
  "rebase-merge": "a rebase",
  "rebase-apply": "a rebase",
};

function present({ repository: { gitDir }, ref }: UserGit): string | undefined {
  const busy = Object.keys(underWay).find((name) => existsSync(join(gitDir, name)));
  if (busy !== undefined) return `You are in the middle of ${underWay[busy]}: end it first, then try again.`;
  if (ref === undefined)
    return "You are on no branch (detached HEAD): switch to one, or commit to a new branch that begins here with --branch NAME.";
  if (existsSync(join(gitDir, "index.lock")))
    return `Another program is changing the index (${join(gitDir, "index.lock")}): try again when it has ended, or remove that file if none is at work.`;
  return undefined;
}

async function newBranch({ run }: UserGit, branch: string): Promise<string | undefined> {
  const isName = !branch.startsWith("-") && (await run({ args: ["check-ref-format", `refs/heads/${branch}`], answers: [1] })).code === 0;
  if (!isName || branch === "HEAD") return `"${branch}" is no name for a branch: choose another one.`;
  const ref = `refs/heads/${branch}`;
  const known = await run({ args: ["for-each-ref", "--format=%(refname)", "refs/heads"] });
  const clash = known.stdout
    .toString("utf8")
    .split("\n")
    .find((one) => one === ref || (one !== "" && (one.startsWith(`${ref}/`) || ref.startsWith(`${one}/`))));
  if (clash === undefined) return undefined;
  const name = clash.replace("refs/heads/", "");
  return clash === ref
    ? `There is a branch ${name} already: choose another name.`
    : `There cannot be a branch ${branch} beside ${name}: choose another name.`;
}

async function head({ run, repository: { root } }: UserGit): Promise<string | undefined> {
  const { code } = await run({ args: ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], answers: [1, 128] });
  return code === 0 ? undefined : `The repository ${root} has no commit yet: make your first one with git, then try again.`;
}

export type Identity = Record<"GIT_AUTHOR_NAME" | "GIT_AUTHOR_EMAIL" | "GIT_COMMITTER_NAME" | "GIT_COMMITTER_EMAIL", string> &
  Record<string, string>;

/** Who the user is, as their environment and git's configuration say; nothing is guessed. */
export function identityOf(settings: Settings, env: Record<string, string | undefined> = process.env): Identity | undefined {
  const part = (role: "AUTHOR" | "COMMITTER", what: "NAME" | "EMAIL"): string | undefined => {
    const key = what.toLowerCase();
    const named = [env[`GIT_${role}_${what}`], settings.get(`${role.toLowerCase()}.${key}`), settings.get(`user.${key}`)];
    return [...named, what === "EMAIL" ? env["EMAIL"] : undefined].find((one) => one !== undefined && one.trim() !== "");
  };
  const [author, authorMail, committer, committerMail] = [
    part("AUTHOR", "NAME"),
    part("AUTHOR", "EMAIL"),
    part("COMMITTER", "NAME"),
    part("COMMITTER", "EMAIL"),
  ];
  if (author === undefined || authorMail === undefined || committer === undefined || committerMail === undefined) return undefined;
  const dates = ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    GIT_AUTHOR_NAME: author,
    GIT_AUTHOR_EMAIL: authorMail,
    GIT_COMMITTER_NAME: committer,
    GIT_COMMITTER_EMAIL: committerMail,
    ...(Object.fromEntries(dates) as Record<string, string>),
  };
}

export const nobody =
  'git does not know who you are: git config --global user.name "Your Name", git config --global user.email you@example.org, then try again.';
