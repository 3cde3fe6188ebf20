// The task tree of a session as text: status, agent, model, tokens, cost and time of every task. Pure.

import type { TaskStatus } from "../../protocol/agents.ts";
import { addUsage, childrenOf, type SessionState, type TaskState } from "../../protocol/state.ts";
import { cost, duration, oneLine, paint, type Style, tokens } from "../format.ts";
import { modelLabel } from "./eventLine.ts";

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

/** Tasks in tree order, with the line art that belongs before each. */
export function drawTree(state: SessionState, root: TaskState): Drawn[] {
  const drawn: Drawn[] = [];
  const visit = (task: TaskState, prefix: string, below: string): void => {
    drawn.push({ task, prefix, below });
    const children = childrenOf(state, task.id);
    for (const [i, child] of children.entries()) {
      const last = i === children.length - 1;
      visit(child, `${below}${last ? "└─ " : "├─ "}`, `${below}${last ? "   " : "│  "}`);
    }
  };
  visit(root, "", "");
  return drawn;
}

export function taskLine(state: SessionState, task: TaskState, options: { colour: boolean; width: number; nowMs?: number }): string {
  const [mark, style] = marks[task.status];
  const sums = subtree(state, task);
  const figures = [
    sums.turns > 0 ? tokens(sums.usage) : "",
    sums.turns > 0 ? cost(sums.costUsd, sums.costUnknown) : "",
    elapsed(task, options.nowMs),
  ]
    .filter(Boolean)
    .join(" · ");
  const call = task.openCalls.at(-1);
  const doing = task.status === "running" && call ? call.tool : (task.reason ?? "");
  const name = task.stepId && task.stepId !== task.assignedAgent ? `${task.stepId}: ${task.assignedAgent}` : (task.assignedAgent ?? "?");
  const model = task.model && task.turns > 0 ? modelLabel(task.model) : "";
  const head = `${paint(style, mark, options.colour)} ${paint("bold", name, options.colour)}`;
  const tail = [model, figures, doing].filter(Boolean).join(" · ");
  const goal = oneLine(task.goal, Math.max(20, options.width - name.length - tail.length - 8));
  return `${head}  ${goal}  ${paint("dim", tail, options.colour)}`;
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
  if (!task.startedAt) return "";
  const end = task.endedAt ? Date.parse(task.endedAt) : nowMs;
  return end === undefined ? "" : duration(Math.max(0, end - Date.parse(task.startedAt)));
}
