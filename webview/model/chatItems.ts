// What a conversation consists of, as a person reads it: one shape per kind of row.

import type { PlanStep, Usage } from "../../src/protocol/agents.ts";
import type { Receipt, Review, RunStatus } from "../../src/protocol/events.ts";
import type { CallId, GrantId, MessageId, RunId, TaskId, TurnId } from "../../src/protocol/ids.ts";
import type { Compaction } from "../../src/protocol/ledger.ts";

export type CallItem = {
  callId: CallId;
  tool: string;
  arguments: unknown;
  state: "asked" | "running" | "ok" | "failed";
  /** What a person allowed once for more than one session let it pass. */
  grant?: GrantId;
  /** The end of what a running command has written. */
  live?: string;
  unsandboxed?: true;
  result?: string;
  /** The result is longer than what is kept here. */
  cut?: boolean;
  durationMs?: number;
};

/** Why a turn gave no answer, or not a whole one. `told`: the end of the run says it. */
export type Fault = { code: string; message: string; model?: string; told?: true };

export type Placed = { key: string; seq: number };
export type OfTask = { taskId?: TaskId; agent: string };

export type TurnItem = Placed &
  OfTask & {
    kind: "turn";
    turnId?: TurnId;
    model?: string;
    text: string;
    calls: CallItem[];
    open: boolean;
    usage?: Usage;
    costUsd?: number | null;
    durationMs?: number;
    note?: string;
    fault?: Fault;
  };

/** What an agent does not see any more; without `done` its summary is being made, or was not. */
export type CompactionItem = Placed &
  OfTask & {
    kind: "compaction";
    turnId?: TurnId;
    open: boolean;
    done?: Compaction;
    usage?: Usage;
    costUsd?: number | null;
  };

export type ChatItem =
  | (Placed & { kind: "prompt"; text: string })
  | (Placed & { kind: "said"; messageId: MessageId; text: string; /** One agent; else the team. */ to?: TaskId })
  | TurnItem
  | (Placed & OfTask & { kind: "call"; call: CallItem })
  | (Placed & { kind: "plan"; runId: RunId; steps: PlanStep[]; by: string; rationale?: string })
  | (Placed & { kind: "handoff"; from: string; to: string; goal: string; how: string; taskId: TaskId })
  | (Placed & { kind: "approval"; approvalId: string })
  | (Placed & { kind: "question"; interruptId: string })
  | (Placed & OfTask & { kind: "note"; tone: "info" | "warning" | "error"; text: string })
  | CompactionItem
  | (Placed & { kind: "review"; review: Review })
  | (Placed & { kind: "receipt"; receipt: Receipt })
  | (Placed & {
      kind: "landing";
      decision: "applied" | "discarded" | "conflict";
      files: string[];
      conflicts: string[];
      /** The rest is still proposed. */
      part?: true;
    })
  | (Placed & {
      kind: "end";
      status: RunStatus;
      answer: string;
      reason?: string;
      unproven: boolean;
      /** The model's fault that ended it. */
      fault?: Fault;
      usage: Usage;
      costUsd: number;
      costUnknown: boolean;
    });

export type PromptItem = Extract<ChatItem, { kind: "prompt" }>;
export type LandingItem = Extract<ChatItem, { kind: "landing" }>;
export type SaidItem = Extract<ChatItem, { kind: "said" }>;

export type Chat = {
  items: ChatItem[];
  turns: Map<string, TurnItem>;
  calls: Map<CallId, CallItem>;
  /** The turn in which a task is being answered. */
  open: Map<TaskId, TurnItem>;
  /** The log is folded from `firstSeq` to `lastSeq`, both included. */
  firstSeq: number;
  lastSeq: number;
  spent: { usage: Usage; costUsd: number; costUnknown: boolean };
};
