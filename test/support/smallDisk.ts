// Disks for tests, as file systems in memory: one of a few megabytes that can be filled up, one that cannot be written.
// Only where mounting is allowed; elsewhere the caller says that its test was not run.

import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir, type TempDir } from "./tempDir.ts";

export type SmallDisk = {
  path: string;
  /** Leaves no room at all. */
  fill(): void;
  makeRoom(): void;
  remove(): void;
};

export function smallDisk(): SmallDisk | undefined {
  const disk = mount("size=8m");
  if (!disk) return undefined;
  const { path } = disk;
  const filler = join(path, "filler");
  return {
    ...disk,
    fill() {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    makeRoom: () => rmSync(filler, { force: true }),
  };
}

/** A folder in which nobody can write; permission bits mean nothing to root, but a read-only file system does. */
export function unwritableFolder(): TempDir | undefined {
  if (process.getuid?.() === 0) return mount("ro");
  const dir = makeTempDir("locked");
  chmodSync(dir.path, 0o500);
  return dir;
}

function mount(options: string): TempDir | undefined {
  const { path, remove } = makeTempDir("disk");
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]).status !== 0) {
    remove();
    return undefined;
  }
  return {
    path,
    remove() {
      spawnSync("umount", ["-l", path]);
      remove();
    },
  };
}
