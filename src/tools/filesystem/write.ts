// write_file: a whole file at once.

import type { CallScope } from "../../core/ports.ts";
import { findWritablePlace, replaceFile } from "../files.ts";
import { done } from "../toolDefinition.ts";
import type { Outcome } from "../toolDefinition.ts";

export async function writeFile(input: { path: string; content: string }, scope: CallScope): Promise<Outcome> {
  const found = findWritablePlace(scope, input.path);
  if (!found.ok) return found;
  const written = await replaceFile(found.place, input.content);
  if (!written.ok) return written;
  const bytes = Buffer.byteLength(input.content);
  const path = found.place.relative;
  return done(`${written.created ? "Created" : "Replaced"} ${path} (${bytes} bytes).`, { path, bytes, created: written.created });
}
