// What core asks of the folders and snapshots of a workspace.

import type { CheckKind } from "../protocol/agents.ts";
import type { ChangePart, FileChange } from "../protocol/events.ts";
import type { RepositoryPort } from "./repositoryPort.ts";
import type { Commit, SessionId, TaskId } from "../protocol/ids.ts";
import type { Result } from "../protocol/result.ts";

/** `definition` is the text that says what the command does, where the project's files have one. */
export type Check = { kind: CheckKind; command: string; definition?: string };

/** What a person says of a project beyond what its own files declare. */
export type ProjectWish = {
  /** Instead of the commands that the project's files declare. */
  checks?: Partial<Record<CheckKind, string>>;
  /** Those that have to pass on a result. */
  required?: CheckKind[];
  /** Ignored files and folders that each task's folder has as well: as a copy of its own, or as the user's own by a link. */
  copy?: string[];
  link?: string[];
};

export type Patch = { text: string; files: FileChange[] };

export type WorkspacePort = {
  /** The user's own repository, where the folder is in one. */
  repository: RepositoryPort;
  /** Checks that the folder can be used. */
  check(workspace: string): Promise<Result<{ path: string }>>;
  /**
   * A snapshot of the user's tree as it is now, uncommitted and untracked files included; `left` could not be taken. Of
   * files that ignore rules hide, those in `also` belong to it.
   */
  snapshot(sessionId: SessionId, workspace: string, also?: string[]): Promise<Result<{ commit: Commit; left: string[] }>>;
  /** Where a task's own folder is, or would be. */
  folderOf(sessionId: SessionId, workspace: string, taskId: TaskId): Promise<string>;
  /** A folder of its own for a task, holding exactly `from`. Called again for the same task, gives the same folder as it is. */
  openWorktree(
    sessionId: SessionId,
    workspace: string,
    taskId: TaskId,
    from: Commit,
    also?: Pick<ProjectWish, "copy" | "link">,
  ): Promise<string>;
  /**
   * The worktree's present content as a commit on top of `base`, with `also`; `base` itself when nothing changed. A file
   * that cannot be taken, since it is too large, unreadable or of another kind by now, is as in `base`; `onLeft` hears of it.
   */
  commitWorktree(
    sessionId: SessionId,
    workspace: string,
    taskId: TaskId,
    base: Commit,
    message: string,
    also?: string[],
    onLeft?: (paths: string[]) => void,
  ): Promise<Commit>;
  /** Makes the worktree's files equal `commit`. */
  updateWorktree(sessionId: SessionId, workspace: string, taskId: TaskId, commit: Commit): Promise<void>;
  closeWorktree(sessionId: SessionId, workspace: string, taskId: TaskId): Promise<void>;
  diff(sessionId: SessionId, workspace: string, from: Commit, to: Commit): Promise<Patch>;
  /** How many hunks the diff of each changed file has; 0 where it can only be taken whole. */
  hunks(sessionId: SessionId, workspace: string, base: Commit, result: Commit): Promise<{ path: string; hunks: number }[]>;
  /** Only these parts of `base → result`, as a commit on `base`; fails where one of them cannot be without another. */
  pick(sessionId: SessionId, workspace: string, base: Commit, result: Commit, parts: ChangePart[]): Promise<Result<Commit>>;
  /** The content of one file in a snapshot; undefined where there is none. */
  fileAt(workspace: string, commit: Commit, path: string): Promise<Uint8Array | undefined>;
  treeOf(sessionId: SessionId, workspace: string, commit: Commit): Promise<string>;
  /** Joins two lines of work that began at `base`; touches no folder. */
  merge(
    sessionId: SessionId,
    workspace: string,
    base: Commit,
    ours: Commit,
    theirs: Commit,
    message: string,
  ): Promise<{ commit: Commit; conflicts: string[] }>;
  /**
   * Takes the difference `base → result` into the user's tree. Files that the user changed since `base` in other
   * places are joined; where both changed the same lines nothing at all is written and the files are named. What stops
   * it in the middle is an error, and all that was written is taken back. `begunAt` is the log's `seq`: until `settle`
   * hears of a landing that was recorded after it, this one counts as cut short.
   */
  land(
    sessionId: SessionId,
    workspace: string,
    base: Commit,
    result: Commit,
    begunAt: number,
  ): Promise<Result<{ files: string[]; conflicts: string[]; /** Of the files, those that were like this already. */ inPlace: string[] }>>;
  /**
   * Takes back what landings of this session wrote that were cut before they were on record; `recorded` is the `seq` of
   * the newest one that is. Only for who holds the session's lease. With "under way", others may be just at work and are left.
   */
  settle(sessionId: SessionId, workspace: string, recorded: number, others?: "under way"): Promise<Result<void>>;
  /** The project's own checks: as its files declare them (`npm test`, `pytest`, `cargo test`, …), or as `wished` instead. */
  checks(root: string, wished?: ProjectWish["checks"]): Promise<Check[]>;
  /** The language of most of the files, for routing. */
  language(root: string): Promise<string | undefined>;
  /** Text of the rules file (`AGENTS.md`) of the workspace, if there is one. */
  rules(root: string): Promise<string | undefined>;
  /** Keeps for this session all snapshots that are kept for `source`, whatever becomes of that one. */
  adopt(sessionId: SessionId, workspace: string, source: SessionId): Promise<void>;
  /** Removes what a session left behind in its private folders (never its record). */
  dispose(sessionId: SessionId, workspace: string): Promise<void>;
  /** Lets go of all that is kept for a session whose record goes: its folders, its snapshots. */
  forget(sessionId: SessionId, workspace: string): Promise<void>;
};
