// Disks for tests, as file systems in memory: one of a few megabytes that can be filled up, one that cannot be written.
// Only where mounting is allowed; elsewhere the caller says that its test was not run.

import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeTempDir, type TempDir } from "./tempDir.ts";

export type SmallDisk = {
  path: string;
  /** Leaves no room at all, nor any within the log of a database, which would do for a while. */
  fill(database?: string): void;
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
    fill(database) {
      if (database !== undefined) emptyLog(database);
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    makeRoom: () => rmSync(filler, { force: true }),
  };
}

function emptyLog(file: string): void {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}

/** A folder in which nobody can write; permission bits mean nothing to root, but a read-only file system does. */
export function unwritableFolder(): TempDir | undefined {
  if (process.getuid?.() === 0) return mount("ro");
  const dir = makeTempDir("locked");
  chmodSync(dir.path, 0o500);
  return dir;
}

/** Makes a folder that is there one in which nobody can write; undefined where that cannot be done. */
export function lockFolder(path: string): (() => void) | undefined {
  if (process.getuid?.() === 0) return mounted(path, "-t", "tmpfs", "-o", "ro", "tmpfs");
  chmodSync(path, 0o500);
  return () => chmodSync(path, 0o700);
}

/** Makes a file one that can be written, but neither replaced nor removed. */
export function pinFile(path: string): (() => void) | undefined {
  return mounted(path, "--bind", path);
}

function mount(options: string): TempDir | undefined {
  const { path, remove } = makeTempDir("disk");
  const unmount = mounted(path, "-t", "tmpfs", "-o", options, "tmpfs");
  if (!unmount) remove();
  return unmount && { path, remove: () => (unmount(), remove()) };
}

function mounted(path: string, ...args: string[]): (() => void) | undefined {
  if (spawnSync("mount", [...args, path]).status !== 0) return undefined;
  return () => void spawnSync("umount", ["-l", path]);
}
