// Where a path given by a model really leads: containment on real paths, and the places that stay protected.
// Judges only; opening files without following a swapped link is files.ts. Synchronous on purpose: a handful of
// system calls costs less than one trip to the thread pool, and every call of a tool makes them.

import { lstatSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import type { Dirent } from "node:fs";
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

/** The short names that Windows gives to some of the names below. */
const shortNames =
  /(^|\/)(gitmod|gitatt|vscode|github|gitlab|claude|cursor|agents|devcon|husky|mcp|envrc|npmrc|yarnrc|env|ssh|aws)~\d+(\.[^/]{1,3})?(\/|$)/;

/** What decides what runs or who is trusted: of git, editors, agents, package managers and CI. */
const settings = [
  /(^|\/)\.(agents|claude|cursor|codex|gemini|windsurf|roo|cline|continue|aider|vscode|vscode-server|idea|fleet|zed|devcontainer|husky|githooks|opencode|kiro|amazonq|junie|augment|trae|qwen|factory|openhands|mise|hg|jj|vs|circleci|buildkite|woodpecker|gitlab|yarn|direnv)(\/|$)/,
  /(^|\/)\.github\/(workflows|actions|agents|hooks|prompts|chatmodes)(\/|$)/,
  /(^|\/)\.(gitea|forgejo)\/(workflows|actions)(\/|$)/,
  /(^|\/)\.config\/(git|gh|zed|opencode|goose|fish|direnv|mise|pip|uv|npm)(\/|$)/,
  /(^|\/)\.cargo\/(config|config\.toml|bin)(\/|$)/,
  /(^|\/)(\.gitattributes|\.gitconfig|\.envrc|\.mise\.toml|mise\.toml)$/,
  /(^|\/)(\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.cjs|pnpmfile\.cjs|bunfig\.toml|pip\.conf|\.condarc|\.bazelrc)$/,
  /(^|\/)(\.mcp\.json|mcp\.json|agents\.ya?ml|lefthook\.ya?ml|\.lefthook\.ya?ml|\.pre-commit-config\.yaml|\.clinerules|\.aider\.conf\.yml|\.devcontainer\.json|opencode\.jsonc?|\.?crush\.json|\.roomodes|\.dir-locals\.el|\.exrc|\.nvim\.lua|\.nvimrc)$/,
  /(^|\/)(\.gitlab-ci\.yml|azure-pipelines\.yml|jenkinsfile|\.travis\.yml|appveyor\.yml|\.appveyor\.yml|bitbucket-pipelines\.yml|\.drone\.yml|\.cirrus\.yml|\.woodpecker\.yml|cloudbuild\.ya?ml|buildspec\.yml|\.semaphore)(\/|$)/,
  /\.code-workspace$/,
];

/** More of them, which matter only where they are the user's own: what a login, a shell, an editor or a timer starts. */
const ownSettings = [
  /(^|\/)\.(bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|zlogout|kshrc|cshrc|tcshrc|login|inputrc|xinitrc|xprofile|xsessionrc|pam_environment|vimrc|nanorc|emacs|tmux\.conf|screenrc|wgetrc|curlrc|gemrc|psqlrc|sqliterc|gdbinit|lldbinit|pythonrc|pythonstartup\.py|irbrc|ackrc|hgrc)$/,
  /(^|\/)\.(agent-orchestrator|oh-my-zsh|zsh|vim|emacs\.d|nvm|m2|gradle|local\/bin|local\/share\/applications|vscodium|vscode-insiders|vscode-oss|copilot|opencode|openhands|goose)(\/|$)/,
  /(^|\/)\.config\/(systemd|autostart|environment\.d|nvim|zsh|powershell|fontconfig|plasma-workspace|code|code - insiders|vscodium|cursor|windsurf|jetbrains|starship\.toml|containers)(\/|$)/,
  /\/(code|code - insiders|vscodium|cursor|windsurf)\/user(\/|$)/,
  /\/jetbrains\/.*\/options(\/|$)/,
  /\/library\/(launchagents|launchdaemons|application support\/(code|cursor|jetbrains))(\/|$)/,
  /\/(startup|start menu)\//,
  /^(\/private)?\/etc(\/|$)/,
  /^(\/private)?\/var\/(spool\/(cron|at)|at)(\/|$)/,
  /^\/(usr|s?bin|lib|lib64|boot|dev|sys|proc|efi)(\/|$)/,
  /^\/(system|library|applications)(\/|$)/,
  /^[a-z]:\/(windows|program files|programdata)(\/|$)/,
];

const secrets = [
  /(^|\/)\.env(\.(?!(example|sample|template|dist|defaults)$)[^/]*|rc)?$/,
  /(^|\/)\.(ssh|gnupg|aws|azure|kube|docker|password-store|oci|databricks)(\/|$)/,
  /(^|\/)\.config\/(gcloud|gh|hub|op|doctl|rclone|google-chrome|chromium|bravesoftware|microsoft-edge)(\/|$)/,
  /(^|\/)(\.npmrc|\.pypirc|\.netrc|_netrc|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.vault-token|\.terraformrc|\.s3cfg|\.boto)$/,
  /(^|\/)\.cargo\/credentials(\.toml)?$/,
  /(^|\/)\.gem\/credentials$/,
  /(^|\/)\.mozilla\/firefox(\/|$)/,
  /(^|\/)(login\.keychain(-db)?|login data|cookies\.sqlite|logins\.json|key[34]\.db|\.bash_history|\.zsh_history)$/,
  /(^|\/)\.local\/share\/keyrings(\/|$)/,
  /\/library\/keychains(\/|$)/,
  /(^|\/)(id_(rsa|dsa|ecdsa|ed25519)(_sk)?|credentials\.json|service[-_]account[^/]*\.json)$/,
  /\.(pem|p12|pfx|jks|keystore|kdbx|ppk)$/,
];

const ownSecrets = [
  /^(\/private)?\/etc\/(shadow|master\.passwd|gshadow|sudoers|ssl\/private|ssh\/ssh_host_[^/]*key|krb5\.keytab)(-|\/|$|\.d\/)/,
  /^\/proc\/([^/]+|[^/]+\/task\/[^/]+)\/(environ|mem|maps|fd|cmdline|root|cwd)(\/|$)/,
  /^\/dev\/(mem|kmem|port|sd|hd|nvme|vd|disk|mapper)/,
  /^\/(var\/)?run\/(secrets|docker\.sock|containerd)(\/|$)/,
];

/**
 * Minded for this use, by any of its names: secrets for reading; for the rest also git's internals and what decides what
 * runs or who is trusted. Outside of the project more names tell.
 */
export function isMinded(path: string, outside: boolean, use: "read" | "write" | "delete" | "execute", others: string[]): boolean {
  const inside = use === "read" ? isSecret : isProtected;
  if ([path, ...others].some((name) => inside(name))) return true;
  const own = use === "read" || use === "execute" ? ownSecrets : [...ownSecrets, ...ownSettings];
  return outside && matches(own, path);
}

const maximumEntries = 5000;

type List = (folder: string) => Dirent[] | undefined;

/** Names below a folder that would be minded when it is at one of these places; undefined where there is too much to look through. */
export function mindedBelow(folder: string, at: string[], list: List = entriesOf): string[] | undefined {
  const minded: string[] = [];
  const waiting = [{ path: folder, name: "" }];
  for (let looked = 0; waiting.length > 0;) {
    const { path, name } = waiting.pop()!;
    for (const entry of list(path) ?? []) {
      if (looked++ > maximumEntries) return undefined;
      const relative = name === "" ? entry.name : `${name}/${entry.name}`;
      if (at.some((place) => isProtected(`${place}/${relative}`))) minded.push(relative);
      else if (entry.isDirectory()) waiting.push({ path: join(path, entry.name), name: relative });
    }
  }
  return minded;
}

/** Whether with a folder something goes that is minded by itself. */
export function holdsMinded(folder: string, relative: string, list: List = entriesOf): boolean {
  return list(folder)?.some(({ name }) => isProtected(`${relative}/${name}`)) ?? false;
}

function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder, { withFileTypes: true }) : undefined;
  } catch {
    return undefined;
  }
}

export function isGitInternal(path: string): boolean {
  return matches(gitInternals, path);
}

export function isSecret(path: string): boolean {
  return matches(secrets, path);
}

/** Protected from writing: git's internals, settings of editors, agents and CI, and secrets. */
export function isProtected(path: string): boolean {
  return matches([...gitInternals, ...settings, ...secrets, shortNames], path);
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
    .map((part) =>
      part === "." || part === ".." ? part : part.replace(/:.*$/, (stream, at: number) => (at === 1 ? stream : "")).replace(/[. ]+$/, ""),
    )
    .join("/");
  return patterns.some((pattern) => pattern.test(plain));
}
