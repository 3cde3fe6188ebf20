// Sessions of this folder that another window or the terminal runs: what they record is taken in here, so that the
// interface shows them live; and one whose program died is offered. Looks only while an interface is open.

import type { SessionId } from "../protocol/ids.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Desk, workspaceFolder } from "./desk.ts";
import { offerResume } from "./resumeOnOpen.ts";

const everyMs = 1_000;
const mostSessions = 50;

export type Interfaces = {
  /** A session begins or ends to run elsewhere. */
  tell(sessionId: SessionId, running: boolean): void;
  show(sessionId: SessionId): void;
};

/** The returned function ends it. */
export function followOthers(desk: Desk, interfaces: Interfaces): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const runtime = desk.loaded();
    if (runtime) await lookOnce(desk, runtime, interfaces).catch(() => undefined);
    if (!isOver) timer = setTimeout(() => void look(), everyMs);
  };
  void look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

async function lookOnce(desk: Desk, runtime: Runtime, interfaces: Interfaces): Promise<void> {
  const workspace = workspaceFolder();
  if (workspace === undefined) return;
  const sessions = await runtime.store.listSessions({ workspace, limit: mostSessions });
  const running = sessions.filter(({ id, status }) => status === "running" && !desk.running.has(id)).map(({ id }) => id);
  const ended = [...desk.elsewhere].filter((id) => !running.includes(id));
  for (const id of [...running, ...ended]) await takeIn(runtime, id);
  const began = running.filter((id) => !desk.elsewhere.has(id));
  for (const id of began) {
    desk.elsewhere.add(id);
    interfaces.tell(id, true);
  }
  for (const id of ended) {
    desk.elsewhere.delete(id);
    if (!desk.running.has(id)) interfaces.tell(id, false);
  }
  if (began.length + ended.length > 0) desk.changed();
  if (ended.length > 0) void offerResume(desk, runtime, (id) => interfaces.show(id), ended);
}

/** Whoever begins to follow a session makes the engine read what it lacks, and all who follow it are told. */
async function takeIn({ engine }: Runtime, sessionId: SessionId): Promise<void> {
  const end = await engine.follow(sessionId, Number.MAX_SAFE_INTEGER, () => undefined);
  end();
}
