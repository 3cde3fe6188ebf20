// search_text: by ripgrep where there is one, else by a walk of our own with a linear-time engine: patterns come from
// models, and a backtracking engine could be made to hang. Secrets and git's own data are never searched.

import { lstat, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decode, describeFileError, findPlace, maximumFileBytes } from "../files.ts";
import { isSecret } from "../places.ts";
import type { Place } from "../places.ts";
import { runProgram } from "../process/runProgram.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Call, Failed, Outcome } from "../toolDefinition.ts";
import { compileGlob } from "./glob.ts";
import { walk } from "./walk.ts";

/** Neither a secret, nor kept from this tool by a rule. */
function isShown(path: string, { scope }: Call, root: string): boolean {
  return !isSecret(path) && !scope.hidden?.matches(path, join(root, path));
}

type Input = { pattern: string; path?: string | undefined; glob?: string | undefined };
type Search = Input & { place: Place; matchesGlob: (path: string) => boolean };
type Hits = { ok: true; lines: string[]; more: boolean } | Failed;

const maximumHits = 200;
const maximumColumns = 300;
/** Longer lines are no text that a person wrote; the engine is linear, but not fast. */
const maximumLine = 100_000;

export async function searchText(input: Input, call: Call): Promise<Outcome> {
  const found = findPlace(call.scope, input.path ?? ".");
  if (!found.ok) return found;
  const matchesGlob = input.glob === undefined ? () => true : compileGlob(input.glob);
  if (!matchesGlob) return failed("invalid_arguments", "The glob is too long or has too many wildcards; use a simpler one.");
  try {
    await lstat(found.place.real);
  } catch (error) {
    return describeFileError(error, found.place.relative);
  }
  const search = { ...input, place: found.place, matchesGlob };
  const hits = (await searchByRipgrep(search, call)) ?? (await searchByWalk(search, call));
  if (!hits.ok) return hits;
  const where = input.path === undefined ? "" : ` in ${input.path}`;
  if (hits.lines.length === 0) return done(`No line matches${where}${input.glob ? ` (${input.glob})` : ""}.`, { matches: 0 });
  const note = hits.more ? [`[more than ${maximumHits} matching lines; use a narrower pattern, path or glob]`] : [];
  return done([...hits.lines, ...note].join("\n"), { matches: hits.lines.length, more: hits.more });
}

/** Undefined where there is no ripgrep. */
async function searchByRipgrep(search: Search, call: Call): Promise<Hits | undefined> {
  const { root } = search.place;
  const args = ["--no-config", "--json", "--hidden", "--no-require-git", "--no-ignore-parent", "--no-ignore-global", "--sort=path"];
  args.push("--max-filesize=8M", `--max-count=${maximumHits + 1}`, "--glob=!.git", "-e", search.pattern, "--", search.place.relative);
  const hits: string[] = [];
  const run = await runProgram({
    file: "rg",
    args,
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    signal: call.signal,
    onLine: (line) => {
      const hit = readHit(line);
      if (hit && isShown(hit.path, call, root) && search.matchesGlob(hit.path)) hits.push(formatHit(hit.path, hit.line, hit.text));
      return hits.length <= maximumHits;
    },
  });
  if (run.ended === "not_started") return undefined;
  if (run.ended === "cancelled") return failed("cancelled", "The search was cancelled.");
  if (hits.length === 0 && run.exitCode === 2) return badPattern(run.errors);
  return { ok: true, lines: hits.slice(0, maximumHits), more: hits.length > maximumHits };
}

type RipgrepLine = { type: string; data: { path?: { text?: string }; line_number?: number; lines?: { text?: string } } };

function readHit(line: string): { path: string; line: number; text: string } | undefined {
  if (!line.startsWith('{"type":"match"')) return undefined;
  const { data } = JSON.parse(line) as RipgrepLine;
  if (data.path?.text === undefined || data.line_number === undefined) return undefined;
  return { path: data.path.text.replace(/^\.\//, ""), line: data.line_number, text: data.lines?.text ?? "(not UTF-8)" };
}

function formatHit(path: string, line: number, text: string): string {
  const plain = text.replace(/\r?\n$/, "");
  return `${path}:${line}: ${plain.length > maximumColumns ? `${plain.slice(0, maximumColumns)} […]` : plain}`;
}

function badPattern(reason: string): Failed {
  const lines = reason.trim().split("\n").slice(-4).join("\n");
  return failed("invalid_arguments", `The pattern cannot be used: ${lines || "it is not a valid regular expression"}`);
}

async function searchByWalk(search: Search, call: Call): Promise<Hits> {
  const { RE2JS } = await import("re2js");
  let pattern: InstanceType<typeof RE2JS>;
  try {
    pattern = RE2JS.compile(search.pattern);
  } catch (error) {
    return badPattern(error instanceof Error ? error.message : "");
  }
  const hits: string[] = [];
  for await (const path of filesOf(search.place, call.signal)) {
    if (call.signal.aborted) return failed("cancelled", "The search was cancelled.");
    if (!isShown(path, call, search.place.root) || !search.matchesGlob(path)) continue;
    const text = await readSearchable(search.place.root, path);
    const lines = text?.split(/\r?\n/) ?? [];
    for (let i = 0; i < lines.length && hits.length <= maximumHits; i++) {
      const line = lines[i]!.slice(0, maximumLine);
      if (pattern.matcher(line).find()) hits.push(formatHit(path, i + 1, line));
    }
    if (hits.length > maximumHits) break;
  }
  return { ok: true, lines: hits.slice(0, maximumHits), more: hits.length > maximumHits };
}

async function* filesOf(place: Place, signal: AbortSignal): AsyncGenerator<string> {
  if ((await lstat(place.real)).isFile()) yield place.relative;
  else yield* walk(place.root, place.relative, signal);
}

async function readSearchable(root: string, path: string): Promise<string | undefined> {
  const file = join(root, path);
  try {
    // A folder that became a link meanwhile leads elsewhere: leave it out.
    if ((await realpath(dirname(file))) !== dirname(file) || (await lstat(file)).size > maximumFileBytes) return undefined;
    return decode(await readFile(file));
  } catch {
    // Gone or not readable: there is nothing to find in it.
    return undefined;
  }
}
