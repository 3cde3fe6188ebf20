// What stood beside the session's result when it was checked and is not in the commit: the user's other uncommitted edits and
// files. So that a message can say what a check saw.

import type { Commit } from "../protocol/ids.ts";
import { fields, type Git } from "./git.ts";
import type { Entry } from "./history.ts";
import type { Places } from "./places.ts";
import { type Content, hashOf, type IndexEntry, inRepositoryForm, type Kept } from "./repositoryForm.ts";
import { checkCommit, readBlobs } from "./shadow.ts";
import type { UserGit } from "./userGit.ts";

/** More than these are not looked into one by one: they count as they stand. */
const mostCompared = 500;

/** How many files of the snapshot are otherwise, or not at all, in what will be committed (`next`), or the other way round. */
export async function countBesides(
  git: Git,
  places: Places,
  user: UserGit,
  { snapshot, headIndex, next }: { snapshot: Commit; headIndex: string; next: Map<string, IndexEntry | Kept> },
): Promise<number> {
  const { stdout } = await git({ args: ["ls-tree", "-r", "-z", checkCommit(snapshot)], gitDir: places.shadow });
  const there = new Map<string, Entry>();
  for (const field of fields(stdout)) {
    const at = field.indexOf("\t");
    const [mode = "", , blob = ""] = field.slice(0, at).split(" ");
    there.set(user.prefix + field.slice(at + 1), { mode: mode as Entry["mode"], blob });
  }
  const nested = [...next].flatMap(([path, { mode }]) => (mode === "160000" ? [`${path}/`] : []));
  const own = [...next].filter(([path, { mode }]) => path.startsWith(user.prefix) && mode !== "160000");
  const gone = own.filter(([path]) => !there.has(path)).length;
  const odd = [...there].filter(([path, { blob }]) => next.get(path)?.blob !== blob && !nested.some((folder) => path.startsWith(folder)));
  const compared = odd.filter(([path]) => next.has(path));
  if (compared.length > mostCompared) return gone + odd.length;
  return gone + odd.length - (await alike(git, places, user, { headIndex, next, compared }));
}

/** Those that differ by no more than what the repository's own form changes. */
async function alike(
  git: Git,
  places: Places,
  user: UserGit,
  { headIndex, next, compared }: { headIndex: string; next: Map<string, IndexEntry | Kept>; compared: [string, Entry][] },
): Promise<number> {
  const contents = await readBlobs(git, places, compared.map(([, { blob }]) => blob)); // prettier-ignore
  const files = new Map(compared.map(([path, { mode, blob }]): [string, Content] => [path, { mode, content: contents.get(blob)! }]));
  const kept = await inRepositoryForm(user, headIndex, files);
  return compared.filter(([path, { blob }]) => {
    const wanted = next.get(path)!.blob;
    return kept.get(path)?.blob === wanted || hashOf(contents.get(blob)!, wanted.length) === wanted;
  }).length;
}
