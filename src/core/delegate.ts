// An agent's own delegation: the child gets a worktree that begins at its parent's present state, and what it changed is
// joined with the parent's folder when it is done. A conflict is the parent's to settle, with the child's patch at hand.

import type { AgentDefinition, Amount } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { TaskState } from "../protocol/state.ts";
import { closePlace, commitPlace, commitWork, folderOwner, openPlace, rootOf } from "./place.ts";
import { availableTo, inWords, mostOf, shareFor } from "./budget.ts";
import type { Section } from "./context.ts";
import { isWriter, modelFor, toolsFor } from "./routing.ts";
import { inMergeQueue, type Run, stateOf, taskOf } from "./run.ts";
import { type ChildSpec, findChild, runChild } from "./children.ts";
import type { TaskEnd } from "./taskEnd.ts";
import { keepPatch } from "./patch.ts";

type Delegation = {
  key: string;
  agent: AgentDefinition;
  goal: string;
  sections: Section[];
  ceiling: string[];
  most: Partial<Amount> | undefined;
};

/**
 * What a delegation would get of what is left, with those that were asked for together with it; no share where it could
 * not begin. One that has begun has its share.
 */
function shareOf(run: Run, parentId: TaskId, agent: AgentDefinition | undefined, most: Partial<Amount> | undefined) {
  const left = availableTo(stateOf(run), parentId);
  return { left, share: shareFor(left, together(run, parentId), mostOf(agent?.limits, most)) };
}

/** Delegations of the same turn that have no child yet share what is left. */
function together(run: Run, parentId: TaskId): number {
  const waiting = taskOf(run, parentId).openCalls.filter(
    ({ tool, callId }) => tool === "agents__delegate" && !findChild(run, parentId, callId),
  );
  return Math.max(1, waiting.length);
}

/** Why a delegation is refused before it starts, for the agent that asked. */
export function tooLittleToDelegate(run: Run, parentId: TaskId, key: string, agent: AgentDefinition, most: Partial<Amount> | undefined) {
  const { left, share } = shareOf(run, parentId, agent, most);
  if (share || findChild(run, parentId, key)) return undefined;
  const number = together(run, parentId);
  const shared = number > 1 ? `, shared by ${number} delegations,` : "";
  return `Not started: what is left of your budget (${inWords(left)})${shared} is too little for ${agent.id} to begin with. Do it yourself, delegate less at once, or hand in what you have.`;
}

/** What a person who is asked about a delegation should know: what it would set aside, and of what. */
export function forecastOf(run: Run, parentId: TaskId, { tool, arguments: args }: { tool: string; arguments: unknown }): string[] {
  if (tool !== "agents__delegate") return [];
  const { agent: id, grant } = (args ?? {}) as { agent?: string; grant?: { budget?: Partial<Amount> } };
  const agent = id === undefined ? undefined : run.ports.registry.agent(id);
  const { left, share } = shareOf(run, parentId, agent, grant?.budget);
  const model = run.ports.models.resolve(modelFor(stateOf(run).config, undefined, agent ?? { model: "inherit" }));
  const priced = model.ok && model.value.outputUsdPerMillion !== undefined;
  if (!share) return [`too little of the budget is left to begin with (${inWords(left, priced)})`];
  return [`would set aside up to ${inWords(share, priced)}, of ${inWords(left, priced)} that are left; what is not spent returns`];
}

export async function delegateWork(
  run: Run,
  parentId: TaskId,
  { key, agent, goal, sections, ceiling, most }: Delegation,
  signal: AbortSignal,
): Promise<TaskEnd> {
  const parent = taskOf(run, parentId);
  const limits = { ceiling, ...(most ? { most } : {}) };
  const spec: ChildSpec = {
    key,
    agent,
    goal,
    input: { sections },
    kind: "delegate",
    writable: false,
    siblings: 1,
    ...limits,
  };
  const owner = folderOwner(stateOf(run).tasks, parentId);
  const writes = owner !== undefined && parent.writable && (isWriter(toolsFor(agent, run.tools.values())) || agent.routing !== undefined);
  if (!writes) return runChild(run, parentId, { ...spec, siblings: together(run, parentId) }, signal);
  const taskId = findChild(run, parentId, key)?.id ?? run.ports.ids.next("t");
  const place = await openPlace(run, taskId, stateOf(run).tasks[taskId]?.base ?? (await commitOf(run, owner)));
  const end = await runChild(run, parentId, { ...spec, writable: true, taskId, place, siblings: together(run, parentId) }, signal);
  if (end.kind === "result" && end.result.status === "done") return joinWithParent(run, owner, taskId, end);
  if (end.kind === "result" && end.result.status === "failed") await closePlace(run, taskId);
  return end;
}

async function commitOf(run: Run, owner: TaskId): Promise<string> {
  return commitPlace(run, owner, taskOf(run, owner).base!, "before a delegation");
}

async function joinWithParent(run: Run, owner: TaskId, taskId: TaskId, end: Extract<TaskEnd, { kind: "result" }>): Promise<TaskEnd> {
  const child = taskOf(run, taskId);
  return inMergeQueue(run, async () => {
    const { id, workspace } = stateOf(run);
    const { workspace: port } = run.ports;
    if (child.merged !== undefined) return bringAgain(run, owner, child, end);
    const theirs = await commitWork(run, taskId, child.base!, end.result.summary);
    const patch = await port.diff(id, workspace, child.base!, theirs);
    const onto = await commitOf(run, owner);
    const merged = await port.merge(id, workspace, child.base!, onto, theirs, end.result.summary);
    const kept = await keepPatch(run.ports.store, patch, taskId);
    const files = patch.files.map((file) => file.path);
    run.log.append({
      type: "work.merged",
      actor: "orchestrator",
      taskId,
      payload: { into: owner, onto, commit: merged.commit, files, ...kept, conflicts: merged.conflicts },
    });
    await run.log.durable();
    if (merged.conflicts.length === 0) await port.updateWorktree(id, workspace, owner, merged.commit);
    await closePlace(run, taskId);
    return merged.conflicts.length === 0 ? end : conflicted(end, merged.conflicts, patch.text, rootOf(run, owner));
  });
}

/** The join is on record, but the process may have ended before the files were in the parent's folder. */
async function bringAgain(run: Run, owner: TaskId, child: TaskState, end: TaskEnd): Promise<TaskEnd> {
  const { id, workspace } = stateOf(run);
  const { workspace: port } = run.ports;
  const ours = await commitOf(run, owner);
  const { commit, conflicts } = await port.merge(id, workspace, child.base!, ours, child.merged!, child.goal);
  if (conflicts.length === 0 && commit !== ours) await port.updateWorktree(id, workspace, owner, commit);
  await closePlace(run, child.id);
  return end;
}

function conflicted(end: Extract<TaskEnd, { kind: "result" }>, conflicts: string[], patch: string, root: string): TaskEnd {
  const summary = `${end.result.summary}\n\nIts changes could not be joined with yours in ${root}; both changed ${conflicts.join(", ")}. Its patch:\n${patch.slice(0, 20_000)}`;
  return { kind: "result", result: { ...end.result, status: "failed", summary } };
}
