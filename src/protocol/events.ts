// The catalogue of what can happen in a session. Every event is immutable, has a gapless `seq`, and carries all
// that the reducer needs: times, ids and random numbers arrive inside it (A2).
// Owns the shapes only; who appends them is core, what they mean for the state is reduce.ts.

import type {
  Amount,
  Artifact,
  Budget,
  CheckKind,
  Finding,
  Level,
  PlanStep,
  Task,
  TaskResult,
  TaskStatus,
  Usage,
  Workflow,
} from "./agents.ts";
import type {
  ApprovalId,
  CallId,
  CheckpointId,
  Commit,
  ContentHash,
  FactId,
  GrantId,
  InterruptId,
  MessageId,
  ReceiptId,
  Revision,
  RunId,
  SessionId,
  TaskId,
  TurnId,
} from "./ids.ts";
import type { Compaction, ContextFigures } from "./ledger.ts";

export type SessionConfig = {
  model: string;
  /** Candidate models of a consensus. */
  models: string[];
  workflow: string;
  /** The root agent; `coordinator` unless another was named. */
  agent: string;
  level: Level;
  budget: Budget;
  /** Land the result without asking. */
  apply: boolean;
  /** Rules that the user accepted beforehand. */
  yesTo: string[];
  /** False where nobody can ever answer: an ask becomes a deny. */
  ask: boolean;
  /** `--model` was given: it overrides every blueprint. */
  modelOverrides: boolean;
};

export type RunStatus = "done" | "failed" | "cancelled" | "waiting";
export type StopReason = "end" | "calls" | "length" | "refusal";
/** How a turn ended: the model's own reason, or why there is none. */
export type TurnStop = StopReason | "failed" | "cancelled";

export type TextBlock = { type: "text"; text: string };
/** What a model needs back unchanged in the next request (signed reasoning, for instance). Never shown, never read by us. */
export type OpaqueBlock = { type: "opaque"; provider: string; value: unknown };
export type ContentBlock = TextBlock | OpaqueBlock;
/** An image that a person attached, its bytes kept as an artifact in base64. */
export type ImageRef = { artifact: ContentHash; mediaType: string; label: string };
/** What of it travels to a model; never on record. */
export type ImageBlock = { type: "image"; mediaType: string; data: string };

export type CallResult =
  | { ok: true; content: string; details?: unknown; artifact?: Artifact }
  | { ok: false; code: string; content: string; details?: unknown; artifact?: Artifact };

/** A command that ran as it is, with nothing to confine it. */
export function ranUnsandboxed({ details }: CallResult): boolean {
  return typeof details === "object" && details !== null && "sandbox" in details && details.sandbox === "off";
}

/** One exact action put to a person: what is shown is what will run (A9). */
export type ApprovalRequest = {
  approvalId: ApprovalId;
  kind: "call" | "landing";
  callId?: CallId;
  tool: string;
  arguments: unknown;
  cwd: string;
  digest: ContentHash;
  risk: number;
  reasons: string[];
  rule: string | null;
  /** What each wider scope would also allow, in words; absent where it cannot be given. `exactly` is what a grant would hold. */
  covers?: { session: string; workspace?: string; always?: string; like?: string; exactly?: Coverage; pattern?: Coverage };
};

export const approvalScopes = ["once", "session", "workspace", "like", "always"] as const;
export type ApprovalScope = (typeof approvalScopes)[number];

/** The calls that a standing grant covers: these and no others. `rule` is the one that would have asked. */
export type Coverage = { tool: string; rule: string } & (
  | { kind: "edits" }
  | { kind: "hosts"; hosts: string[] }
  /** Commands like one: a pattern of a simple command's words, read as that of an allow rule. */
  | { kind: "pattern"; pattern: string; network: boolean }
  | { kind: "commands"; commands: string[][]; /** Seen from the agent's own folder. */ folder: string }
);

export type Review = { stepId: string; score: number; by: Record<string, number>; findings: Finding[]; below: number; round: number };

export type Receipt = {
  receiptId: ReceiptId;
  kind: CheckKind;
  command: string;
  exitCode: number;
  outputHash: ContentHash;
  tree: string;
  durationMs: number;
  /** It ran in a folder made for it, which holds that tree and nothing else. */
  clean?: true;
  /** What the command does was changed since the user's own files: it proves nothing by itself. */
  altered?: true;
};

export type EventPayloads = {
  "session.created": {
    name: string;
    goal: string;
    workspace: string;
    config: SessionConfig;
    images?: ImageRef[];
    /** The session whose record, up to `seq`, this one begins with. */
    forkedFrom?: { sessionId: SessionId; seq: number };
  };
  "session.resumed": { lastSeq: number; prompt?: string };
  "session.ended": { status: RunStatus };
  "run.started": { prompt: string; workflow: Workflow; rootTask: TaskId; images?: ImageRef[] };
  "run.ended": { status: RunStatus; answer: string; reason?: string; unproven: boolean };

  "workflow.node.enter": { node: NodeRef; agent: string };
  "workflow.node.exit": { node: NodeRef; status: TaskStatus };
  "plan.submitted": { steps: PlanStep[]; rationale?: string; by: string };
  /** Steps that code adds as it learns: a review, a fix round, a re-test. `redirect` moves who waited for the old step. */
  "plan.amended": { add: PlanStep[]; redirect: Record<string, string>; reason: string };

  "task.created": {
    task: Task;
    stepId?: string;
    key?: string;
    root?: string;
    writable: boolean;
    base?: Commit;
    /** The tools that it may use at most (A8). */ ceiling?: string[];
    /** What it may spend at most, where its blueprint or its grant says so. */ most?: Partial<Amount>;
  };
  "task.updated": { status: TaskStatus; output?: TaskResult; artifacts?: Artifact[]; reason?: string };
  "turn.started": {
    turnId: TurnId;
    model: string;
    attempt: number;
    contextHash: ContentHash;
    /** About what the model is given, in tokens. */ seen?: ContextFigures;
    /** It continues nothing: it sums up what the agent is not to see any more. */ purpose?: "summary";
  };
  "turn.retried": { turnId: TurnId; attempt: number; code: string; message: string; delayMs: number };
  "turn.ended": {
    turnId: TurnId;
    model: string;
    stop: TurnStop;
    usage: Usage;
    costUsd: number | null;
    durationMs: number;
    error?: { code: string; message: string };
    purpose?: "summary";
  };
  message: { role: "user" | "assistant"; content: ContentBlock[]; turnId?: TurnId };
  /** A call the model asked for that cannot start at once: it waits for its turn or for an answer. */
  "call.requested": AskedFor;
  "call.started": AskedFor & { /** That allowed it. */ grant?: GrantId };
  /** `folder`: what the task's own folder held then, where that follows from no edit on record; null: the same as before. */
  "call.ended": { callId: CallId; tool: string; result: CallResult; durationMs: number; folder?: Commit | null };
  "context.compacted": Compaction;
  handoff: { kind: "collaborate" | "delegate"; from: string; to: string; childTask: TaskId; goal: string };
  "state.changed": { key: string; value: unknown };

  "message.sent": { messageId: MessageId; from: string; to: string; mode: "sync" | "async"; payload: unknown; replyTo?: MessageId };
  "message.delivered": { messageId: MessageId };
  "approval.requested": ApprovalRequest;
  "approval.resolved": {
    approvalId: ApprovalId;
    decision: "approve" | "deny";
    scope: ApprovalScope;
    by: string;
    reason?: string;
  };
  "interrupt.raised": {
    interruptId: InterruptId;
    kind: "user_input" | "debug_request" | "progress_report";
    callId?: CallId;
    text: string;
    choices?: string[];
    schema?: unknown;
    percent?: number;
  };
  "interrupt.resolved": { interruptId: InterruptId; action: "respond" | "modify" | "cancel"; text: string };

  "review.scored": Review;
  /** What a person said of lines of the result; this run answers it. */
  "review.commented": { comments: LineComment[] };
  "receipt.issued": Receipt;
  "budget.reserved": { taskId: TaskId; from?: TaskId; amount: Amount };
  "budget.spent": { taskId: TaskId; amount: Amount };
  "budget.refunded": { taskId: TaskId; to?: TaskId; amount: Amount };
  /**
   * The user's tree as the run found it, taken when the first step needs a folder of its own. `head`: with what an earlier
   * run proposed and nobody has refused. `left`: files that agents cannot see, too large or unreadable.
   */
  "workspace.opened": { base: Commit; head?: Commit; left?: string[] };
  /**
   * A task's work, joined with the session's integrated result (`onto`), or with its parent's work when `into` names it.
   * With `conflicts`, or where `fails` names a check that passed before and fails on both together, it was not joined.
   */
  "work.merged": {
    into?: TaskId;
    onto?: Commit;
    commit: Commit;
    files: string[];
    patch?: Artifact;
    conflicts: string[];
    fails?: { command: string; said: string };
  };
  /** A task is about to change these symbols of a file in its own folder; `with`: others that are changing one of them. */
  "work.claimed": { path: string; symbols: string[]; with?: TaskId[] };
  /**
   * These tasks' work was taken out again (with `again`: put back): of the user's files (`base → commit`), or of what the
   * session proposes (`commit`). With conflicts nothing was changed.
   */
  "work.undone": { tasks: TaskId[]; again?: true; base?: Commit; commit?: Commit; files: string[]; conflicts: string[] };
  /** A candidate's work, set aside for a later step to choose from. */
  "work.set_aside": { stepId: string; commit: Commit; patch?: Artifact };
  "checkpoint.created": { checkpointId: CheckpointId; name: string; commit: Commit };
  /** `tree`: what a receipt has to name to prove this result. */
  "landing.proposed": { approvalId: ApprovalId; commit: Commit; tree?: string; files: FileChange[]; patch?: Artifact; unproven?: true };
  /** What waited before this run, which was to join it with the user's files and has not, waits again. */
  "landing.reopened": Record<string, never>;
  "landing.done": {
    commit: Commit;
    decision: "applied" | "discarded" | "conflict";
    files: string[];
    conflicts: string[];
    /** The result without what was in the user's files already. */ written?: Commit;
  };
  /**
   * Some parts of what was proposed were taken or refused; the rest stays proposed. `commit` is the base with all parts
   * that are taken by now. With conflicts nothing was written and these parts are still open.
   */
  "landing.part": {
    commit: Commit;
    decision: "applied" | "discarded";
    parts: ChangePart[];
    files: string[];
    conflicts: string[];
    unproven?: true;
    /** A person put these files together by hand: they were not written. */ joined?: true;
    written?: Commit;
  };
  /**
   * Taken back to a checkpoint: the user's files, what the session knows of its earlier runs, or (without `what`) both.
   * With conflicts nothing was changed.
   */
  "rollback.done": { to: CheckpointId; what?: RollbackPart; files: string[]; conflicts: string[] };
  /** A commit that is made and that no branch leads to yet; who finds it without a `commit.made` looks whether one does by now. */
  "commit.planned": CommitMade & { parent: Revision; notes?: true };
  "commit.made": CommitMade;
  /** The policy files that hold for a run, and what is wrong with those that could not be read. */
  "policy.applied": {
    files: { origin: "machine" | "user" | "workspace"; file: string; hash: string; trusted: boolean }[];
    problems: { file: string; line: number; column: number; message: string }[];
    /** The level that holds instead of the session's own, which is above what the files let be used. */
    heldAt?: Level;
  };
  "fact.put": { factId: FactId; statement: string; tags: string[]; confidence?: number; expiresAt?: string };
  "decision.recorded": { statement: string; reason: string };
  "document.added": { documentId: string; filename: string; hash: ContentHash; tags: string[] };
  error: { code: string; message: string; where?: string };
};

export type RollbackPart = "files" | "state";

/** Work of the session in the user's repository. `landings`: the `seq` of each landing that it holds; files are seen from the workspace. */
export type CommitMade = { commit: Revision; branch: string; files: string[]; landings: number[]; message: string };

export type FileChange = { path: string; kind: "added" | "modified" | "deleted"; added: number; removed: number; link?: true };

/** Part of a proposed change: a file, or some hunks of its diff, counted from 0 in the diff that was proposed. */
export type ChangePart = { path: string; hunks?: number[] };

/** Said of a line, or of the lines up to `endLine`: of the proposed result, or of the user's file where it was taken. Counted from 1. */
export type LineComment = { path: string; line: number; endLine?: number; text: string };

/** A place in the flow that code enters and leaves. */
export type NodeRef = { kind: "plan" | "step" | "check" | "synthesis" | "landing"; stepId?: string; taskId?: TaskId };

export type EventType = keyof EventPayloads;

type Envelope = {
  id: string;
  runId: RunId;
  sessionId: SessionId;
  taskId?: TaskId;
  actor: string;
  timestamp: string;
  seq: number;
  cause?: string;
};

export type EventOf<T extends EventType> = Envelope & { type: T; payload: EventPayloads[T] };
/** An event of a type this version knows. */
export type KnownEvent = { [T in EventType]: EventOf<T> }[EventType];
/** What a log may hold: also types of other versions, kept and shown raw (A14). */
export type TraceEvent = Envelope & { type: string; payload: unknown };

/** `invalid`: what is wrong with the model's JSON. */
type AskedFor = { callId: CallId; turnId?: TurnId; tool: string; arguments: unknown; invalid?: string };

/** What a writer supplies; the log adds id, seq, run, session and time. */
export type EventDraft = {
  [T in EventType]: { type: T; payload: EventPayloads[T]; actor: string; taskId?: TaskId; cause?: string };
}[EventType];

const catalogue: Record<EventType, true> = {
  "session.created": true,
  "session.resumed": true,
  "session.ended": true,
  "run.started": true,
  "run.ended": true,
  "workflow.node.enter": true,
  "workflow.node.exit": true,
  "plan.submitted": true,
  "plan.amended": true,
  "task.created": true,
  "task.updated": true,
  "turn.started": true,
  "turn.retried": true,
  "turn.ended": true,
  message: true,
  "call.requested": true,
  "call.started": true,
  "call.ended": true,
  "context.compacted": true,
  handoff: true,
  "state.changed": true,
  "message.sent": true,
  "message.delivered": true,
  "approval.requested": true,
  "approval.resolved": true,
  "interrupt.raised": true,
  "interrupt.resolved": true,
  "review.scored": true,
  "review.commented": true,
  "receipt.issued": true,
  "budget.reserved": true,
  "budget.spent": true,
  "budget.refunded": true,
  "workspace.opened": true,
  "work.merged": true,
  "work.claimed": true,
  "work.undone": true,
  "work.set_aside": true,
  "checkpoint.created": true,
  "landing.proposed": true,
  "landing.reopened": true,
  "landing.done": true,
  "landing.part": true,
  "rollback.done": true,
  "commit.planned": true,
  "commit.made": true,
  "policy.applied": true,
  "fact.put": true,
  "decision.recorded": true,
  "document.added": true,
  error: true,
};

/** Every type this version knows; the mapped type above makes a forgotten entry a compile error. */
export const eventTypes = Object.keys(catalogue) as EventType[];

export function isKnown(event: TraceEvent): event is KnownEvent {
  return Object.hasOwn(catalogue, event.type);
}

/** An event's id follows from its place, so that it needs no randomness and a replay gives the same. */
export function eventId(sessionId: SessionId, seq: number): string {
  return `${sessionId}#${seq}`;
}
