// Reads the arguments of a program by its table, as the program would: clusters, abbreviations, `--`, glued values.

import { optionsOf } from "./programs.ts";
import type { Option, Options, Program } from "./programs.ts";
import type { ShellWord } from "./shellWord.ts";
import { literal } from "./shellWord.ts";

export type Given = { option: Option; shown: string; value?: ShellWord };

export type Arguments = {
  given: Given[];
  operands: ShellWord[];
  /** Options that the table does not know. */
  strange: string[];
  /** Words of which it is not certain whether they are options. */
  unsure: ShellWord[];
};

type Reader = { read: Arguments; options: Options; words: ShellWord[]; at: number; program: Program };

export function readArguments(program: Program, words: ShellWord[]): Arguments {
  const read: Arguments = { given: [], operands: [], strange: [], unsure: [] };
  if (program.noOptions) return { ...read, operands: words };
  const reader: Reader = { read, options: optionsOf(program.options ?? ""), words, at: 0, program };
  while (reader.at < words.length) {
    const word = words[reader.at++]!;
    if (word.value === "--") {
      read.operands.push(...words.slice(reader.at));
      break;
    }
    if (word.start.startsWith("-") && word.start.length > 1) readOption(reader, word);
    else {
      if (word.value === undefined && (word.start === "" || word.start === "-")) read.unsure.push(word);
      read.operands.push(word);
      if (program.opens !== undefined && read.operands.length > program.opens) {
        read.operands.push(...words.slice(reader.at));
        break;
      }
    }
  }
  return read;
}

function readOption(reader: Reader, word: ShellWord): void {
  if (word.start.startsWith("--")) return readLong(reader, word);
  if (reader.program.longDash) return readLong(reader, word);
  readCluster(reader, word);
}

function readLong(reader: Reader, word: ShellWord): void {
  const { read, options } = reader;
  const equals = word.start.indexOf("=");
  const name = equals < 0 ? word.start : word.start.slice(0, equals);
  if (equals < 0 && word.value === undefined) {
    read.strange.push(word.text);
    return;
  }
  const meant = options.has(name) ? [options.get(name)!] : [...options].filter(([key]) => key.startsWith(name)).map(([, option]) => option);
  const distinct = new Set(meant.map(({ name: one }) => one));
  if (distinct.size !== 1 || (reader.program.longDash && !options.has(name))) {
    read.strange.push(word.text);
    // What is short for several options could be the worst of them.
    for (const option of meant) if (option.beyond) read.given.push({ option, shown: word.text });
    return;
  }
  const option = meant[0]!;
  if (equals >= 0) read.given.push({ option, shown: word.text, value: rest(word, equals + 1) });
  else give(reader, option, word.text);
}

/** What follows in a word after its first characters. */
function rest(word: ShellWord, from: number): ShellWord {
  if (word.value !== undefined) return literal(word.value.slice(from));
  return { text: word.text.slice(from), start: word.start.slice(from), many: word.many };
}

function readCluster(reader: Reader, word: ShellWord): void {
  const { read, options } = reader;
  if (/^-\d+$/.test(word.value ?? "") && options.has("-#")) return;
  for (let i = 1; i < word.start.length; i++) {
    const option = options.get(`-${word.start[i]}`);
    if (!option) {
      read.strange.push(word.text);
      return;
    }
    if (option.kind === undefined) {
      read.given.push({ option, shown: word.text });
      continue;
    }
    const glued = i + 1 < word.start.length || word.value === undefined;
    if (glued) read.given.push({ option, shown: word.text, value: rest(word, i + 1) });
    else give(reader, option, word.text);
    return;
  }
  if (word.value === undefined) read.strange.push(word.text);
}

function give(reader: Reader, option: Option, shown: string): void {
  const { read, words } = reader;
  if (option.kind === undefined || option.optional) {
    read.given.push({ option, shown });
    return;
  }
  const value = words[reader.at++];
  if (value?.many) read.unsure.push(value);
  read.given.push(value ? { option, shown, value } : { option, shown });
}

export function hasOption(read: Arguments, names: string[]): boolean {
  return read.given.some(({ option }) => names.includes(option.name));
}
