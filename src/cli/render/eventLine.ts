// One event as one line, for plain progress and for the trace. One entry per event type, by a mapped type.
// `undefined` means that a type has nothing to say on a line of its own.

import { type EventOf, type EventPayloads, type EventType, isKnown, ranUnsandboxed, type TraceEvent } from "../../protocol/events.ts";
import { placeOf } from "../../protocol/lineComment.ts";
import { sayCompaction } from "../../protocol/ledger.ts";
import type { SessionState } from "../../protocol/state.ts";
import { textOf } from "../../protocol/transcript.ts";
import { cost, duration, oneLine, sayAmounts, shortArguments, tokens, visible } from "../format.ts";

const wide = 100;

type Line<T extends EventType> = (event: EventOf<T>, state: SessionState) => string | undefined;

const lines: { [T in EventType]: Line<T> } = {
  "session.created": ({ payload }) =>
    `session created in ${payload.workspace} (model ${modelLabel(payload.config.model)}, workflow ${payload.config.workflow}, level ${payload.config.level})`,
  "session.resumed": ({ payload }) => `session resumed${payload.prompt === undefined ? "" : `: ${oneLine(payload.prompt, wide)}`}`,
  "session.ended": ({ payload }) => `session ${payload.status}`,
  "run.started": ({ payload }) => `run started: ${oneLine(payload.prompt, wide)}`,
  "run.ended": ({ payload }) =>
    `run ${payload.status}${payload.reason ? `: ${oneLine(payload.reason, wide)}` : ""}${payload.unproven ? " (unproven)" : ""}`,
  "workflow.node.enter": ({ payload: { node, agent } }) => `→ ${node.stepId ?? node.kind} (${agent})`,
  "workflow.node.exit": ({ payload: { node, status } }) => `← ${node.stepId ?? node.kind} ${status}`,
  "plan.submitted": ({ payload }) => `plan by ${payload.by}: ${payload.steps.map((step) => step.id).join(" → ") || "none"}`,
  "plan.amended": ({ payload }) => `plan + ${payload.add.map((step) => step.id).join(", ")}: ${payload.reason}`,
  "task.created": ({ payload: { task } }) => `task for ${task.assignedAgent}: ${oneLine(task.goal, wide)}`,
  "task.updated": ({ payload }) =>
    payload.status === "running" || payload.status === "pending"
      ? undefined
      : `task ${payload.status}${detail(payload.reason ?? payload.output?.summary)}`,
  "turn.started": () => undefined,
  "turn.retried": ({ payload }) => `retry ${payload.attempt} in ${duration(payload.delayMs)}: ${oneLine(payload.message, wide)}`,
  "turn.ended": ({ payload }) => {
    const fault = payload.error ? ` — ${oneLine(payload.error.message, wide)}` : "";
    return `${payload.purpose ?? "turn"} ${payload.stop} · ${modelLabel(payload.model)} · ${tokens(payload.usage)} · ${cost(payload.costUsd ?? 0, payload.costUsd === null)} · ${duration(payload.durationMs)}${fault}`;
  },
  message: ({ payload }) =>
    textOf(payload.content).trim() ? `${payload.role === "user" ? "told" : "says"}: ${oneLine(textOf(payload.content), wide)}` : undefined,
  "call.requested": () => undefined,
  "call.started": ({ payload }) => `call ${payload.tool} ${shortArguments(payload.arguments, wide)}`,
  "call.ended": ({ payload }) =>
    `  ${payload.result.ok ? "ok" : payload.result.code} ${payload.tool} (${duration(payload.durationMs)}${ranUnsandboxed(payload.result) ? ", unsandboxed" : ""})${payload.result.ok ? "" : `: ${oneLine(payload.result.content, wide)}`}`,
  "context.compacted": ({ payload }) => sayCompaction(payload),
  handoff: ({ payload }) => `${payload.kind}: ${payload.from} ⇒ ${payload.to}`,
  "state.changed": ({ payload }) => `${payload.key} changed: ${sayChange(payload)}`,
  "message.sent": ({ payload }) =>
    payload.from === "orchestrator" ? undefined : `message ${payload.from} ⇒ ${payload.to} (${payload.mode})`,
  "message.delivered": ({ payload }) => `message ${payload.messageId} delivered`,
  "approval.requested": ({ payload }) =>
    payload.kind === "landing"
      ? `approval ${payload.approvalId} asked: the changes`
      : `approval ${payload.approvalId} asked: ${payload.tool} ${shortArguments(payload.arguments, wide)} (risk ${payload.risk}: ${payload.reasons.join("; ")})`,
  "approval.resolved": ({ payload }) =>
    `approval ${payload.approvalId}: ${payload.decision} by ${payload.by}${payload.reason ? ` (${oneLine(payload.reason, wide)})` : ""}`,
  "interrupt.raised": ({ payload }) =>
    `${payload.kind === "progress_report" ? "progress" : `asks (${payload.interruptId})`}: ${oneLine(payload.text, wide)}`,
  "interrupt.resolved": ({ payload }) => `answer to ${payload.interruptId}: ${payload.action} ${oneLine(payload.text, wide)}`,
  "review.scored": ({ payload }) => {
    const parts = Object.entries(payload.by).map(([agent, score]) => `${agent} ${score.toFixed(2)}`);
    const verdict = payload.score < payload.below ? `below ${payload.below}` : "accepted";
    return `review of round ${payload.round + 1}: ${payload.score.toFixed(2)}, ${verdict} (${parts.join(", ")}; ${payload.findings.length} findings)`;
  },
  "review.commented": ({ payload: { comments } }) =>
    `commented: ${comments.map((one) => oneLine(`${placeOf(one)} ${one.text}`, wide)).join("; ")}`,
  "receipt.issued": ({ payload }) =>
    `receipt: ${payload.command} exit ${payload.exitCode} (${duration(payload.durationMs)}, tree ${payload.tree.slice(0, 10)})`,
  "budget.reserved": ({ payload }) => `budget reserved: ${payload.amount.tokens} tokens, ${cost(payload.amount.usd, false)}`,
  "budget.spent": ({ payload }) => `budget spent: ${payload.amount.tokens} tokens, ${cost(payload.amount.usd, false)}`,
  "budget.refunded": ({ payload }) => `budget returned: ${payload.amount.tokens} tokens, ${cost(payload.amount.usd, false)}`,
  "workspace.opened": ({ payload: { base, left } }) => {
    const out = left ? `; left out, too large or unreadable: ${oneLine(left.join(", "), wide)}` : "";
    return `workspace taken as it is (${base.slice(0, 10)})${out}`;
  },
  "work.merged": ({ payload: { conflicts, fails, files } }) => {
    if (fails) return `not joined, since ${fails.command} fails on both together: ${files.join(", ")}`;
    return conflicts.length > 0 ? `conflict in ${conflicts.join(", ")}` : `joined: ${files.join(", ")}`;
  },
  "work.set_aside": ({ payload }) => `candidate ${payload.stepId} set aside (${payload.commit.slice(0, 10)})`,
  "checkpoint.created": ({ payload }) => `checkpoint ${payload.checkpointId} ${payload.name} (${payload.commit.slice(0, 10)})`,
  "landing.proposed": ({ payload }) =>
    `changes ready: ${payload.files.map((file) => `${file.path} +${file.added} -${file.removed}`).join(", ")}`,
  "landing.reopened": () => "what waited before waits again",
  "landing.done": ({ payload }) =>
    `changes ${payload.decision}: ${(payload.conflicts.length > 0 ? payload.conflicts : payload.files).join(", ")}`,
  "landing.part": ({ payload: { decision, files, conflicts, joined } }) =>
    conflicts.length > 0
      ? `conflict in ${conflicts.join(", ")}; nothing was written`
      : `parts ${joined ? "joined by hand" : decision}: ${files.join(", ")}`,
  "rollback.done": ({ payload: { to, files, conflicts } }) =>
    conflicts.length > 0
      ? `conflict in ${conflicts.join(", ")}; nothing was changed`
      : `files taken back to ${to}: ${files.join(", ") || "none"}`,
  "work.claimed": ({ payload: { path, symbols, with: others } }) =>
    others ? `others change ${symbols.join(", ")} of ${path} at the same time: ${others.join(", ")}` : undefined,
  "work.undone": ({ payload: { again, base, files, conflicts } }) => {
    if (conflicts.length > 0) return `conflict in ${conflicts.join(", ")}; nothing was changed`;
    const where = base === undefined ? "the proposed result" : "your files";
    return `work ${again ? `put back into ${where}` : `taken out of ${where}`}: ${files.join(", ") || "none"}`;
  },
  "commit.planned": () => undefined,
  "commit.made": ({ payload: { commit, branch, files } }) => `committed as ${commit.slice(0, 10)} on ${branch}: ${files.join(", ")}`,
  "policy.applied": ({ payload }) => `policy: ${sayPolicy(payload)}`,
  "fact.put": ({ payload }) => `fact: ${oneLine(payload.statement, wide)}`,
  "decision.recorded": ({ payload }) => `decision: ${oneLine(payload.statement, wide)}`,
  "document.added": ({ payload }) => `document ${payload.filename}`,
  error: ({ payload }) => `error ${payload.code}: ${oneLine(payload.message, wide)}`,
};

export function eventLine(event: TraceEvent, state: SessionState): string | undefined {
  if (!isKnown(event)) return `${event.type} ${oneLine(JSON.stringify(event.payload), wide)}`;
  const said = (lines[event.type] as Line<EventType>)(event, state);
  return said === undefined ? undefined : visible(said).replaceAll("\n", "⟨U+000A⟩");
}

/** The scripted model is named as what it is wherever it shows. */
export function modelLabel(model: string): string {
  return isScripted(model) ? `${model} (scripted, no real model)` : model;
}

/** For places with little room. */
export function shortModelLabel(model: string): string {
  return isScripted(model) ? `${model} (scripted)` : model;
}

function isScripted(model: string): boolean {
  return model === "demo" || model.startsWith("scripted:");
}

function detail(text: string | undefined): string {
  return text ? `: ${oneLine(text, wide)}` : "";
}

function sayChange({ key, value }: EventPayloads["state.changed"]): string {
  if (key !== "config") return oneLine(JSON.stringify(value), wide);
  const said = Object.entries(value as object).map(([name, to]) => `${name} ${isAmounts(to) ? sayAmounts(to) : String(to)}`);
  return oneLine(said.join("; "), wide);
}

function isAmounts(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sayPolicy({ files, problems, heldAt }: EventPayloads["policy.applied"]): string {
  const held = files.map(({ file, trusted }) => (trusted ? file : `${file} (tightens only; not accepted)`));
  const faults = problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message.replace(/\.$/, "")}`);
  const broken = faults.length > 0 ? ["until it is mended, only reading is allowed unasked"] : [];
  return [...held, ...faults, ...broken, ...(heldAt ? [`level ${heldAt} at most`] : [])].join(", ");
}
