// Tool calls: judged, decided, recorded, run. Every call takes this path (A4), whether a model or code asked for it, and
// its beginning is on disk before it acts (A3).

import type { AgentDefinition } from "../protocol/agents.ts";
import type { CallResult, Coverage, EventDraft, EventPayloads } from "../protocol/events.ts";
import { canonicalJson, contentHash } from "../protocol/hash.ts";
import type { CallId, Commit, GrantId, TaskId, TurnId } from "../protocol/ids.ts";
import type { TranscriptCall } from "../protocol/transcript.ts";
import { approvalFor, askApproval, digestOf, withdrawn } from "./approvals.ts";
import { permissionsOver, sandboxFor } from "./ceiling.ts";
import type { TaskInput } from "./context.ts";
import { claim } from "./claims.ts";
import { unknownResult } from "./evidence.ts";
import { folderAfter } from "./folderAfter.ts";
import { forecastOf } from "./delegate.ts";
import { type Decision, decide, onlyReads } from "./guard.ts";
import type { AskedCall, CallScope, Reach, TaskControl, ToolSpec } from "./ports.ts";
import { rootOf } from "./place.ts";
import { isAltered } from "./projectChecks.ts";
import { isOwnMachine, namedHosts } from "./provenance.ts";
import { witness } from "./receipts.ts";
import { levelUnder } from "./policy.ts";
import { compileRule, hiddenBy, pathsOf, type Rule } from "./rules.ts";
import { levelOf, type Run, stateOf, taskOf } from "./run.ts";
import { patternFor } from "./proposals.ts";
import { coverageOf, grantFor, scopesOf } from "./standing.ts";
import { stopOf } from "./stop.ts";

export type CallContext = {
  run: Run;
  taskId: TaskId;
  agent: AgentDefinition;
  tools: ToolSpec[];
  control(callId: CallId, signal: AbortSignal): TaskControl;
};

/** A call with the guard's word on it. */
export type DecidedCall = {
  callId: CallId;
  turnId?: TurnId;
  tool: string;
  arguments: unknown;
  spec?: ToolSpec;
  decision: Decision;
  invalid?: string;
  /** The files that the call would change as they are now, or the places that a command would reach. */
  preimage?: string;
  /** Where a command connects, as far as it names it: its output is text from there. */
  sources?: string[];
  /** The files that it would write by name, seen from the task's folder. */
  writes?: string[];
  /** Certainly it does nothing but read. */
  reads?: true;
  /** What a standing grant for it would cover, and the one that does. */
  coverage?: Coverage;
  /** The same for commands like it. */
  pattern?: Extract<Coverage, { kind: "pattern" }>;
  grant?: GrantId;
};

export type CallEnd = { callId: CallId; result: CallResult } | { callId: CallId; blocked: string };

/** The guard's word on each call, before any of them is recorded. */
export async function decideCalls(context: CallContext, asked: AskedCall[], turnId: TurnId | undefined): Promise<DecidedCall[]> {
  const decided: DecidedCall[] = [];
  for (const call of asked) {
    const callId = context.run.ports.ids.next("c");
    decided.push(await decideCall(context, { callId, ...(turnId ? { turnId } : {}), ...call }));
  }
  return decided;
}

export async function decideCall(
  { run, taskId, tools, agent }: CallContext,
  call: { callId: CallId; turnId?: TurnId; tool: string; arguments: unknown; invalid?: string },
): Promise<DecidedCall> {
  const spec = tools.find((tool) => tool.name === call.tool);
  if (!spec || call.invalid !== undefined) return { ...call, decision: { decision: "allow", risk: 0, reasons: [], rule: null } };
  const task = taskOf(run, taskId);
  const place = { root: rootOf(run, taskId), writable: task.writable };
  const state = stateOf(run);
  const reach = await run.ports.tools.judge(call.tool, call.arguments, place);
  const checks: string[] = [];
  for (const check of (task.input as TaskInput).checks ?? [])
    if (spec.access.effect === "execute" && !(await isAltered(run, taskId, check))) checks.push(check);
  const where = spec.access.effect === "execute" ? await run.ports.sandbox?.status(sandboxFor(run, taskId, agent)) : undefined;
  const question = {
    tool: call.tool,
    access: spec.access,
    unsandboxed: where?.driver === "off" && !where.wanted,
    reach,
    writable: task.writable,
    level: levelOf(run),
    // What was accepted beforehand counts only while the rules are known.
    yesTo: isBroken(run) ? [] : state.config.yesTo,
    checks,
    rules: rulesFor({ run, taskId, agent }),
    paths: pathsOf(call.arguments),
    taint: state.taint ?? [],
    named: reach.hosts.length > 0 ? namedHosts(state) : [],
  };
  const decision = decide(question);
  run.reconsider?.({ ...call, taskId }, decision, (policy) =>
    decide({ ...question, level: levelUnder(policy, state.config.level), rules: rulesFor({ run: { ...run, policy }, taskId, agent }) }),
  );
  const { callId, turnId, tool, arguments: args } = call;
  const preimage = preimageOf(spec, reach);
  const asked = { callId, ...(turnId ? { turnId } : {}), tool, arguments: args };
  const sources = spec.access.effect === "execute" ? reach.hosts.filter((host) => !isOwnMachine(host)).map((host) => `web:${host}`) : [];
  const named =
    spec.access.effect === "write" ? reach.places.flatMap(({ use, relative }) => (use === "write" ? (relative ?? []) : [])) : [];
  const decided = {
    ...asked,
    spec,
    ...(preimage === undefined ? {} : { preimage }),
    ...(sources.length > 0 ? { sources } : {}),
    ...(named.length > 0 ? { writes: named } : {}),
    ...(reach.commands.length > 0 && onlyReads(reach) ? { reads: true as const } : {}),
    decision,
  };
  return decision.decision === "ask" ? withGrant(run, decided, { ...place, reach }) : decided;
}

/** The files as they are now; of a command, where its names really lead, links followed: what is approved is not what they lead to later. */
export function preimageOf({ access }: ToolSpec, { preimage, places }: Reach): string | undefined {
  if (preimage !== undefined || access.effect !== "execute" || places.length === 0) return preimage;
  return contentHash(canonicalJson(places.map(({ real, use }) => [use, real])));
}

/** What would be asked is allowed where a standing grant covers exactly this. */
async function withGrant(run: Run, call: DecidedCall, { root, reach }: { root: string; reach: Reach }): Promise<DecidedCall> {
  const { workspace } = stateOf(run);
  const coverage = coverageOf({ ...call, root, workspace, reach });
  const grant = coverage && !isBroken(run) && (await grantFor(run.ports, { coverage, tool: call.tool, reach, workspace }));
  const pattern = coverage?.kind === "commands" ? patternFor(call.tool, reach) : undefined;
  if (!grant) return { ...call, ...(coverage ? { coverage } : {}), ...(pattern ? { pattern } : {}) };
  const reasons = [...call.decision.reasons, `granted by ${grant.by}: ${grant.id}`];
  return { ...call, grant: grant.id, decision: { ...call.decision, decision: "allow", reasons } };
}

/** Calls that cannot disturb each other start together; others one after the other, in the model's order. */
export function runTogether(calls: DecidedCall[]): boolean {
  return calls.every(
    ({ spec, decision }) => decision.decision === "allow" && (!spec || spec.access.effect === "read" || spec.access.effect === "control"),
  );
}

/** What is recorded together with the turn that asked for the calls. */
export function openingEvents({ agent, taskId }: CallContext, calls: DecidedCall[]): EventDraft[] {
  const begun = begunAtOnce(calls);
  return calls.map((call) => {
    const type = begun.has(call.callId) ? "call.started" : "call.requested";
    return { type, actor: agent.id, taskId, payload: payloadOf(call) };
  });
}

function begunAtOnce(calls: DecidedCall[]): Set<CallId> {
  const together = runTogether(calls);
  return new Set(calls.filter((call, i) => together || (i === 0 && call.decision.decision === "allow")).map((call) => call.callId));
}

function payloadOf({ callId, turnId, tool, arguments: args, grant, invalid }: DecidedCall): EventPayloads["call.started"] {
  const faulty = invalid === undefined ? {} : { invalid };
  return { callId, ...(turnId ? { turnId } : {}), tool, arguments: args, ...faulty, ...(grant ? { grant } : {}) };
}

/** Runs calls whose opening events are appended, `begun` those that are on record as started; each end is appended as it comes. */
export async function runCalls(
  context: CallContext,
  calls: DecidedCall[],
  signal: AbortSignal,
  begun = begunAtOnce(calls),
): Promise<CallEnd[]> {
  if (runTogether(calls)) {
    for (const call of calls) if (!begun.has(call.callId)) start(context, call);
    await context.run.log.durable();
    return Promise.all(calls.map((call) => execute(context, call, signal)));
  }
  const ends: CallEnd[] = [];
  for (const call of calls) {
    // What the calls before it did can change what this one would reach.
    const present = ends.length > 0 && !begun.has(call.callId) ? await decideCall(context, call) : call;
    ends.push(await runOne(context, present, begun.has(call.callId), signal));
    if ("blocked" in ends.at(-1)!) break;
  }
  return ends;
}

async function runOne(context: CallContext, call: DecidedCall, started: boolean, signal: AbortSignal): Promise<CallEnd> {
  const { run } = context;
  const { decision } = call;
  if (decision.decision === "deny") return refuse(context, call, "denied", `Refused: ${decision.reasons.join("; ")}.`);
  if (decision.decision === "ask" && !wasApproved(context, call)) {
    const verdict = await approval(context, call, signal);
    if (verdict) return verdict;
  }
  if (signal.aborted) return notRun(context, call, signal);
  settleQuestion(context, call);
  if (!started) start(context, call);
  await run.log.durable();
  return execute(context, call, signal);
}

function start({ run, agent, taskId }: CallContext, call: DecidedCall): void {
  run.log.append({ type: "call.started", actor: agent.id, taskId, payload: payloadOf(call) });
}

/** A question that the rules answer by now (a higher level, an accepted rule) waits for nobody any more. */
function settleQuestion({ run, taskId }: CallContext, call: DecidedCall): void {
  const open = approvalFor(run, call.callId);
  if (!open || open.resolution) return;
  const payload = { approvalId: open.approvalId, decision: "approve" as const, scope: "once" as const, by: "policy" };
  run.log.append({ type: "approval.resolved", actor: "guard", taskId, payload });
}

/**
 * An approval for the whole session counts for the same action again; one for an edit in an agent's own folder counts
 * for all of those, since nothing of them leaves that folder without the user's word.
 */
function wasApproved({ run }: CallContext, call: DecidedCall): boolean {
  const args = canonicalJson(call.arguments);
  return Object.values(stateOf(run).approvals).some((approval) => {
    const given = approval.resolution;
    if (given?.decision !== "approve" || given.scope !== "session") return false;
    if (approval.rule === "writes" && call.decision.rule === "writes" && !call.decision.fixed) return true;
    return approval.tool === call.tool && canonicalJson(approval.arguments) === args;
  });
}

/** Undefined when the person said yes. */
async function approval(context: CallContext, call: DecidedCall, signal: AbortSignal): Promise<CallEnd | undefined> {
  const { run, taskId } = context;
  const cwd = rootOf(run, taskId);
  const { risk, rule } = call.decision;
  const reasons = [...call.decision.reasons, ...forecastOf(run, taskId, call)];
  if (!stateOf(run).config.ask && !approvalFor(run, call.callId))
    return refuse(context, call, "denied", `Refused: nobody can be asked, and it ${reasons.join("; ")}.`);
  const digest = digestOf(call.tool, call.arguments, cwd, call.preimage);
  const request = {
    kind: "call" as const,
    callId: call.callId,
    tool: call.tool,
    arguments: call.arguments,
    cwd,
    digest,
    risk,
    reasons,
    rule,
    covers: scopesOf(stateOf(run), call),
  };
  const answered = await askApproval(run, taskId, request, signal);
  if (answered.kind === "blocked")
    return signal.aborted ? notRun(context, call, signal) : { callId: call.callId, blocked: answered.reason };
  const { decision, reason } = answered.answer;
  if (decision === "approve") {
    // What was approved is this action on these bytes: if they changed meanwhile, it is asked again (A9).
    const now = await decideCall(context, call);
    if (now.decision.decision === "deny") return refuse(context, now, "denied", `Refused: ${now.decision.reasons.join("; ")}.`);
    return now.preimage === call.preimage || now.decision.decision === "allow" ? undefined : approval(context, now, signal);
  }
  return refuse(context, call, "denied", `The user refused this call${reason ? `: ${reason}` : "."}`);
}

/** A stopped task is told so; when the whole session stops, the call stays open and is taken up again by a resume. */
function notRun(context: CallContext, call: DecidedCall, signal: AbortSignal): CallEnd {
  const { code, message } = stopOf(signal);
  return context.run.signal.aborted
    ? { callId: call.callId, blocked: message }
    : refuse(context, call, code, "Not run: the work was stopped.");
}

async function execute(context: CallContext, call: DecidedCall, signal: AbortSignal): Promise<CallEnd> {
  const { run } = context;
  const receipts = await witness(run, context.taskId, call);
  const began = run.ports.clock.monotonic();
  const others = call.spec?.access.effect === "write" ? await claim(run, context.taskId, call) : undefined;
  const result = withNote(withTraces(call, await outcomeOf(context, call, signal)), others);
  const cutOff = !result.ok && result.code === "cancelled" && run.signal.aborted && call.spec !== undefined && repeatable(call.spec);
  if (cutOff || (!result.ok && result.code === "blocked")) return { callId: call.callId, blocked: result.content };
  const durationMs = Math.round(run.ports.clock.monotonic() - began);
  const folder = await folderAfter(run, context.taskId, call);
  return end(context, call, result, durationMs, { ...folder, more: receipts?.(result) ?? [] });
}

/** What a command fetched is as foreign as what `web__fetch` reads; what a tool wrote by name is known to be the task's work. */
function withTraces({ sources, writes }: DecidedCall, result: CallResult): CallResult {
  if (!sources && !writes) return result;
  const details = typeof result.details === "object" && result.details !== null ? result.details : {};
  return {
    ...result,
    details: { ...details, ...(sources ? { taint: sources } : {}), ...(writes && result.ok ? { written: writes } : {}) },
  };
}

function withNote(result: CallResult, note: string | undefined): CallResult {
  // A result that is taken from the record has it already.
  return note === undefined || result.content.endsWith(note) ? result : { ...result, content: `${result.content}\n${note}` };
}

async function outcomeOf(context: CallContext, call: DecidedCall, signal: AbortSignal): Promise<CallResult> {
  const { run, taskId, agent } = context;
  if (call.invalid !== undefined)
    return { ok: false, code: "invalid_arguments", content: `The arguments were not valid JSON: ${call.invalid}. Send the call again.` };
  if (!call.spec) return unknownTool(call.tool, context.tools);
  const scope: CallScope = {
    sessionId: run.log.sessionId,
    taskId,
    callId: call.callId,
    agent: agent.id,
    root: rootOf(run, taskId),
    writable: taskOf(run, taskId).writable,
    workspace: stateOf(run).workspace,
    sandbox: sandboxFor(run, taskId, agent),
    ...hiddenFrom(context, call.tool),
    onOutput: (text) => run.onDelta(taskId, agent.id, { kind: "output", callId: call.callId, text }),
    control: context.control(call.callId, signal),
  };
  return run.ports.tools.call(call.tool, call.arguments, scope, signal);
}

function hiddenFrom(context: CallContext, tool: string): Pick<CallScope, "hidden"> {
  const hidden = hiddenBy(rulesFor(context), tool);
  return hidden ? { hidden } : {};
}

/** Of the policy, and of all agents down to this one. While a policy cannot be read, what it forbids is not known: nobody's rule allows. */
function rulesFor({ run, taskId, agent }: Pick<CallContext, "run" | "taskId" | "agent">): Rule[] {
  const rules = [...run.policy.rules, ...permissionsOver(run, taskId, agent).map(compileRule)];
  return isBroken(run) ? rules.filter(({ effect }) => effect !== "allow") : rules;
}

function isBroken({ policy }: Run): boolean {
  return policy.problems.length > 0;
}

function unknownTool(name: string, tools: ToolSpec[]): CallResult {
  return {
    ok: false,
    code: "unknown_tool",
    content: `There is no tool "${name}" for you. Your tools: ${tools.map((tool) => tool.name).join(", ") || "none"}.`,
  };
}

function refuse(context: CallContext, call: DecidedCall, code: string, content: string): CallEnd {
  return end(context, call, { ok: false, code, content }, 0);
}

function end(
  { run, agent, taskId }: CallContext,
  { callId, tool }: DecidedCall,
  result: CallResult,
  durationMs: number,
  { more = [], ...folder }: { folder?: Commit | null; more?: EventDraft[] } = {},
): CallEnd {
  const ended: EventDraft = { type: "call.ended", actor: agent.id, taskId, payload: { callId, tool, result, durationMs, ...folder } };
  run.log.append(...withdrawn(run, callId, taskId), ended, ...more);
  return { callId, result };
}

/** Calls that an earlier process left open: what had begun and may have acted is not repeated (A3). */
export async function settleOpenCalls(
  context: CallContext,
  open: TranscriptCall[],
  turnId: TurnId | undefined,
  signal: AbortSignal,
): Promise<CallEnd[]> {
  const decided: DecidedCall[] = [];
  for (const call of open) {
    const again = await decideCall(context, {
      callId: call.callId,
      ...(turnId ? { turnId } : {}),
      tool: call.tool,
      arguments: call.arguments,
    });
    const mayHaveActed = call.started && again.spec !== undefined && !repeatable(again.spec);
    if (mayHaveActed) end(context, again, await unknownResult(context.run, context.taskId), 0);
    else decided.push(again);
  }
  const begun = new Set(open.filter((call) => call.started).map((call) => call.callId));
  return decided.length > 0 ? runCalls(context, decided, signal, begun) : [];
}

/**
 * Reading changes nothing; what the flow itself does is keyed by the call and finds its child or its question again; and a
 * tool that takes a key does the same thing once.
 */
function repeatable({ access }: ToolSpec): boolean {
  return access.effect === "read" || access.effect === "control" || access.idempotent || access.keyed === true;
}
