// Identifiers that cross boundaries. A prefix tells what an id names; the type checker keeps them apart.
// Owns no generation: ids are made by a port and arrive inside events (A2).

export type SessionId = string;
export type RunId = `r_${string}`;
export type TaskId = `t_${string}`;
export type TurnId = `u_${string}`;
export type CallId = `c_${string}`;
export type ApprovalId = `a_${string}`;
export type InterruptId = `i_${string}`;
export type CheckpointId = `k_${string}`;
export type ReceiptId = `p_${string}`;
export type FactId = `f_${string}`;
export type GrantId = `g_${string}`;
export type MessageId = `m_${string}`;

export type IdByPrefix = {
  s: SessionId;
  r: RunId;
  t: TaskId;
  u: TurnId;
  c: CallId;
  a: ApprovalId;
  i: InterruptId;
  k: CheckpointId;
  p: ReceiptId;
  f: FactId;
  m: MessageId;
  g: GrantId;
};

/** A snapshot of a tree of files: the hash of a commit in the session's shadow repository. */
export type Commit = string;

/** A commit in the user's own repository. */
export type Revision = string;

/** The hash of stored content (`sha256:…`). */
export type ContentHash = `sha256:${string}`;
