// Which agent wrote the lines of a session's result, whether that is taken or still waits: the record of what waits is
// asked first, then that of all that was taken. Tells what each worked for and said. Nothing here writes.

import type { Commit } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { blame } from "./blame.ts";
import { decodeUtf8 } from "./context.ts";
import { isOpen } from "./landingEnd.ts";
import { linesOf, newLines } from "./lineMatch.ts";
import { type LineStory, storiesOf } from "./lineStory.ts";
import { type Landing, textAt } from "./lineVersions.ts";
import { writes } from "./nodes.ts";
import { agentOf, type Run, stateOf } from "./run.ts";
import { loadState } from "./sessionLog.ts";

/** What a person looks at: the result that waits, else their own files as they are. */
export type Shown = { commit: Commit; waiting?: Landing };

export type Author = Pick<LineStory, "agent" | "goal" | "prompt" | "sessionId" | "taskId">;

export async function shownNow(run: Run): Promise<Result<Shown>> {
  const state = stateOf(run);
  const { landing, id, workspace } = state;
  const event = isOpen(landing) ? (await run.ports.store.read(id, {})).findLast(({ type }) => type === "landing.proposed") : undefined;
  if (isOpen(landing) && landing.base !== undefined && event)
    return ok({ commit: landing.commit, waiting: { state, event, base: landing.base, commit: landing.commit } });
  const taken = await run.ports.workspace.snapshot(id, workspace);
  return taken.ok ? ok({ commit: taken.value.commit }) : taken;
}

export async function linesAt(run: Run, { commit, waiting }: Shown, path: string): Promise<Result<string[]>> {
  const content = await run.ports.workspace.fileAt(stateOf(run).workspace, commit, path);
  if (content) return ok(linesOf(decodeUtf8(content)));
  return fail("not_found", `There is no file ${path} in ${waiting ? "the proposed result" : "your folder"}.`);
}

/** For each line its author; undefined: nobody of a team, or one who cannot write any more. */
export async function authorsOf(run: Run, { waiting }: Shown, path: string, lines: string[]): Promise<(Author | undefined)[]> {
  const { ports } = run;
  const { workspace } = stateOf(run);
  // Nothing is known of the other files here: what stands at a path was written there.
  const landed = await blame(ports, { workspace, path, text: lines.join("\n"), exists: () => true });
  const fresh = waiting ? newLines(await textAt(ports, workspace, waiting.base, path), lines) : new Set<number>();
  const stories = waiting ? await storiesOf(ports, waiting, { path, after: lines, wanted: fresh }) : new Map<number, LineStory>();
  return lines.map((_, i) => withAgent(run, stories.get(i) ?? landed[i]));
}

function withAgent(run: Run, story: LineStory | undefined): Author | undefined {
  const agent = story?.agent === undefined ? undefined : agentOf(run, story.agent);
  return agent && writes(run, agent) ? story : undefined;
}

/** Who wrote most of what is proposed for a file; undefined where nothing of it is there to be seen. */
export async function authorOfChange(run: Run, shown: Shown, path: string): Promise<Author | undefined> {
  const lines = await linesAt(run, shown, path);
  if (!lines.ok || !shown.waiting) return undefined;
  const authors = await authorsOf(run, shown, path, lines.value);
  const fresh = newLines(await textAt(run.ports, stateOf(run).workspace, shown.waiting.base, path), lines.value);
  return mainAuthor(authors.filter((_, i) => fresh.has(i)));
}

/** The author of most of these; among equals the first. */
export function mainAuthor(authors: (Author | undefined)[]): Author | undefined {
  const known = authors.filter((author) => author !== undefined);
  const byAgent = Map.groupBy(known, ({ agent }) => agent);
  const most = Math.max(0, ...[...byAgent.values()].map((own) => own.length));
  return [...byAgent.values()].find((own) => own.length === most)?.[0];
}

/** What an author worked for then, and what it said of it. */
export async function pastWork(run: Run, authors: Author[]): Promise<string> {
  const distinct = [...new Map(authors.map((author) => [`${author.sessionId} ${author.taskId} ${author.goal}`, author])).values()];
  const told = await Promise.all(
    distinct.map(async ({ sessionId, taskId, goal, prompt }) => {
      const state: SessionState | undefined =
        sessionId === stateOf(run).id ? stateOf(run) : await loadState({ store: run.ports.store }, sessionId);
      const said = taskId === undefined ? undefined : state?.tasks[taskId]?.output?.summary;
      return [
        `Goal: ${goal ?? prompt}`,
        ...(goal === undefined || goal === prompt ? [] : [`Of what the user asked for: ${prompt}`]),
        ...(said ? [`What you said you did: ${said}`] : []),
      ].join("\n");
    }),
  );
  return told.join("\n\n");
}
