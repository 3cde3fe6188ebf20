// The task tree of a session as text: status, agent, model, tokens, cost and time of every task. Pure.

import type { TaskStatus } from "../../protocol/agents.ts";
import type { TaskId } from "../../protocol/ids.ts";
import { addUsage, childrenOf, isTerminal, type SessionState, type TaskState } from "../../protocol/state.ts";
import { columnsOf, cost, duration, oneLine, paint, type Style, tokens } from "../format.ts";
import { shortModelLabel } from "./eventLine.ts";

const marks: Record<TaskStatus, [mark: string, style: Style]> = {
  pending: ["·", "dim"],
  running: ["▶", "cyan"],
  blocked: ["‖", "yellow"],
  done: ["✓", "green"],
  failed: ["✗", "red"],
  cancelled: ["⊘", "dim"],
};

export function depthOf(state: SessionState, task: TaskState): number {
  let depth = 0;
  for (let up = task.parentId; up !== undefined; up = state.tasks[up]?.parentId) depth += 1;
  return depth;
}

export function rootTasks(state: SessionState): TaskState[] {
  return Object.values(state.tasks).filter((task) => task.parentId === undefined);
}

export type Drawn = { task: TaskState; prefix: string; below: string };

/** Tasks in tree order, with the line art that belongs before each; of `kept` only, where not all are to be shown. */
export function drawTree(state: SessionState, root: TaskState, kept?: Set<TaskId>): Drawn[] {
  const drawn: Drawn[] = [];
  const visit = (task: TaskState, prefix: string, below: string): void => {
    drawn.push({ task, prefix, below });
    const children = childrenOf(state, task.id).filter((child) => !kept || kept.has(child.id));
    for (const [i, child] of children.entries()) {
      const last = i === children.length - 1;
      visit(child, `${below}${last ? "└─ " : "├─ "}`, `${below}${last ? "   " : "│  "}`);
    }
  };
  visit(root, "", "");
  return drawn;
}

/** The tree cut to `room` lines: who works comes first, then who waits, then who ended last; each with those above it. */
export function cutTree(state: SessionState, root: TaskState, room: number): Drawn[] {
  const all = drawTree(state, root);
  if (all.length <= room) return all;
  const rank = ({ status }: TaskState): number => (status === "running" ? 0 : status === "blocked" ? 1 : isTerminal(status) ? 3 : 2);
  const wanted = all
    .map(({ task }) => task)
    .sort((a, b) => rank(a) - rank(b) || (isTerminal(a.status) ? (b.endedAt ?? "").localeCompare(a.endedAt ?? "") : 0));
  const kept = new Set<TaskId>([root.id]);
  for (const task of wanted) {
    const missing: TaskId[] = [];
    for (let at: TaskState | undefined = task; at && !kept.has(at.id); at = at.parentId && state.tasks[at.parentId]) missing.push(at.id);
    if (kept.size + missing.length <= room) for (const id of missing) kept.add(id);
  }
  return drawTree(state, root, kept);
}

type Look = { colour: boolean; width: number; nowMs?: number };

/** Name and figures always stand; of the rest, what fits: what goes on now, the model, why it ended so, the goal. */
export function taskLine(state: SessionState, task: TaskState, { colour, width, nowMs }: Look): string {
  const [mark, style] = marks[task.status];
  const name = task.stepId && task.stepId !== task.assignedAgent ? `${task.stepId}: ${task.assignedAgent}` : (task.assignedAgent ?? "?");
  const figures = figuresOf(state, task, nowMs);
  let room = width - 2 - columnsOf(name) - (figures ? columnsOf(figures) + 2 : 0);
  const take = (text: string, most: number, gap: number): string => {
    const cut = most - gap >= Math.min(fewest, columnsOf(text)) ? oneLine(text, most - gap) : "";
    if (cut) room -= columnsOf(cut) + gap;
    return cut;
  };
  const does = doingOf(task, nowMs);
  const mostDoing = (): number => Math.max(Math.floor(room / 2), Math.min(room, 30));
  const now = isTerminal(task.status) ? "" : take(does, mostDoing(), 3);
  const label = task.model && task.turns > 0 ? shortModelLabel(task.model) : "";
  const model = room >= columnsOf(label) + 3 ? take(label, room, 3) : "";
  const why = isTerminal(task.status) ? take(does, mostDoing(), 3) : "";
  const goal = take(task.goal, room, 2);
  const tail = [model, figures, now || why].filter(Boolean).join(" · ");
  const head = `${paint(style, mark, colour)} ${paint("bold", name, colour)}`;
  return [head, goal, tail && paint("dim", tail, colour)].filter(Boolean).join("  ");
}

/** Less than this of a text tells nothing. */
const fewest = 8;

function figuresOf(state: SessionState, task: TaskState, nowMs: number | undefined): string {
  const sums = subtree(state, task);
  const spent = sums.turns > 0 ? [tokens(sums.usage), cost(sums.costUsd, sums.costUnknown)] : [];
  return [...spent, elapsed(task, nowMs)].filter(Boolean).join(" · ");
}

function doingOf(task: TaskState, nowMs: number | undefined): string {
  if (task.status !== "running") return task.reason ?? "";
  const call = task.openCalls.at(-1);
  if (call) return call.tool;
  if (task.thinkingSince === undefined || nowMs === undefined) return task.reason ?? "";
  return `model… ${Math.max(0, Math.floor((nowMs - Date.parse(task.thinkingSince)) / 1000))}s`;
}

type Sums = Pick<TaskState, "usage" | "costUsd" | "costUnknown" | "turns">;

/** What a task and all below it used. */
function subtree(state: SessionState, task: TaskState): Sums {
  return childrenOf(state, task.id)
    .map((child) => subtree(state, child))
    .reduce<Sums>(
      (a, b) => ({
        usage: addUsage(a.usage, b.usage),
        costUsd: a.costUsd + b.costUsd,
        costUnknown: a.costUnknown || b.costUnknown,
        turns: a.turns + b.turns,
      }),
      task,
    );
}

function elapsed(task: TaskState, nowMs: number | undefined): string {
  // A root works from its first moment on: it leads the others long before it has a turn of its own.
  const start = task.parentId === undefined ? task.createdAt : task.startedAt;
  if (!start) return "";
  const end = task.endedAt ? Date.parse(task.endedAt) : nowMs;
  return end === undefined ? "" : duration(Math.max(0, end - Date.parse(start)));
}
