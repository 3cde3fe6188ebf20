// A program that never stops changing the files of a folder: whole contents that replace each other, files that come and
// go, folders that move. Arguments: the folder. It says "ready" once it has begun.

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [root = ""] = process.argv.slice(2);

for (let i = 0; ; i++) {
  const name = `f${i % 20}`;
  writeFileSync(join(root, "..", "half"), `${name} ${i}\n`.repeat(1 + (i % 50)));
  renameSync(join(root, "..", "half"), join(root, name));
  mkdirSync(join(root, `d${i % 3}`, "in"), { recursive: true });
  writeFileSync(join(root, `d${i % 3}`, "in", "file"), `${i}\n`);
  rmSync(join(root, `d${(i + 1) % 3}`), { recursive: true, force: true });
  rmSync(join(root, `f${(i + 7) % 20}`), { force: true });
  if (i % 200 === 0) swap(join(root, `s${(i / 200) % 3}`), i % 400 === 0);
  if (i === 100) process.stdout.write("ready\n");
}

/** A file that becomes a folder, and a folder that becomes a file. */
function swap(path: string, toFile: boolean): void {
  rmSync(path, { recursive: true, force: true });
  if (!toFile) mkdirSync(path);
  writeFileSync(toFile ? path : join(path, "in"), "swapped\n");
}
