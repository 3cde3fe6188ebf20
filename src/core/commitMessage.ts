// The message of a commit, drafted from the record by code: what was asked, what was done step by step in the agents' own
// words, what was proven and what was not (A11), and trailers that lead back to the session. Pure.

import { isKnown, type KnownEvent, type Receipt, type TraceEvent } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { SessionState, TaskState } from "../protocol/state.ts";
import { whyUnproven } from "./landingEnd.ts";
import type { Check } from "./workspacePort.ts";

export type Draft = {
  /** Instead of the drafted subject and body. */
  message?: string;
  /** The snapshot's tree of the newest work in the commit. */
  tree: string;
  files: string[];
  /** What has to pass on it. */
  required: Pick<Check, "kind" | "command">[];
  /** The commit holds just what the session made of the files. */
  exact: boolean;
  /** How many other files were otherwise when the result was checked. */
  besides: number;
  /** What a person put together by hand of the result that was checked. */
  joined: { path: string; lost: boolean }[];
  /** The landings that it holds; none where only a waiting result is committed. */
  landings: number[];
  waits: boolean;
  /** It does nothing but take out again what a commit before it holds. */
  undoes: boolean;
  trailers: boolean;
};

const subjectWidth = 72;
const longestSummary = 300;

export function draftMessage(state: SessionState, events: TraceEvent[], draft: Draft): string {
  const part = partOf(events.filter(isKnown), draft);
  const prompts = promptsIn(part, state);
  const ran = draft.exact && draft.joined.length === 0 ? receiptsFor(part, draft.tree) : [];
  const text =
    draft.message?.trim() ??
    [subjectOf(prompts[0]!, draft.undoes ? "Take out in part: " : ""), ...bodyOf(state, part, prompts, ran, draft)].join("\n\n");
  if (!draft.trailers) return text;
  // Trailers stand together at the end, also with those that a person wrote.
  const between = draft.message !== undefined && /\n\n(?:[A-Za-z-]+: .*(?:\n|$))+$/.test(text) ? "\n" : "\n\n";
  return `${text}${between}${trailersOf(state, part, ran, draft).join("\n")}`;
}

/** From after the last result that was decided before the first of these, to the last of them. */
function partOf(events: KnownEvent[], { landings, waits }: Draft): KnownEvent[] {
  const first = landings[0] ?? Infinity;
  const last = waits ? Infinity : (landings.at(-1) ?? Infinity);
  const isEnd = (event: KnownEvent): boolean =>
    event.type === "landing.done" && event.payload.decision !== "conflict" && event.seq < (landings.length > 0 ? first : last);
  const begun = events.findLast(isEnd)?.seq ?? 0;
  return events.filter(({ seq }) => seq > begun && seq <= last);
}

function promptsIn(part: KnownEvent[], { run, goal }: SessionState): string[] {
  const asked = part.flatMap((event) => (event.type === "run.started" ? [event.payload.prompt] : []));
  return asked.length > 0 ? [...new Set(asked)] : [run?.prompt ?? goal];
}

const politeness =
  /^(?:please|kindly|can you|could you|would you|i want you to|i would like you to|i'd like you to|let's|we need to|you should)[\s,]+/i;

/** The first sentence of what was asked, as an order; of a long one what makes a phrase of its own. */
export function subjectOf(prompt: string, before = ""): string {
  let line = prompt.replaceAll(/\s+/g, " ").trim();
  while (politeness.test(line)) line = line.replace(politeness, "");
  line = line.replace(/^[#>*\-\s]+/, "").replaceAll("`", "");
  const sentence = /^(.{8,}?[^.A-Z])[.!?](?:\s|$)/.exec(line)?.[1] ?? line.replace(/[.!?]+$/, "");
  const [whole, width] = [sentence.charAt(0).toUpperCase() + sentence.slice(1), subjectWidth - before.length];
  const short =
    whole.length <= width ? whole : (phraseOf(whole, width, clauseEnds) ?? phraseOf(whole, width, listEnds) ?? cut(whole, width));
  return `${before}${short || "Changes by agents"}`;
}

/** Where a clause may end, surely; where what ends may as well be an item of a list. */
const clauseEnds =
  /[;:](?=\s)| [-–—] | \(|,? (?:so that|such that|in order to|because|since|which|while|whereas|unless|until|when|but|then)\b|, (?:and|so|or)\b/g;
const listEnds = /,(?=\s)| (?:and|or)\b/g;
const shortestPhrase = 12;

/** The longest beginning of it that fits and can stand alone. */
function phraseOf(text: string, width: number, ends: RegExp): string | undefined {
  return [...text.matchAll(ends)]
    .map(({ index }) => text.slice(0, index))
    .findLast((one) => one.length <= width && one.length >= shortestPhrase && canStandAlone(one));
}

function canStandAlone(phrase: string): boolean {
  const isOpen = phrase.split('"').length % 2 === 0 || phrase.lastIndexOf("(") > phrase.lastIndexOf(")");
  const awaits = /^(?:if|when|while|since|because|as|after|before|once|in order to)\b|\b(?:between|both|either|neither)\b/i;
  return phrase.includes(" ") && !isOpen && !awaits.test(phrase) && !/ (?:the|an?|of|to|in|on|for|with|from|by|is|are)$/i.test(phrase);
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  const short = text.slice(0, width - 1);
  return `${(/\s/.test(short) ? short.replace(/\s+\S*$/, "") : short).replace(/[,;:]$/, "")}…`;
}

function bodyOf(state: SessionState, part: KnownEvent[], prompts: string[], ran: Receipt[], draft: Draft): string[] {
  const [first = "", ...more] = prompts;
  const isWhole =
    subjectOf(first).toLowerCase() ===
    first
      .replaceAll("`", "")
      .replace(/[.!?]+$/, "")
      .trim()
      .toLowerCase();
  const asked = [...(isWhole || subjectOf(first).length + 4 >= first.length ? [] : [first]), ...more].map((prompt) =>
    wrap(shortened(prompt)),
  );
  const done = (draft.undoes ? [] : stepsIn(part, worksIn(state, part, draft))).map((summary) => wrap(summary, "- "));
  return [...asked, ...(done.length > 0 ? [done.join("\n")] : []), wrap(evidence(part, ran, draft))];
}

/** What a task changed, and how much of it the commit has. */
type Work = { taskId: TaskId; changed: string[]; here: string[]; isStep: boolean };

/** Of those whose work is in the commit: what was refused, undone or not taken is not. */
function worksIn({ tasks }: SessionState, part: KnownEvent[], { files, joined }: Draft): Work[] {
  const held = new Set(files.filter((path) => !joined.some((one) => one.lost && one.path === path)));
  const works = new Map<TaskId, Work>();
  for (const { type, payload, taskId } of part) {
    if (type !== "work.merged" || payload.conflicts.length > 0 || payload.fails || !taskId || isUndone(tasks, taskId)) continue;
    const changed = [...new Set([...(works.get(taskId)?.changed ?? []), ...payload.files])];
    works.set(taskId, { taskId, changed, here: changed.filter((path) => held.has(path)), isStep: payload.into === undefined });
  }
  return [...works.values()].filter(({ here }) => here.length > 0);
}

function isUndone(tasks: Record<TaskId, TaskState>, taskId: TaskId): boolean {
  return lineOf(tasks, taskId).some((id) => tasks[id]?.undone);
}

/** The task, and all above it. */
function lineOf(tasks: Record<TaskId, TaskState>, taskId: TaskId): TaskId[] {
  const found: TaskId[] = [];
  for (let id: TaskId | undefined = taskId; id !== undefined; id = tasks[id]?.parentId) found.push(id);
  return found;
}

/** What they handed in, each in its own words; where only some of it is in the commit, that is said. */
function stepsIn(part: KnownEvent[], works: Work[]): string[] {
  return works
    .filter(({ isStep }) => isStep)
    .flatMap(({ taskId, changed, here }) => {
      const summary = summaryOf(part, taskId);
      if (summary === undefined) return [];
      return here.length === changed.length ? summary : `${summary} (Of this, the commit holds ${here.join(", ")}.)`;
    });
}

function summaryOf(part: KnownEvent[], task: TaskId): string | undefined {
  const updates = part.filter((event) => event.type === "task.updated" && event.taskId === task);
  const summary = updates.findLast((event) => event.type === "task.updated" && event.payload.output?.summary);
  return summary?.type === "task.updated" ? shortened(summary.payload.output!.summary) || undefined : undefined;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= longestSummary) return line;
  const sentences = line
    .slice(0, longestSummary)
    .replace(/[^.!?]*$/, "")
    .trim();
  return sentences.length > longestSummary / 3 ? sentences : cut(line, longestSummary);
}

/** The newest receipt of each command for exactly this tree. */
function receiptsFor(part: KnownEvent[], tree: string): Receipt[] {
  const found = new Map<string, Receipt>();
  for (const { type, payload } of part) if (type === "receipt.issued" && payload.tree === tree) found.set(payload.command, payload);
  return [...found.values()];
}

function passed({ exitCode, altered }: Receipt): boolean {
  return exitCode === 0 && !altered;
}

/** What the checks say of just what is committed (A11). */
function evidence(part: KnownEvent[], ran: Receipt[], draft: Draft): string {
  const { besides, required } = draft;
  const good = ran.filter(passed);
  const bad = ran.filter(({ exitCode }) => exitCode !== 0);
  const failing = bad.map(({ command }) => oneLine(command));
  const lacking = required.filter((check) => !good.some(({ kind }) => kind === check.kind) || bad.some(({ kind }) => kind === check.kind));
  const where = besides === 0 ? "these files" : "the session's result";
  const others = besides === 1 ? "one other file there differs" : `${besides} other files there differ`;
  const fails = failing.length === 0 ? [] : [`${failing.join(" and ")} ${failing.length === 1 ? "fails" : "fail"} on ${where}`];
  if (good.length > 0 && lacking.length === 0) {
    const proof = `Proven by ${good.map(said).join(" and ")} on ${besides === 0 ? `exactly ${where}` : where}`;
    return `${[proof, ...(besides === 0 ? [] : [`${others} from this commit`]), ...fails].join("; ")}.`;
  }
  const notRun = lacking.map(({ command }) => oneLine(command)).filter((command) => !ran.some((one) => oneLine(one.command) === command));
  const altered = ran.filter((receipt) => receipt.exitCode === 0 && receipt.altered).map(({ command }) => oneLine(command));
  const why = [
    ...fails,
    ...(altered.length === 0 ? [] : [`an agent changed what ${altered.join(" and ")} does, so that its passing proves nothing`]),
    ...(ran.length > 0 && notRun.length > 0 ? [`${notRun.join(" and ")} did not run on ${where}, and has to pass`] : []),
    ...(good.length > 0 ? [`${good.map(said).join(" and ")} passed`] : []),
  ];
  return `This is unproven: ${why.length > 0 ? why.join("; ") : whyNoneRan(part, draft)}.`;
}

function whyNoneRan(part: KnownEvent[], { exact, joined }: Draft): string {
  if (joined.length > 0) return whyUnproven(joined.map(({ path }) => ({ path, decision: "applied", joined: true })));
  const receipts = part.flatMap(({ type, payload }) => (type === "receipt.issued" ? [payload] : []));
  if (receipts.length > 0 && !exact) return "the checks ran on files with other uncommitted edits, which are not in this commit";
  const whole = part.flatMap(({ type, payload }) => (type === "landing.proposed" ? [payload.tree] : [])).at(-1);
  const isPart = part.some(({ type }) => type === "landing.part");
  if (isPart && receipts.some((receipt) => receipt.tree === whole && passed(receipt))) return whyUnproven();
  return `no check ran on exactly what is committed here${receipts.length > 0 ? ", only on another state of the files" : ""}`;
}

function said({ command, exitCode }: Receipt): string {
  return `${oneLine(command)} (exit ${exitCode})`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function trailersOf(state: SessionState, part: KnownEvent[], ran: Receipt[], draft: Draft): string[] {
  return [
    `Agent-Session: ${state.id}`,
    ...(draft.undoes ? [] : assistedBy(state, part, draft)),
    ...ran.filter(passed).map((receipt) => `Checked-by: ${said(receipt)}`),
  ];
}

/** The agents whose work is in the commit, and the models that answered them. */
function assistedBy(state: SessionState, part: KnownEvent[], draft: Draft): string[] {
  const isTeam = part.some(({ type }) => type === "work.merged");
  const works = new Set(worksIn(state, part, draft).map(({ taskId }) => taskId));
  if (isTeam && works.size === 0) return [];
  const isTheirs = (taskId: TaskId | undefined): boolean =>
    !isTeam || (taskId !== undefined && lineOf(state.tasks, taskId).some((id) => works.has(id)));
  const models = part.flatMap((event) =>
    event.type === "turn.ended" && event.payload.stop !== "failed" && isTheirs(event.taskId) ? [event.payload.model] : [],
  );
  const agents = isTeam ? [...works].flatMap((taskId) => state.tasks[taskId]?.assignedAgent ?? []) : [state.config.agent];
  const by = [[...new Set(agents)].join(", "), models.length > 0 ? `(${[...new Set(models)].join(", ")})` : ""];
  return [`Assisted-by: ${by.filter(Boolean).join(" ")}`];
}

function wrap(text: string, bullet = ""): string {
  const indent = " ".repeat(bullet.length);
  const lines = [bullet];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.length > bullet.length && line.length + 1 + word.length > subjectWidth) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = line.length > bullet.length ? `${line} ${word}` : `${line}${word}`;
  }
  return lines.join("\n");
}
