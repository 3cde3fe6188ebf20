// What the interface knows and shows: the host's facts, the sessions, the one that is followed, and where the person is.
// One object that changes in place and says so once per frame; views read it and call its methods. Owns no drawing.

import type { Command, CommandAnswer, Commands, CommandType } from "../src/protocol/commands.ts";
import type { TraceEvent } from "../src/protocol/events.ts";
import type { SessionId, TaskId } from "../src/protocol/ids.ts";
import type { HostFacts, PanelView, SessionSummary, ToHost, ToPanel } from "../src/protocol/panel.ts";
import { panelViews } from "../src/protocol/panel.ts";
import { type SessionState, type SessionStatus, pendingApprovals, pendingInterrupts } from "../src/protocol/state.ts";
import { announcementsOf } from "./model/announce.ts";
import { type Artifacts, createArtifacts } from "./model/artifacts.ts";
import { chatFrom, recentOf } from "./model/chat.ts";
import { type Comments, createComments } from "./model/comments.ts";
import { followed, type Followed, readEarlier, takeDelta, takeEvents, takeSnapshot } from "./model/follow.ts";
import { createTraceLog, type TraceFilter, type TraceLog } from "./model/traceLog.ts";
import type { Answer, HostLink, PushMessage } from "./host.ts";
import type { Keep } from "./keep.ts";

export type Notice = { tone: "error" | "info"; text: string };

/** Where the person is; kept between two lives of the page. */
export type Place = { sessionId?: SessionId; view: PanelView; trace: TraceFilter; scroll: Record<string, number> };

export type PanelStore = {
  facts?: HostFacts;
  sessions: SessionSummary[];
  session?: Followed;
  place: Place;
  notice?: Notice;
  /** Rows that are open, by the key of what they show. */
  expanded: Set<string>;
  chosenEvent?: TraceEvent;
  /** The part of the trace that is in sight, in pixels. */
  traceInSight?: { top: number; height: number };
  /** What the agent of the chosen event saw. */
  seen?: string;
  /** Half-written reasons and answers, by the question they belong to. */
  texts: Map<string, string>;
  readonly artifacts: Artifacts;
  readonly comments: Comments;
  readonly trace: TraceLog;
  /** Read aloud: the first kindly, the second at once. */
  spoken: { polite: string; urgent: string };
  /** A prompt is on its way that starts a session: the next snapshot is that session's. */
  starting: boolean;
  /** A task that another view points to. */
  focusTask?: TaskId;
  /** Whom the composer talks to while the team works; else all of it. */
  talkTo?: TaskId;
  /** The composer takes the focus as soon as it is there. */
  toWrite: boolean;
  readonly link: HostLink;
  readonly keep: Keep;
  onChange(listener: () => void): () => void;
  changed(): void;
  /** Asks the host; a refusal becomes a notice and the answer `undefined`. */
  ask<T extends keyof ToHost>(type: T, body: ToHost[T]): Promise<Answer<T> | undefined>;
  /** Tells the engine; a refusal becomes a notice and the answer `undefined`. */
  command<T extends CommandType>(command: { type: T } & Commands[T]): Promise<CommandAnswer[T] | undefined>;
  open(sessionId: SessionId): void;
  newSession(): void;
  show(view: PanelView): void;
  toggle(key: string): void;
  earlier(): Promise<void>;
  tell(notice: Notice | undefined): void;
};

type Kept = ReturnType<typeof recentOf> & { state: SessionState };

const keptItems = 150;

export function createStore(link: HostLink, keep: Keep): PanelStore {
  const { onChange, changed } = oncePerFrame();
  const store: PanelStore = {
    sessions: [],
    place: { view: "chat", trace: {}, scroll: {} },
    expanded: new Set(),
    texts: new Map(),
    artifacts: createArtifacts(link, changed),
    comments: createComments(keep, changed),
    trace: createTraceLog(link, changed),
    spoken: { polite: "", urgent: "" },
    starting: false,
    toWrite: false,
    link,
    keep,
    onChange,
    changed,
    async ask(type, body) {
      try {
        return await link.request(type, body);
      } catch (error) {
        store.tell({ tone: "error", text: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
    },
    command: async <T extends CommandType>(command: { type: T } & Commands[T]) =>
      (await store.ask("command", { command: command as Command }))?.value as CommandAnswer[T] | undefined,
    open: (sessionId) => openSession(store, sessionId),
    newSession() {
      leave(store);
      store.show("chat");
    },
    show(view) {
      store.place.view = view;
      savePlace(store);
      changed();
    },
    toggle(key) {
      if (!store.expanded.delete(key)) store.expanded.add(key);
      changed();
    },
    async earlier() {
      if (store.session) await readEarlier(store.session, link).catch(() => undefined);
      changed();
    },
    tell: (notice) => tell(store, notice),
  };
  link.onMessage((message) => {
    receive(store, message);
    changed();
  });
  return store;
}

function oncePerFrame(): Pick<PanelStore, "onChange" | "changed"> {
  const listeners = new Set<() => void>();
  let due = false;
  return {
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed() {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        for (const listener of listeners) listener();
      });
    },
  };
}

function tell(store: PanelStore, notice: Notice | undefined): void {
  // A sentence that was the rest of a line elsewhere; a name at its beginning stays as it is.
  if (notice) store.notice = { ...notice, text: notice.text.replace(/^[a-z](?=[a-z]* )/, (first) => first.toUpperCase()) };
  else delete store.notice;
  if (notice?.tone === "error") store.spoken.urgent = notice.text;
  store.changed();
}

/** Shows what was kept at once, then asks the host for what is new. */
export async function begin(store: PanelStore): Promise<void> {
  const place = await store.keep.load<Place>("place");
  if (place && panelViews.includes(place.view)) store.place = { ...store.place, ...place };
  const { sessionId } = store.place;
  const kept = sessionId === undefined ? undefined : await store.keep.load<Kept>(`recent:${sessionId}`);
  if (sessionId !== undefined) store.session = kept ? followed(sessionId, chatFrom(kept), kept.state) : followed(sessionId);
  store.changed();
  await introduce(store);
}

async function introduce(store: PanelStore): Promise<void> {
  const { sessionId } = store.place;
  try {
    // Without a seq: the snapshot also tells whether the session is running; the conversation asks for what it lacks.
    await store.link.request("ready", sessionId === undefined ? {} : { sessionId });
  } catch {
    // The session of last time is gone; the rest of the interface works without it.
    leave(store);
  }
}

/** What the interface waits for, as a number for its tab. */
export function waitingCount(state: SessionState | undefined): number {
  return state ? pendingApprovals(state).length + pendingInterrupts(state).length : 0;
}

/** The session's status as a person sees it: a run that nobody runs any more was interrupted. */
export function statusOf(session: Followed | undefined): SessionStatus | "interrupted" | undefined {
  const status = session?.state?.status;
  if (!session || status === undefined) return undefined;
  if (session.running) return waitingCount(session.state) > 0 ? "waiting" : "running";
  return status === "running" ? "interrupted" : status;
}

export function savePlace(store: PanelStore): void {
  store.keep.save("place", store.place);
}

function receive(store: PanelStore, message: PushMessage): void {
  switch (message.type) {
    case "facts":
      store.facts = message.body;
      return;
    case "sessions":
      store.sessions = message.body.sessions;
      return;
    case "snapshot":
      return snapshot(store, message.body);
    case "events":
      if (store.session?.id === message.body.sessionId) follow(store, store.session, message.body.events);
      return;
    case "running":
      if (store.session?.id === message.body.sessionId) store.session.running = message.body.running;
      return;
    case "deltas":
      if (store.session?.id !== message.body.sessionId) return;
      for (const delta of message.body.deltas) takeDelta(store.session, delta);
      return;
    case "failed":
      if (store.session?.id !== message.body.sessionId) return;
      store.session.running = false;
      return store.tell({ tone: "error", text: message.body.message });
    case "renewed":
      return void introduce(store);
    case "show":
      return showPlace(store, message.body);
    default:
      return;
  }
}

function snapshot(store: PanelStore, { sessionId, state, running }: { sessionId: SessionId; state: SessionState; running: boolean }): void {
  if (!store.session && store.starting) adopt(store, sessionId);
  const { session } = store;
  if (session?.id !== sessionId) return;
  session.running = running;
  void takeSnapshot(session, state, store.link)
    .catch(() => store.tell({ tone: "error", text: "The conversation could not be read; open the session again." }))
    .then(() => {
      remember(store);
      store.changed();
    });
}

function follow(store: PanelStore, session: Followed, events: TraceEvent[]): void {
  for (const event of takeEvents(session, events)) {
    if (event.type === "run.started" || event.type === "session.resumed") session.running = true;
    // Another window may run it: that is seen by what it does.
    if (event.type === "turn.started" || event.type === "call.started") session.running = true;
    if (event.type === "run.ended") endRun(store, session);
    announcementsOf(event, store.spoken);
    store.trace.add(event);
  }
  remember(store);
}

function endRun(store: PanelStore, session: Followed): void {
  session.running = false;
  delete store.talkTo;
}

function remember({ session, keep }: PanelStore): void {
  if (session?.state) keep.save(`recent:${session.id}`, { ...recentOf(session.chat, keptItems), state: session.state } satisfies Kept);
}

function adopt(store: PanelStore, sessionId: SessionId): void {
  store.session = followed(sessionId);
  store.place.sessionId = sessionId;
  store.place.trace = {};
  store.place.scroll = {};
  savePlace(store);
  store.keep.flush();
}

function openSession(store: PanelStore, sessionId: SessionId, asked?: true): void {
  if (store.session?.id === sessionId) return;
  leave(store);
  adopt(store, sessionId);
  void store.ask("follow", { sessionId, ...(asked && { asked }) });
  store.changed();
}

function leave(store: PanelStore): void {
  const { session } = store;
  if (session) void store.ask("unfollow", { sessionId: session.id });
  delete store.session;
  store.expanded.clear();
  delete store.chosenEvent;
  delete store.seen;
  delete store.focusTask;
  delete store.talkTo;
  delete store.place.sessionId;
  delete store.notice;
  savePlace(store);
  store.keep.flush();
  store.changed();
}

function showPlace(store: PanelStore, { sessionId, newSession, view, taskId }: ToPanel["show"]): void {
  if (newSession) leave(store);
  if (sessionId !== undefined) openSession(store, sessionId, true);
  if (taskId !== undefined) {
    store.focusTask = taskId;
    if (view === "trace") store.place.trace = { taskId };
  }
  if (view) store.show(view);
}
