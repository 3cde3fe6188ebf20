// The one door in (A1): everything a client may ask of the engine. Unknown commands are refused with a code (A14).

import type { Level } from "./agents.ts";
import type { ApprovalScope, ChangePart, ImageRef, LineComment, RollbackPart, RunStatus, SessionConfig } from "./events.ts";
import type { ApprovalId, CheckpointId, InterruptId, MessageId, Revision, SessionId, TaskId } from "./ids.ts";

export type Commands = {
  "session.create": {
    sessionId?: SessionId;
    name?: string;
    goal: string;
    workspace: string;
    config: SessionConfig;
    images?: ImageRef[];
    /** Who begins it; the user where nobody is named. */
    by?: string;
  };
  /** Starts a run with the session's goal, goes on with an interrupted one, or starts another with a new prompt. */
  "session.run": {
    sessionId: SessionId;
    prompt?: string;
    images?: ImageRef[];
    level?: Level;
    yesTo?: string[];
    /** A new limit for what the run may cost. */ budgetUsd?: number;
    /** Also from another program that has it: that one can do nothing more in it. */ takeOver?: boolean;
  };
  "session.rename": { sessionId: SessionId; name: string };
  /** Deletes a session that is not running, with its record. */
  "session.remove": { sessionId: SessionId };
  "session.cancel": { sessionId: SessionId; reason?: string };
  "task.cancel": { sessionId: SessionId; taskId: TaskId; reason?: string };
  "approval.resolve": {
    sessionId: SessionId;
    approvalId: ApprovalId;
    decision: "approve" | "deny";
    scope?: ApprovalScope;
    /** How many days a grant beyond the session holds; without it, until it is revoked. */
    days?: number;
    by: string;
    reason?: string;
  };
  /** Not now: the task that waits for this answer blocks, the rest of the run goes on, the question stays on record. */
  "question.defer": { sessionId: SessionId; id: ApprovalId | InterruptId };
  "interrupt.resolve": { sessionId: SessionId; interruptId: InterruptId; action: "respond" | "modify" | "cancel"; text: string };
  /** Said to the team while it works: each agent hears it before its next turn; with `taskId`, that agent and those below it. */
  "message.send": { sessionId: SessionId; taskId?: TaskId; text: string; by: string; messageId?: MessageId };
  /** Takes the proposed changes, or only some of them: the rest stays proposed. */
  /** `joined`: the person has joined the named files by hand. What those hold counts as taken, and nothing is written. */
  "changes.apply": { sessionId: SessionId; by: string; only?: ChangePart[]; joined?: true };
  "changes.discard": { sessionId: SessionId; by: string; only?: ChangePart[] };
  /** What a person says of lines of the result goes back to the agents that wrote them: a run, as after a new prompt. */
  "changes.comment": { sessionId: SessionId; comments: LineComment[]; by: string };
  /**
   * Takes the user's files back to a checkpoint, and the session with them (what was asked and answered since is not passed
   * on to later prompts), or one of both. What people edited since stays; where that clashes nothing is written.
   */
  "session.rollback": { sessionId: SessionId; to: CheckpointId; what?: RollbackPart; by: string };
  /**
   * Takes one agent's work, or one task's, out of what the session proposes, else out of the user's files; with `again`,
   * puts it back. Where it clashes with what came after it nothing is changed.
   */
  "work.undo": { sessionId: SessionId; of: { agent: string } | { taskId: TaskId }; again?: boolean; by: string };
  /** What the user's files hold of the session's work as a commit in their repository; a result that waits too, on a new branch. */
  "changes.commit": {
    sessionId: SessionId;
    by: string;
    /** Instead of the drafted one. */
    message?: string;
    /** A new one that begins at HEAD; the present branch, the index and the files stay as they are. */
    branch?: string;
    /** Default true. */
    trailers?: boolean;
    /** A note with the commit's Agent Trace record. */
    notes?: boolean;
    /** Says what would be committed, and writes nothing. */
    dryRun?: boolean;
  };
  /** A result that no longer fits the user's files is joined with them by the agents that wrote it: a run as well. */
  "changes.join": { sessionId: SessionId; by: string };
  /**
   * Another session that begins with this one's record up to `at`, with the state and the files of that event. A run that
   * was under way there is under way in the fork. Without `at`: as the session is now, or while a run is under way where the one before had ended.
   */
  "session.fork": {
    sessionId: SessionId;
    at?: number;
    name?: string;
    /** For every agent, from there on. */
    model?: string;
    /** The root of its next run: only where no run is under way. */
    agent?: string;
    level?: Level;
    budgetUsd?: number;
    /** What is heard next there: at the beginning the goal, in a run said to the team, between runs the next prompt. */
    say?: string;
  };
};

export type CommandType = keyof Commands;
export type Command = { [T in CommandType]: { type: T } & Commands[T] }[CommandType];

/** Runs of an ended session whose plan code makes from its result. */
export type FollowUp = Extract<Command, { type: "changes.comment" | "changes.join" }>;

export type CommandAnswer = {
  "session.create": { sessionId: SessionId };
  "session.run": RunOutcome;
  "session.rename": { name: string };
  "session.remove": { removed: boolean };
  "session.cancel": { cancelled: boolean };
  "task.cancel": { cancelled: boolean };
  "approval.resolve": { decision: "approve" | "deny" };
  "question.defer": { deferred: boolean };
  "interrupt.resolve": { action: string };
  "message.send": { messageId: MessageId };
  "changes.apply": { files: string[]; conflicts: string[] };
  "changes.discard": { files: string[] };
  "changes.comment": RunOutcome;
  "changes.commit": {
    commit: Revision | null;
    branch: string;
    files: string[];
    message: string;
    /** What the person should know: files that were left out, and why; what was not done. */
    remarks: string[];
  };
  "changes.join": RunOutcome;
  "session.rollback": { files: string[]; conflicts: string[] };
  /** `proposed`: what waits is another result by now; the user's files are as they were. */
  "work.undo": { files: string[]; conflicts: string[]; proposed: boolean };
  /** `at`: where it begins; `moved`: why not where that was asked for. `prompt`: what was to be said begins another run. */
  "session.fork": { sessionId: SessionId; at: number; moved?: string; prompt?: string };
};

export type RunOutcome = { status: RunStatus; answer: string; reason?: string; unproven: boolean };
