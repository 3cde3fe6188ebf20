// The host's side of one user interface: takes its messages, asks engine and store, and keeps it up to date. Knows no
// editor and no socket: what only those can do is handed in. One of these per open panel or browser tab.

import type { Engine } from "../../core/engine.ts";
import type { StorePort } from "../../core/ports.ts";
import type { FollowUp } from "../../protocol/commands.ts";
import type { ImageRef, TraceEvent } from "../../protocol/events.ts";
import type { SessionId } from "../../protocol/ids.ts";
import {
  asHostMessage,
  type HostAnswers,
  type HostFacts,
  type HostMessage,
  type PanelMessage,
  type SessionSummary,
  type ToHost,
  type ToHostType,
  type ToPanel,
  type ToPanelType,
} from "../../protocol/panel.ts";
import { messageOf } from "../../protocol/result.ts";
import { contextShown } from "./contextShown.ts";
import { type DeltaGatherer, gatherDeltas } from "./deltas.ts";
import { pageOfEvents } from "./eventPages.ts";
import { faultOfImages, keepImages } from "./images.ts";

/** A prompt with its images kept. */
export type Prompt = ToHost["prompt"] & { images?: ImageRef[] };

/** What the surroundings of an interface can do; in a browser less than in an editor. */
export type Surroundings = {
  facts(): Promise<HostFacts>;
  /** Creates and starts, or continues, a session; resolves once it is on record, not when it ends. */
  prompt(request: Prompt): Promise<{ sessionId: SessionId }>;
  resume(sessionId: SessionId): Promise<void>;
  followUp(command: FollowUp): Promise<void>;
  isRunning(sessionId: SessionId): boolean;
  /** Whether this folder is open here: its sessions come first. Absent where no folder is. */
  isHere?(workspace: string): boolean;
  mention(text: string): Promise<HostAnswers["mention"]>;
  editor(request: ToHost["editor"]): Promise<void>;
  settings(change: ToHost["settings"]): Promise<void>;
};

export type PanelHost = {
  receive(message: unknown): Promise<void>;
  /** Tells the interface that facts or the list of sessions changed. */
  refresh(): Promise<void>;
  close(): void;
};

type Answer<T extends ToHostType> = T extends keyof HostAnswers ? HostAnswers[T] : void;

type Desk = {
  engine: Engine;
  store: StorePort;
  around: Surroundings;
  send<T extends ToPanelType>(type: T, body: ToPanel[T]): void;
  following: Map<SessionId, () => void>;
  deltas: DeltaGatherer;
  /** Nobody looks any more: nothing is sent but answers to what was asked before. */
  isClosed: boolean;
};

/** A refusal that the interface shows as it is. */
export class PanelRefusal extends Error {
  override name = "PanelRefusal";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const mostSessions = 500;

const handlers: { [T in ToHostType]: (desk: Desk, body: ToHost[T]) => Promise<Answer<T>> } = {
  ready: async (desk, { sessionId, seq }) => {
    desk.send("facts", await desk.around.facts());
    await sendSessions(desk);
    if (sessionId !== undefined) await follow(desk, { sessionId, ...(seq === undefined ? {} : { seq }) });
  },
  sessions: sendSessions,
  follow,
  unfollow: async ({ following }, { sessionId }) => {
    following.get(sessionId)?.();
    following.delete(sessionId);
  },
  prompt: async (desk, body) => {
    const fault = faultOfImages(body.attachments);
    if (fault !== undefined) throw new PanelRefusal("invalid", fault);
    const started = await desk.around.prompt({ ...body, images: await keepImages(desk.store, body.attachments) });
    await follow(desk, { sessionId: started.sessionId });
    await sendSessions(desk);
    return started;
  },
  resume: async (desk, { sessionId }) => {
    await desk.around.resume(sessionId);
    return { sessionId };
  },
  followUp: ({ around }, { command }) => around.followUp(command),
  command: async ({ engine }, { command }) => {
    const done = await engine.dispatch(command);
    if (!done.ok) throw new PanelRefusal(done.error.code, done.error.message);
    return { value: done.value };
  },
  events: ({ store }, query) => pageOfEvents(store, query),
  artifact: async ({ store }, { hash }) => {
    const bytes = await store.getArtifact(hash);
    if (!bytes) throw new PanelRefusal("not_found", "This content is no longer kept.");
    return { text: new TextDecoder().decode(bytes) };
  },
  context: async ({ store }, { sessionId, taskId }) => ({ text: await contextShown(store, sessionId, taskId) }),
  rename: async (desk, { sessionId, name }) => {
    const renamed = await desk.engine.dispatch({ type: "session.rename", sessionId, name });
    if (!renamed.ok) throw new PanelRefusal(renamed.error.code, renamed.error.message);
    await sendSessions(desk);
  },
  remove: async (desk, { sessionId }) => {
    const removed = await desk.engine.dispatch({ type: "session.remove", sessionId });
    if (!removed.ok) throw new PanelRefusal(removed.error.code, removed.error.message);
    await sendSessions(desk);
  },
  mention: ({ around }, { text }) => around.mention(text),
  editor: ({ around }, request) => around.editor(request),
  settings: async (desk, change) => {
    await desk.around.settings(change);
    desk.send("facts", await desk.around.facts());
  },
};

export function createPanelHost(options: {
  engine: Engine;
  store: StorePort;
  around: Surroundings;
  post: (message: PanelMessage) => void;
}): PanelHost {
  const { engine, store, around, post } = options;
  const following = new Map<SessionId, () => void>();
  const send: Desk["send"] = (type, body) => {
    if (!desk.isClosed) post({ type, body } as PanelMessage);
  };
  const deltas = gatherDeltas((body) => send("deltas", body));
  const desk: Desk = { engine, store, around, following, deltas, send, isClosed: false };
  const undelta = engine.onDelta((sessionId, taskId, agent, delta) => {
    if (delta.kind === "call" || !following.has(sessionId)) return;
    deltas.add(sessionId, { taskId, agent, ...(delta.kind === "output" ? { callId: delta.callId } : {}) }, delta.text);
  });
  return {
    async receive(value) {
      const message = asHostMessage(value);
      if (message) await answer(desk, message, post);
    },
    async refresh() {
      desk.send("facts", await around.facts());
      await sendSessions(desk);
    },
    close() {
      desk.isClosed = true;
      undelta();
      deltas.close();
      for (const end of following.values()) end();
      following.clear();
    },
  };
}

async function answer(desk: Desk, { type, id, body }: HostMessage, post: (message: PanelMessage) => void): Promise<void> {
  try {
    const handler = handlers[type] as (desk: Desk, body: unknown) => Promise<unknown>;
    post({ type: "answer", id, ok: true, value: await handler(desk, body) });
  } catch (error) {
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "internal";
    post({ type: "answer", id, ok: false, error: { code, message: messageOf(error) } });
  }
}

/** The newest first, of the open folders before all others. */
async function sendSessions(desk: Desk): Promise<void> {
  const { around } = desk;
  const rows = await desk.store.listSessions({ limit: mostSessions });
  const isHere = (workspace: string): boolean => around.isHere?.(workspace) ?? true;
  const summaries = rows.map(({ id, name, goal, status, updatedAt, agent, seq, workspace }): SessionSummary => {
    const folder = isHere(workspace) ? {} : { folder: workspace.split(/[\\/]/).findLast((part) => part !== "") ?? workspace };
    return { id, name, goal, status, updatedAt, agent, seq, ...folder };
  });
  desk.send("sessions", { sessions: summaries.toSorted((a, b) => Number(a.folder !== undefined) - Number(b.folder !== undefined)) });
}

/**
 * A snapshot, then what comes after it, with nothing lost between and nothing sent twice (A12). Its place is taken before
 * anything is waited for: whoever comes meanwhile, another one, its end or the end of all, ends this one too.
 */
async function follow(desk: Desk, { sessionId, seq }: ToHost["follow"]): Promise<void> {
  const { engine, following, around, deltas } = desk;
  if (desk.isClosed) return;
  following.get(sessionId)?.();
  let isOver = false;
  let unfollow = (): void => undefined;
  const end = (): void => {
    isOver = true;
    unfollow();
  };
  following.set(sessionId, end);
  const state = await engine.state(sessionId);
  if (!state) {
    if (!isOver) following.delete(sessionId);
    throw new PanelRefusal("not_found", `There is no session "${sessionId}" any more.`);
  }
  if (isOver) return;
  // A run whose end is recorded may still be leaving; no event would tell that it has gone.
  const running = around.isRunning(sessionId) && (state.status === "running" || state.status === "created");
  if (seq === undefined || seq !== state.seq) desk.send("snapshot", { sessionId, state, running });
  let batch: TraceEvent[] = [];
  const flush = (): void => {
    const events = batch;
    batch = [];
    if (isOver) return;
    deltas.flush();
    desk.send("events", { sessionId, events });
  };
  const ended = await engine.follow(sessionId, state.seq, (event) => {
    if (isOver) return;
    if (batch.push(event) === 1) setImmediate(flush);
    if (event.type === "run.ended" || event.type === "run.started") void sendSessions(desk).catch(() => undefined);
  });
  if (isOver) ended();
  else unfollow = ended;
}
