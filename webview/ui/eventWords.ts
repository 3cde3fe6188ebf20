// Each event in one line of words, by a mapped type: a new type without its line does not compile. Unknown types are shown
// as they are (A14).

import { type EventOf, type EventType, isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import { sayCompaction } from "../../src/protocol/ledger.ts";
import { placeOf } from "../../src/protocol/lineComment.ts";
import { totalTokens } from "../../src/protocol/state.ts";
import { textOf } from "../../src/protocol/transcript.ts";
import { brief, plural, sayCall, sayCost, sayTokens } from "./words.ts";

const longest = 240;

const lines: { [T in EventType]: (payload: EventOf<T>["payload"]) => string } = {
  "session.created": ({ goal }) => goal,
  "session.resumed": ({ prompt }) => prompt ?? "goes on",
  "session.ended": ({ status }) => status,
  "run.started": ({ prompt, workflow }) => `${workflow.id}: ${prompt}`,
  "run.ended": ({ status, reason, answer }) => `${status}: ${reason ?? answer}`,
  "workflow.node.enter": ({ node, agent }) => `${node.kind}${node.stepId ? ` ${node.stepId}` : ""} · ${agent}`,
  "workflow.node.exit": ({ node, status }) => `${node.kind}${node.stepId ? ` ${node.stepId}` : ""} · ${status}`,
  "plan.submitted": ({ steps }) => steps.map(({ id }) => id).join(", "),
  "plan.amended": ({ reason }) => reason,
  "task.created": ({ task }) => `${task.assignedAgent ?? ""}: ${task.goal}`,
  "task.updated": ({ status, reason, output }) => [status, reason ?? output?.summary].filter(Boolean).join(": "),
  "turn.started": ({ model, attempt, purpose }) =>
    [...(purpose ? [purpose] : []), model, ...(attempt > 1 ? [`attempt ${attempt}`] : [])].join(", "),
  "turn.retried": ({ code, message }) => `${code}: ${message}`,
  "turn.ended": ({ stop, usage, costUsd, error }) =>
    error ? error.message : `${stop} · ${sayTokens(totalTokens(usage))} tok · ${sayCost(costUsd ?? 0, costUsd === null)}`,
  message: ({ content }) => textOf(content),
  "call.requested": ({ tool, arguments: args }) => call(tool, args),
  "call.started": ({ tool, arguments: args }) => call(tool, args),
  "call.ended": ({ tool, result }) => `${sayCall(tool, {}).verb} · ${result.ok ? "" : `${result.code}: `}${result.content}`,
  "context.compacted": sayCompaction,
  handoff: ({ from, to, goal }) => `${from} → ${to}: ${goal}`,
  "state.changed": ({ key, value }) => `${key} = ${brief(value)}`,
  "message.sent": ({ from, to, payload }) => `${from} → ${to}: ${brief((payload as { text?: unknown } | null)?.text ?? payload)}`,
  "message.delivered": ({ messageId }) => messageId,
  "approval.requested": ({ tool, arguments: args, risk }) => `${call(tool, args)} · risk ${risk}`,
  "approval.resolved": ({ decision, scope, by, reason }) => `${decision} (${scope}) by ${by}${reason ? `: ${reason}` : ""}`,
  "interrupt.raised": ({ kind, text }) => `${kind}: ${text}`,
  "interrupt.resolved": ({ action, text }) => `${action}: ${text}`,
  "review.scored": ({ score, below, findings }) => `${score.toFixed(2)} (needs ${below}) · ${plural(findings.length, "finding")}`,
  "review.commented": ({ comments }) => comments.map((one) => `${placeOf(one)} ${one.text}`).join("; "),
  "receipt.issued": ({ command, exitCode }) => `${command} · exit ${exitCode}`,
  "budget.reserved": ({ amount }) => `${sayTokens(amount.tokens)} tok · $${amount.usd.toFixed(2)}`,
  "budget.spent": ({ amount }) => `${sayTokens(amount.tokens)} tok · $${amount.usd.toFixed(2)}`,
  "budget.refunded": ({ amount }) => `${sayTokens(amount.tokens)} tok · $${amount.usd.toFixed(2)}`,
  "workspace.opened": ({ base }) => base.slice(0, 12),
  "work.merged": ({ files, conflicts, fails }) => {
    if (fails) return `not joined, ${fails.command} fails: ${files.join(", ")}`;
    return conflicts.length > 0 ? `conflict: ${conflicts.join(", ")}` : files.join(", ");
  },
  "work.set_aside": ({ stepId }) => stepId,
  "checkpoint.created": ({ name }) => name,
  "landing.proposed": ({ files }) => plural(files.length, "file"),
  "landing.reopened": () => "",
  "landing.done": ({ decision, files }) => `${decision}: ${files.join(", ")}`,
  "work.claimed": ({ path, symbols }) => `${path}: ${symbols.join(", ")}`,
  "work.undone": ({ again, files, conflicts }) =>
    conflicts.length > 0 ? `conflict: ${conflicts.join(", ")}` : `${again ? "put back" : "taken out"}: ${files.join(", ")}`,
  "landing.part": ({ decision, files, conflicts, joined }) =>
    conflicts.length > 0 ? `conflict: ${conflicts.join(", ")}` : `${joined ? "joined by hand" : decision}: ${files.join(", ")}`,
  "rollback.done": ({ to, files, conflicts }) =>
    conflicts.length > 0 ? `conflict: ${conflicts.join(", ")}` : `${to}: ${files.join(", ")}`,
  "commit.planned": ({ branch }) => branch,
  "commit.made": ({ commit, branch, files }) => `${commit.slice(0, 10)} · ${branch}: ${files.join(", ")}`,
  "policy.applied": ({ files, problems }) => [...files, ...problems].map(({ file }) => file).join(", "),
  "fact.put": ({ statement }) => statement,
  "decision.recorded": ({ statement }) => statement,
  "document.added": ({ filename }) => filename,
  error: ({ code, message }) => `${code}: ${message}`,
};

export function summaryOf(event: TraceEvent): string {
  const line = isKnown(event) ? (lines[event.type] as (payload: unknown) => string)(event.payload) : brief(event.payload);
  return line.slice(0, longest);
}

function call(tool: string, args: unknown): string {
  const { verb, about } = sayCall(tool, args);
  return `${verb} ${about}`;
}
