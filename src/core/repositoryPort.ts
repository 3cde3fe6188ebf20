// What core asks of the user's own repository: a commit of some of their files' changes, and what such a commit holds.
// Nothing that the repository or its configuration names is ever run.

import type { Revision, SessionId } from "../protocol/ids.ts";
import type { Result } from "../protocol/result.ts";
import type { Difference } from "../protocol/state.ts";

export type CommitWish = {
  /** Of the workspace's snapshots, one on top of another. */
  differences: Difference[];
  /** How many of them, the last ones, are in no file of the user's yet. */
  waiting: number;
  /** Files that a person put together by hand: what their own files hold is what counts as taken. */
  joined: string[];
  /** A new one that begins at HEAD. Without it the present branch moves, and the index with it. */
  branch?: string;
  /** Nothing is written into the repository. */
  dry: boolean;
};

/** What a commit would hold. `files` are seen from the workspace. */
export type Prepared = {
  files: string[];
  /** It holds exactly what the session made of these files: none had other uncommitted edits. */
  exact: boolean;
  /** How many other files were otherwise when the session's result was there: the user's own edits that stay out of it. */
  besides: number;
  /** Joined by hand, whether in the commit or as HEAD has them; `lost`: where there is nothing of what the session wrote. */
  joined: { path: string; lost: boolean }[];
  /** Of the files, those that go through a filter program, which we do not run. */
  filtered: string[];
  branch: string;
  remarks: string[];
};

export type PlannedRevision = { commit: Revision; parent: Revision; branch: string };

/** Asked and told in between; `planned` before any branch moves (A3). */
export type CommitTalk = {
  message(prepared: Prepared): Promise<Result<string>>;
  planned(plan: PlannedRevision & { files: string[]; message: string }): Promise<void>;
};

export type Committed = Prepared & { commit: Revision | null; message: string };

export type RepositoryPort = {
  /**
   * The session's changes and nothing else, joined with what HEAD has: the user's own edits stay uncommitted, what they
   * staged stays staged. All or nothing; what does not fit is an error that names the files and the ways out.
   */
  commit(workspace: string, wish: CommitWish, talk: CommitTalk): Promise<Result<Committed>>;
  /** Whether the branch holds the commit by now. */
  isMade(workspace: string, plan: Pick<PlannedRevision, "commit" | "branch">): Promise<boolean>;
  /** Those of these commits that HEAD holds. */
  inHead(workspace: string, commits: Revision[]): Promise<Revision[]>;
  /** Puts a text beside a commit, under `refs/notes/agent-trace`; one that is there gives way. */
  note(workspace: string, commit: Revision, text: string): Promise<void>;
  /** The commit that the user is at, and where the workspace lies in the repository (`""`, `packages/app/`). */
  head(workspace: string): Promise<{ commit: Revision; prefix: string } | undefined>;
  /** A file of the workspace as a commit has it. */
  fileAt(workspace: string, commit: Revision, path: string): Promise<Uint8Array | undefined>;
  /** Keeps a drafted message in a file, and names it. */
  keepMessage(sessionId: SessionId, workspace: string, message: string): Promise<string>;
};
