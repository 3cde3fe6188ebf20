// edit_file {patch}: a unified diff over one or several files, all of it or nothing.
// Reading the diff is patchText.ts; here it meets the files.

import { applyPatch } from "diff";
import type { StructuredPatch } from "diff";
import type { CallScope } from "../../core/ports.ts";
import { writeAll } from "../changes.ts";
import type { Change } from "../changes.ts";
import { findWritablePlace, readText } from "../files.ts";
import type { Place } from "../places.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Failed, Outcome } from "../toolDefinition.ts";
import { readPatch } from "./patchText.ts";
import type { FilePatch } from "./patchText.ts";

type Root = Pick<CallScope, "root" | "writable">;

export async function applyPatchText(text: string, scope: CallScope, path: string | undefined): Promise<Outcome> {
  const prepared = await preparePatch(text, scope, path);
  if (!prepared.ok) return prepared;
  const { changes } = prepared;
  const fault = await writeAll(changes);
  if (fault) return fault;
  const files = [...new Set(changes.map((change) => change.place.relative))];
  return done(`Applied the patch to ${files.join(", ")}.`, { files });
}

/** What would be written; nothing is. */
export async function preparePatch(text: string, scope: Root, path: string | undefined): Promise<{ ok: true; changes: Change[] } | Failed> {
  const patches = readPatch(text, path);
  if (!patches.ok) return failed("patch_failed", patches.reason);
  const changes: Change[] = [];
  for (const patch of patches.files) {
    const prepared = await prepare(patch, scope, changes);
    if (!prepared.ok) return prepared;
    changes.push(...prepared.changes);
  }
  return { ok: true, changes };
}

async function prepare(patch: FilePatch, scope: Root, sofar: Change[]): Promise<{ ok: true; changes: Change[] } | Failed> {
  const source = await load(patch.from ?? patch.to!, scope, sofar);
  if (!source.ok) return source;
  if (patch.from === undefined) return create(patch, source);
  if (source.text === undefined) return failed("not_found", `${patch.from} does not exist: the patch changes nothing.`);
  const after = applyHunks(source.text, patch);
  if (!after.ok) return after;
  if (patch.to === undefined) {
    if (after.text !== "") return refused(patch, "the patch deletes the file but leaves lines in it");
    return { ok: true, changes: [{ place: source.place, before: source.text, after: undefined }] };
  }
  if (patch.to === patch.from) return { ok: true, changes: [{ place: source.place, before: source.text, after: after.text }] };
  const target = await load(patch.to, scope, sofar);
  if (!target.ok) return target;
  if (target.text !== undefined) return failed("exists", `${patch.to} already exists: the patch changes nothing.`);
  return {
    ok: true,
    changes: [
      { place: source.place, before: source.text, after: undefined },
      { place: target.place, before: undefined, after: after.text },
    ],
  };
}

function create(patch: FilePatch, source: Loaded): { ok: true; changes: Change[] } | Failed {
  if (source.text !== undefined)
    return failed("exists", `${patch.to} already exists, but the patch creates it: nothing was changed. Read it and patch what is there.`);
  const after = applyHunks("", patch);
  return after.ok ? { ok: true, changes: [{ place: source.place, before: undefined, after: after.text }] } : after;
}

type Loaded = { ok: true; place: Place; text: string | undefined };

/** The file as earlier parts of the same patch leave it; no text where there is no file. */
async function load(path: string, scope: Root, sofar: Change[]): Promise<Loaded | Failed> {
  const found = findWritablePlace(scope, path);
  if (!found.ok) return found;
  const changed = sofar.findLast((change) => change.place.real === found.place.real);
  if (changed) return { ok: true, place: found.place, text: changed.after };
  const file = await readText(found.place);
  if (file.ok) return { ok: true, place: found.place, text: file.text };
  return file.code === "not_found" ? { ok: true, place: found.place, text: undefined } : file;
}

function applyHunks(text: string, patch: FilePatch): { ok: true; text: string } | Failed {
  const whole = applyPatch(text, patch.parsed);
  if (whole !== false) return { ok: true, text: whole };
  const { hunks } = patch.parsed;
  const broken = hunks.findIndex((_, i) => applyPatch(text, { ...patch.parsed, hunks: hunks.slice(0, i + 1) }) === false);
  return refused(patch, describeHunk(patch.parsed, Math.max(broken, 0), text));
}

function describeHunk(parsed: StructuredPatch, index: number, text: string): string {
  const hunk = parsed.hunks[index];
  if (!hunk) return "it has no hunks";
  const name = `hunk ${index + 1} of ${parsed.hunks.length} (at line ${hunk.oldStart})`;
  const present = new Set(text.split(/\r?\n/));
  const expected = hunk.lines.filter((line) => line.startsWith(" ") || line.startsWith("-")).map((line) => line.slice(1));
  const missing = expected.find((line) => !present.has(line));
  if (missing === undefined) return `${name} does not fit: its lines are in the file, but not in this order or place`;
  return `${name} does not fit: the file has no line ${JSON.stringify(missing.slice(0, 200))}`;
}

function refused(patch: FilePatch, reason: string): Failed {
  const path = patch.from ?? patch.to ?? "the file";
  return failed(
    "patch_failed",
    `The patch does not apply to ${path}: ${reason}. Nothing was changed. Read the file again, or use {path, old, new}.`,
  );
}
