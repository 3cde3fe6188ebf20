// What may be learned from the user's repository by reading files alone: where it begins, which commit it is at, which
// rules hide files. git is not run on it here, so nothing of it can run (how it is committed to: userGit.ts).

import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export type UserRepository = {
  /** The folder that holds `.git`. */
  root: string;
  gitDir: string;
  /** Shared by linked worktrees: objects, refs, info. Else the same as `gitDir`. */
  commonDir: string;
};

/** The repository that `folder` is in, if any. */
export function userRepository(folder: string): UserRepository | undefined {
  for (let root = folder; ; root = dirname(root)) {
    const gitDir = gitDirAt(join(root, ".git"));
    if (gitDir) return { root, gitDir, commonDir: commonDirOf(gitDir) };
    if (dirname(root) === root) return undefined;
  }
}

function gitDirAt(dotGit: string): string | undefined {
  const kind = statSync(dotGit, { throwIfNoEntry: false });
  if (kind?.isDirectory()) return existsSync(join(dotGit, "HEAD")) ? dotGit : undefined;
  const pointer = kind?.isFile() ? /^gitdir: (.+)/.exec(readText(dotGit))?.[1] : undefined;
  if (pointer === undefined) return undefined;
  const gitDir = resolve(dirname(dotGit), pointer.trimEnd());
  return existsSync(join(gitDir, "HEAD")) ? gitDir : undefined;
}

function commonDirOf(gitDir: string): string {
  const pointer = readText(join(gitDir, "commondir")).trim();
  return pointer === "" ? gitDir : isAbsolute(pointer) ? pointer : resolve(gitDir, pointer);
}

/**
 * Whether the repository says itself that this folder is its own. A downloaded folder may hold a `.git` that points to
 * any other repository of the user's, whose contents are no business of an agent in this folder.
 */
export function isOwnRepository({ root, gitDir, commonDir }: UserRepository): boolean {
  const dotGit = join(root, ".git");
  if (gitDir === dotGit) return lstatSync(dotGit).isDirectory() && commonDir === gitDir;
  return readText(join(gitDir, "gitdir")).trim() === dotGit;
}

/** The commit the user is at; undefined where there is none yet or its form is not one we know. */
export function userHead({ gitDir, commonDir }: UserRepository): string | undefined {
  let name = "HEAD";
  for (let hops = 0; hops < 5; hops++) {
    const text = readText(join(gitDir, name)).trim() || readText(join(commonDir, name)).trim() || packedRef(commonDir, name);
    if (/^[0-9a-f]{40}$/.test(text)) return text;
    const next = /^ref: (refs\/[^\s]+)$/.exec(text)?.[1];
    if (next === undefined || next.split("/").includes("..")) return undefined;
    name = next;
  }
  return undefined;
}

function packedRef(commonDir: string, name: string): string {
  const line = readText(join(commonDir, "packed-refs"))
    .split("\n")
    .find((line) => line.endsWith(` ${name}`));
  return line?.split(" ")[0] ?? "";
}

/** Ignore rules that hold in `folder` though they are written above it or in the repository's own files. */
export function inheritedIgnores(folder: string): string {
  const repository = userRepository(folder);
  if (!repository) return "";
  const above: string[] = [];
  for (let at = folder; at !== repository.root;) {
    at = dirname(at);
    above.unshift(moved(readText(join(at, ".gitignore")), relative(at, folder)));
  }
  const own = moved(readText(join(repository.commonDir, "info", "exclude")), relative(repository.root, folder));
  return [own, ...above].filter((text) => text !== "").join("\n");
}

/** The rules as they read from a folder further down; those that speak of other folders are left out. */
function moved(rules: string, down: string): string {
  if (down === "") return rules;
  const lines = rules.split(/\r?\n/).map((line) => {
    const [, not = "", pattern = ""] = /^(!?)(.*?)\s*$/.exec(line) ?? [];
    if (pattern === "" || pattern.startsWith("#")) return "";
    if (!pattern.slice(0, -1).includes("/")) return not + pattern;
    const rest = below(pattern.replace(/^\//, "").split("/"), down.split(sep));
    return rest === undefined ? "" : `${not}/${rest}`;
  });
  return lines.filter((line) => line !== "").join("\n");
}

/** What is left of an anchored pattern once its beginning has led into the folder. */
function below(pattern: string[], folders: string[]): string | undefined {
  for (const [i, folder] of folders.entries()) {
    const part = pattern[i];
    if (part === "**") return pattern.slice(i).join("/");
    if (part !== "*" && part !== folder) return undefined;
  }
  const rest = pattern.slice(folders.length).join("/");
  return rest === "" ? undefined : rest;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
