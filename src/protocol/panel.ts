// What the user interface and its host say to each other, in the editor's panel and in a browser alike. One map of
// messages each way is their names and their types; both sides check what arrives against it.
// The interface is a cache of the log (A12): it asks from the last seq that it has, and gets a snapshot and the tail.

import type { AgentDefinition, Level } from "./agents.ts";
import type { Command, FollowUp } from "./commands.ts";
import type { TraceEvent } from "./events.ts";
import type { CallId, ContentHash, SessionId, TaskId } from "./ids.ts";
import type { SessionState } from "./state.ts";

export type SessionSummary = {
  id: SessionId;
  name: string;
  goal: string;
  status: string;
  updatedAt: string;
  agent: string;
  seq: number;
  /** The name of the folder that it works in, where that is not one that is open here. */
  folder?: string;
};

/** About what a small edit, and a feature with review and tests, will cost. */
export type Forecast = { editUsd: number; featureUsd: number };

export type ModelChoice = {
  name: string;
  label: string;
  scripted: boolean;
  priced: boolean;
  /** A goal that is known to work with it. */
  example?: string;
  forecast?: Forecast;
};

export type Attachment = {
  kind: "file" | "selection" | "symbol" | "problem" | "image";
  label: string;
  path?: string;
  text?: string;
  data?: string;
};

/** What the host tells once at the beginning, and again when it changes. */
export type HostFacts = {
  product: string;
  version: string;
  workspaces: { name: string; path: string }[];
  trusted: boolean;
  /** `undefined` until looked for; empty when none was found. */
  models?: ModelChoice[];
  model?: string;
  level: Level;
  workflow: string;
  workflows: { id: string; description: string }[];
  agents: Pick<AgentDefinition, "id" | "name" | "description" | "role">[];
  /** A fault that concerns everything (no folder, store unreadable, …) and the way out. */
  trouble?: { code: string; message: string; action?: { label: string; command: string } };
  /** Files of agents and workflows that are wrong; what they define is left out. */
  problems?: { file: string; line: number; message: string }[];
  /** Whether actions of an editor (open a diff, insert at the cursor) can be done here. */
  editor: boolean;
  /** Its own Source Control works with git. */
  sourceControl?: true;
};

/** From the interface to its host. */
export type ToHost = {
  ready: { sessionId?: SessionId; seq?: number };
  sessions: Record<string, never>;
  /** Follow one session: a snapshot if the host has newer than `seq`, then events as they come. */
  follow: { sessionId: SessionId; seq?: number; /** The host had asked to show it; no person chose it here. */ asked?: true };
  unfollow: { sessionId: SessionId };
  /** Starts a session with this goal, or goes on with one; attachments are put into the prompt by the host. */
  prompt: {
    text: string;
    sessionId?: SessionId;
    attachments: Attachment[];
    model?: string;
    level?: Level;
    workflow?: string;
    agent?: string;
  };
  resume: { sessionId: SessionId };
  /** Answered once its run is on record, or with why it is refused. */
  followUp: { command: FollowUp };
  command: { command: Command };
  /** A page of the log: by seq, of one task, of some types, containing a text. */
  events: { sessionId: SessionId; after?: number; before?: number; limit: number; taskId?: TaskId; types?: string[]; text?: string };
  artifact: { hash: ContentHash };
  /** What an agent saw in its newest turn. */
  context: { sessionId: SessionId; taskId: TaskId };
  rename: { sessionId: SessionId; name: string };
  remove: { sessionId: SessionId };
  /** Files, symbols, problems and agents whose name contains the text, for @-mentions. */
  mention: { text: string };
  /** Something that only an editor can do; in a browser these are not offered. */
  editor: {
    action:
      | "openFile"
      | "openDiff"
      | "openChanges"
      | "commit"
      | "toSourceControl"
      /** The files that do not fit, or the one that is named, in the editor for merges. */
      | "join"
      | "insert"
      | "copy"
      | "export"
      | "setKey"
      | "pickModel"
      | "openSettings"
      | "openWalkthrough"
      | "openFolder";
    path?: string;
    line?: number;
    text?: string;
    sessionId?: SessionId;
  };
  settings: { level?: Level; workflow?: string; model?: string };
};

/** From the host to the interface. */
export type ToPanel = {
  facts: HostFacts;
  sessions: { sessions: SessionSummary[] };
  snapshot: { sessionId: SessionId; state: SessionState; running: boolean };
  events: { sessionId: SessionId; events: TraceEvent[] };
  running: { sessionId: SessionId; running: boolean };
  /** Text as it streams, of a model or (with `callId`) of a command, gathered per frame; never logged. */
  deltas: { sessionId: SessionId; deltas: { taskId: TaskId; agent: string; text: string; callId?: CallId }[] };
  /** A run that could not be started or recorded: no event tells of it. */
  failed: { sessionId: SessionId; message: string };
  /** Another engine took the place of the one that was asked: the interface asks it anew for what it shows. */
  renewed: Record<string, never>;
  /** Makes the interface show a place: a session or an empty composer for a new one, a tab, a task. */
  show: { sessionId?: SessionId; newSession?: true; view?: PanelView; taskId?: TaskId };
};

export const panelViews = ["chat", "agents", "approvals", "trace", "changes", "sessions"] as const;
export type PanelView = (typeof panelViews)[number];

/** What a request is answered with; requests without an entry are answered with nothing. */
export type HostAnswers = {
  prompt: { sessionId: SessionId };
  resume: { sessionId: SessionId };
  command: { value: unknown };
  events: { events: TraceEvent[]; total: number };
  artifact: { text: string };
  context: { text: string };
  mention: { items: Attachment[] };
};

export type ToHostType = keyof ToHost;
export type ToPanelType = keyof ToPanel;

export type HostMessage = { [T in ToHostType]: { type: T; id: number } & { body: ToHost[T] } }[ToHostType];
export type PanelMessage =
  | { [T in ToPanelType]: { type: T; body: ToPanel[T] } }[ToPanelType]
  | { type: "answer"; id: number; ok: true; value: unknown }
  | { type: "answer"; id: number; ok: false; error: { code: string; message: string } };

const hostTypes: Record<ToHostType, true> = {
  ready: true,
  sessions: true,
  follow: true,
  unfollow: true,
  prompt: true,
  resume: true,
  followUp: true,
  command: true,
  events: true,
  artifact: true,
  context: true,
  rename: true,
  remove: true,
  mention: true,
  editor: true,
  settings: true,
};

/** Messages come from outside the program: only known shapes are let in. */
export function asHostMessage(value: unknown): HostMessage | undefined {
  const message = value as Partial<HostMessage> | null;
  if (typeof message !== "object" || message === null) return undefined;
  const known = typeof message.type === "string" && Object.hasOwn(hostTypes, message.type);
  return known && typeof message.id === "number" && typeof message.body === "object" && message.body !== null
    ? (message as HostMessage)
    : undefined;
}
