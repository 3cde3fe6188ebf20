// A disk of a few megabytes that can be filled up: a file system in memory, mounted for one test. Only where mounting is
// allowed; elsewhere the caller says that its test was not run.

import { spawnSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTempDir } from "./tempDir.ts";

export type SmallDisk = {
  path: string;
  /** Leaves no room at all. */
  fill(): void;
  makeRoom(): void;
  remove(): void;
};

export function smallDisk(): SmallDisk | undefined {
  const { path, remove } = makeTempDir("disk");
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", path]);
  if (mounted.status !== 0) {
    remove();
    return undefined;
  }
  const filler = join(path, "filler");
  return {
    path,
    fill() {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    makeRoom: () => rmSync(filler, { force: true }),
    remove() {
      spawnSync("umount", ["-l", path]);
      remove();
    },
  };
}
