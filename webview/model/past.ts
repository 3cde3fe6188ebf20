// Going back: a session forked at a prompt or at any event, a prompt said again in other words, and the files as they were before it.
// Nothing is sent by itself: what is to be said again waits in the composer of the fork.

import type { CheckpointId, SessionId } from "../../src/protocol/ids.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import { plural } from "../ui/words.ts";
import type { ChatItem, PromptItem } from "./chatItems.ts";
import { keepDraft } from "./drafts.ts";
import type { Followed } from "./follow.ts";

const longestName = 80;

/** Sessions that nobody named go by their goal. */
export function sessionName({ sessions, session }: PanelStore, id: SessionId): string {
  const known = sessions.find((one) => one.id === id) ?? (session?.id === id ? session.state : undefined);
  if (!known) return "another session";
  return known.name === id ? known.goal : known.name;
}

/** Another session that begins before this prompt, with its words in the composer. */
export async function sayAgain(store: PanelStore, session: Followed, { seq, text }: PromptItem): Promise<void> {
  const at = await endBefore(store, session.id, seq);
  if (at !== undefined) await fork(store, session.id, at, text);
}

/** Another session with all up to the end of this prompt's run. */
export async function forkAfter(store: PanelStore, session: Followed, prompt: PromptItem): Promise<void> {
  const next = nextPrompt(session, prompt);
  const at = next && (await endBefore(store, session.id, next.seq));
  if (!next || at !== undefined) await fork(store, session.id, at);
}

/** Where the last run before this place ended; the beginning of the session if there is none. */
async function endBefore(store: PanelStore, sessionId: SessionId, before: number): Promise<number | undefined> {
  const page = await store.ask("events", { sessionId, before, types: ["run.ended", "session.ended"], limit: 1_000 });
  return page && (page.events.at(-1)?.seq ?? 1);
}

/** Without a place: as the session is now. */
export async function fork(store: PanelStore, sessionId: SessionId, at?: number, draft?: string): Promise<void> {
  const name = `${sessionName(store, sessionId).slice(0, longestName)} (fork)`;
  const answer = await store.command({ type: "session.fork", sessionId, name, ...(at === undefined ? {} : { at }) });
  if (!answer) return;
  if (answer.moved) store.tell({ tone: "info", text: `The fork begins at event ${answer.at}: ${answer.moved}.` });
  if (draft) keepDraft(store, answer.sessionId, { text: draft, attachments: [] });
  store.open(answer.sessionId);
  store.show("chat");
  store.toWrite = true;
  await store.ask("sessions", {});
}

/** The run of this prompt goes on no more. */
export function hasEnded(session: Followed, prompt: PromptItem): boolean {
  return !session.running || nextPrompt(session, prompt) !== undefined;
}

function nextPrompt({ chat }: Followed, { seq }: PromptItem): ChatItem | undefined {
  return chat.items.find((item) => item.kind === "prompt" && item.seq > seq);
}

/** The person's files as this run found them, if the session changed them since. */
export function checkpointBefore({ checkpoints, landed = [] }: SessionState, { seq: begun }: PromptItem): CheckpointId | undefined {
  if (!landed.some(({ seq }) => seq > begun)) return undefined;
  return checkpoints.find(({ seq, from }) => seq > begun && from === undefined)?.checkpointId;
}

export async function rollBack(store: PanelStore, session: Followed, to: CheckpointId): Promise<void> {
  const answer = await store.command({ type: "session.rollback", sessionId: session.id, to, by: "user" });
  if (!answer) return;
  const { files, conflicts } = answer;
  if (conflicts.length > 0) {
    const text = `Nothing was written: since then you changed the same places in ${listed(conflicts)}. Undo your edits there, then roll back again.`;
    store.tell({ tone: "error", text });
  } else
    store.tell({
      tone: "info",
      text: files.length === 0 ? "Your files are as they were already." : `Rolled back ${plural(files.length, "file")}: ${listed(files)}`,
    });
}

const mostNamed = 6;

function listed(files: string[]): string {
  const more = files.length - mostNamed;
  return files.slice(0, mostNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
