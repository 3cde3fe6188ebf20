// A session's log as a text that a person can read and compare: a tree of tasks, each with its own events in order,
// cut where the session was resumed. Without ids, times and amounts, so that it changes only when behaviour does.

import type { TaskResult, TaskStatus } from "../../src/protocol/agents.ts";
import type { CallResult, EventOf, EventType, KnownEvent, TraceEvent } from "../../src/protocol/events.ts";
import { isKnown } from "../../src/protocol/events.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { textOf } from "../../src/protocol/transcript.ts";

type Line<T extends EventType> = (payload: EventOf<T>["payload"]) => string | undefined;

const silent = (): undefined => undefined;

const lines: { [T in EventType]: Line<T> } = {
  "session.created": ({ goal, config }) => `session: ${goal} [${config.workflow}, ${config.level}]`,
  "session.resumed": ({ prompt }) => `resumed${prompt === undefined ? "" : `: ${prompt}`}`,
  "session.ended": silent,
  "run.started": ({ prompt }) => `run: ${prompt}`,
  "run.ended": ({ status, reason, answer, unproven }) =>
    `run ${status}${unproven ? ", unproven" : ""}${reason ? ` (${short(reason)})` : ""}: ${short(answer)}`,
  "workflow.node.enter": ({ node, agent }) => `enter ${node.stepId ?? node.kind} (${agent})`,
  "workflow.node.exit": ({ node, status }) => `exit ${node.stepId ?? node.kind}: ${status}`,
  "plan.submitted": ({ by, steps }) => `plan by ${by}: ${steps.map(stepText).join("; ") || "none"}`,
  "plan.amended": ({ add, redirect, reason }) => `plan + ${add.map(stepText).join("; ")}${moved(redirect)} because ${reason}`,
  "task.created": silent,
  "task.updated": ({ status, output, reason }) => (output ? outputText(status, output) : statusText(status, reason)),
  "turn.started": silent,
  "turn.retried": ({ attempt, code, delayMs }) => `retry after attempt ${attempt} (${code}) in ${delayMs} ms`,
  "turn.ended": ({ stop, error }) => (stop === "end" || stop === "calls" ? undefined : `turn ${stop}${error ? `: ${error.code}` : ""}`),
  message: ({ role, content }) => (textOf(content) ? `${role === "user" ? "told" : "says"}: ${short(textOf(content))}` : undefined),
  "call.requested": ({ tool, arguments: args }) => `wants ${tool} ${short(canonicalJson(args))}`,
  "call.started": ({ tool, arguments: args }) => `call ${tool} ${short(canonicalJson(args))}`,
  "call.ended": ({ tool, result }) => `  ${tool} ${resultText(result)}`,
  "context.compacted": ({ how, dropped }) => `${how === "results" ? "old results" : "older turns"} set aside: ${dropped.length}`,
  handoff: silent,
  "state.changed": ({ key, value }) => `${key} changed: ${canonicalJson(value)}`,
  "message.sent": ({ from, to }) => `message ${from} to ${to}`,
  "message.delivered": silent,
  "approval.requested": ({ kind, tool, risk, rule, reasons }) =>
    `asks for ${kind} ${tool} (risk ${risk}, rule ${rule}: ${reasons.join("; ")})`,
  "approval.resolved": ({ decision, by, scope }) => `${decision} by ${by}, ${scope}`,
  "interrupt.raised": ({ kind, text }) => `${kind}: ${text}`,
  "interrupt.resolved": ({ action, text }) => `${action}: ${text}`,
  "review.scored": ({ score, by, below, findings }) =>
    `scored ${score.toFixed(2)} of ${below} (${Object.entries(by)
      .map(([agent, one]) => `${agent} ${one}`)
      .join(", ")}; ${findings.length} findings)`,
  "review.commented": ({ comments }) => `commented on ${comments.map(({ path, line }) => `${path}:${line}`).join(", ")}`,
  "receipt.issued": ({ command, exitCode }) => `receipt: ${command} exit ${exitCode}`,
  "budget.reserved": silent,
  "budget.spent": silent,
  "budget.refunded": silent,
  "workspace.opened": silent,
  "work.merged": ({ into, files, conflicts, fails }) =>
    fails
      ? `not joined, ${fails.command} fails: ${files.join(", ")}`
      : conflicts.length > 0
        ? `conflict in ${conflicts.join(", ")}`
        : `joined${into ? " with the parent" : ""}: ${files.join(", ")}`,
  "work.set_aside": ({ stepId }) => `set aside: ${stepId}`,
  "checkpoint.created": ({ name }) => `checkpoint ${short(name)}`,
  "landing.proposed": ({ files }) => `changes ready: ${files.map((file) => file.path).join(", ")}`,
  "landing.reopened": () => "what waited before waits again",
  "landing.done": ({ decision, files, conflicts }) => `changes ${decision}: ${(conflicts.length > 0 ? conflicts : files).join(", ")}`,
  "landing.part": ({ decision, files, conflicts }) =>
    conflicts.length > 0 ? `conflict in ${conflicts.join(", ")}` : `parts ${decision}: ${files.join(", ")}`,
  "work.claimed": ({ path, symbols, with: others }) => `changes ${symbols.join(", ")} of ${path}${others ? ", as others do" : ""}`,
  "work.undone": ({ again, files, conflicts }) =>
    conflicts.length > 0 ? `conflict in ${conflicts.join(", ")}` : `work ${again ? "put back" : "undone"}: ${files.join(", ")}`,
  "rollback.done": ({ files, conflicts }) =>
    conflicts.length > 0 ? `conflict in ${conflicts.join(", ")}` : `files taken back: ${files.join(", ")}`,
  "commit.planned": silent,
  "commit.made": ({ branch, files }) => `committed on ${branch}: ${files.join(", ")}`,
  "policy.applied": ({ files, problems }) => `policy of ${files.length} files, ${problems.length} problems`,
  "fact.put": ({ statement }) => `fact: ${statement}`,
  "decision.recorded": ({ statement }) => `decision: ${statement}`,
  "document.added": ({ filename }) => `document ${filename}`,
  error: ({ code, message }) => `error ${code}: ${short(message)}`,
};

type Block = { head: string; parts: (string | Block)[] };

export function transcript(events: TraceEvent[]): string {
  const known = events.filter(isKnown);
  const tasks = new Map(known.filter((event) => event.type === "task.created").map((event) => [event.payload.task.id, event.payload]));
  const roots = new Set(known.filter((event) => event.type === "run.started").map((event) => event.payload.rootTask));
  const out: string[] = [];
  let blocks = new Map<string, Block>();
  let top: Block = { head: "", parts: [] };

  const blockOf = (event: KnownEvent, taskId: string | undefined): Block => {
    const task = taskId === undefined || roots.has(taskId as never) ? undefined : tasks.get(taskId as never);
    if (!task || taskId === undefined) return top;
    const present = blocks.get(taskId);
    if (present) return present;
    const made = event.type === "task.created" && event.taskId === taskId;
    const { assignedAgent, goal } = task.task;
    const place = task.root ? ", own folder" : task.writable ? ", writes" : "";
    const head = made ? `${assignedAgent}${place} ← ${short(goal)}` : `${assignedAgent} goes on`;
    const block: Block = { head, parts: [] };
    blocks.set(taskId, block);
    blockOf(event, task.task.parentId).parts.push(block);
    return block;
  };

  for (const event of known) {
    if (event.type === "session.resumed") {
      out.push(...rendered(top, ""), "");
      blocks = new Map();
      top = { head: "", parts: [] };
    }
    const block = blockOf(event, event.taskId);
    const line = (lines[event.type] as Line<EventType>)(event.payload);
    if (line !== undefined) block.parts.push(line);
  }
  return [...out, ...rendered(top, "")].join("\n");
}

function rendered(block: Block, indent: string): string[] {
  return block.parts.flatMap((part) =>
    typeof part === "string" ? [indent + part] : [indent + part.head, ...rendered(part, `${indent}  │ `)],
  );
}

function stepText(step: { id: string; type: string; dependsOn?: string[]; supersedes?: string }): string {
  const after = step.dependsOn?.length ? ` after ${step.dependsOn.join(", ")}` : "";
  return `${step.id} (${step.type}${after}${step.supersedes ? `, instead of ${step.supersedes}` : ""})`;
}

function moved(redirect: Record<string, string>): string {
  return Object.entries(redirect)
    .map(([from, to]) => `, waiting for ${to} instead of ${from}`)
    .join("");
}

function outputText(status: TaskStatus, { summary, score }: TaskResult): string {
  const word = status === "running" ? "hands in" : status;
  return `${word}: ${short(summary)}${score === undefined ? "" : ` (score ${score.toFixed(2)})`}`;
}

function statusText(status: string, reason: string | undefined): string | undefined {
  if (status === "running" || status === "pending") return undefined;
  return reason ? `${status}: ${short(reason)}` : status;
}

function resultText(result: CallResult): string {
  return result.ok ? "ok" : `${result.code}: ${short(result.content)}`;
}

/** One line, without what differs from run to run. */
function short(text: string): string {
  const line = text
    .replaceAll(/\b[a-z]_\d{4}\b/g, "ID")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}
