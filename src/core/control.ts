// What the built-in `agents` tools do to the flow, for one call of one task: hand in a plan or a result, delegate, ask.
// Each is safe to repeat for the same call, so that a resumed agent finds its child or its question again.

import type { AgentDefinition, PlanStep, TaskResult } from "../protocol/agents.ts";
import type { CallResult } from "../protocol/events.ts";
import type { CallId, TaskId } from "../protocol/ids.ts";
import { unreachable } from "../protocol/result.ts";
import { askPerson } from "./approvals.ts";
import { ceilingFor } from "./ceiling.ts";
import { describeResult, section } from "./context.ts";
import { inWords, rootAmount, spentBy, stepsWithin, subtract } from "./budget.ts";
import { delegateWork, tooLittleToDelegate } from "./delegate.ts";
import { checkPlan } from "./plan.ts";
import type { Grant, TaskControl } from "./ports.ts";
import { recall } from "./recall.ts";
import { agentOf, type Run, stateOf, taskOf } from "./run.ts";

type ControlContext = {
  run: Run;
  taskId: TaskId;
  agent: AgentDefinition;
  callId: CallId;
  signal: AbortSignal;
  handedIn: { result?: TaskResult };
};

export function createControl(context: ControlContext): TaskControl {
  return {
    submitPlan: (plan) => submitPlan(context, plan),
    submitResult: (result) => submitResult(context, result),
    delegate: (request) => delegate(context, request),
    ask: (question) => ask(context, question),
    reportProgress: (report) => reportProgress(context, report),
    recall: (request) => recall(context.run, context.taskId, request),
  };
}

async function submitPlan(
  { run, agent, handedIn, taskId }: ControlContext,
  plan: { steps: PlanStep[]; rationale?: string },
): Promise<CallResult> {
  const present = stateOf(run).run;
  if (present?.plan && handedIn.result) return { ok: true, content: "The plan is taken." };
  if (present?.plan) return refused("conflict", "There is a plan already; work goes on by that one.");
  const checked = checkPlan(plan.steps, run.ports.registry);
  if (!checked.ok) return refused("invalid_plan", checked.error.message);
  const short = tooLargeFor(run, checked.value.length);
  if (short) return refused("budget", short);
  const rationale = plan.rationale === undefined ? {} : { rationale: plan.rationale };
  const names = checked.value.map((step) => `${step.id} (${step.type})`).join(", ");
  handedIn.result = { status: "done", summary: plan.rationale ?? `A plan of ${checked.value.length} steps: ${names}.` };
  run.log.append(
    { type: "plan.submitted", actor: agent.id, taskId, payload: { steps: checked.value, ...rationale, by: agent.id } },
    { type: "task.updated", actor: agent.id, taskId, payload: { status: "running", output: handedIn.result } },
  );
  return { ok: true, content: `The plan is taken: ${names}.` };
}

/** A plan whose steps could not all begin is refused before the first one does. */
function tooLargeFor(run: Run, steps: number): string | undefined {
  const state = stateOf(run);
  const left = subtract(rootAmount(state), spentBy(state, taskOf(run, state.run!.rootTask)));
  const most = stepsWithin(left);
  if (steps <= most) return undefined;
  const way =
    most > 0
      ? `Hand in a plan of at most ${most} ${most === 1 ? "step" : "steps"}.`
      : "Hand in your result, and say that the budget is used up.";
  return `The plan was not taken: what is left of the budget (${inWords(left)}) does not pay for ${steps} steps. ${way}`;
}

/** On record before the call ends, so that a result that was taken is never asked for again. */
async function submitResult({ handedIn, run, taskId, agent }: ControlContext, result: TaskResult): Promise<CallResult> {
  const { type } = taskOf(run, taskId).input as { type?: string };
  if (type === "review" && result.status === "done" && result.score === undefined)
    return refused("no_score", "A review needs a score from 0 to 1.");
  handedIn.result = result;
  run.log.append({ type: "task.updated", actor: agent.id, taskId, payload: { status: "running", output: result } });
  return { ok: true, content: "The result is taken." };
}

async function delegate(
  context: ControlContext,
  request: { agent: string; goal: string; input?: unknown; grant?: Grant },
): Promise<CallResult> {
  const { run, agent, taskId, callId, signal } = context;
  const child = agentOf(run, request.agent);
  if (!child || !agent.subAgents.includes(child.id)) {
    return refused(
      "unknown_agent",
      `You cannot delegate to "${request.agent}". You may delegate to: ${agent.subAgents.join(", ") || "nobody"}.`,
    );
  }
  const short = tooLittleToDelegate(run, taskId, callId, child, request.grant?.budget);
  if (short) return refused("budget", short);
  const given = request.input === undefined ? [] : [await section(run.ports.store, "Input", asText(request.input))];
  const ceiling = ceilingFor(run, taskId, agent, request.grant?.permissions);
  const work = { key: callId, agent: child, goal: request.goal, sections: given, ceiling, most: request.grant?.budget };
  const end = await delegateWork(run, taskId, work, signal);
  if (end.kind === "blocked") return refused("blocked", end.reason);
  const content = describeResult(end.result);
  return end.result.status === "done"
    ? { ok: true, content, details: end.result }
    : { ok: false, code: `child_${end.result.status}`, content, details: end.result };
}

function asText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input, null, 2);
}

type Question = { kind: "user_input" | "debug_request"; text: string; choices?: string[]; schema?: unknown };

async function ask({ run, taskId, agent, callId, signal }: ControlContext, question: Question): Promise<CallResult> {
  if (!stateOf(run).config.ask)
    return refused("nobody_to_ask", "Nobody can be asked in this session. Decide by yourself, and say in your result what you assumed.");
  const answered = await askPerson(run, taskId, agent.id, { ...question, callId }, signal);
  if (answered.kind === "blocked") return refused(signal.aborted ? "cancelled" : "blocked", answered.reason);
  const { action, text } = answered.answer;
  switch (action) {
    case "respond":
      return { ok: true, content: text };
    case "modify":
      return { ok: true, content: `New instructions from the user, which replace the earlier ones where they differ:\n${text}` };
    case "cancel":
      return refused("cancelled_by_user", `The user does not want this to go on${text ? `: ${text}` : "."} Hand in what you have.`);
    default:
      return unreachable(action as never);
  }
}

async function reportProgress(
  { run, taskId, agent, callId }: ControlContext,
  report: { summary: string; percent?: number },
): Promise<CallResult> {
  const percent = report.percent === undefined ? {} : { percent: report.percent };
  const interruptId = run.ports.ids.next("i");
  run.log.append({
    type: "interrupt.raised",
    actor: agent.id,
    taskId,
    payload: { interruptId, kind: "progress_report", callId, text: report.summary, ...percent },
  });
  return { ok: true, content: "Noted." };
}

function refused(code: string, content: string): CallResult {
  return { ok: false, code, content };
}
