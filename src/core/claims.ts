// Which symbols a task is changing in its own folder, noted before it writes: where two tasks that know nothing of each
// other come to the same one, both are told at once, long before their work is joined.

import type { EventDraft } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { isTerminal, type SessionState, type TaskState } from "../protocol/state.ts";
import { rootOf } from "./place.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { symbolsChanged } from "./symbols.ts";

type Edit = { tool: string; arguments: unknown };
type Shared = { task: TaskState; path: string; symbols: string[] };

/** Notes what this call is about to change; answers what its agent has to know of others' work there. */
export async function claim(run: Run, taskId: TaskId, { tool, arguments: args }: Edit): Promise<string | undefined> {
  const state = stateOf(run);
  if (!run.ports.tools.preview || !taskOf(run, taskId).writable || !isShared(state) || isCandidate(state, taskId)) return undefined;
  const previews = await run.ports.tools.preview(tool, args, rootOf(run, taskId));
  const shared: Shared[] = [];
  const events: EventDraft[] = [];
  for (const { path, before = "", after = "" } of previews) {
    const known = taskOf(run, taskId).claims?.[path] ?? [];
    const symbols = symbolsChanged(path, before, after).filter((symbol) => !known.includes(symbol));
    if (symbols.length === 0) continue;
    const others = othersAt(state, taskId, path, symbols);
    shared.push(...others);
    const payload = { path, symbols, ...(others.length > 0 ? { with: others.map(({ task }) => task.id) } : {}) };
    events.push({ type: "work.claimed", actor: "orchestrator", taskId, payload });
  }
  run.log.append(...events, ...shared.map((one) => messageTo(run, taskId, one)));
  return shared.length === 0 ? undefined : shared.map((one) => `Note: ${described(one.task, one)} ${advice}`).join("\n");
}

/** Several steps of the plan are still to be joined. */
function isShared({ run }: SessionState): boolean {
  return (run?.plan ?? []).filter(({ status }) => !isTerminal(status)).length > 1;
}

/** Candidates do the same on purpose, and no two of them are ever joined. */
function isCandidate({ run, tasks }: SessionState, taskId: TaskId): boolean {
  let task = tasks[taskId];
  while (task && task.stepId === undefined && task.parentId !== undefined) task = tasks[task.parentId];
  return run?.plan?.find((step) => step.id === task?.stepId)?.candidate === true;
}

function othersAt(state: SessionState, taskId: TaskId, path: string, symbols: string[]): Shared[] {
  const own = folderOf(state, state.tasks[taskId]);
  return Object.values(state.tasks).flatMap((task): Shared[] => {
    const both = (task.claims?.[path] ?? []).filter((symbol) => symbols.includes(symbol));
    const folder = folderOf(state, task);
    const isOpen = folder !== undefined && folder.merged === undefined && !isTerminal(folder.status);
    return both.length > 0 && isOpen && folder.id !== own?.id && !isAbove(state, folder.id, taskId) ? [{ task, path, symbols: both }] : [];
  });
}

/** The task whose folder a task works in. */
function folderOf({ tasks }: SessionState, task: TaskState | undefined): TaskState | undefined {
  let at = task;
  while (at && at.base === undefined && at.parentId !== undefined) at = tasks[at.parentId];
  return at?.base === undefined ? undefined : at;
}

function isAbove({ tasks }: SessionState, above: TaskId, below: TaskId): boolean {
  for (let at: TaskId | undefined = below; at !== undefined; at = tasks[at]?.parentId) if (at === above) return true;
  return false;
}

const advice = "Keep your own change there as small as it can be, and leave what is around it as it is: both are joined in the end.";

function described({ assignedAgent, stepId, goal }: TaskState, { path, symbols }: Pick<Shared, "path" | "symbols">): string {
  const who = `${assignedAgent ?? "another agent"}${stepId === undefined ? "" : ` (step ${stepId})`}`;
  return `${who} is changing ${symbols.join(", ")} of ${path} in a folder of its own at this moment, for this goal: ${goal
    .split("\n")[0]!
    .slice(0, 200)
    .replace(/[.\s]*$/, "")}.`;
}

function messageTo(run: Run, from: TaskId, { task, path, symbols }: Shared): EventDraft {
  const text = `${described(taskOf(run, from), { path, symbols })} ${advice}`;
  const payload = { messageId: run.ports.ids.next("m"), from: "orchestrator", to: task.id, mode: "async" as const, payload: { text } };
  return { type: "message.sent", actor: "orchestrator", taskId: task.id, payload };
}
