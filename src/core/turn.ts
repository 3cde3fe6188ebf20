// One turn's model call: budget first, then the call with retries, every fault an outcome. Owns no conversation.

import type { ModelOutcome, ModelRequest } from "./ports.ts";
import type { AgentDefinition, Amount } from "../protocol/agents.ts";

import type { ContentHash, TaskId, TurnId } from "../protocol/ids.ts";
import type { ContextFigures } from "../protocol/ledger.ts";
import { addUsage, noUsage } from "../protocol/state.ts";
import { availableTo, exhausted, overspent, topUp } from "./budget.ts";
import type { Account } from "./contextWindow.ts";
import { type Run, stateOf, wayToMore } from "./run.ts";
import { linked, type Stop } from "./stop.ts";

const mostAttempts = 5;
const firstDelayMs = 500;
const longestDelayMs = 60_000;
/** How far an estimate, and the figure of a provider with an estimate for what came since, may be off. */
const doubt = { estimated: 1.6, counted: 1.1 };
const leastAnswer = 1_000;
const turnTimeoutMs = 10 * 60_000;

/** What a turn's model is given. */
export type Seen = Pick<ModelRequest, "system" | "messages" | "tools" | "steady"> & {
  hash: ContentHash;
  /** Says how much that is, and hears it where it was counted. */
  account: Account;
  figures?: ContextFigures;
};

export type TurnRequest = {
  taskId: TaskId;
  agent: AgentDefinition;
  model: string;
  seen: Seen;
  maxTokens: number;
  purpose?: "summary";
};

export type TurnAnswer = { turnId: TurnId; outcome: ModelOutcome; durationMs: number };

/** Why no further turn may begin, if so; tries to get a larger share from the parent before it gives up. */
export function budgetStop(run: Run, taskId: TaskId, next: { model: string; tokens: number }): Stop | undefined {
  const short = tooLittle(run, taskId, next);
  if (!short) return undefined;
  for (const payload of topUp(stateOf(run), taskId))
    run.log.append({ type: "budget.reserved", actor: "orchestrator", taskId: payload.taskId, payload });
  if (!tooLittle(run, taskId, next)) return undefined;
  return { code: "budget", message: usedUp(run, short) };
}

function usedUp(run: Run, short: string): string {
  const key = short === "money" ? "usd" : (short as "tokens" | "turns");
  return `the budget is used up (${short}); ${wayToMore(run, [key])}`;
}

/** What is too little for even a short answer. */
function tooLittle(run: Run, taskId: TaskId, next: { model: string; tokens: number }): string | undefined {
  const left = availableTo(stateOf(run), taskId);
  const gone = exhausted(left) ?? overspent(stateOf(run));
  if (gone) return gone;
  if (left.tokens - next.tokens < leastAnswer) return "tokens";
  return affordable(run, left, next) < leastAnswer ? "money" : undefined;
}

/** How many tokens of answer the money pays for that is left when the request itself is paid. */
function affordable(run: Run, left: Amount, { model, tokens }: { model: string; tokens: number }): number {
  const info = run.ports.models.resolve(model);
  const price = info.ok ? info.value.outputUsdPerMillion : undefined;
  const inputPrice = (info.ok ? info.value.inputUsdPerMillion : undefined) ?? 0;
  const input = (tokens * inputPrice) / 1_000_000;
  return price ? ((left.usd - input) / price) * 1_000_000 : Infinity;
}

/** Asks the model, with retries on what passes by itself. The turn's start is on disk before the first request (A3). */
export async function askModel(run: Run, request: TurnRequest, signal: AbortSignal): Promise<TurnAnswer> {
  const { taskId, agent, model, seen, purpose } = request;
  const { hash: contextHash, figures } = seen;
  const turnId = run.ports.ids.next("u");
  const payload = { turnId, model, attempt: 1, contextHash, ...(figures ? { seen: figures } : {}), ...(purpose ? { purpose } : {}) };
  run.log.append({ type: "turn.started", actor: agent.id, taskId, payload });
  const recorded = run.log.durable();
  const modelRequest: ModelRequest = {
    model,
    system: seen.system,
    messages: seen.messages,
    tools: seen.tools,
    maxTokens: request.maxTokens,
    turnId,
    ...(seen.steady === undefined ? {} : { steady: seen.steady }),
    ...(agent.temperature === undefined ? {} : { temperature: agent.temperature }),
  };
  // The store has its batch once this tick is over; what needs no record is done while it writes.
  await Promise.resolve();
  run.ports.models.prepare?.(modelRequest);
  await recorded;
  const began = run.ports.clock.monotonic();
  const maxTokens = await roomFor(run, taskId, modelRequest, seen, signal);
  const outcome: ModelOutcome =
    typeof maxTokens === "number"
      ? await withRetries(run, { taskId, agent: agent.id, turnId, modelRequest: withRoom(modelRequest, maxTokens) }, signal)
      : maxTokens;
  return { turnId, outcome, durationMs: Math.round(run.ports.clock.monotonic() - began) };
}

/** The same request where nothing changes: what was prepared for it stays good. */
function withRoom(request: ModelRequest, maxTokens: number): ModelRequest {
  return request.maxTokens === maxTokens ? request : { ...request, maxTokens };
}

/**
 * How long the answer may be: as asked, or what the budget and the model's window leave beside the request itself. Counted
 * exactly only when an estimate comes near one of them, so that an ordinary turn costs no further request.
 */
async function roomFor(run: Run, taskId: TaskId, request: ModelRequest, seen: Seen, signal: AbortSignal): Promise<number | ModelOutcome> {
  const info = run.ports.models.resolve(request.model);
  if (!info.ok) return request.maxTokens;
  const { contextWindow, maxOutput } = info.value;
  const left = availableTo(stateOf(run), taskId);
  const paid = Math.floor(affordable(run, left, { model: request.model, tokens: seen.account.tokens }));
  const wanted = Math.max(leastAnswer, Math.min(request.maxTokens, maxOutput, paid));
  if (seen.account.tokens * (seen.account.isCounted ? doubt.counted : doubt.estimated) + wanted <= Math.min(contextWindow, left.tokens))
    return wanted;
  const tokens = await run.ports.models.countTokens(request, signal);
  // A request for a summary is more, or less, than what the account is of.
  if (seen.figures) seen.account.counted(tokens);
  const room = Math.min(contextWindow, left.tokens) - tokens;
  if (room >= leastAnswer) return Math.min(wanted, room);
  const failure = { kind: "failed", retryable: false, usage: noUsage, costUsd: 0 } as const;
  if (left.tokens < contextWindow) return { ...failure, code: "spend_limit", message: usedUp(run, "tokens") };
  const message = `the conversation has ${tokens} tokens, too many for the ${contextWindow} of ${request.model}; give the task to a model with a larger window, or divide it`;
  return { ...failure, code: "too_long", message };
}

type Attempt = { taskId: TaskId; agent: string; turnId: TurnId; modelRequest: ModelRequest };

async function withRetries(run: Run, turn: Attempt, signal: AbortSignal): Promise<ModelOutcome> {
  let before: Pick<ModelOutcome, "usage" | "costUsd"> = { usage: noUsage, costUsd: 0 };
  for (let attempt = 1; ; attempt++) {
    const outcome = withSpending(await once(run, turn, signal), before);
    before = outcome;
    if (outcome.kind !== "failed" || !outcome.retryable || attempt >= mostAttempts || signal.aborted) return outcome;
    const delayMs = delayBefore(run, attempt, outcome.retryAfterMs);
    if (delayMs === undefined) return outcome;
    const { code, message } = outcome;
    run.log.append({
      type: "turn.retried",
      actor: "orchestrator",
      taskId: turn.taskId,
      payload: { turnId: turn.turnId, attempt, code, message, delayMs },
    });
    await run.ports.clock.sleep(delayMs, signal);
    if (signal.aborted) return { kind: "cancelled", usage: outcome.usage, costUsd: outcome.costUsd };
  }
}

/** What failed attempts used counts as well. */
function withSpending(outcome: ModelOutcome, before: Pick<ModelOutcome, "usage" | "costUsd">): ModelOutcome {
  const costUsd = outcome.costUsd === null || before.costUsd === null ? null : outcome.costUsd + before.costUsd;
  return { ...outcome, usage: addUsage(before.usage, outcome.usage), costUsd };
}

/** Doubling, with jitter; a server's own word counts, unless it asks for longer than anybody would wait. */
function delayBefore(run: Run, attempt: number, retryAfterMs: number | undefined): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs > longestDelayMs ? undefined : Math.max(retryAfterMs, 1);
  return Math.round(firstDelayMs * 2 ** (attempt - 1) * (0.75 + run.ports.ids.random() / 2));
}

async function once(run: Run, turn: Attempt, signal: AbortSignal): Promise<ModelOutcome> {
  const { controller, release } = linked(signal);
  const timer = new AbortController();
  let late = false;
  void run.ports.clock.sleep(turnTimeoutMs, timer.signal).then(() => {
    if (timer.signal.aborted) return;
    late = true;
    controller.abort();
  });
  try {
    const outcome = await run.ports.models.stream(
      turn.modelRequest,
      (delta) => run.onDelta(turn.taskId, turn.agent, delta),
      controller.signal,
    );
    if (!late || outcome.kind !== "cancelled") return outcome;
    const message = `the model did not finish within ${turnTimeoutMs / 60_000} minutes`;
    return { kind: "failed", code: "timeout", message, retryable: true, usage: outcome.usage, costUsd: outcome.costUsd };
  } finally {
    timer.abort("over"); // a reason of our own spares the making of an error with its stack, every turn
    release();
  }
}
