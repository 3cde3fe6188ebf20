// The tree of tasks: who works on what, how far, at what cost; cancel one, or jump to its trace and its patch.
import type { ContextFigures } from "../../src/protocol/ledger.ts";

import { html, nothing, type TemplateResult } from "lit";
import {
  isTerminal,
  pendingApprovals,
  pendingInterrupts,
  type SessionState,
  type TaskState,
  totalTokens,
} from "../../src/protocol/state.ts";

import { changesOpen } from "../model/answer.ts";
import { listeners, talkTo } from "../model/steer.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import type { ListRows, VirtualList } from "../ui/virtualList.ts";
import { plural, sayCall, sayCost, sayDuration, sayStatus, sayTokens } from "../ui/words.ts";
import { nameIn } from "./who.ts";

type Node = { task: TaskState; depth: number };

const rowHeight = 46;

export function renderAgents(store: PanelStore): TemplateResult {
  const state = store.session?.state;
  if (!state) return html`<div class="quiet">No session is open. The team appears here as it works.</div>`;
  const nodes = flatten(state);
  if (nodes.length === 0) return html`<div class="quiet">No agent has begun yet.</div>`;
  const chosen = Math.max(
    0,
    nodes.findIndex(({ task }) => task.id === store.focusTask),
  );
  const rows: ListRows = {
    count: nodes.length,
    keyAt: (i) => nodes[i]!.task.id,
    rowAt: (i) => row(store, state, nodes[i]!, i === chosen, i, nodes.length),
  };
  const running = store.session?.running ? nodes.filter(({ task }) => task.status === "running").length : 0;
  return html`<div class="summary dim">
      ${plural(nodes.length, "task")} · ${running} running · ${plural(state.turns, "turn")} · ${sayTokens(totalTokens(state.usage))} tokens
      · ${sayCost(state.costUsd, state.costUnknown)}
    </div>
    <ao-list
      class="tree"
      role="tree"
      aria-label="Agents and their tasks"
      tabindex="0"
      .rows=${rows}
      .fixed=${rowHeight}
      @keydown=${(event: KeyboardEvent) => onKey(store, nodes, chosen, event)}
    ></ao-list>`;
}

/** Depth first, children in the order in which they were made. */
function flatten(state: SessionState): Node[] {
  const children = new Map<string, TaskState[]>();
  for (const task of Object.values(state.tasks)) {
    const parent = task.parentId ?? "";
    children.set(parent, [...(children.get(parent) ?? []), task]);
  }
  const nodes: Node[] = [];
  const visit = (id: string, depth: number): void => {
    for (const task of children.get(id) ?? []) {
      nodes.push({ task, depth });
      visit(task.id, depth + 1);
    }
  };
  visit("", 0);
  return nodes;
}

function row(store: PanelStore, state: SessionState, { task, depth }: Node, chosen: boolean, index: number, count: number): TemplateResult {
  const running = store.session?.running ?? false;
  const said = sayStatus(task.status === "running" && !running ? "interrupted" : task.status);
  const name = nameIn(store, task.assignedAgent ?? "");
  const step = task.stepId ? state.run?.plan?.find(({ id }) => id === task.stepId) : undefined;
  const patch = task.patch ?? task.artifacts?.find(({ kind }) => kind === "patch");
  const about = doing(store, state, task) ?? task.reason ?? step?.type ?? "";
  return html`<div
    class="task indent-${Math.min(depth, 6)} ${chosen ? "chosen" : ""}"
    data-testid="task"
    role="treeitem"
    aria-level=${depth + 1}
    aria-selected=${chosen}
    aria-setsize=${count}
    aria-posinset=${index + 1}
    aria-label="${name}, ${said.word}${about ? `, ${about}` : ""}"
    @click=${() => choose(store, task.id)}
  >
    <div class="task-top">
      <span class="state state-${task.status}">${icon(said.icon, said.icon === "running" ? "turning" : "")}</span
      ><b class="task-name">${name}</b><span class="dim task-word">${task.undone ? `${said.word}, undone` : said.word}</span
      ><span class="grow"></span
      ><span class="dim figures" title=${task.context ? `${sayContext(task)} · all tokens · cost · elapsed` : "tokens · cost · elapsed"}
        >${figures(task, running ? Date.now() : Date.parse(state.updatedAt))}</span
      >
    </div>
    <div class="task-under">
      <span class="dim task-goal" title=${task.goal}>${about ? html`<span class="task-call">${about}</span> · ` : ""}${task.goal}</span>
      ${
        chosen
          ? html`<span class="row-actions">
              ${canHear(store, task.id) ? iconButton("chat", `Talk to ${name}`, () => talk(store, task.id), "talk-task") : nothing}
              ${patch ? iconButton("diff", "Show its changes", () => showPatch(store, patch.hash)) : nothing}
              ${canUndo(store, task) ? iconButton(task.undone ? "redo" : "undo", task.undone ? "Put its work back" : "Undo its work", () => void undo(store, task), "undo-task") : nothing}
              ${iconButton("trace", "Show its trace", () => showTrace(store, task.id))}
              ${isTerminal(task.status) ? nothing : iconButton("stop", "Cancel this task", () => cancel(store, task.id), "cancel-task")}
            </span>`
          : nothing
      }
    </div>
  </div>`;
}

function canUndo(store: PanelStore, { merged, onto }: TaskState): boolean {
  const isAtRest = store.session !== undefined && (!store.session.running || changesOpen(store));
  return isAtRest && merged !== undefined && onto !== undefined;
}

/** What it did, and nothing else. */
async function undo(store: PanelStore, { id: taskId, undone }: TaskState): Promise<void> {
  const sessionId = store.session!.id;
  const done = await store.command({ type: "work.undo", sessionId, of: { taskId }, ...(undone ? { again: true } : {}), by: "user" });
  if (!done) return;
  const { files, conflicts, proposed } = done;
  const where = proposed ? "what is proposed" : "your files";
  if (conflicts.length > 0)
    store.tell({
      tone: "error",
      text: `Nothing was changed: later changes are in the same places of ${conflicts.join(", ")}. Undo those first.`,
    });
  else if (files.length === 0) store.tell({ tone: "info", text: `Nothing was changed: ${where} holds nothing of that work.` });
  else store.tell({ tone: "info", text: `${undone ? "Put back into" : "Taken out of"} ${where}: ${files.join(", ")}` });
}

/** What it does or waits for just now. */
function doing({ session }: PanelStore, state: SessionState, { id, openCalls }: TaskState): string | undefined {
  const question = pendingInterrupts(state).find(({ taskId }) => taskId === id);
  if (question) return `asks: ${question.text}`;
  const asked = pendingApprovals(state).find(({ taskId, kind }) => taskId === id && kind === "call");
  if (asked) return wants(sayCall(asked.tool, asked.arguments));
  const call = openCalls.at(-1);
  if (!call) return undefined;
  const said = sayCall(call.tool, session?.chat.calls.get(call.callId)?.arguments ?? {});
  return call.started ? `${said.doing} ${said.about}` : wants(said);
}

function wants({ verb, about }: ReturnType<typeof sayCall>): string {
  return `wants to ${verb[0]!.toLowerCase()}${verb.slice(1)} ${about}`;
}

function figures(task: TaskState, now: number): string {
  const { endedAt, startedAt = task.status === "pending" ? undefined : task.createdAt } = task;
  const elapsed = startedAt ? sayDuration((endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt)) : "";
  const tokens = totalTokens(task.usage);
  return [
    fullness(task.context),
    tokens > 0 ? `${sayTokens(tokens)} tok` : "",
    tokens > 0 ? sayCost(task.costUsd, task.costUnknown) : "",
    elapsed,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Below this it says nothing that anybody would act on. */
const leastFull = 0.1;

function fullness(context: ContextFigures | undefined): string {
  const share = context ? context.tokens / context.window : 0;
  return share < leastFull ? "" : `${Math.round(100 * share)} % full`;
}

function sayContext({ context, setAside = 0 }: TaskState): string {
  if (!context) return "";
  const aside = setAside > 0 ? `, ${plural(setAside, "older result")} set aside` : "";
  return `sees about ${sayTokens(context.tokens)} of its window's ${sayTokens(context.window)} tokens${aside}`;
}

function choose(store: PanelStore, taskId: TaskState["id"]): void {
  store.focusTask = taskId;
  store.changed();
}

function onKey(store: PanelStore, nodes: Node[], chosen: number, event: KeyboardEvent): void {
  const next = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: nodes.length - 1 }[event.key];
  if (event.key === "Enter" && event.target === event.currentTarget) return showTrace(store, nodes[chosen]!.task.id);
  if (next === undefined || !nodes[next]) return;
  event.preventDefault();
  (event.currentTarget as VirtualList).show(next);
  choose(store, nodes[next].task.id);
}

function canHear(store: PanelStore, taskId: TaskState["id"]): boolean {
  return listeners(store).some(({ id }) => id === taskId);
}

function talk(store: PanelStore, taskId: TaskState["id"]): void {
  talkTo(store, taskId);
  store.toWrite = true;
  store.show("chat");
}

function showTrace(store: PanelStore, taskId: TaskState["id"]): void {
  store.place.trace = { taskId };
  store.show("trace");
}

function showPatch(store: PanelStore, hash: string): void {
  store.expanded.add(`patch:${hash}`);
  store.show("changes");
}

function cancel(store: PanelStore, taskId: TaskState["id"]): void {
  if (store.session) void store.command({ type: "task.cancel", sessionId: store.session.id, taskId, reason: "cancelled in the panel" });
}
