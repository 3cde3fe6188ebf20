// Where in a text a call means: a line, and on it a column or the symbol itself. Models count columns badly, so the
// symbol's own text is the usual way.

import type { Position } from "./editorPort.ts";
import { failed } from "../toolDefinition.ts";
import type { Failed } from "../toolDefinition.ts";

export type Asked = { path: string; line: number; column?: number | undefined; symbol?: string | undefined };

export function positionIn(text: string, { path, line, column, symbol }: Asked): { ok: true; at: Position } | Failed {
  const words = text.split("\n")[line - 1];
  if (words === undefined) return failed("no_match", `${path} has no line ${line}.`);
  if (symbol === undefined) {
    if (column === undefined) return failed("invalid_arguments", "Say which symbol on the line is meant: give symbol, or column.");
    return { ok: true, at: { line, column } };
  }
  const found = indexOfWord(words, symbol);
  if (found >= 0) return { ok: true, at: { line, column: found + 1 } };
  return failed("no_match", `Line ${line} of ${path} has no "${symbol}". It is: ${words.trim().slice(0, 300)}`);
}

/** As a word of its own where it is one, else as a part of another. */
function indexOfWord(line: string, word: string): number {
  const part = /[\p{L}\p{N}_$]/u;
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, at + 1)) {
    if (!part.test(line[at - 1] ?? " ") && !part.test(line[at + word.length] ?? " ")) return at;
  }
  return line.indexOf(word);
}
