// Files and hunks of a proposed result, taken or refused one by one; the rest stays proposed. What was taken is always
// the base with some parts of the result, so that nothing is in the user's tree that was not proposed (A10).

import type { Commands } from "../protocol/commands.ts";
import type { ChangePart, EventDraft } from "../protocol/events.ts";
import { type DecidedPart, withPart } from "../protocol/reduceLanding.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { LandingState, SessionState } from "../protocol/state.ts";
import { endOfLanding, whyUnproven } from "./landingEnd.ts";
import { type Landed, writeAndRecord } from "./landingWrite.ts";
import type { Ports } from "./ports.ts";
import { provenBy } from "./receipts.ts";
import type { SessionLog } from "./sessionLog.ts";

type Choice = Pick<DecidedPart, "decision" | "joined"> & { by: string; only?: ChangePart[] };
type Landing = LandingState & { base: string };
type Count = { path: string; hunks: number };

/** Without `only`: all that is not decided yet. A conflict writes nothing and leaves the parts undecided. */
export async function decideParts(
  ports: Ports,
  log: SessionLog,
  landing: Landing,
  { decision, by, only, joined }: Choice,
): Promise<Result<Landed>> {
  const { id, workspace } = log.state;
  const { base, commit, parts: before = [], taken = base } = landing;
  const counts = await ports.workspace.hunks(id, workspace, base, commit);
  const chosen = only ? chosenOf(only, counts, before, id) : ok(undecided(counts, before));
  if (!chosen.ok) return chosen;
  const how = { decision, ...(joined ? { joined } : {}) };
  const decided = chosen.value.reduce((all, part) => withPart(all, { ...part, ...how }), before);
  const applied = appliedOf(decided);
  const picked = decision === "applied" ? await ports.workspace.pick(id, workspace, base, commit, applied) : ok(taken);
  if (!picked.ok) return picked;
  const { value: mix } = picked;
  const isMixed = decided.some((part) => part.joined) || (applied.length > 0 && (await isUnproven(ports, log.state, commit, mix)));
  const unproven = isMixed ? { unproven: true as const } : {};
  const record = (landed: Landed): EventDraft[] => {
    const isLast = landed.conflicts.length === 0 && undecided(counts, decided).length === 0;
    const payload = { commit: mix, ...how, parts: chosen.value, ...landed, ...unproven };
    return [
      { type: "landing.part", actor: by, payload },
      ...(isLast ? lastWord(ports, log, landing, { applied, taken: mix, by, ...(isMixed ? { unproven: whyUnproven(decided) } : {}) }) : []),
    ];
  };
  if (decision === "applied" && !joined) return writeAndRecord(ports, log, { base: taken, result: mix }, record);
  const said: Landed = { files: chosen.value.map((part) => part.path), conflicts: [] };
  log.append(...record(said));
  await log.durable();
  return ok(said);
}

/** The checks passed on the whole result, and never on this part of it (A11). */
async function isUnproven(ports: Ports, state: SessionState, whole: string, mix: string): Promise<boolean> {
  const { id, workspace } = state;
  const [proven, present] = await Promise.all([whole, mix].map(async (commit) => await ports.workspace.treeOf(id, workspace, commit)));
  return provenBy(state, proven!) !== undefined && provenBy(state, present!) === undefined;
}

type Last = { applied: ChangePart[]; taken: string; by: string; unproven?: string };

function lastWord(ports: Ports, log: SessionLog, landing: LandingState, { applied, taken, ...last }: Last): EventDraft[] {
  const names = new Set(applied.map((part) => part.path));
  const paths = landing.files.map((file) => file.path);
  return names.size > 0
    ? endOfLanding(ports, log, { decision: "applied", commit: taken, files: paths.filter((path) => names.has(path)), ...last })
    : endOfLanding(ports, log, { decision: "discarded", commit: landing.commit, files: paths, ...last });
}

/** The base with all of the result that nobody refused. */
export async function notRefused(ports: Ports, { id, workspace }: SessionState, landing: Landing): Promise<Result<string>> {
  const { base, commit, parts = [] } = landing;
  if (!parts.some((part) => part.decision === "discarded")) return ok(commit);
  const counts = await ports.workspace.hunks(id, workspace, base, commit);
  const kept = undecided(counts, parts).reduce((all, part) => withPart(all, { ...part, decision: "applied" }), parts);
  return await ports.workspace.pick(id, workspace, base, commit, appliedOf(kept));
}

function appliedOf(parts: DecidedPart[]): ChangePart[] {
  return parts.filter((part) => part.decision === "applied").map(({ decision: _applied, ...part }) => part);
}

/** What is left to decide: whole files, and the hunks that are left of files decided in part. */
function undecided(counts: Count[], parts: DecidedPart[]): ChangePart[] {
  return counts.flatMap(({ path, hunks }): ChangePart[] => {
    const own = parts.filter((part) => part.path === path);
    if (own.length === 0) return [{ path }];
    const gone = own.flatMap((part) => part.hunks ?? upTo(hunks));
    const left = upTo(hunks).filter((hunk) => !gone.includes(hunk));
    return left.length === 0 ? [] : [{ path, hunks: left }];
  });
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The asked parts, a file's together; a file that is decided in part stands for its other hunks. */
function chosenOf(
  only: NonNullable<Commands["changes.apply"]["only"]>,
  counts: Count[],
  parts: DecidedPart[],
  id: string,
): Result<ChangePart[]> {
  if (only.length === 0) return fail("invalid", "Name at least one file or hunk, or leave the list out for all changes.");
  const left = new Map(undecided(counts, parts).map((part) => [part.path, part]));
  const chosen = new Map<string, ChangePart>();
  for (const { path, hunks } of only) {
    const count = counts.find((one) => one.path === path);
    if (!count) return fail("not_found", `${path} is not among the changes that session ${id} proposes; see: ao changes ${id} --stat`);
    const open = left.get(path);
    if (!open) return fail("already_answered", `The change to ${path} was decided already.`);
    const wrong = hunks && wrongHunk(path, hunks, count.hunks, open.hunks ?? upTo(count.hunks));
    if (wrong) return wrong;
    const known = chosen.get(path);
    if (!hunks || (known && !known.hunks)) chosen.set(path, open);
    else chosen.set(path, { path, hunks: [...new Set([...(known?.hunks ?? []), ...hunks])].toSorted((a, b) => a - b) });
  }
  return ok([...chosen.values()]);
}

function wrongHunk(path: string, hunks: number[], count: number, open: number[]): ReturnType<typeof fail> | undefined {
  if (count === 0 || hunks.length === 0) return fail("invalid", `The change to ${path} can only be decided as a whole: name no hunks.`);
  const unknown = hunks.find((hunk) => !upTo(count).includes(hunk));
  if (unknown !== undefined) return fail("not_found", `The change to ${path} has no hunk ${unknown}: it has ${count}, counted from 0.`);
  const closed = hunks.find((hunk) => !open.includes(hunk));
  return closed === undefined ? undefined : fail("already_answered", `Hunk ${closed} of ${path} was decided already.`);
}
