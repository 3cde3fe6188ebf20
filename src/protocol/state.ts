// What a session is at one place in its log. Small on purpose: it grows with the number of tasks, never with the
// number of events. Conversations live in transcripts (transcript.ts), contents in artifacts.

import type { Amount, Artifact, PlanStep, Task, TaskStatus, Usage, Workflow } from "./agents.ts";
import type {
  ApprovalRequest,
  ChangePart,
  CommitMade,
  EventPayloads,
  FileChange,
  ImageRef,
  LineComment,
  Receipt,
  Review,
  RunStatus,
  SessionConfig,
} from "./events.ts";
import type { ApprovalId, CallId, CheckpointId, Commit, InterruptId, MessageId, RunId, SessionId, TaskId } from "./ids.ts";
import type { ContextFigures } from "./ledger.ts";

export type StepState = PlanStep & { status: TaskStatus | "skipped"; taskId?: TaskId };

export type CallState = { callId: CallId; tool: string; started: boolean };

export type TaskState = Task & {
  stepId?: string;
  /** Names this child among its parent's children, so that a resumed parent finds it again. */
  key?: string;
  /** Folder in which the task works, if it has one of its own. */
  root?: string;
  writable: boolean;
  /** The tools that it, and all below it, may use at most (A8). */
  ceiling?: string[];
  /** What it may spend at most, where its blueprint or its grant says so. */
  most?: Partial<Amount>;
  base?: Commit;
  /** Set once its work was joined with the session's result. */
  merged?: Commit;
  /** The files that it wrote by name. */
  written?: string[];
  /** The symbols that it changes, by file; others who come to one of them are told. */
  claims?: Record<string, string[]>;
  /** It was taken out again: of what was proposed, or of the user's files. */
  undone?: "proposal" | "files";
  /** What the session's result, or its parent's work, was before that. */
  onto?: Commit;
  /** The files that it changed, and how. */
  changed?: string[];
  patch?: Artifact;
  /** Its work could not be joined: these files were changed by others as well, or the check fails on both together. */
  conflict?: { files: string[]; patch?: Artifact; fails?: { command: string; said: string } };
  reason?: string;
  model?: string;
  /** What people said to the team that this agent has heard. */
  heard?: MessageId[];
  turns: number;
  /** What its newest turn was given, and how much of its conversation it does not see any more. */
  context?: ContextFigures;
  setAside?: number;
  usage: Usage;
  costUsd: number;
  /** Some turn had no known price. */
  costUnknown: boolean;
  reserved?: Amount;
  openCalls: CallState[];
  /** Since when a model is answering. */
  thinkingSince?: string;
  startedAt?: string;
  endedAt?: string;
};

export type RunState = {
  runId: RunId;
  prompt: string;
  /** The `seq` of its beginning. */
  startedAt?: number;
  workflow: Workflow;
  rootTask: TaskId;
  status: RunStatus | "running";
  answer?: string;
  reason?: string;
  unproven: boolean;
  images?: ImageRef[];
  /** That it answers. */
  comments?: LineComment[];
  /** For how long somebody has worked in it, as far as that is on record. */
  activeMs?: number;
  plan?: StepState[];
  /** The plan was filled in by an agent (and not by the workflow itself). */
  planned: boolean;
  /** Nothing can go on with it: it was the source's before the session was forked, or the session was taken back to before it. */
  past?: "forked" | "rewound";
};

export type ApprovalState = ApprovalRequest & {
  taskId?: TaskId;
  resolution?: Omit<EventPayloads["approval.resolved"], "approvalId">;
};

export type InterruptState = EventPayloads["interrupt.raised"] & { taskId?: TaskId; resolution?: { action: string; text: string } };

export type LandingState = {
  /** The user's tree as the run found it, also after the landing. */
  base?: Commit;
  approvalId: ApprovalId;
  commit: Commit;
  /** What a receipt has to name to prove it. */
  tree?: string;
  /** Of its proposal. */
  seq?: number;
  files: FileChange[];
  patch?: Artifact;
  decision?: "applied" | "discarded" | "conflict";
  /** Files and hunks that were decided one by one. */
  parts?: (ChangePart & { decision: "applied" | "discarded"; /** By hand: no check ran on what the file holds. */ joined?: true })[];
  /** The base with the parts that were applied so far. */
  taken?: Commit;
  /** What was really written the last time, where some of it was in the user's files already. */
  written?: Commit;
  /** The checks passed on another result, of which this one, or what was applied of it, is a part (A11). */
  unproven?: true;
};

/** A difference that was taken into the user's files. */
export type Difference = { base: Commit; commit: Commit };
/** A landing, the undoing of these tasks' work or its being put back, or the way back to a checkpoint. */
export type Landed = { seq: number } & ((Difference & { undoes?: TaskId[]; again?: true }) | { to: CheckpointId });

/**
 * `from`: where work that is not landed began, to which there is no way back; absent where the user's own files are meant.
 * `at`: the place in the log that is meant, where a run took its first look at the files only after it had begun.
 */
export type Checkpoint = { checkpointId: CheckpointId; name: string; commit: Commit; seq: number; from?: Commit; at?: number };

export type Asked = { prompt: string; answer: string; seq: number };

/** `by`: the orchestrator itself says it, and no person. */
export type Said = { messageId: MessageId; text: string; to?: TaskId; by?: "orchestrator" };

export type SessionStatus = "created" | "running" | RunStatus;

export type SessionState = {
  id: SessionId;
  name: string;
  goal: string;
  /** Attached to the goal. */
  images?: ImageRef[];
  workspace: string;
  config: SessionConfig;
  status: SessionStatus;
  seq: number;
  createdAt: string;
  updatedAt: string;
  /** The session whose record, up to `seq`, this one begins with. */
  forkedFrom?: { sessionId: SessionId; seq: number };
  /** It came in a file, and may go on here only where it was given a folder. */
  imported?: { from: SessionId; digest: string; canRun: boolean };
  run?: RunState;
  runs: number;
  /** What was asked and answered in earlier runs, the newest last; bounded. */
  history: Asked[];
  /** What is not part of it since the session was taken back to a checkpoint, and to which. */
  forgotten?: Asked[];
  rewinds?: { seq: number; to: CheckpointId }[];
  tasks: Record<TaskId, TaskState>;
  approvals: Record<ApprovalId, ApprovalState>;
  interrupts: Record<InterruptId, InterruptState>;
  /** What people said to the team, or to one task, while this run goes on. */
  said?: Said[];
  checkpoints: Checkpoint[];
  receipts: Receipt[];
  reviews: Review[];
  candidates: Record<string, { commit: Commit; patch?: Artifact }>;
  /** Where foreign text came from that agents have read (`web:HOST`, `mcp:SERVER`). */
  taint?: string[];
  /** The user's tree as the session found it, and the integrated result of all merged work. */
  base?: Commit;
  head?: Commit;
  landing?: LandingState;
  /** What waited for a person's word when a run began, or when the session was taken back to before it: it can wait again. */
  waited?: LandingState;
  /** The result holds what an earlier run proposed. */
  carried?: true;
  /** All that was taken into the user's files, the newest last. */
  landed?: Landed[];
  /** What of it is in the user's repository, the newest last. */
  commits?: (CommitMade & { seq: number })[];
  /** One that may be there: it was not recorded whether it came that far. */
  commitPlanned?: EventPayloads["commit.planned"];
  usage: Usage;
  costUsd: number;
  costUnknown: boolean;
  turns: number;
};

export const noUsage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
  };
}

export function totalTokens(usage: Usage): number {
  return usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
}

export function isTerminal(status: TaskStatus | "skipped"): boolean {
  return status === "done" || status === "failed" || status === "cancelled" || status === "skipped";
}

export function childrenOf(state: SessionState, parentId: TaskId): TaskState[] {
  return Object.values(state.tasks).filter((task) => task.parentId === parentId);
}

export function pendingApprovals(state: SessionState): ApprovalState[] {
  return Object.values(state.approvals).filter((approval) => !approval.resolution);
}

export function pendingInterrupts(state: SessionState): InterruptState[] {
  return Object.values(state.interrupts).filter((interrupt) => !interrupt.resolution && interrupt.kind !== "progress_report");
}
