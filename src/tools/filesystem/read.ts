// read_file: the text as it is, in whole lines, with a note where a part is left out.

import type { CallScope } from "../../core/ports.ts";
import { findPlace, readText } from "../files.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Outcome } from "../toolDefinition.ts";

type Input = { path: string; offset?: number | undefined; limit?: number | undefined };

/** Room for the note below the text. */
const noteLength = 200;

export async function readFile(input: Input, scope: CallScope, outputLimit: number): Promise<Outcome> {
  const found = findPlace(scope, input.path);
  if (!found.ok) return found;
  const file = await readText(found.place);
  if (!file.ok) return file;
  const path = found.place.relative;
  const roomy = file.text.length <= outputLimit - noteLength;
  if (input.offset === undefined && input.limit === undefined && roomy) return done(file.text, { path });
  return showPart(path, file.text, input, outputLimit - noteLength);
}

function showPart(path: string, text: string, input: Input, room: number): Outcome {
  const lines = splitLines(text);
  const first = (input.offset ?? 1) - 1;
  if (first >= lines.length && lines.length > 0)
    return failed("not_found", `${path} has ${lines.length} lines; there is none at offset ${first + 1}.`);
  const wanted = lines.slice(first, input.limit === undefined ? undefined : first + input.limit);
  const shown = takeWhileRoom(wanted, room);
  const last = first + shown.length;
  const details = { path, first: first + 1, last, lines: lines.length };
  if (first === 0 && last === lines.length) return done(shown.join(""), details);
  const next = last < lines.length ? `; read on with offset ${last + 1}` : "";
  const end = shown.at(-1)?.endsWith("\n") ? "" : "\n";
  return done(`${shown.join("")}${end}[lines ${first + 1}–${last} of ${lines.length}${next}]`, details);
}

function splitLines(text: string): string[] {
  return text === "" ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

/** At least one line, however long: the general limit on output then shortens it. */
function takeWhileRoom(lines: string[], room: number): string[] {
  let used = 0;
  let count = 0;
  for (const line of lines) {
    used += line.length;
    if (used > room && count > 0) break;
    count++;
  }
  return lines.slice(0, count);
}
