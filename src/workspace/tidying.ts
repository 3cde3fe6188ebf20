// What nobody needs any more is removed: snapshots, folders and plans of sessions that are gone, and what programs that were
// killed left behind. Nothing of a session on record is touched, and nothing where anybody is just at work (working.ts).

import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, statSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { SessionId } from "../protocol/ids.ts";
import { createGit, type Git, GitFailed } from "./git.ts";
import { dropPlans, plannedBlobs } from "./landingPlan.ts";
import { allTaskRecords, allWorktrees, type Places, placesOf, safeName } from "./places.ts";
import { alone } from "./working.ts";

/** In ms and bytes. */
export type TidyLimits = {
  /** Litter younger than this may belong to what just begins. */
  litter: number;
  /** How long contents that no session needs are kept. */
  contents: number;
  /** A workspace's snapshots above this lose them at once. */
  budget: number;
};

export const tidyLimits: TidyLimits = { litter: 24 * 3_600_000, contents: 7 * 24 * 3_600_000, budget: 1024 ** 3 };

/** `busy`: workspaces left as they are, because somebody works in them. */
export type Tidied = { removed: string[]; busy: string[] };

type Tidying = { git: Git; dataDir: string; sessions: () => Promise<Iterable<SessionId>>; limits: TidyLimits };

/** `sessions` tells all that are on record; it is asked after looking at what is there, so that none that begins meanwhile is missed. */
export async function tidy(dataDir: string, sessions: Tidying["sessions"], limits = tidyLimits): Promise<Tidied> {
  const tidying: Tidying = { git: createGit(), dataDir, sessions, limits };
  const tidied: Tidied = { removed: [], busy: [] };
  for (const home of await namesIn(join(dataDir, "workspaces"))) {
    const places = await placesAt(dataDir, home);
    if (!places) continue;
    const done = await alone(places, async () => await tidyWorkspace(tidying, places));
    if (done) tidied.removed.push(...done.value);
    else tidied.busy.push(places.workspace);
  }
  const folders = (await namesIn(dataDir)).filter((name) => name.startsWith("probe-")).map((name) => join(dataDir, name));
  const unknown = await unknownIn(tidying, [allWorktrees({ dataDir })]);
  tidied.removed.push(...(await removeOld([...folders, ...unknown.map((name) => join(allWorktrees({ dataDir }), name))], limits.litter)));
  return tidied;
}

export type SnapshotSizes = {
  bytes: number;
  workspaces: number;
  /** Those above the budget. */ above: { workspace: string; bytes: number }[];
};

/** What the snapshots of all workspaces take on the disk. */
export async function snapshotBytes(dataDir: string, { budget }: Pick<TidyLimits, "budget"> = tidyLimits): Promise<SnapshotSizes> {
  const homes = await namesIn(join(dataDir, "workspaces"));
  const sizes = await Promise.all(
    homes.map(async (home) => {
      const path = await readFile(join(dataDir, "workspaces", home, "path"), "utf8").catch(() => home);
      return { workspace: path.trimEnd(), bytes: await bytesIn(join(dataDir, "workspaces", home, "shadow.git")) };
    }),
  );
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    workspaces: homes.length,
    above: sizes.filter(({ bytes }) => bytes > budget).toSorted((a, b) => b.bytes - a.bytes),
  };
}

async function placesAt(dataDir: string, home: string): Promise<Places | undefined> {
  const path = await readFile(join(dataDir, "workspaces", home, "path"), "utf8").catch(() => "");
  const places = placesOf(dataDir, path.replace(/\n$/, ""));
  return basename(places.home) === home && existsSync(join(places.shadow, "HEAD")) ? places : undefined;
}

async function tidyWorkspace(tidying: Tidying, places: Places): Promise<string[]> {
  const { limits } = tidying;
  const refs = join(places.shadow, "refs", "ao");
  const perSession = [refs, allTaskRecords(places), places.landings];
  const unknown = await unknownIn(tidying, perSession);
  for (const name of unknown) await dropPlans(places, join(places.landings, name));
  const halves = (await namesIn(places.home)).filter((name) => /^(shadow\.git|ignores)\.[0-9a-f]{12}$/.test(name));
  const removed = [
    ...(await removeOld(
      unknown.flatMap((name) => [join(allWorktrees(places), name), ...perSession.map((folder) => join(folder, name))]),
      0,
    )),
    // Whoever works uses what is in here, and nobody does.
    ...(await removeOld(
      (await namesIn(places.temp)).map((name) => join(places.temp, name)),
      0,
    )),
    ...(await removeOld(
      halves.map((name) => join(places.home, name)),
      limits.litter,
    )),
  ];
  const needed = (await Promise.all(perSession.map(namesIn))).flat();
  if (needed.length === 0 && !existsSync(places.workspace)) return [...removed, ...(await removeOld([places.home], limits.litter))];
  await collectContents(tidying, places);
  return removed;
}

/** Names that belong to no session on record, and to none that may just begin. */
async function unknownIn({ sessions, limits }: Tidying, folders: string[]): Promise<string[]> {
  const found = new Map<string, boolean>();
  for (const folder of folders)
    for (const name of await namesIn(folder)) found.set(name, (found.get(name) ?? true) && isOlder(join(folder, name), limits.litter));
  const known = new Set(Array.from(await sessions(), safeName));
  return [...found].filter(([name, old]) => old && !known.has(name)).map(([name]) => name);
}

/** Contents that neither a session, nor an index, nor a landing under way needs go when they are old enough. */
async function collectContents({ git, limits }: Tidying, places: Places): Promise<void> {
  const held = join(places.shadow, "refs", "held");
  const at = { gitDir: places.shadow };
  const age = (await bytesIn(places.shadow)) > limits.budget ? Math.min(limits.contents, limits.litter) : limits.contents;
  const expiry = age === 0 ? "now" : `${Math.ceil(age / 1000)}.seconds.ago`;
  await rm(held, { recursive: true, force: true });
  await mkdir(held, { recursive: true });
  const packs = join(places.shadow, "objects", "pack");
  const halves = (await namesIn(packs)).filter((name) => name.startsWith(".tmp-"));
  await removeOld(
    halves.map((name) => join(packs, name)),
    limits.litter,
  );
  try {
    for (const object of [...(await indexedTrees(git, places)), ...(await plannedBlobs(places))])
      await writeFile(join(held, object), `${object}\n`);
    const settings = ["repack.writeBitmaps=false", "pack.window=0", "pack.threads=1"];
    await git({ args: ["repack", "-d", "-n", "-q", "--cruft", `--cruft-expiration=${expiry}`], settings, ...at });
    // What was cut short while it was written.
    await git({ args: ["prune", `--expire=${expiry}`], ...at });
  } finally {
    await rm(held, { recursive: true, force: true });
  }
}

/** What indexes hold is taken for stored by the next snapshot. One whose contents are lost is of no use. */
async function indexedTrees(git: Git, places: Places): Promise<string[]> {
  const tasks = allTaskRecords(places);
  const ofTasks = (
    await Promise.all((await namesIn(tasks)).map(async (one) => (await namesIn(join(tasks, one))).map((name) => join(tasks, one, name))))
  ).flat();
  const trees: string[] = [];
  for (const index of [places.index, ...ofTasks.filter((file) => file.endsWith(".index"))].filter(existsSync)) {
    await mkdir(places.temp, { recursive: true });
    const copy = join(places.temp, `index-${randomBytes(6).toString("hex")}`);
    await copyFile(index, copy);
    try {
      const { stdout } = await git({ args: ["write-tree"], gitDir: places.shadow, indexFile: copy });
      trees.push(stdout.toString("utf8").trim());
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      await rm(index, { force: true });
    } finally {
      await rm(copy, { force: true });
    }
  }
  return trees;
}

async function removeOld(paths: string[], age: number): Promise<string[]> {
  const old = paths.filter((path) => lstatSync(path, { throwIfNoEntry: false }) && isOlder(path, age));
  for (const path of old) await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  return old;
}

function isOlder(path: string, age: number): boolean {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= age;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => []);
}

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  let bytes = 0;
  for (const file of files)
    bytes += await stat(join(folder, file)).then(
      ({ blocks }) => blocks * 512,
      () => 0,
    );
  return bytes;
}
