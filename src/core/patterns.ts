// The patterns of policy rules, compiled once: globs over paths, and words over simple commands. Two readings of each:
// an allow rule covers exactly what it says; a deny or ask rule covers all that could be meant by it. Matching takes time
// in proportion to pattern × text, whatever a project's file says: no regular expressions are made from patterns.

export type Reading = "exact" | "broad";

type Token = { kind: "text"; text: string } | { kind: "one" } | { kind: "many" } | { kind: "of"; chars: string; not: boolean };

const mostAlternatives = 64;

/** `a{b,c}` as `ab` and `ac`; a brace that is never closed is a plain character. */
export function alternativesOf(glob: string): string[] {
  const open = glob.indexOf("{");
  const close = open < 0 ? -1 : matchingBrace(glob, open);
  if (close < 0) return [glob];
  const inner = splitOutside(glob.slice(open + 1, close));
  const middles = inner.length < 2 ? [glob.slice(open, close + 1)] : inner.flatMap(alternativesOf).slice(0, mostAlternatives);
  // The rest once, not once for each: a short text could otherwise take for ever.
  const rests = alternativesOf(glob.slice(close + 1));
  const start = glob.slice(0, open);
  return middles.flatMap((middle) => rests.map((rest) => start + middle + rest)).slice(0, mostAlternatives);
}

function matchingBrace(glob: string, open: number): number {
  let depth = 0;
  for (let i = open; i < glob.length; i++) {
    if (glob[i] === "{") depth += 1;
    else if (glob[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

function splitOutside(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === "{") depth += 1;
    else if (text[i] === "}") depth -= 1;
    else if (i === text.length || (text[i] === "," && depth === 0)) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return parts;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    const close = char === "[" ? pattern.indexOf("]", i + 2) : -1;
    if (char === "*") tokens.push({ kind: "many" });
    else if (char === "?") tokens.push({ kind: "one" });
    else if (close > 0) {
      const not = pattern[i + 1] === "!" || pattern[i + 1] === "^";
      tokens.push({ kind: "of", not, chars: spelledOut(pattern.slice(i + (not ? 2 : 1), close)) });
      i = close;
    } else tokens.push({ kind: "text", text: char === "\\" && i + 1 < pattern.length ? pattern[++i]! : char });
  }
  return tokens;
}

function spelledOut(set: string): string {
  let chars = "";
  for (let i = 0; i < set.length; i++) {
    const last = set[i + 1] === "-" ? set.charCodeAt(i + 2) : Number.NaN;
    if (!(last >= set.charCodeAt(i)) || last - set.charCodeAt(i) > 256) chars += set[i];
    else {
      for (let code = set.charCodeAt(i); code <= last; code++) chars += String.fromCharCode(code);
      i += 2;
    }
  }
  return chars;
}

function covers(token: Token, char: string): boolean {
  if (token.kind === "text") return token.text === char;
  return token.kind === "of" ? token.chars.includes(char) !== token.not : true;
}

/** One part of a path, or one word, against its tokens: on a mismatch the newest `*` takes one character more. */
function matchesTokens(tokens: Token[], text: string): boolean {
  let [at, i, star, mark] = [0, 0, -1, 0];
  while (i < text.length) {
    const token = tokens[at];
    if (token?.kind === "many") [star, mark, at] = [at, i, at + 1];
    else if (token && covers(token, text[i]!)) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, mark, i] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (tokens[at]?.kind === "many") at += 1;
  return at === tokens.length;
}

// Characters that some file systems leave out when they compare names, so that `.g\u200cit` would be `.git`.
const ignorable = /[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** A name as a case-insensitive, normalising file system would read it. */
function folded(text: string): string {
  return text.normalize("NFKC").replace(ignorable, "").toLowerCase();
}

// ---------------------------------------------------------------------------------------------------- paths

/** Where a path is, in the two ways in which patterns speak of it. */
export type NamedPath = { relative: string[]; absolute: string[] };

export type PathMatcher = (path: NamedPath) => boolean;

/**
 * A glob over paths: `/…` is absolute; without a slash it holds for a name at any depth; else it begins at the task's
 * folder. Read broadly it covers what lies below as well, in any case and Unicode form.
 */
export function pathMatcher(glob: string, reading: Reading): PathMatcher {
  const fold = reading === "broad" ? folded : (text: string): string => text;
  const globs = alternativesOf(fold(glob)).map((one) => {
    const plain = one.replace(/^\.\//, "");
    const parts = plain.replace(/\/$/, "/**").split("/");
    const isAnywhere = !plain.slice(0, -1).includes("/");
    return {
      isAbsolute: plain.startsWith("/"),
      // What is allowed by a name is allowed in the task's folder.
      reachesOut: reading === "broad" && (isAnywhere || parts[0] === "**"),
      parts: (isAnywhere ? ["**", ...parts] : parts).filter((part, i) => part !== "" || i === 0).map(partOf),
    };
  });
  return (path) => {
    const { inner, outer } = partsOf(path, reading);
    return globs.some(({ isAbsolute, reachesOut, parts }) => {
      if (isAbsolute || (reachesOut && inner.length === 0)) return outer.some((names) => matchesParts(parts, names, reading));
      return inner.some((names) => matchesParts(parts, names, reading));
    });
  };
}

type Split = { inner: string[][]; outer: string[][] };
const splits: Record<Reading, WeakMap<NamedPath, Split>> = { exact: new WeakMap(), broad: new WeakMap() };

/** Taken apart once for all rules that look at it. */
function partsOf(path: NamedPath, reading: Reading): Split {
  const known = splits[reading].get(path);
  if (known) return known;
  const split = (one: string): string[] => splitPath(reading === "broad" ? folded(one) : one);
  const made = { inner: path.relative.map(split), outer: path.absolute.map(split) };
  splits[reading].set(path, made);
  return made;
}

type Part = "**" | Token[];

function partOf(text: string): Part {
  return text === "**" ? "**" : tokensOf(text);
}

function splitPath(path: string): string[] {
  return path.split("/").filter((part, i) => part !== "" || i === 0);
}

/** Walks all ways through the pattern at once; read broadly, a pattern that ends at a folder covers what is in it. */
function matchesParts(parts: Part[], path: string[], reading: Reading): boolean {
  let states = closure(parts, new Set([0]));
  for (const name of path) {
    if (reading === "broad" && states.has(parts.length)) return true;
    const next = new Set<number>();
    for (const state of states) {
      const part = parts[state];
      if (part === "**") next.add(state);
      else if (part && matchesTokens(part, name)) next.add(state + 1);
    }
    if (next.size === 0) return false;
    states = closure(parts, next);
  }
  return states.has(parts.length);
}

/** `**` may stand for nothing at all. */
function closure(parts: Part[], states: Set<number>): Set<number> {
  for (const state of states) if (parts[state] === "**") states.add(state + 1);
  return states;
}

// ---------------------------------------------------------------------------------------------------- words

export type CommandMatcher = (words: string[]) => boolean;

/** A pattern of a simple command's words: each matches one word, a `*` at the end any further ones. */
export function commandMatcher(pattern: string, reading: Reading): CommandMatcher {
  const words = wordsOf(pattern);
  const open = words.at(-1) === "*";
  const own = (open ? words.slice(0, -1) : words).map((text) => ({ text, tokens: tokensOf(text) }));
  return reading === "exact" ? (given) => coversExactly(own, open, given) : (given) => couldMean(own, open, given);
}

type Word = { text: string; tokens: Token[] };

function wordsOf(pattern: string): string[] {
  const words = [...pattern.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)];
  return words.map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""));
}

function coversExactly(own: Word[], open: boolean, given: string[]): boolean {
  if (given.length < own.length || (!open && given.length > own.length)) return false;
  return own.every(({ tokens }, i) => matchesTokens(tokens, given[i]!));
}

/**
 * The program by its name wherever it lies, its words in this order with other options between them, short options in any
 * order and grouping: `git push *` means `git -C . push`, `rm -rf *` means `/bin/rm -r -f x`.
 */
function couldMean(own: Word[], open: boolean, given: string[]): boolean {
  const [program, ...rest] = own;
  if (!program) return open;
  const [name = "", ...args] = given;
  if (!matchesTokens(program.tokens, name) && !matchesTokens(program.tokens, name.slice(name.lastIndexOf("/") + 1))) return false;
  const letters = new Set(args.filter(isCluster).flatMap((word) => word.slice(1).split("")));
  const wanted = rest.filter(
    ({ text }) =>
      !(
        isCluster(text) &&
        text
          .slice(1)
          .split("")
          .every((letter) => letters.has(letter))
      ),
  );
  const left = follow(wanted, args);
  return left !== undefined && (open || left.every((word) => word.startsWith("-")));
}

function isCluster(word: string): boolean {
  return /^-[A-Za-z]{1,8}$/.test(word);
}

/** The words after the last wanted one; undefined where one is not found behind options and their values. */
function follow(wanted: Word[], args: string[]): string[] | undefined {
  let at = 0;
  for (const { tokens } of wanted) {
    while (at < args.length && !matchesTokens(tokens, args[at]!)) {
      const isValue = at > 0 && args[at - 1]!.startsWith("-");
      if (!args[at]!.startsWith("-") && !isValue) return undefined;
      at += 1;
    }
    if (at === args.length) return undefined;
    at += 1;
  }
  return args.slice(at);
}
