// Snapshots of one session on their way to another data folder: one pack of whole objects, made by git and read by
// packScan.ts before git sees it again.

import { copyFile, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Patch } from "../core/workspacePort.ts";
import type { Commit, SessionId } from "../protocol/ids.ts";
import { createGit, type Git } from "./git.ts";
import { diff } from "./history.ts";
import { flushFolder, place } from "./objects.ts";
import type { Places } from "./places.ts";
import { scanPack } from "./packScan.ts";
import { keptFor, refOf } from "./shadow.ts";
import { preparer } from "./workspace.ts";
import { working } from "./working.ts";

export { UnsoundPack } from "./packScan.ts";

export type Bundles = {
  /** Of the commits that are named and kept for the session, with all they need, as a pack below `folder`. */
  pack(sessionId: SessionId, workspace: string, named: ReadonlySet<string>, folder: string): Promise<{ commits: Commit[]; file?: string }>;
  /** Keeps them for a session here. Throws an UnsoundPack, and then nothing was taken. */
  unpack(sessionId: SessionId, workspace: string, pack: { commits: Commit[]; file: string; most: number }): Promise<void>;
};

export function createBundles(dataDir: string): Bundles {
  const git = createGit();
  const prepare = preparer(dataDir);
  return {
    pack: async (sessionId, workspace, named, folder) => {
      const places = await prepare(workspace);
      return await working(places, async () => {
        const commits = (await keptFor(git, places, sessionId)).filter((commit) => named.has(commit)).toSorted();
        if (commits.length === 0) return { commits };
        const settings = ["pack.window=0", "pack.depth=0", "pack.threads=1", "core.bigFileThreshold=1g"];
        const args = ["pack-objects", "--revs", "--no-reuse-delta", "--window=0", "--quiet", join(folder, "snapshots")];
        const { stdout } = await git({ args, settings, gitDir: places.shadow, input: `${commits.join("\n")}\n` });
        return { commits, file: join(folder, `snapshots-${stdout.toString("utf8").trim()}.pack`) };
      });
    },
    unpack: async (sessionId, workspace, { commits, file, most }) => {
      const name = await scanPack(file, commits, most);
      const places = await prepare(workspace);
      await working(places, async () => {
        await addPack(git, places, file, name);
        await place(places.temp, new Map(commits.map((commit) => [refOf(places, sessionId, commit), `${commit}\n`])), true);
      });
    },
  };
}

/** The index comes last: by it git finds the pack. */
async function addPack(git: Git, places: Places, file: string, name: string): Promise<void> {
  const packs = join(places.shadow, "objects", "pack");
  const pack = join(packs, `pack-${name}`);
  if (existsSync(`${pack}.idx`)) return;
  const half = join(packs, `.tmp-${randomBytes(6).toString("hex")}`);
  try {
    await copyFile(file, `${half}.pack`);
    await git({ args: ["index-pack", "--strict", "-o", `${half}.idx`, `${half}.pack`], gitDir: places.shadow });
    await rename(`${half}.pack`, `${pack}.pack`);
    await rename(`${half}.idx`, `${pack}.idx`);
    await flushFolder(packs);
  } finally {
    for (const end of ["pack", "idx", "rev"]) await rm(`${half}.${end}`, { force: true });
  }
}

type Snapshot = { workspace: string; commit: Commit };

/** What lies between two snapshots, of different workspaces as well. */
export async function diffBetween(dataDir: string, from: Snapshot, to: Snapshot): Promise<Patch> {
  const prepare = preparer(dataDir);
  const [here, there] = [await prepare(from.workspace), await prepare(to.workspace)];
  const git = createGit();
  const both: Git = (call) => git({ ...call, env: { ...call.env, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(there.shadow, "objects") } });
  return await diff(here.shadow === there.shadow ? git : both, here, from.commit, to.commit);
}
