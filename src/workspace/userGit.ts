// git at work for the user's own repository, without running anything that it or its configuration names: a git directory
// of our own leads to its refs and objects and has our configuration, into which only what decides about bytes is
// taken over. The user's configuration is read by `git config`, which runs nothing.

import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, sep } from "node:path";
import { fields, type Git, type GitAnswer, type GitCall } from "./git.ts";
import type { Places } from "./places.ts";
import { userRepository, type UserRepository } from "./userRepository.ts";

/** The configuration as git itself reads it: the last value of each key, in lower case. */
export type Settings = Map<string, string>;

export type UserGit = {
  repository: UserRepository;
  /** Where the workspace lies in it: empty, or with a slash at its end. */
  prefix: string;
  settings: Settings;
  /** The branch that HEAD names (`refs/heads/…`); undefined where it is detached. */
  ref: string | undefined;
  /** A folder of our own for files in between. */
  temp: string;
  run: (call: Omit<GitCall, "gitDir">) => Promise<GitAnswer>;
  /** Its answer without the ends. */
  line: (call: Omit<GitCall, "gitDir">) => Promise<string>;
};

type Wish = { /** What is written goes nowhere but into our own folder. */ dry: boolean };

/** Runs `work` with the repository around the workspace, if there is one. */
export async function withUserGit<T>(git: Git, places: Places, { dry }: Wish, work: (user: UserGit) => Promise<T>): Promise<T | undefined> {
  const repository = userRepository(places.workspace);
  if (!repository) return undefined;
  const temp = join(places.temp, `user-${randomBytes(6).toString("hex")}`);
  await mkdir(temp, { recursive: true });
  try {
    const settings = await readSettings(git, repository);
    const view = join(temp, "git");
    const head = (await readFile(join(repository.gitDir, "HEAD"), "utf8")).trim();
    await makeView(view, repository, { settings, head, dry });
    const run: UserGit["run"] = async (call) => await git({ cwd: temp, ...call, gitDir: view, settings: overrides(settings) });
    const below = relative(repository.root, places.workspace).split(sep).join("/");
    return await work({
      repository,
      prefix: below === "" ? "" : `${below}/`,
      settings,
      ref: /^ref: (refs\/heads\/(?!.*\.\.)\S+)$/.exec(head)?.[1],
      temp,
      run,
      line: async (call) => (await run(call)).stdout.toString("utf8").trim(),
    });
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

/** As the user's own git reads them, the machine's and their account's included. */
function asTheUser(): Record<string, string | undefined> {
  const names = ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "XDG_CONFIG_HOME"];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

async function readSettings(git: Git, { root, gitDir }: UserRepository): Promise<Settings> {
  const args = ["config", "--list", "--show-scope", "-z"];
  const parts = fields((await git({ args, gitDir, cwd: root, env: asTheUser() })).stdout);
  const settings: Settings = new Map();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    // Our own options come last, as "command".
    if (parts[i] === "command") continue;
    const [key = "", ...value] = parts[i + 1]!.split("\n");
    settings.set(key, value.length === 0 ? "true" : value.join("\n"));
  }
  return settings;
}

export function isOn(settings: Settings, key: string): boolean {
  return /^(true|yes|on|[1-9]\d*)$/i.test(settings.get(key) ?? "");
}

/** What decides which bytes become which, and how files of the repository are to be read and written. Nothing here names a program. */
const honoured = [
  "core.autocrlf",
  "core.eol",
  "core.filemode",
  "core.symlinks",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.longpaths",
  "core.sharedrepository",
  "core.bigfilethreshold",
  "core.checkroundtripencoding",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
  "index.version",
  "index.sparse",
];

function overrides(settings: Settings): string[] {
  const home = process.env["XDG_CONFIG_HOME"] ?? join(homedir(), ".config");
  const place = (key: string, name: string): string => (settings.get(key) ?? join(home, "git", name)).replace(/^~(?=\/)/, homedir());
  return [`core.attributesFile=${place("core.attributesfile", "attributes")}`, `core.excludesFile=${place("core.excludesfile", "ignore")}`];
}

async function makeView(
  view: string,
  { gitDir, commonDir }: UserRepository,
  { settings, head, dry }: { settings: Settings; head: string; dry: boolean },
): Promise<void> {
  await mkdir(join(view, "info"), { recursive: true, mode: 0o700 });
  await writeFile(join(view, "config"), configOf(settings));
  await writeFile(join(view, "HEAD"), `${head}\n`);
  await symlink(join(commonDir, "refs"), join(view, "refs"), "junction");
  if (existsSync(join(commonDir, "packed-refs"))) await symlink(join(commonDir, "packed-refs"), join(view, "packed-refs"), "file");
  if (dry) {
    for (const folder of ["info", "pack"]) await mkdir(join(view, "objects", folder), { recursive: true });
    await writeFile(join(view, "objects", "info", "alternates"), `${join(commonDir, "objects")}\n`);
  } else await symlink(join(commonDir, "objects"), join(view, "objects"), "junction");
  const copies = [[commonDir, "attributes"], [commonDir, "exclude"], [gitDir, "sparse-checkout"]] as const; // prettier-ignore
  for (const [from, name] of copies) await copyFile(join(from, "info", name), join(view, "info", name)).catch(() => undefined);
}

function configOf(settings: Settings): string {
  const taken = honoured.flatMap((key) => {
    const value = settings.get(key);
    const [section, name] = key.split(".");
    return value !== undefined && /^[\w./:+-]+$/.test(value) ? [`[${section}]\n\t${name} = ${value}\n`] : [];
  });
  const format = settings.get("extensions.objectformat") === "sha256" ? "1\n[extensions]\n\tobjectFormat = sha256" : "0";
  return `[core]
	repositoryformatversion = ${format}
[core]
	bare = false
	safecrlf = false
	logallrefupdates = false
	fsync = committed,loose-object,reference
	fsyncmethod = batch
${taken.join("")}`;
}
