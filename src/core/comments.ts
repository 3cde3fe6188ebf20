// Comments of a person on lines, sent back to the agents that wrote them: a run whose plan is made by code, one step for
// each of them, then the project's checks. What is still proposed is carried into it, as into any further run.

import type { PlanStep } from "../protocol/agents.ts";
import type { Commands } from "../protocol/commands.ts";
import type { EventDraft, LineComment } from "../protocol/events.ts";
import { placeOf, promptOf } from "../protocol/lineComment.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { type Author, authorsOf, linesAt, mainAuthor, pastWork, type Shown, shownNow } from "./authors.ts";
import { carriedWork } from "./carry.ts";
import { plannedByCode } from "./codePlan.ts";
import { section } from "./context.ts";
import type { Run } from "./run.ts";
import type { RunCommand } from "./startRun.ts";

const mostComments = 100;
/** Lines that are shown before and after those that are meant. */
const around = 6;

/** A comment with its author and what stands there. */
type Placed = { comment: LineComment; author: Author | undefined; lines: string[] };

export function commentRun({ sessionId, comments, by }: Commands["changes.comment"]): RunCommand {
  return { sessionId, prompt: promptOf(comments), begin: (run, prompt) => beginWith(run, prompt, comments, by) };
}

async function beginWith(run: Run, prompt: string, comments: LineComment[], by: string): Promise<Result<EventDraft[]>> {
  const wrong = faultIn(comments);
  if (wrong !== undefined) return fail("invalid", wrong);
  const shown = await shownNow(run);
  if (!shown.ok) return shown;
  const placed = await placedIn(run, shown.value, comments);
  if (!placed.ok) return placed;
  const carried = await carriedWork(run, prompt);
  if (!carried.ok) return carried;
  const steps = await stepsFor(run, placed.value);
  return ok([
    ...carried.value,
    { type: "review.commented", actor: by, payload: { comments } },
    await plannedByCode(run, steps, filesOf(placed.value)),
  ]);
}

function faultIn(comments: LineComment[]): string | undefined {
  if (comments.length === 0) return "Say something of at least one line.";
  if (comments.length > mostComments) return `At most ${mostComments} comments are answered at once.`;
  const isLine = (n: number): boolean => Number.isInteger(n) && n > 0;
  const wrong = comments.find(({ line, endLine = line, text }) => !text.trim() || !isLine(line) || !isLine(endLine) || endLine < line);
  return wrong && `The comment on ${placeOf(wrong)} needs some text, and a line or lines counted from 1.`;
}

async function placedIn(run: Run, shown: Shown, comments: LineComment[]): Promise<Result<Placed[]>> {
  const placed: Placed[] = [];
  for (const [path, own] of Map.groupBy(comments, (comment) => comment.path)) {
    const lines = await linesAt(run, shown, path);
    if (!lines.ok) return lines;
    const all = lines.value;
    const beyond = own.find(({ line, endLine = line }) => endLine > all.length);
    if (beyond) return fail("not_found", `${path} has no line ${beyond.endLine ?? beyond.line}: it has ${all.length}.`);
    const authors = await authorsOf(run, shown, path, all);
    for (const comment of own) {
      const { line, endLine = line } = comment;
      placed.push({ comment, author: mainAuthor(authors.slice(line - 1, endLine)), lines: all });
    }
  }
  return ok(placed);
}

async function stepsFor(run: Run, placed: Placed[]): Promise<PlanStep[]> {
  const byAgent = Map.groupBy(placed, ({ author }) => author?.agent);
  return Promise.all([...byAgent].map(([agent, own]) => stepFor(run, agent, own)));
}

async function stepFor(run: Run, agent: string | undefined, own: Placed[]): Promise<PlanStep> {
  const past = await pastWork(
    run,
    own.flatMap(({ author }) => author ?? []),
  );
  const said = own.map(({ comment, lines }) => `### ${placeOf(comment)}\n\n${comment.text.trim()}\n\n${shownLines(comment, lines)}`);
  const given = [
    { title: "The comments", text: `${about}\n\n${said.join("\n\n")}` },
    ...(past ? [{ title: "What you worked for", text: past }] : []),
  ];
  return {
    id: agent === undefined ? "comments" : `comments-${agent}`,
    type: "fix",
    goal: `Answer what the user says of ${agent === undefined ? "these lines" : "lines that you wrote"}, in ${filesOf(own).join(", ")}: do what each comment asks for and nothing else. A question is answered in your summary.`,
    ...(agent === undefined ? {} : { agent }),
    files: filesOf(own),
    given: await Promise.all(given.map(({ title, text }) => section(run.ports.store, title, text))),
  };
}

const about = "Line numbers are those of the files as the user saw them; lines with > are meant. Read a file before you change it.";

function filesOf(own: Placed[]): string[] {
  return [...new Set(own.map(({ comment }) => comment.path))];
}

function shownLines({ line, endLine = line }: LineComment, lines: string[]): string {
  const from = Math.max(1, line - around);
  const to = Math.min(lines.length, endLine + around);
  const width = String(to).length;
  const shown = lines.slice(from - 1, to).map((text, i) => {
    const number = from + i;
    return `${number >= line && number <= endLine ? ">" : " "} ${String(number).padStart(width)} ${text}`;
  });
  return ["```", ...shown, "```"].join("\n");
}
