// Money and tokens: a child's share is reserved from its parent's before it starts, and what it did not use returns (A8).
// Pure figures over the session's state; the events that record them are appended by children.ts and executeTask.ts.

import type { Amount } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { childrenOf, type SessionState, type TaskState, totalTokens } from "../protocol/state.ts";

/** Less than this starts no child: it could not even read its instructions. */
const leastTokens = 4_000;

/** Less than this begins no step of a plan: its agent has children of its own. */
const leastPerStep = 3 * leastTokens;

/** Kept back by a parent that has to sum up what its children did. */
const keptShare = 0.05;

export function rootAmount(state: SessionState): Amount {
  const { usd, tokens, turns } = state.config.budget;
  return { usd, tokens, turns };
}

/** What a finished or running task and all below it have used. */
export function spentBy(state: SessionState, task: TaskState): Amount {
  let spent = ownSpending(task);
  for (const child of childrenOf(state, task.id)) spent = add(spent, spentBy(state, child));
  return spent;
}

function ownSpending(task: TaskState): Amount {
  return { usd: task.costUsd, tokens: totalTokens(task.usage), turns: task.turns };
}

/** What a task may still spend or hand on: its reservation, less its own use and what its children hold or used. */
export function availableTo(state: SessionState, taskId: TaskId): Amount {
  const task = state.tasks[taskId];
  if (!task || (!task.reserved && task.parentId !== undefined)) return { usd: 0, tokens: 0, turns: 0 };
  let left = subtract(task.reserved ?? rootAmount(state), ownSpending(task));
  for (const child of childrenOf(state, taskId)) left = subtract(left, held(state, child));
  return left;
}

/** A running child counts by what it may spend, or by what it has spent where that is more. */
function held(state: SessionState, child: TaskState): Amount {
  const spent = spentBy(state, child);
  const { reserved } = child;
  if (!reserved) return spent;
  return {
    usd: Math.max(reserved.usd, spent.usd),
    tokens: Math.max(reserved.tokens, spent.tokens),
    turns: Math.max(reserved.turns, spent.turns),
  };
}

/** The share for one of `siblings` children that start together; undefined when it is too small to begin with. */
export function shareFor(available: Amount, siblings: number, limit: Partial<Amount> | undefined): Amount | undefined {
  const part = (1 - keptShare) / Math.max(1, siblings);
  const share: Amount = {
    usd: Math.min(available.usd * part, limit?.usd ?? Infinity),
    tokens: Math.floor(Math.min(available.tokens * part, limit?.tokens ?? Infinity)),
    turns: Math.floor(Math.min(available.turns * part, limit?.turns ?? Infinity)),
  };
  return share.tokens < leastTokens || share.turns < 1 || share.usd <= 0 ? undefined : share;
}

export function exhausted(left: Amount): string | undefined {
  if (left.turns < 1) return "turns";
  if (left.tokens <= 0) return "tokens";
  return left.usd <= 0 ? "money" : undefined;
}

/**
 * Larger reservations for a task that has used up its own: half of what the nearest ancestor can spare, handed down the
 * line. Empty when nobody has enough, and where a blueprint's or a grant's own limit stands on the way.
 */
export function topUp(state: SessionState, taskId: TaskId): { taskId: TaskId; amount: Amount }[] {
  const line: TaskState[] = [];
  for (let task = state.tasks[taskId]; task?.parentId !== undefined; task = state.tasks[task.parentId]) {
    if (task.most) return [];
    line.push(task);
    const spare = availableTo(state, task.parentId);
    const half: Amount = { usd: spare.usd / 2, tokens: Math.floor(spare.tokens / 2), turns: Math.floor(spare.turns / 2) };
    if (exhausted(half) || half.tokens < leastTokens) continue;
    // From above, so that nobody has at any moment handed out more than it has.
    return line.toReversed().map((member) => ({ taskId: member.id, amount: add(member.reserved ?? spentBy(state, member), half) }));
  }
  return [];
}

/** How many children or steps could begin with an equal share of this. */
export function stepsWithin(available: Amount): number {
  if (available.usd <= 0) return 0;
  return Math.max(
    0,
    Math.min(Math.floor((available.tokens * (1 - keptShare)) / leastPerStep), Math.floor(available.turns * (1 - keptShare))),
  );
}

/** What has been used beyond the whole budget, whoever used it: a provider may answer with more than it was asked for. */
export function overspent(state: SessionState): string | undefined {
  const root = state.run && state.tasks[state.run.rootTask];
  if (!root) return undefined;
  const left = subtract(rootAmount(state), spentBy(state, root));
  if (left.tokens < 0) return "tokens";
  return left.usd < -smallestSum ? "money" : undefined;
}

/** Sums of fractions are never quite exact. */
const smallestSum = 1e-6;

/** What a child may spend at most, where its blueprint or its grant says so. */
export function mostOf(limits: Partial<Amount> | undefined, grant: Partial<Amount> | undefined): Partial<Amount> | undefined {
  const most: Partial<Amount> = {};
  for (const key of ["usd", "tokens", "turns"] as const) {
    const least = Math.min(limits?.[key] ?? Infinity, grant?.[key] ?? Infinity);
    if (least < Infinity) most[key] = least;
  }
  return Object.keys(most).length > 0 ? most : undefined;
}

/** What is left of such a limit. */
export function mostAfter(most: Partial<Amount> | undefined, spent: Amount): Partial<Amount> | undefined {
  return most && Object.fromEntries(Object.entries(most).map(([key, limit]) => [key, limit - spent[key as keyof Amount]]));
}

/** For people and models. Money is left out where the model has no known price. */
export function inWords({ tokens, turns, usd }: Amount, priced = true): string {
  const count = (number: number): string => Math.max(0, Math.floor(number)).toLocaleString("en-US");
  const parts = [`${count(tokens)} tokens`, `${count(turns)} turns`, ...(priced ? [`$${Math.max(0, usd).toFixed(2)}`] : [])];
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export function add(a: Amount, b: Amount): Amount {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens, turns: a.turns + b.turns };
}

export function subtract(a: Amount, b: Amount): Amount {
  return { usd: a.usd - b.usd, tokens: a.tokens - b.tokens, turns: a.turns - b.turns };
}

export function atLeastZero(amount: Amount): Amount {
  return { usd: Math.max(0, amount.usd), tokens: Math.max(0, amount.tokens), turns: Math.max(0, amount.turns) };
}
