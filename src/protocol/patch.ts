// A patch of several files, as git writes it without renames: which files it has, and it cut down to some of them.

import type { FileChange } from "./events.ts";

/** Their sections, as they stand. */
export function patchOf(patch: string, paths: string[]): string {
  const names = paths.flatMap((path) => [
    `diff --git a/${path} b/${path}\n`,
    `diff --git ${JSON.stringify(`a/${path}`)} ${JSON.stringify(`b/${path}`)}\n`,
  ]);
  return sectionsOf(patch)
    .filter((section) => names.some((name) => section.startsWith(name)))
    .join("");
}

export function filesIn(patch: string): FileChange[] {
  return sectionsOf(patch).map((section): FileChange => {
    const [head = "", ...hunks] = section.split(/^(?=@@ )/m);
    const [names = "", ...about] = head.slice("diff --git ".length).split("\n");
    // Both names are the same, with a space between them; one with odd characters stands in quotes.
    const name = names.slice(0, (names.length - 1) / 2);
    const path = (name.startsWith('"') ? (JSON.parse(name) as string) : name).slice("a/".length);
    const count = (mark: string): number => hunks.join("").split(`\n${mark}`).length - 1;
    const says = (start: string): boolean => about.some((line) => line.startsWith(start));
    const kind = says("new file") ? "added" : says("deleted file") ? "deleted" : "modified";
    return { path, kind, added: count("+"), removed: count("-") };
  });
}

function sectionsOf(patch: string): string[] {
  return patch.split(/^(?=diff --git )/m).filter((section) => section.startsWith("diff --git "));
}
