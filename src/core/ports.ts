// All that core asks of the world. Everything effectful is behind these: core itself has no clock, randomness, file,
// process or network, so that it runs as it is inside a workflow engine's sandbox.

import type { AgentDefinition, Amount, Level, PlanStep, Task, TaskResult, Usage, Workflow } from "../protocol/agents.ts";
import type { CallResult, ContentBlock, Coverage, ImageBlock, StopReason, TraceEvent } from "../protocol/events.ts";
import type { CallId, ContentHash, GrantId, IdByPrefix, SessionId, TaskId, TurnId } from "../protocol/ids.ts";
import type { Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { TapePart } from "../protocol/tape.ts";
import type { Policy } from "./policy.ts";
import type { WorkspacePort } from "./workspacePort.ts";
import type { SandboxPort, SandboxWish } from "./sandboxPort.ts";

export type Ports = {
  clock: ClockPort;
  ids: IdsPort;
  store: StorePort;
  models: ModelsPort;
  tools: ToolsPort;
  workspace: WorkspacePort;
  registry: RegistryPort;
  peers: PeersPort;
  grants: GrantsPort;
  policy: PolicyPort;
  /** Takes secrets out of what is to be recorded. */ redact?: <T>(value: T) => T;
  /** Where commands run; without one they run as they are. */
  sandbox?: Pick<SandboxPort, "status">;
};

export type ClockPort = {
  /** Wall time for the record (ISO 8601). Never used for decisions. */
  now(): string;
  /** Milliseconds of a clock that never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or early when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `work` once all that can run now has run. Without it runs are not taped. */
  soon?: (work: () => void) => void;
};

export type IdsPort = {
  next<P extends keyof IdByPrefix>(prefix: P): IdByPrefix[P];
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
};

// ---------------------------------------------------------------------------------------------------- store

export type SessionRow = {
  id: SessionId;
  name: string;
  goal: string;
  workspace: string;
  status: string;
  agent: string;
  createdAt: string;
  updatedAt: string;
  seq: number;
};

export type Snapshot = { seq: number; state: SessionState };
export type EventQuery = { after?: number; limit?: number; taskId?: TaskId };

export type StorePort = {
  /**
   * Appends events of one session, in order, atomically and durably: when the promise resolves they are on disk.
   * Rejects with a StoreConflict when `events[0].seq` is not the next one (another process writes this session).
   */
  append(sessionId: SessionId, events: TraceEvent[], tape?: TapePart[]): Promise<void>;
  read(sessionId: SessionId, query?: EventQuery): Promise<TraceEvent[]>;
  /** What runs learned beside their events, and the digest of each event ("" where it has none). */
  readTape(sessionId: SessionId): Promise<{ parts: TapePart[]; digests: string[] }>;
  saveSnapshot(sessionId: SessionId, snapshot: Snapshot): Promise<void>;
  loadSnapshot(sessionId: SessionId): Promise<Snapshot | undefined>;
  /** By id, else by name. */
  findSession(idOrName: string): Promise<SessionRow | undefined>;
  listSessions(query?: { workspace?: string; limit?: number }): Promise<SessionRow[]>;
  deleteSession(sessionId: SessionId): Promise<boolean>;
  /** Pending approvals and interrupts of all sessions. */
  listPending(): Promise<{ kind: "approval" | "interrupt"; id: string; sessionId: SessionId; summary: string; at: string }[]>;
  /**
   * Makes this store's process the one that runs a session; names the living process that does so already, which loses it
   * only with `takeOver`. The epoch grows with every taking: once another has the session, what this store appends to it, or
   * would collect, is refused with a StoreConflict until it drops or takes the lease.
   */
  takeLease(sessionId: SessionId, takeOver?: boolean): Promise<{ taken: true; epoch: number } | { taken: false; by: string }>;
  dropLease(sessionId: SessionId): Promise<void>;
  /** The other living process that runs a session, if there is one. */
  leasedBy(sessionId: SessionId): Promise<string | undefined>;
  /** Leaves a command for the process that runs a session; `collect` takes what was left, oldest first. */
  post(sessionId: SessionId, command: string): Promise<void>;
  collect(sessionId: SessionId): Promise<string[]>;
  putArtifact(content: string | Uint8Array): Promise<{ hash: ContentHash; bytes: number }>;
  getArtifact(hash: ContentHash): Promise<Uint8Array | undefined>;
  putDocument(document: StoredDocument): Promise<void>;
  getDocument(id: string): Promise<StoredDocument | undefined>;
  queryDocuments(query: { filename?: string; tags?: string[]; limit?: number; offset?: number }): Promise<StoredDocument[]>;
  deleteDocument(id: string): Promise<boolean>;
  queryFacts(sessionId: SessionId, query: { text?: string; tags?: string[]; now: string }): Promise<StoredFact[]>;
  close(): Promise<void>;
};

export type StoredDocument = {
  id: string;
  sessionId?: SessionId;
  filename: string;
  contentType: string;
  size: number;
  hash: ContentHash;
  tags: string[];
  metadata: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
};

export type StoredFact = {
  id: string;
  sessionId: SessionId;
  actor: string;
  statement: string;
  tags: string[];
  confidence?: number;
  expiresAt?: string;
  at: string;
};

/** Another process wrote to this session: whoever sees this no longer owns it. */
export class StoreConflict extends Error {
  override name = "StoreConflict";
}

// ---------------------------------------------------------------------------------------------------- grants

/** An approval that holds beyond its session: in one workspace, or (without one) in all. */
export type StandingGrant = {
  id: GrantId;
  covers: Coverage;
  workspace?: string;
  by: string;
  at: string;
  days?: number;
  sessionId: SessionId;
};

export type GrantsPort = {
  /** The oldest first; those whose days are over are gone. */
  list(): Promise<StandingGrant[]>;
  /** Resolves when it is on disk. */
  add(grant: StandingGrant): Promise<void>;
  /** False where there is no such grant. */
  revoke(id: string): Promise<boolean>;
};

/** The policy that holds in a workspace, as its files are now. */
export type PolicyPort = { load: (workspace: string) => Promise<Policy> };

// ---------------------------------------------------------------------------------------------------- models

export type ToolSpec = {
  /** `server__tool`. */
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
  access: ToolAccess;
};

/** What a tool can do to the world, as far as the guard and the recovery after a crash need to know. */
export type ToolAccess = {
  effect: "read" | "write" | "execute" | "control";
  /** Running it twice does no more than running it once. */
  idempotent: boolean;
  /** It takes a key of the call, and does the same call under the same key once. */
  keyed?: true;
  /** The tool's own limit; null for calls that wait for a person or a child: they have none but cancel (A4). */
  timeoutMs: number | null;
};

export type ModelMessage =
  | { role: "user"; content: (ContentBlock | ImageBlock)[] }
  | { role: "assistant"; content: ContentBlock[]; calls: { callId: CallId; tool: string; arguments: unknown }[] }
  | { role: "results"; results: { callId: CallId; tool: string; result: CallResult }[] };

export type ModelRequest = {
  /** `provider:model`. */
  model: string;
  system: string;
  messages: ModelMessage[];
  tools: ToolSpec[];
  maxTokens: number;
  temperature?: number;
  /** Under which the answer will be on record. */
  turnId?: TurnId;
  /** So many messages stay as they are when the conversation is shortened next: what a cache keeps of them is read again. */
  steady?: number;
};

export type AskedCall = { tool: string; arguments: unknown; /** Set when the model's JSON could not be read. */ invalid?: string };

export type ModelOutcome =
  | { kind: "answer"; content: ContentBlock[]; calls: AskedCall[]; stop: StopReason; usage: Usage; costUsd: number | null; model: string }
  | {
      kind: "failed";
      code: ModelFailureCode;
      message: string;
      retryable: boolean;
      retryAfterMs?: number;
      usage: Usage;
      costUsd: number | null;
    }
  | { kind: "cancelled"; usage: Usage; costUsd: number | null };

export type ModelFailureCode =
  | "overloaded"
  | "rate_limited"
  | "spend_limit"
  | "no_key"
  | "denied"
  | "unreachable"
  | "timeout"
  | "bad_request"
  | "too_long"
  | "invalid_response"
  | "unknown_model"
  | "server_error";

export type ModelDelta = { kind: "text"; text: string } | { kind: "call"; tool: string; bytes: number };

/** What streams while work goes on, and is superseded by what is recorded at its end. */
export type WorkDelta = ModelDelta | { kind: "output"; callId: CallId; text: string };

export type ModelInfo = {
  name: string;
  contextWindow: number;
  maxOutput: number;
  scripted: boolean;
  /** Absent where the price is not known: such a model is bound by tokens alone. */
  outputUsdPerMillion?: number;
  inputUsdPerMillion?: number;
};

export type ModelsPort = {
  /** Whether `provider:model` can be used here and now; says what is missing otherwise. Makes no network call. */
  resolve(model: string): Result<ModelInfo>;
  /** How many tokens a request's input is: the provider's own count where it has one, else an estimate. Never rejects. */
  countTokens(request: ModelRequest, signal: AbortSignal): Promise<number>;
  /** Makes ready what `stream` will send for this very request, and sends nothing: allowed before the request is recorded. */
  prepare?(request: ModelRequest): void;
  /** One model call. Never rejects: every fault is an outcome. Ends soon after the signal aborts. */
  stream(request: ModelRequest, onDelta: (delta: ModelDelta) => void, signal: AbortSignal): Promise<ModelOutcome>;
};

// ---------------------------------------------------------------------------------------------------- tools

/** Where and for whom a call runs. */
export type CallScope = {
  sessionId: SessionId;
  taskId: TaskId;
  callId: CallId;
  agent: string;
  /** The only folder the call may touch. */
  root: string;
  writable: boolean;
  /** The user's own folder, from which `root` was made. */
  workspace?: string;
  /** What rules keep from this tool, though its call names a whole folder. */
  hidden?: Hidden;
  /** What the policy says of where it runs. */
  sandbox?: SandboxWish;
  /** Sees a command's output as it comes. */
  onOutput?: (text: string) => void;
  control: TaskControl;
};

export type Hidden = { matches: (relative: string, absolute: string) => boolean; /** From the task's folder. */ globs: string[] };

/** What the built-in `agents` tools ask of the engine. */
export type TaskControl = {
  submitPlan(plan: { steps: PlanStep[]; rationale?: string }): Promise<CallResult>;
  submitResult(result: TaskResult): Promise<CallResult>;
  delegate(request: { agent: string; goal: string; input?: unknown; grant?: Grant }): Promise<CallResult>;
  ask(question: { kind: "user_input" | "debug_request"; text: string; choices?: string[]; schema?: unknown }): Promise<CallResult>;
  reportProgress(report: { summary: string; percent?: number }): Promise<CallResult>;
  /** What the agent does not see any more: the ledger, or one entry of it, in pages. */
  recall(request: { item?: number; find?: string; offset?: number }): Promise<CallResult>;
};

export type Grant = { permissions?: string[]; budget?: Partial<Amount> };

export type ToolsPort = {
  /** Every tool there is, by name; what an agent may see of them is core's decision. */
  list(): Promise<ToolSpec[]>;
  /** Through the MCP client (A4). Never rejects: a failed tool is a result. Ends soon after the signal aborts. */
  call(tool: string, args: unknown, scope: CallScope, signal: AbortSignal): Promise<CallResult>;
  /** Where a call would reach, judged on real paths; recorded with the decision. */
  judge(tool: string, args: unknown, scope: { root: string; writable: boolean }): Promise<Reach>;
  /** What a call would make of files, as far as that can be told without running it. */
  preview?(tool: string, args: unknown, root: string): Promise<{ path: string; before?: string; after?: string }[]>;
};

/** What a call would touch. Every entry is as sure as its port could make it; unsure means `certain: false`. */
export type Reach = {
  certain: boolean;
  /** Why it is not certain, in plain words. */
  doubts: string[];
  places: TouchedPlace[];
  /** Every simple command of a command line, at any depth, wrappers included. */
  commands: SimpleCommand[];
  /** It connects elsewhere, or exists to do so. */
  network: boolean;
  /** The hosts it names, where they are plain to see. */
  hosts: string[];
  /** A shell command as it stands. */
  text?: string;
  /** The present content of the files that would be changed, as a hash: what an approval is bound to (A9). */
  preimage?: string;
};

export type TouchedPlace = {
  /** Absolute, links followed as far as it exists. */
  real: string;
  /** The same, seen from the task's folder; absent outside of it. */
  relative?: string;
  /** Absolute, as the call names it: no link followed. */
  named: string;
  use: "read" | "write" | "delete" | "execute";
  /** By a redirection of the shell: no command's own doing, and covered by no rule about commands. */
  redirected?: true;
  /** Minded for this use: secrets for reading; for the rest also git's internals and what decides what runs or who is trusted. */
  minded?: true;
};

export type SimpleCommand = {
  /** Its words as the program would get them. */
  words: string[];
  /** `reads`: certainly does nothing but read; `writes`: certainly changes nothing but the reach's places; else `unknown`. */
  effect: "reads" | "writes" | "unknown";
  /** Arguments that make this program write, execute or connect beyond what it is commonly run for: no allow rule covers them. */
  beyond: string[];
  /** It runs in another folder than the task's own, or in one that is not known. */
  aside?: true;
  /** Only the way in which a command that follows in the list is started (`env`, `timeout`, `xargs`, …). */
  wrapper?: true;
};

// ---------------------------------------------------------------------------------------------------- registry, peers

/** `note`: it counts all the same, but does less than it says. */
export type BlueprintProblem = { file: string; line: number; message: string; note?: true };

export type RegistryPort = {
  agent(id: string): AgentDefinition | undefined;
  agents(): AgentDefinition[];
  workflow(id: string): Workflow | undefined;
  workflows(): Workflow[];
  problems(): BlueprintProblem[];
};

/** What travels to another agent: serialisable, so that a remote peer could take it as well. */
export type Handoff = { sessionId: SessionId; taskId: TaskId; agent: string; goal: string; level: Level };

export type PeersPort = {
  /** Hands a task to an agent over A2A and waits for its end (A5). Never rejects. */
  send(handoff: Handoff, signal: AbortSignal): Promise<TaskResult>;
  /** Who works when a handoff for a local agent arrives, and where a peer's view of a task comes from: our log. */
  serve(
    work: (handoff: Handoff, signal: AbortSignal) => Promise<TaskResult>,
    look: (sessionId: SessionId, taskId: TaskId) => Task | undefined,
  ): void;
};
