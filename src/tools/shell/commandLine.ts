// A command line as two parsers read it. What they do not agree on, what is too large or too deep to be sure of, and
// what could deceive a reader is still read as well as can be, and doubted.

import { parse } from "unbash";
import type { ParsedScript } from "unbash";
import { outlineOf } from "./outline.ts";
import type { Outline } from "./outline.ts";
import { strictOutline } from "./strictReading.ts";

/** Undefined when there is an error in the text. */
export type SecondReader = (text: string) => Outline | undefined;

export type CommandLine = {
  script: ParsedScript | undefined;
  doubts: string[];
  /** The second reader would be needed to be sure, and was not given. */
  wanting?: true;
};

const maximumLength = 10_000;
/** Brackets and quotes open at once; each parser has a limit of its own that is far above. */
const maximumDepth = 60;

export function readCommandLine(text: string, second: SecondReader | undefined): CommandLine {
  if (text.length > maximumLength) return unread(`the command is longer than ${maximumLength} characters`);
  if (/(?![\n\t])\p{Cc}/u.test(text)) return unread("it contains control characters");
  if (/\p{Cf}|(?! )\p{Zs}|\p{Zl}|\p{Zp}|\p{Co}|\p{Cs}/u.test(text)) return unread("it contains invisible or deceptive characters");
  if (openings(text) > maximumDepth) return unread("it is nested too deeply");
  try {
    const script = parse(text);
    const [error] = script.errors ?? [];
    if (error) return { script, doubts: [`it could not be read: ${error.message}`] };
    const first = outlineOf(script);
    if (isPlain(text, first)) return { script, doubts: [] };
    if (!second) return { script, doubts: [], wanting: true };
    const doubts = agreed(text, first, second) ? [] : ["two readings of the command do not agree"];
    return { script, doubts };
  } catch {
    return unread("it could not be read");
  }
}

function unread(doubt: string): CommandLine {
  return { script: undefined, doubts: [doubt] };
}

/** How many brackets could be open at once, counted without regard to quotes: never less than there are. */
function openings(text: string): number {
  const opening = text.match(/[({]|`|<<|\b(?:if|while|until|for|case|select|then|else|do)\b/g)?.length ?? 0;
  let [deepest, open] = [0, 0];
  for (const char of text) {
    if (char === "(" || char === "{") open++;
    if ((char === ")" || char === "}") && open > 0) open--;
    deepest = Math.max(deepest, open);
  }
  // A short text cannot be deep; a long one may hide its depth in quotes.
  return opening <= maximumDepth ? opening : Math.max(deepest, (text.match(/`|<</g)?.length ?? 0) / 2);
}

/** Nothing but plain commands, and the strict reading sees the same ones. */
function isPlain(text: string, first: Outline | undefined): boolean {
  const strict = first && strictOutline(text);
  return strict !== undefined && first !== undefined && same(first, strict);
}

function agreed(text: string, first: Outline | undefined, second: SecondReader): boolean {
  const other = first && second(text);
  return other !== undefined && first !== undefined && same(first, other);
}

function same(first: Outline, second: Outline): boolean {
  return first.size === second.size && [...first].every((one) => second.has(one));
}
