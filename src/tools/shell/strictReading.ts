// A reading of our own that takes a command line only when there can be no doubt about it: plain and simply quoted words,
// in commands joined by pipes, `&&`, `||` and `;`. Where it sees what the first parser sees, the second need not be
// loaded. All else (substitutions, redirections, globs, variables, escapes, compound commands) is beyond it.

import type { Outline } from "./outline.ts";

const maximumLength = 4000;
/** A blank, an operator, or a word; any other character is in no match. */
const token = /([ \t]+)|(&&|\|\||\||;)|((?:[^\s"'`$\\!#~*?[\]{}()<>&|;]|"[^"$`\\!\n]*"|'[^'\n]*')+)/gy;
/** Words that make the shell read what follows in a way of its own. */
const special = new Set(
  "if then else elif fi for while until do done case esac function select in time coproc eval exec source . command builtin let test declare typeset local readonly export trap alias".split(
    " ",
  ),
);

/** The outline of the whole text; undefined when it is anything but such commands. */
export function strictOutline(text: string): Outline | undefined {
  const end = text.replace(/[ \t\n]+$/, "").length;
  if (end > maximumLength) return undefined;
  const outline: Outline = new Set();
  let words: string[] = [];
  let at = 0;
  let open = false;
  const close = (): boolean => words.length > 0 && (outline.add(`command ${words.join(" ")}`), (words = []), true);
  while (at < end) {
    token.lastIndex = at;
    const [whole, , operator, word] = token.exec(text) ?? [];
    if (whole === undefined || at + whole.length > end) return undefined;
    if (word !== undefined) {
      if (words.length === 0 && !isProgram(word)) return undefined;
      words.push(`${at}-${at + word.length}`);
    } else if (operator !== undefined) {
      if (!close()) return undefined;
      open = operator !== ";";
      if (open) outline.add(`${operator === "|" ? "Pipeline" : "AndOr"} ${operator}`);
    }
    at += whole.length;
  }
  return close() || (!open && outline.size > 0) ? outline : undefined;
}

/** An assignment before the command, or a word of the shell's own, changes what runs; so might a name in quotes. */
function isProgram(word: string): boolean {
  return /^[\w./+:@-]+$/.test(word) && !special.has(word);
}
