// What is known of programs, as data, and how it is written down. A table says which options there are, which of them
// take a value and what the value is, and what the operands are. No judgement here: that is simpleCommand.ts.
//
// Options are one text: `-o,--output:write! --color?:text -n`. `:kind` is the value's kind, `?` an optional value (only
// glued to the option), `!` an option by which the program goes beyond what it is commonly run for.
// Operands too: `text read*` is a text and then files to read, `read* into` files and at last where they go.

/** What a value is: nothing to mind, a pattern of names, a revision, what sets something unless it begins with `+`, a file,
 * a file with the names of files, data that a file may hold (`@file`), a place here or elsewhere (`host:path`), a program, a script for the shell, a folder in which the rest happens, … */
export type Kind =
  | "text"
  | "glob"
  | "names"
  | "data"
  | "remote"
  | "rev"
  | "set"
  | "read"
  | "write"
  | "into"
  | "delete"
  | "run"
  | "shell"
  | "folder"
  | "host";

export type Effect = "reads" | "writes" | "unknown";

export type Program = {
  effect: Effect;
  options?: string;
  operands?: string;
  /** Operands when one of these options is there: `-e,-f read*`. */
  insteadWith?: string;
  /** Without a file among its operands it works on the folder it runs in. */
  here?: true;
  /** By these it goes where links lead. */
  follows?: string;
  /** No option of it does harm, known or not. */
  tame?: boolean;
  /** An option that is not known goes beyond: there are many that write, send or connect. */
  closed?: true;
  /** Without a file, or one of these, it runs what its input says. */
  script?: string;
  /** Every word is an operand. */
  noOptions?: true;
  /** A text operand that matches makes its effect unknown. */
  wary?: RegExp;
  /** A word that matches goes beyond. */
  minds?: RegExp;
  /** Options are whole words behind one dash. */
  longDash?: true;
  network?: true;
  /** It starts what stands behind its options and this many operands. */
  opens?: number;
  /** With nothing but one of these it only tells its version. */
  versions?: string;
  /** It runs with the rights of another user, or in another world. */
  raises?: true;
  /** By their first operand; `*` is for all others, the empty name for none. */
  subcommands?: Record<string, Program>;
  /** What no table can say. */
  special?: Special;
};

export type Special = "copy" | "link" | "awk" | "dd" | "env" | "find" | "git" | "joined" | "remote" | "sed" | "shell" | "tar" | "xargs";

/** `name` is the first of its spellings. */
export type Option = { kind?: Kind; optional: boolean; beyond: boolean; name: string };

export type Options = Map<string, Option>;

const optionsRead = new Map<string, Options>();

export function optionsOf(text: string): Options {
  const known = optionsRead.get(text);
  if (known) return known;
  const options: Options = new Map();
  for (const entry of text.split(/\s+/).filter(Boolean)) {
    const [, names = "", optional, kind, beyond] = /^([^:?!]+)(\?)?(?::(\w+))?(!)?$/.exec(entry) ?? [];
    const spellings = names.split(",");
    const option: Option = {
      name: spellings[0]!,
      ...(kind ? { kind: kind as Kind } : {}),
      optional: optional === "?",
      beyond: beyond === "!",
    };
    for (const spelling of spellings) options.set(spelling, option);
  }
  optionsRead.set(text, options);
  return options;
}

/** The kind of each operand, of which there are `count`. */
export function operandKinds(text: string, count: number): Kind[] {
  const tokens = text.split(/\s+/).filter(Boolean);
  const star = tokens.findIndex((token) => token.endsWith("*"));
  if (star < 0) return Array.from({ length: count }, (_, i) => (tokens[i] ?? "text") as Kind);
  const before = tokens.slice(0, star) as Kind[];
  const after = tokens.slice(star + 1) as Kind[];
  const middle = tokens[star]!.slice(0, -1) as Kind;
  return Array.from({ length: count }, (_, i) => {
    if (i < before.length) return before[i]!;
    const fromEnd = count - i;
    return fromEnd <= after.length && count > before.length ? after[after.length - fromEnd]! : middle;
  });
}
