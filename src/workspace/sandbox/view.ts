// What a confined command sees of the machine and may write, and the environment that goes with it: the task's folder and
// the project's caches; no secrets, nothing of our own data but what git needs. Only says; helper.ts and bubblewrap enforce.

import { lstatSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Confinable } from "../../core/sandboxPort.ts";
import { dependencyFolders } from "../listing.ts";
import { placesOf } from "../places.ts";
import { userRepository } from "../userRepository.ts";
import { secretsAtHome, secretsOfMachine } from "./secretPlaces.ts";

export type View = { denyRead: string[]; allowRead: string[]; allowWrite: string[]; denyWrite: string[] };

export type Surroundings = { dataDir: string; home: string; /** Read by the sandbox itself. */ own: string[] };

/** Inside, on Linux: empty at the beginning of each command and gone at its end. */
const emptied = ["/tmp", "/var/tmp"];
const isLinux = process.platform === "linux";

/** Settings that decide what runs or who is trusted, where they exist. */
const settled = [
  ".vscode",
  ".idea",
  ".agents",
  ".claude",
  ".cursor",
  ".codex",
  ".gemini",
  ".devcontainer",
  ".husky",
  ".mcp.json",
  ".github/workflows",
  ".github/agents",
];

export function viewOf({ root, writable, workspace, named = [] }: Confinable, { dataDir, home, own }: Surroundings): View {
  const cache = cacheOf(dataDir, workspace);
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const secrets = [...secretsAtHome.map((name) => join(home, name)), ...secretsOfMachine];
  return {
    denyRead: [...secrets, dataDir, ...(isLinux ? emptied : [])].filter(exists),
    allowRead: [
      root,
      ...own,
      ...named.flatMap(amongTemporary),
      ...(workspace ? [workspace, ...installedIn(dataDir, workspace)] : []),
    ].filter(exists),
    allowWrite: [cache, ...(writable ? [root, ...gitOf(root)] : [])],
    denyWrite: [...(writable ? [...guardedGit(root), ...settled.map((name) => join(root, name)).filter(exists)] : []), ...sharedTemp()],
  };
}

/** The folder right below the emptied ones that holds the path: a program comes with what lies around it. */
function amongTemporary(path: string): string[] {
  const plain = resolve(path);
  const above = emptied.find((folder) => plain.startsWith(`${folder}/`));
  return above === undefined ? [] : [join(above, plain.slice(above.length + 1).split("/")[0]!)];
}

/** One for all tasks of a project, so that what is fetched or compiled once need not be again. */
function cacheOf(dataDir: string, workspace: string | undefined): string {
  return join(workspace === undefined ? dataDir : placesOf(dataDir, workspace).home, "cache");
}

/** What a task's folder leads to: the objects of its git history, and what the project has installed. */
export function installedIn(dataDir: string, workspace: string): string[] {
  const repository = userRepository(workspace);
  return [
    join(placesOf(dataDir, workspace).shadow, "objects"),
    ...(repository ? [join(repository.commonDir, "objects")] : []),
    ...dependencyFolders.map((name) => join(workspace, name)),
  ].filter(exists);
}

/** Mounted by itself, so that it cannot be moved away and another one put in its place. */
function gitOf(root: string): string[] {
  const git = join(root, ".git");
  return isFolder(git) ? [git] : [];
}

/** Nothing that git would run is written; where there is no repository none is made. */
function guardedGit(root: string): string[] {
  const git = join(root, ".git");
  if (!isFolder(git)) return [git];
  // Made beforehand: what is missing would be held by an empty file in its place.
  mkdirSync(join(git, "hooks"), { recursive: true });
  return [join(git, "hooks"), join(git, "config")];
}

/** A folder that the sandbox's library would let all commands share. */
function sharedTemp(): string[] {
  return ["/tmp/claude", "/private/tmp/claude"].filter(exists);
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Where a toolchain is when it does not say so itself: the home that a command sees is an empty one. */
const toolchains: Record<string, string> = {
  RUSTUP_HOME: ".rustup",
  CARGO_HOME: ".cargo",
  GOPATH: "go",
  PYENV_ROOT: ".pyenv",
  PYTHONUSERBASE: ".local",
  RBENV_ROOT: ".rbenv",
  NVM_DIR: ".nvm",
  VOLTA_HOME: ".volta",
  ASDF_DATA_DIR: ".asdf",
  SDKMAN_DIR: ".sdkman",
  BUN_INSTALL: ".bun",
};

export function environmentOf({ env, workspace }: Confinable, { dataDir, home }: Surroundings): Record<string, string> {
  const cache = cacheOf(dataDir, workspace);
  const temp = isLinux ? "/tmp" : join(cache, "temp");
  const found = Object.entries(toolchains).filter(([name, folder]) => env[name] === undefined && exists(join(home, folder)));
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(given),
    ...Object.fromEntries(found.map(([name, folder]) => [name, join(home, folder)])),
    HOME: join(temp, "home"),
    TMPDIR: temp,
    XDG_CACHE_HOME: cache,
    GOCACHE: join(cache, "go-build"),
    GRADLE_USER_HOME: join(cache, "gradle"),
    YARN_CACHE_FOLDER: join(cache, "yarn"),
    npm_config_cache: join(cache, "npm"),
    npm_config_update_notifier: "false",
    // A shell whose input is a socket would take itself for a login from afar and read its start-up files.
    SHLVL: "2",
  };
}
