// Where a path given by a model really leads: containment on real paths, and the places that stay protected.
// Judges only; opening files without following a swapped link is files.ts. Synchronous on purpose: a handful of
// system calls costs less than one trip to the thread pool, and every call of a tool makes them.

import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";

export type Place = {
  /** Real path of the task's folder. */
  root: string;
  /** Real path; its last parts may not exist yet. */
  real: string;
  /** Relative to the real root, with `/`; "." for the root itself. */
  relative: string;
};

export type Location = { ok: true; place: Place } | { ok: false; real: string };

const maximumLinks = 40;

/** Follows every link that exists, dangling ones included, and says whether the path stays inside the root. */
export function locate(root: string, path: string): Location {
  const realRoot = realpathSync.native(root);
  const real = follow(resolve(realRoot, path), 0);
  if (!isInside(realRoot, real)) return { ok: false, real };
  return { ok: true, place: { root: realRoot, real, relative: toSlashes(relative(realRoot, real)) || "." } };
}

/** As `locate`, for acting on the last part itself when that is a link (moving or deleting it). */
export function locateEntry(root: string, path: string): Location {
  const realRoot = realpathSync.native(root);
  const absolute = resolve(realRoot, path);
  if (absolute === realRoot) return { ok: true, place: { root: realRoot, real: realRoot, relative: "." } };
  const real = join(follow(dirname(absolute), 0), basename(absolute));
  if (!isInside(realRoot, real)) return { ok: false, real };
  return { ok: true, place: { root: realRoot, real, relative: toSlashes(relative(realRoot, real)) || "." } };
}

/** The real path of the deepest part that exists, and the rest as given. */
function follow(absolute: string, links: number): string {
  try {
    return realpathSync.native(absolute);
  } catch (error) {
    if (!isMissing(error)) return absolute;
  }
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  const here = join(follow(parent, links), basename(absolute));
  const target = linkTarget(here);
  // A link that leads nowhere would be created at its target: that is the place to judge.
  return target !== undefined && links < maximumLinks ? follow(resolve(dirname(here), target), links + 1) : here;
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function toSlashes(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

const gitInternals = [/(^|\/)\.git(\/|$)/, /(^|\/)git~\d+(\/|$)/, /(^|\/)\.gitmodules$/];

const settings = [
  /(^|\/)\.(agents|claude|cursor|codex|gemini|vscode|idea|zed|devcontainer|husky|githooks|circleci)(\/|$)/,
  /(^|\/)\.github\/(workflows|actions|agents)(\/|$)/,
  /(^|\/)(\.mcp\.json|mcp\.json|agents\.ya?ml|lefthook\.ya?ml|\.pre-commit-config\.yaml)$/,
  /(^|\/)(\.gitlab-ci\.yml|azure-pipelines\.yml|jenkinsfile|\.travis\.yml)$/,
  /\.code-workspace$/,
];

const secrets = [
  /(^|\/)\.env(\.(?!(example|sample|template|dist|defaults)$)[^/]*|rc)?$/,
  /(^|\/)\.(ssh|gnupg|aws|azure|kube|docker)(\/|$)/,
  /(^|\/)\.config\/(gcloud|gh)(\/|$)/,
  /(^|\/)(\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.pgpass|\.htpasswd)$/,
  /(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/,
  /\.(pem|p12|pfx|jks|keystore)$/,
];

export function isGitInternal(path: string): boolean {
  return matches(gitInternals, path);
}

export function isSecret(path: string): boolean {
  return matches(secrets, path);
}

/** Protected from writing: git's internals, settings of editors, agents and CI, and secrets. */
export function isProtected(path: string): boolean {
  return matches(gitInternals, path) || matches(settings, path) || matches(secrets, path);
}

// Characters that some file systems leave out when they compare names, so that `.g\u200cit` would be `.git`.
const ignorable = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** Names as a case-insensitive, normalising file system would read them. */
function matches(patterns: RegExp[], path: string): boolean {
  const plain = toSlashes(path)
    .normalize("NFKC")
    .replace(ignorable, "")
    .toLowerCase()
    .split("/")
    .map((part) => (part === "." || part === ".." ? part : part.replace(/[. ]+$/, "").replace(/::\$.*$/, "")))
    .join("/");
  return patterns.some((pattern) => pattern.test(plain));
}
