// Takes secrets out of text before it reaches the log, a model or a screen: known values first, then what looks like one.
// Where it is put between the parts is ports.ts.

import { formsOf } from "./known.ts";
import { mark, openFrom, withoutLooks } from "./patterns.ts";

export type Redact = {
  text: (text: string) => string;
  /** Known values alone: for what will be executed, where a guess could do harm. */
  known: (text: string) => string;
  /** Every text inside of a value; what holds none is given back as it is. */
  value: <T>(value: T) => T;
  /** For text that comes in pieces: what could be the beginning of a secret waits for the next piece. */
  stream(emit: (text: string) => void): RedactStream;
};

export type RedactStream = { push(text: string): void; end(): void };

export function createRedact(secrets: string[]): Redact {
  const forms = formsOf(secrets);
  const pattern = forms.length > 0 ? new RegExp(forms.map(quoted).join("|"), "g") : undefined;
  const known = (text: string): string => (pattern && text.length >= forms.at(-1)!.length ? text.replaceAll(pattern, mark()) : text);
  const text = (words: string): string => withoutLooks(known(words));
  const openKnown = prefixFinder(forms);
  return {
    text,
    known,
    value: (value) => eachText(value, text, known) as typeof value,
    stream: (emit) => createStream(text, (words) => Math.min(openKnown(words), openFrom(words)), emit),
  };
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** What will be executed: it loses known values alone. */
const executed = new Set(["arguments", "covers"]);
/** The names of folders and files, by which work is found again: they stay, except in what will be executed. */
const structural = new Set(["workspace", "root", "cwd", "path", "files", "parts", "conflicts", "left"]);

function eachText(value: unknown, text: (text: string) => string, known: (text: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => eachText(item, text, known));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  // Signed by its model: it goes back as it came or not at all.
  if ((value as { type?: unknown }).type === "opaque") return value;
  let changed = false;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    const isName = structural.has(key) && text !== known;
    const clean = isName ? inner : eachText(inner, executed.has(key) ? known : text, known);
    changed ||= clean !== inner;
    return [key, clean];
  });
  return changed ? Object.fromEntries(entries) : value;
}

/** From where on the end of a text is the beginning of one of the forms, without being all of it. */
function prefixFinder(forms: string[]): (text: string) => number {
  const byFirst = Map.groupBy(forms, (form) => form[0]!);
  const longest = forms[0]?.length ?? 0;
  return (text) => {
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const end = text.slice(at);
      if (byFirst.get(text[at]!)?.some((form) => form.length > end.length && form.startsWith(end))) return at;
    }
    return text.length;
  };
}

const longestHeld = 12_000;
/** So much of what went out is looked at again, since it may be what tells that a secret follows. */
const remembered = 160;

function createStream(text: (text: string) => string, openFrom: (text: string) => number, emit: (text: string) => void): RedactStream {
  let before = "";
  let held = "";

  function release(count: number): void {
    if (count <= 0) return;
    const raw = held.slice(0, count);
    held = held.slice(count);
    const clean = text(before + raw);
    const out = clean.startsWith(before) ? clean.slice(before.length) : text(raw);
    before = atWord((before + out).slice(-remembered));
    emit(out);
  }

  return {
    push(piece) {
      held += piece;
      if (held.length > longestHeld) return release(held.length);
      const open = openFrom(before + held);
      // What ends a secret may look like the beginning of another: a secret is never let go in parts.
      if (text(before + held).startsWith(text((before + held).slice(0, open)))) release(open - before.length);
    },
    end: () => release(held.length),
  };
}

/** From its first whole word on: half a word could look like what it is not. */
function atWord(text: string): string {
  if (text.length < remembered) return text;
  const space = text.search(/\s/);
  return space < 0 ? "" : text.slice(space);
}
