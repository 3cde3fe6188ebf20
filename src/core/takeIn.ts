// A record from elsewhere becomes a session here. Its events stay as they are, but for what names places of that machine:
// session, workspace and folders. What was allowed there is not allowed here; a run that was under way goes on where its
// folders can be rebuilt.

import type { EventDraft, TraceEvent } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import { rewritten } from "./forkCopy.ts";
import { rebuildAll, rootsIn } from "./forkFolders.ts";
import { effectsOf, forkPlace, isUnderWay } from "./forkPlace.ts";
import { withoutQuestions } from "./giveUp.ts";
import { importMarks } from "./imported.ts";
import type { Ports } from "./ports.ts";

export type Arrival = {
  sessionId: SessionId;
  /** As it was there. */
  state: SessionState;
  /** Of what its file holds. */
  digest: string;
  /** The folder in which it may go on here; without one it can only be read. */
  workspace: string | undefined;
};

export type Translate = (event: TraceEvent) => TraceEvent;

/** How each of its events reads here. */
export async function translatorFor(ports: Ports, { sessionId, state, workspace }: Arrival): Promise<Translate> {
  const folder = workspace ?? state.workspace;
  const roots = workspace === undefined ? new Map<string, string>() : await rootsIn(ports, sessionId, { ...state, workspace: folder });
  const rewrite = { sessionId, roots, questions: new Map(), digests: new Map(), keepScopes: true };
  return (event) => {
    const own = rewritten(event, rewrite);
    return event.seq === 1 && workspace !== undefined ? { ...own, payload: { ...(own.payload as object), workspace } } : own;
  };
}

/** What is recorded after its own events. `here`: its state with them, `read`: the events themselves. */
export async function arrival(
  ports: Ports,
  { digest, state, workspace }: Arrival,
  here: SessionState,
  read: () => Promise<TraceEvent[]>,
): Promise<EventDraft[]> {
  const marks = importMarks({ from: state.id, digest, canRun: workspace !== undefined });
  if (workspace === undefined || !isUnderWay(here)) return marks;
  const reason = "the session was taken to another place, and what its tasks' folders held is not on record";
  return (await canGoOn(ports, here, await read())) ? marks : [...marks, ...withoutQuestions(here, reason)];
}

async function canGoOn(ports: Ports, { id: sessionId, workspace, seq }: SessionState, events: TraceEvent[]): Promise<boolean> {
  const place = forkPlace(events, seq, { effects: effectsOf(await ports.tools.list()), broken: new Set() });
  const wish = (await ports.policy.load(workspace)).workspace;
  const stopped = place.at < seq ? place.at : await rebuildAll({ ports, sessionId, workspace, wish }, place);
  if (stopped !== undefined) await ports.workspace.dispose(sessionId, workspace);
  return stopped === undefined;
}
