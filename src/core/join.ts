// A result that no longer fits the user's files, joined by an agent: a run that begins at those files as they are, with
// all of the result that fits, and hands the rest to the agents that wrote it, with both sides' differences and goals. What
// comes of it is proposed in the place of the old result.

import type { PlanStep } from "../protocol/agents.ts";
import type { Commands } from "../protocol/commands.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { Commit } from "../protocol/ids.ts";
import { patchOf } from "../protocol/patch.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { type Author, authorOfChange, pastWork, type Shown, shownNow } from "./authors.ts";
import { checkpoint } from "./checkpoints.ts";
import { joinStep, plannedByCode } from "./codePlan.ts";
import { section } from "./context.ts";
import { isOpen } from "./landingEnd.ts";
import { notRefused } from "./landingParts.ts";
import { pathsIn } from "./landedPaths.ts";
import { type Run, stateOf } from "./run.ts";
import type { RunCommand } from "./startRun.ts";

const longestDiff = 60_000;

/** `from → ours`: what the user changed; `from → theirs`: what is proposed and nobody has refused. */
type Sides = { from: Commit; ours: Commit; theirs: Commit };

export function joinRun({ sessionId, by }: Commands["changes.join"]): RunCommand {
  return { sessionId, prompt: "Join what is proposed with what I changed meanwhile", begin: (run, prompt) => begin(run, prompt, by) };
}

async function begin(run: Run, prompt: string, by: string): Promise<Result<EventDraft[]>> {
  const { landing, id, workspace } = stateOf(run);
  const { workspace: port } = run.ports;
  if (!isOpen(landing) || landing.base === undefined) return fail("nothing_to_do", `Session ${id} has no changes waiting.`);
  const { base, taken = base } = landing;
  const kept = await notRefused(run.ports, stateOf(run), { ...landing, base });
  if (!kept.ok) return kept;
  const shown = await shownNow(run);
  if (!shown.ok) return shown;
  const snapshot = await port.snapshot(id, workspace, await pathsIn(run.ports, stateOf(run), [{ from: base, to: kept.value }]));
  if (!snapshot.ok) return snapshot;
  const { commit, left } = snapshot.value;
  const sides: Sides = { from: taken, ours: commit, theirs: kept.value };
  const { conflicts } = await port.merge(id, workspace, sides.from, sides.ours, sides.theirs, "What is proposed");
  if (conflicts.length === 0) return fail("nothing_to_do", `What session ${id} proposes fits your files; take it with: ao apply ${id}`);
  const { head, files } = await fitting(run, sides, conflicts);
  const steps = await stepsFor(run, shown.value, sides, files);
  const opened = { base: commit, head, ...(left.length > 0 ? { left } : {}) };
  return ok([
    { type: "workspace.opened", actor: "orchestrator", payload: opened },
    checkpoint(run.ports, "before", prompt, commit),
    { type: "decision.recorded", actor: by, payload: { statement: `An agent joins ${files.join(", ")}`, reason } },
    await plannedByCode(run, steps, files),
  ]);
}

const reason = "the user changed the same places meanwhile";

/** The user's files with what fits of the result, and the files that do not; all of them where none can be without another. */
async function fitting(run: Run, { from, ours, theirs }: Sides, conflicts: string[]): Promise<{ head: Commit; files: string[] }> {
  const { id, workspace } = stateOf(run);
  const { workspace: port } = run.ports;
  const proposed = (await port.diff(id, workspace, from, theirs)).files.map(({ path }) => path);
  const files = proposed.filter((path) =>
    conflicts.some((one) => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`)),
  );
  const rest = proposed.filter((path) => !files.includes(path)).map((path) => ({ path }));
  const picked = await port.pick(id, workspace, from, theirs, rest);
  const merged = picked.ok ? await port.merge(id, workspace, from, ours, picked.value, "What fits of it") : undefined;
  return merged && merged.conflicts.length === 0 && files.length > 0 ? { head: merged.commit, files } : { head: ours, files: proposed };
}

/** One for each agent; what nobody of a team wrote goes to whom routing chooses. */
async function stepsFor(run: Run, shown: Shown, sides: Sides, files: string[]): Promise<PlanStep[]> {
  const authors = await Promise.all(files.map(async (path) => ({ path, author: await authorOfChange(run, shown, path) })));
  const byAgent = Map.groupBy(authors, ({ author }) => author?.agent);
  return Promise.all(
    [...byAgent].map(([agent, own]) =>
      stepFor(
        run,
        sides,
        own.map(({ path }) => path),
        { agent, authors: own.flatMap(({ author }) => author ?? []) },
      ),
    ),
  );
}

type Writers = { agent: string | undefined; authors: Author[] };

async function stepFor(run: Run, { from, ours, theirs }: Sides, files: string[], { agent, authors }: Writers): Promise<PlanStep> {
  const { id, workspace, run: present, goal } = stateOf(run);
  const { store, workspace: port } = run.ports;
  const between = async (to: Commit): Promise<string> => {
    const text = patchOf((await port.diff(id, workspace, from, to)).text, files);
    return text.length > longestDiff
      ? `${text.slice(0, longestDiff)}\n… (cut; the files tell the rest)`
      : text || "(no difference that can be shown)";
  };
  const worked = authors.length > 0 ? await pastWork(run, authors) : `Goal: ${present?.prompt ?? goal}`;
  return {
    id: joinStep(agent),
    type: "fix",
    goal: `Join the team's changes to ${files.join(", ")} with what the user changed there meanwhile. Your folder holds these files as the user has them now. Bring the intent of the team's changes into them and keep what the user meant; where both cannot be, the user's stays and you say so in your summary.`,
    ...(agent === undefined ? {} : { agent }),
    files,
    given: await Promise.all([
      section(store, "The team's changes, which did not fit", await between(theirs)),
      section(store, "What the team worked for", worked),
      section(store, "What the user changed meanwhile", await between(ours)),
    ]),
  };
}
