// list_directory: one folder, sorted, folders first by their mark, bounded.

import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Dirent } from "node:fs";
import type { CallScope } from "../../core/ports.ts";
import { describeFileError, findPlace } from "../files.ts";
import { codeOf } from "../places.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Outcome } from "../toolDefinition.ts";

const maximumEntries = 500;

export async function listDirectory(input: { path: string }, scope: CallScope): Promise<Outcome> {
  const found = findPlace(scope, input.path);
  if (!found.ok) return found;
  const { place } = found;
  try {
    const entries = (await readdir(place.real, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    const shown = entries.slice(0, maximumEntries);
    const lines = await Promise.all(shown.map((entry) => describeEntry(place.real, entry)));
    if (entries.length > shown.length) lines.push(`[${entries.length - shown.length} more entries; use find_files with a glob]`);
    return done(lines.length > 0 ? lines.join("\n") : "(empty)", { path: place.relative, entries: entries.length });
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return failed("not_a_directory", `${place.relative} is not a folder. Use read_file for a file.`);
    return describeFileError(error, place.relative);
  }
}

async function describeEntry(folder: string, entry: Dirent): Promise<string> {
  if (entry.isDirectory()) return `${entry.name}/`;
  if (entry.isSymbolicLink()) return `${entry.name} (link)`;
  if (!entry.isFile()) return `${entry.name} (special)`;
  try {
    return `${entry.name} ${(await lstat(join(folder, entry.name))).size}`;
  } catch {
    return entry.name;
  }
}
