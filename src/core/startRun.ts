// How a session and its runs begin: a new session, a first or further run, or the resumption of one that was cut off.

import type { Budget } from "../protocol/agents.ts";
import type { Commands } from "../protocol/commands.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { EventDraft, EventPayloads, ImageRef } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { TaskId } from "../protocol/ids.ts";
import { type Beginning, carriedWork } from "./carry.ts";
import { text } from "./context.ts";
import { givenUp } from "./giveUp.ts";
import type { Ports } from "./ports.ts";
import { leastBudget } from "./policy.ts";
import { ownChecks } from "./projectChecks.ts";
import { agentOf, levelOf, type Run, stateOf } from "./run.ts";
import { placeFor, writes } from "./nodes.ts";
import { retryOf } from "./plan.ts";
import { createSessionLog } from "./sessionLog.ts";
import { refusedElsewhere } from "./imported.ts";
import { earlierSections } from "./stepInput.ts";

export async function createSession(ports: Ports, command: Commands["session.create"]): Promise<Result<{ sessionId: string }>> {
  const { goal, workspace, config, images } = command;
  const sessionId = command.sessionId ?? ports.ids.next("s");
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(sessionId)) return fail("invalid", unusableId);
  if (await ports.store.findSession(sessionId)) return fail("conflict", `Session "${sessionId}" exists already.`);
  const checked = await ports.workspace.check(workspace);
  if (!checked.ok) return checked;
  if (!ports.registry.agent(config.agent)) return fail("not_found", `Blueprint not found: ${config.agent}`);
  if (!ports.registry.workflow(config.workflow)) return fail("not_found", `Workflow not found: ${config.workflow}`);
  let broken: Error | undefined;
  const log = createSessionLog(ports, { sessionId, state: undefined, runId: ports.ids.next("r"), onBroken: (error) => (broken = error) });
  const name = command.name ?? sessionId;
  log.append({
    type: "session.created",
    actor: command.by ?? "user",
    payload: { name, goal, workspace: checked.value.path, config, ...withImages(images) },
  });
  await log.durable().catch(() => undefined);
  return broken ? fail("not_recorded", broken.message) : ok({ sessionId });
}

const unusableId = "A session id is 1 to 64 letters, digits, dots, underscores and hyphens, and begins with none of . and -.";

/** `begin` takes the place of what a prompt begins with: it may bring a plan of its own. */
export type RunCommand = Commands["session.run"] & { begin?: Beginning };

/** Records the beginning of a run, or the return to one; says why when there is nothing to run. */
export async function prepareRun(
  run: Run,
  command: RunCommand,
): Promise<{ ok: false; error: ReturnType<typeof fail>["error"] } | undefined> {
  const state = stateOf(run);
  const changed = {
    ...(command.level ? { level: command.level } : {}),
    ...(command.budgetUsd === undefined ? {} : { budget: enlarged(state.config.budget, command.budgetUsd) }),
    ...(command.yesTo?.length ? { yesTo: [...state.config.yesTo, ...command.yesTo] } : {}),
  };
  const { budget } = { ...state.config, ...changed };
  const most = leastBudget(budget, run.policy.budgets);
  if (canonicalJson(most) !== canonicalJson(budget)) Object.assign(changed, { budget: most });
  const elsewhere = refusedElsewhere(state);
  if (elsewhere) return elsewhere;
  const checked = await run.ports.workspace.check(state.workspace);
  if (!checked.ok) return checked;
  const carried = command.prompt === undefined ? ok([]) : await (command.begin ?? carriedWork)(run, command.prompt);
  if (!carried.ok) return carried;
  if (Object.keys(changed).length > 0) run.log.append({ type: "state.changed", actor: "user", payload: { key: "config", value: changed } });
  recordPolicy(run);
  if (command.prompt === undefined && state.run?.past) {
    const why = state.run.past === "forked" ? "was forked where that run had ended" : "was taken back to before that run";
    return fail("nothing_to_do", `Session ${state.id} ${why}; give it a new prompt with -p.`);
  }
  if (command.prompt === undefined && state.run && state.run.status !== "done") {
    const retry = state.run.status === "failed" ? retryOf(state.run) : undefined;
    run.log.append({ type: "session.resumed", actor: "user", payload: { lastSeq: state.seq } });
    if (retry) run.log.append({ type: "plan.amended", actor: "user", payload: retry });
    await reopenRoot(run);
    return undefined;
  }
  if (command.prompt === undefined && state.runs > 0)
    return fail("nothing_to_do", `Session ${state.id} is done; give it a new prompt with -p.`);
  const workflow = run.ports.registry.workflow(state.config.workflow);
  if (!workflow) return fail("not_found", `Workflow not found: ${state.config.workflow}`);
  if (state.runs > 0) run.log.append({ type: "session.resumed", actor: "user", payload: { lastSeq: state.seq, prompt: command.prompt! } });
  const { prompt = state.goal, images = command.prompt === undefined ? state.images : undefined } = command;
  await beginRun(run, { prompt, workflow, ...withImages(images) }, carried.value);
  return undefined;
}

function recordPolicy(run: Run): void {
  const { files, problems } = run.policy;
  if (files.length + problems.length === 0) return;
  const level = levelOf(run);
  const heldAt = level === stateOf(run).config.level ? {} : { heldAt: level };
  run.log.append({ type: "policy.applied", actor: "guard", payload: { files, problems, ...heldAt } });
}

function withImages(images: ImageRef[] | undefined): { images?: ImageRef[] } {
  return images && images.length > 0 ? { images } : {};
}

type Begun = Omit<EventPayloads["run.started"], "rootTask">;

async function beginRun(run: Run, begun: Begun, carried: EventDraft[]): Promise<void> {
  run.log.beginRun(run.ports.ids.next("r"));
  const rootTask: TaskId = run.ports.ids.next("t");
  run.log.append(
    ...givenUp(stateOf(run), "the session went on with another prompt"),
    { type: "run.started", actor: "user", payload: { ...begun, rootTask } },
    { type: "message", actor: "user", payload: { role: "user", content: text(begun.prompt) } },
    ...carried,
  );
  await createRoot(run, rootTask, begun.prompt);
}

/** Tokens and turns grow with the money, never shrink: whichever ran out, a larger budget goes on. */
export function enlarged(budget: Budget, usd: number): Budget {
  const factor = Math.max(1, usd / budget.usd);
  return { ...budget, usd, tokens: Math.ceil(budget.tokens * factor), turns: Math.ceil(budget.turns * factor) };
}

/** The root of a run that is gone on with: stopped, it works again; a process may even have ended before it was made. */
async function reopenRoot(run: Run): Promise<void> {
  const { rootTask, prompt } = stateOf(run).run!;
  const root = stateOf(run).tasks[rootTask];
  if (!root) await createRoot(run, rootTask, prompt);
  else if (root.status !== "running" && root.status !== "done")
    run.log.append({ type: "task.updated", actor: "orchestrator", taskId: rootTask, payload: { status: "running" } });
}

async function createRoot(run: Run, rootTask: TaskId, prompt: string): Promise<void> {
  const { config, id } = stateOf(run);
  const agent = agentOf(run, config.agent);
  const writable = config.agent !== "coordinator" && agent !== undefined && writes(run, agent);
  const place = writable ? await placeFor(run, rootTask) : {};
  const checks = (await ownChecks(run)).map((check) => check.command);
  const at = run.ports.clock.now();
  const sections = earlierSections(stateOf(run));
  const task = {
    id: rootTask,
    sessionId: id,
    assignedAgent: config.agent,
    goal: prompt,
    status: "running" as const,
    input: { checks, sections },
    createdAt: at,
    updatedAt: at,
  };
  run.log.append({ type: "task.created", actor: "user", taskId: rootTask, payload: { task, writable, ...place } });
}
