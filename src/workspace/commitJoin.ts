// Each file three ways: what the session began from, what it made, what HEAD has. All in the form that the repository
// keeps, so that line endings are no difference.

import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isSame, type Kept, type KeptFile } from "./repositoryForm.ts";
import type { UserGit } from "./userGit.ts";

export type Sides = { before: KeptFile | undefined; after: KeptFile | undefined; head: Kept | undefined };
export type JoinedFile = { kind: "is"; file: Kept | undefined; /** Just as the session made it. */ exact: boolean } | { kind: "clash" };

export async function joinFile(user: UserGit, { before, after, head }: Sides): Promise<JoinedFile> {
  if (isSame(before, after) || isSame(head, after)) return { kind: "is", file: head, exact: true };
  if (isSame(head, before)) return { kind: "is", file: after, exact: true };
  if (!head || !before || !after || [head, before, after].some(({ mode }) => mode === "120000")) return { kind: "clash" };
  const mode = before.mode === after.mode ? head.mode : after.mode;
  if (head.blob === before.blob) return { kind: "is", file: { mode, blob: after.blob }, exact: true };
  // What stands in HEAD as it stood in the workspace, whatever the attributes say, goes on to do so.
  if (head.blob === before.raw) return { kind: "is", file: { mode, blob: after.raw }, exact: true };
  if (before.blob === after.blob || head.blob === after.blob) return { kind: "is", file: { mode, blob: head.blob }, exact: false };
  const blob = await mergeBlobs(user, head.blob, before.blob, after.blob);
  return blob === undefined ? { kind: "clash" } : { kind: "is", file: { mode, blob }, exact: false };
}

/** Undefined where both sides changed the same lines, or one of them is no text. */
export async function mergeBlobs({ run, line, temp }: UserGit, ours: string, base: string, theirs: string): Promise<string | undefined> {
  const folder = join(temp, `merge-${randomBytes(6).toString("hex")}`);
  await mkdir(folder);
  try {
    const sides = { ours, base, theirs };
    for (const [name, blob] of Object.entries(sides)) {
      const { stdout } = await run({ args: ["cat-file", "blob", blob] });
      await writeFile(join(folder, name), stdout);
    }
    const everyCode = Array.from({ length: 255 }, (_, i) => i + 1);
    const { code, stdout } = await run({
      args: ["merge-file", "--stdout", "--quiet", ...Object.keys(sides)],
      cwd: folder,
      answers: everyCode,
    });
    return code === 0 ? await line({ args: ["hash-object", "-w", "--no-filters", "--stdin"], input: stdout }) : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
