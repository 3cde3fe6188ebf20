// The user's index: what of it a commit changes, so that what they have staged stays staged as it is. git writes it, with
// its own lock.

import { join } from "node:path";
import { nulSeparated } from "./git.ts";
import { mergeBlobs } from "./commitJoin.ts";
import { type IndexEntry, indexEntries, isSame, type Kept } from "./repositoryForm.ts";
import type { UserGit } from "./userGit.ts";

/** One path of the commit: what HEAD had, and what it has then. */
export type Step = { path: string; head: Kept | undefined; next: Kept | undefined };
/** What the index has, and what it gets. */
export type IndexStep = { path: string; was: IndexEntry | undefined; next: IndexEntry | undefined };

export function indexFileOf({ repository }: UserGit): string {
  return join(repository.gitDir, "index");
}

/** Hashes of no content, by the length of their names: what `git add --intent-to-add` leaves. */
const nothingYet = new Set([
  "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
  "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
]);

export async function indexSteps(user: UserGit, entries: Map<string, IndexEntry>, steps: Step[]): Promise<IndexStep[]> {
  const found: IndexStep[] = [];
  for (const { path, head, next } of steps) {
    const present = entries.get(path);
    const was = !head && next && present && nothingYet.has(present.blob) ? undefined : present;
    const wanted = await staged(user, { was, head, next });
    if (!isSame(present, wanted)) found.push({ path, was: present, next: wanted });
  }
  return found;
}

/** With the commit's change put into what is staged; where that does not fit, what is staged stays as it is. */
async function staged(
  user: UserGit,
  { was, head, next }: { was: IndexEntry | undefined; head: Kept | undefined; next: Kept | undefined },
): Promise<IndexEntry | undefined> {
  if (isSame(was, head) || isSame(was, next)) return next;
  if (!was || !head || !next) return was;
  const mode = head.mode === next.mode ? was.mode : next.mode;
  if (was.blob === head.blob) return { mode, blob: next.blob };
  if ([was, head, next].some((one) => !one.mode.startsWith("100"))) return was;
  const blob = await mergeBlobs(user, was.blob, head.blob, next.blob);
  return blob === undefined ? was : { mode, blob };
}

export async function writeIndex(user: UserGit, indexFile: string, steps: { path: string; next: IndexEntry | undefined }[]): Promise<void> {
  if (steps.length === 0) return;
  // Removals first, so that a folder can become a file and the other way round.
  const inOrder = [...steps.filter(({ next }) => !next), ...steps.filter(({ next }) => next)];
  const none = "0".repeat(user.settings.get("extensions.objectformat") === "sha256" ? 64 : 40);
  const input = nulSeparated(inOrder.map(({ path, next }) => `${next ? `${next.mode} ${next.blob}` : `0 ${none}`}\t${path}`));
  await user.run({ args: ["update-index", "-z", "--index-info"], indexFile, input });
}

/** The times of these files are noted, so that nothing has to be read to see that they are clean. A failure does no harm. */
export async function refresh(user: UserGit, steps: { path: string; next: unknown }[]): Promise<void> {
  const paths = steps.filter(({ next }) => next).map(({ path }) => path);
  if (paths.length === 0) return;
  const args = ["--literal-pathspecs", "add", "--refresh", "--pathspec-from-file=-", "--pathspec-file-nul"];
  const at = { workTree: user.repository.root, cwd: user.repository.root, indexFile: indexFileOf(user) };
  await user.run({ args, ...at, input: nulSeparated(paths), answers: [1, 128] }).catch(() => undefined);
}

/** After a commit that did not come about: what is still as we wrote it gets back what it was. */
export async function putBack(
  user: UserGit,
  steps: IndexStep[],
  headNow: Map<string, IndexEntry>,
  before: Map<string, Kept | undefined>,
): Promise<void> {
  const { entries } = await indexEntries(user, indexFileOf(user));
  const own = steps.filter(({ path, next }) => isSame(entries.get(path), next) && isSame(headNow.get(path), before.get(path)));
  await writeIndex(
    user,
    indexFileOf(user),
    own.map(({ path, was }) => ({ path, next: was })),
  );
}
