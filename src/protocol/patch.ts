// A patch of several files, cut down to some of them.

/** Their sections, as they stand. */
export function patchOf(patch: string, paths: string[]): string {
  const names = paths.flatMap((path) => [
    `diff --git a/${path} b/${path}\n`,
    `diff --git ${JSON.stringify(`a/${path}`)} ${JSON.stringify(`b/${path}`)}\n`,
  ]);
  const sections = patch.split(/^(?=diff --git )/m);
  return sections.filter((section) => names.some((name) => section.startsWith(name))).join("");
}
