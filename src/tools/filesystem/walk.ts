// Walks the files below a folder in a stable order, without what .gitignore leaves out, without git's own data and
// without following links. Bounded and cancellable; reads no contents but those of .gitignore files.

import { readFile, readdir } from "node:fs/promises";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";
import type { Ignore } from "ignore";

type Rules = { base: string; ignore: Ignore };
type Folder = { path: string; rules: Rules[] };

/** Paths relative to `root`, with `/`. Ends early when the signal aborts. */
export async function* walk(root: string, start: string, signal: AbortSignal): AsyncGenerator<string> {
  const stack: Folder[] = [{ path: start === "." ? "" : start, rules: await rulesAbove(root, start) }];
  for (let folder = stack.pop(); folder && !signal.aborted; folder = stack.pop()) {
    const entries = await list(join(root, folder.path));
    const rules = entries.some((entry) => entry.name === ".gitignore") ? await withRules(root, folder) : folder.rules;
    const below: Folder[] = [];
    for (const entry of entries) {
      if (entry.name === ".git") continue;
      const path = folder.path === "" ? entry.name : `${folder.path}/${entry.name}`;
      if (isIgnored(rules, path, entry.isDirectory())) continue;
      if (entry.isDirectory()) below.push({ path, rules });
      else if (entry.isFile()) yield path;
    }
    stack.push(...below.reverse());
  }
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // A folder that vanished or may not be read has nothing to show.
    return [];
  }
}

async function withRules(root: string, folder: Folder): Promise<Rules[]> {
  try {
    const text = await readFile(join(root, folder.path, ".gitignore"), "utf8");
    return [...folder.rules, { base: folder.path === "" ? "" : `${folder.path}/`, ignore: ignore().add(text.slice(0, 200_000)) }];
  } catch {
    return folder.rules;
  }
}

/** Rules of the folders above a start that is not the root. */
async function rulesAbove(root: string, start: string): Promise<Rules[]> {
  if (start === "." || start === "") return [];
  let rules: Rules[] = [];
  const parts = start.split("/");
  for (let depth = 0; depth < parts.length; depth++) rules = await withRules(root, { path: parts.slice(0, depth).join("/"), rules });
  return rules;
}

/** Deeper rules are later and win. */
function isIgnored(rules: Rules[], path: string, folder: boolean): boolean {
  let ignored = false;
  for (const rule of rules) {
    const verdict = rule.ignore.test(path.slice(rule.base.length) + (folder ? "/" : ""));
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}
