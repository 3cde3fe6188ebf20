// The `.git` inside a task's folder, for the agent's own `git status`, `log` and `diff`. It is the agent's to use and to
// break: we write it once, in full, and never run git on it, because an agent could plant anything there.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dependencyFolders } from "./listing.ts";
import { commitObject } from "./objects.ts";
import type { Places } from "./places.ts";
import { unchangingAttributes } from "./shadow.ts";
import { isOwnRepository, userHead, userRepository } from "./userRepository.ts";

const config = `[core]
	repositoryformatversion = 0
	bare = false
	filemode = ${process.platform !== "win32"}
	autocrlf = false
	fsmonitor = false
[gc]
	auto = 0
[user]
	name = agent
	email = agent@localhost
`;

/** Puts a fresh `.git` into the folder, at a commit that holds `tree` and whose past is the project's history. */
export async function writePrivateGit(places: Places, folder: string, index: string, tree: string): Promise<void> {
  // Made outside and moved in: the agent's old one may hold links that lead elsewhere.
  const made = join(places.temp, `git-${randomBytes(6).toString("hex")}`);
  for (const part of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"])
    await mkdir(join(made, part), { recursive: true });
  const past = history(places);
  // By hand, since its parent need not be known to the shadow repository.
  const { hash, path, bytes } = commitObject({
    tree,
    parents: past ? [past.head] : [],
    message: "The files as this task found them",
    seconds: Math.floor(Date.now() / 1000),
  });
  await mkdir(join(made, "objects", dirname(path)));
  await writeFile(join(made, "objects", path), bytes);
  await writeFile(join(made, "config"), config);
  await writeFile(join(made, "HEAD"), "ref: refs/heads/task\n");
  await writeFile(join(made, "refs", "heads", "task"), `${hash}\n`);
  await writeFile(join(made, "info", "attributes"), unchangingAttributes);
  await writeFile(join(made, "info", "exclude"), dependencyFolders.map((name) => `/${name}\n`).join(""));
  await writeFile(
    join(made, "objects", "info", "alternates"),
    [join(places.shadow, "objects"), ...(past ? [past.objects] : [])].join("\n") + "\n",
  );
  await copyFile(index, join(made, "index"));
  await rm(join(folder, ".git"), { recursive: true, force: true });
  await rename(made, join(folder, ".git"));
}

/** The user's commits, where they are complete: a shallow clone's would end in an error. */
function history(places: Places): { head: string; objects: string } | undefined {
  const repository = userRepository(places.workspace);
  // Inside a larger repository the folder's files and the history's paths do not match.
  if (!repository || repository.root !== places.workspace || !isOwnRepository(repository)) return undefined;
  if (existsSync(join(repository.commonDir, "shallow"))) return undefined;
  const head = userHead(repository);
  return head === undefined ? undefined : { head, objects: join(repository.commonDir, "objects") };
}
