// find_files: names only, sorted, bounded.

import { realpath } from "node:fs/promises";
import { done, failed } from "../toolDefinition.ts";
import type { Call, Outcome } from "../toolDefinition.ts";
import { compileGlob } from "./glob.ts";
import { walk } from "./walk.ts";

const maximumShown = 400;
const maximumVisited = 200_000;

export async function findFiles(input: { glob: string }, call: Call): Promise<Outcome> {
  const matches = compileGlob(input.glob);
  if (!matches) return failed("invalid_arguments", "The glob is too long or has too many wildcards; use a simpler one.");
  const found: string[] = [];
  let visited = 0;
  for await (const path of walk(await realpath(call.scope.root), ".", call.signal)) {
    if (++visited > maximumVisited) break;
    if (matches(path)) found.push(path);
  }
  if (call.signal.aborted) return failed("cancelled", "The search was cancelled.");
  const details = { matches: found.length, files: visited };
  if (found.length === 0) return done(`No file matches ${input.glob}.`, details);
  found.sort();
  const lines = found.slice(0, maximumShown);
  if (found.length > lines.length) lines.push(`[${found.length - lines.length} more; use a narrower glob]`);
  if (visited > maximumVisited) lines.push(`[stopped after ${maximumVisited} files]`);
  return done(lines.join("\n"), details);
}
