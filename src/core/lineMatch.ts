// Which line of an older text a line of a newer one is: by content with context, through formatting, edits within a line,
// split lines and moved blocks. Knows nothing of who wrote what. Pure; its work is bounded.

/** A line of the older text, counted from 0; `changed`: words of it differ by now. */
export type Match = { from: number; changed: boolean };
type Found = (number | undefined)[];
type Range = { from: number; to: number };

const mostCells = 1_000_000;
/** A changed line is still the same one while this share of its words comes from the older text. */
const leastShare = 0.6;

export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The lines of `after` that `before` did not have, wherever they stood in it. */
export function newLines(before: string[], after: string[]): Set<number> {
  const [old, fresh] = [before.map(plain), after.map(plain)];
  const same = aligned(old, fresh);
  const moved = withMoved(old, fresh, same);
  return new Set(after.keys().filter((i) => moved[i] === undefined));
}

/** Where each line of `after` was in `before`. */
export function followLines(before: string[], after: string[]): (Match | undefined)[] {
  const [old, fresh] = [before.map(plain), after.map(plain)];
  const same = aligned(old, fresh);
  const found = withMoved(old, fresh, certainOf(fresh, same));
  const matches = found.map((from): Match | undefined => (from === undefined ? undefined : { from, changed: false }));
  for (const gap of gapsOf(found, before.length)) followWords(before, after, gap, matches);
  joinNeighbours(same, matches);
  return matches;
}

/** A bracket next to a line that changed is still the one that stood there. */
function joinNeighbours(same: Found, matches: (Match | undefined)[]): void {
  const taken = new Set(matches.map((match) => match?.from));
  const down = [...same.keys()];
  for (const [order, step] of [[down, -1] as const, [down.toReversed(), 1] as const])
    for (const i of order) {
      const from = same[i];
      if (from === undefined || matches[i] || taken.has(from) || matches[i + step]?.from !== from + step) continue;
      matches[i] = { from, changed: false };
      taken.add(from);
    }
}

/** What a formatter changes is no difference. */
function plain(line: string): string {
  return line.replaceAll(/\s+/g, "").replaceAll("'", '"').replace(/[;,]$/, "");
}

function isTelling(key: string): boolean {
  return /[\p{L}\p{N}].*[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(key);
}

/** Equal lines in their order: between lines that are unique on both sides, then what lies between by the longest common run. */
function aligned(old: string[], fresh: string[]): Found {
  const found: Found = Array.from({ length: fresh.length });
  const open: [Range, Range][] = [[all(old), all(fresh)]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [a, b] = withoutEnds(old, fresh, next, found);
    if (a.from === a.to || b.from === b.to) continue;
    const anchors = rising(uniquePairs(old, fresh, a, b));
    if (anchors.length === 0) {
      if ((a.to - a.from) * (b.to - b.from) <= mostCells)
        for (const [x, y] of commonRun(old.slice(a.from, a.to), fresh.slice(b.from, b.to))) found[b.from + y] = a.from + x;
      continue;
    }
    let [x, y] = [a.from, b.from];
    for (const [atOld, atFresh] of [...anchors, [a.to, b.to] as const]) {
      if (atFresh < b.to) found[atFresh] = atOld;
      open.push([
        { from: x, to: atOld },
        { from: y, to: atFresh },
      ]);
      [x, y] = [atOld + 1, atFresh + 1];
    }
  }
  return found;
}

function all(lines: string[]): Range {
  return { from: 0, to: lines.length };
}

function withoutEnds(old: string[], fresh: string[], [a, b]: [Range, Range], found: Found): [Range, Range] {
  let [x, y, xEnd, yEnd] = [a.from, b.from, a.to, b.to];
  while (x < xEnd && y < yEnd && old[x] === fresh[y]) found[y++] = x++;
  while (x < xEnd && y < yEnd && old[xEnd - 1] === fresh[yEnd - 1]) found[--yEnd] = --xEnd;
  return [
    { from: x, to: xEnd },
    { from: y, to: yEnd },
  ];
}

function uniquePairs(old: string[], fresh: string[], a: Range, b: Range): [number, number][] {
  const [inOld, inFresh] = [placesIn(old, a), placesIn(fresh, b)];
  return [...inFresh].flatMap(([key, y]): [number, number][] => {
    const x = inOld.get(key);
    return x === undefined || x < 0 || y < 0 ? [] : [[x, y]];
  });
}

/** Where each line stands; -1 for one that stands more than once. */
function placesIn(lines: string[], { from, to }: Range): Map<string, number> {
  const places = new Map<string, number>();
  for (let i = from; i < to; i++) places.set(lines[i]!, places.has(lines[i]!) ? -1 : i);
  return places;
}

/** The longest part of the pairs, which stand in the order of the second, that rises in the first as well. */
function rising(pairs: [number, number][]): [number, number][] {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [i, [x]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]![0] < x) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1] ?? -1;
    tails[low] = i;
  }
  const run: [number, number][] = [];
  for (let i = tails.at(-1) ?? -1; i >= 0; i = before[i]!) run.push(pairs[i]!);
  return run.toReversed();
}

/** Pairs of the longest common subsequence. */
function commonRun(old: string[], fresh: string[]): [number, number][] {
  const width = fresh.length + 1;
  const best = new Uint32Array((old.length + 1) * width);
  for (let x = old.length - 1; x >= 0; x--)
    for (let y = fresh.length - 1; y >= 0; y--) {
      const [at, below] = [x * width + y, (x + 1) * width + y];
      best[at] = old[x] === fresh[y] ? best[below + 1]! + 1 : Math.max(best[below]!, best[at + 1]!);
    }
  const pairs: [number, number][] = [];
  for (let x = 0, y = 0; x < old.length && y < fresh.length;) {
    if (old[x] === fresh[y]) pairs.push([x++, y++]);
    else if (best[(x + 1) * width + y]! >= best[x * width + y + 1]!) x++;
    else y++;
  }
  return pairs;
}

/** A bracket or an empty line is the same one only beside a line that tells. */
function certainOf(fresh: string[], found: Found): Found {
  const kept: Found = [...found];
  for (let start = 0; start < found.length;) {
    let end = start + 1;
    while (end < found.length && found[start] !== undefined && found[end] === found[start]! + end - start) end++;
    if (!fresh.slice(start, end).some(isTelling)) kept.fill(undefined, start, end);
    start = end;
  }
  return kept;
}

/** Lines that are left on both sides, once each, went elsewhere; with them what stands next to them. */
function withMoved(old: string[], fresh: string[], found: Found): Found {
  const taken = new Set(found.filter((from) => from !== undefined));
  const left = placesIn(
    old.map((key, i) => (taken.has(i) || !isTelling(key) ? "" : key)),
    all(old),
  );
  const here = placesIn(
    fresh.map((key, i) => (found[i] === undefined && isTelling(key) ? key : "")),
    all(fresh),
  );
  const moved: Found = [...found];
  for (const [key, at] of here) {
    const from = left.get(key);
    if (key === "" || at < 0 || from === undefined || from < 0 || taken.has(from)) continue;
    for (const step of [-1, 1])
      for (let k = step === 1 ? 0 : -1; ; k += step) {
        const [x, y] = [from + k, at + k];
        if (old[x] === undefined || old[x] !== fresh[y] || moved[y] !== undefined || taken.has(x)) break;
        moved[y] = x;
        taken.add(x);
      }
  }
  return moved;
}

/** Stretches of lines that have no match, between two that follow on each other. */
function gapsOf(found: Found, length: number): { old: Range; fresh: Range }[] {
  const taken = new Set(found.filter((from) => from !== undefined));
  const gaps: { old: Range; fresh: Range }[] = [];
  for (let y = 0; y < found.length; y++) {
    if (found[y] !== undefined) continue;
    let to = y + 1;
    while (to < found.length && found[to] === undefined) to++;
    const from = y === 0 ? 0 : found[y - 1]! + 1;
    let end = from;
    while (end < length && !taken.has(end)) end++;
    gaps.push({ old: { from, to: end }, fresh: { from: y, to } });
    y = to;
  }
  return gaps;
}

type Word = { text: string; line: number };

function wordsOf(lines: string[], { from, to }: Range): Word[] {
  return lines
    .slice(from, to)
    .flatMap((line, i) =>
      (line.replaceAll("'", '"').match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_;,]/gu) ?? []).map((text) => ({ text, line: from + i })),
    );
}

/** A long stretch is parted first, at words that are there once. */
function commonWords(old: string[], fresh: string[]): [number, number][] {
  if (old.length * fresh.length <= mostCells) return commonRun(old, fresh);
  return aligned(old, fresh).flatMap((x, y): [number, number][] => (x === undefined ? [] : [[x, y]]));
}

function followWords(before: string[], after: string[], gap: { old: Range; fresh: Range }, matches: (Match | undefined)[]): void {
  const [old, fresh] = [wordsOf(before, gap.old), wordsOf(after, gap.fresh)];
  const pairs = commonWords(
    old.map((word) => word.text),
    fresh.map((word) => word.text),
  );
  const byLine = Map.groupBy(pairs, ([, y]) => fresh[y]!.line);
  for (const [line, own] of byLine) {
    const words = fresh.filter((word) => word.line === line);
    if (own.length < leastShare * words.length) continue;
    const sources = Map.groupBy(own, ([x]) => old[x]!.line);
    const [from] = [...sources].toSorted(([, a], [, b]) => b.length - a.length)[0]!;
    // A bracket that a formatter put on a line of its own is the end of the line before.
    if (!own.some(([, y]) => isTelling(fresh[y]!.text)) && matches[line - 1]?.from !== from) continue;
    matches[line] = { from, changed: own.length < words.length };
  }
}
