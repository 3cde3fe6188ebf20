// Going back: a session forked at a prompt, a prompt said again in other words, and the files as they were before it.
// Nothing is sent by itself: what is to be said again waits in the composer of the fork.

import type { CheckpointId, SessionId } from "../../src/protocol/ids.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import { plural } from "../ui/words.ts";
import type { PromptItem } from "./chatItems.ts";
import { keepDraft } from "./drafts.ts";
import type { Followed } from "./follow.ts";

/** Without a place: as the session is now. */
export async function fork(store: PanelStore, sessionId: SessionId, at?: number, draft?: string): Promise<void> {
  const answer = await store.command({ type: "session.fork", sessionId, ...(at === undefined ? {} : { at }) });
  if (!answer) return;
  if (draft) keepDraft(store, answer.sessionId, { text: draft, attachments: [] });
  store.open(answer.sessionId);
  store.show("chat");
  store.toWrite = true;
  await store.ask("sessions", {});
}

/** Where the run of this prompt ended; undefined while it is the newest. */
export function endOf({ chat }: Followed, prompt: PromptItem): number | undefined {
  const next = chat.items.find((item) => item.kind === "prompt" && item.seq > prompt.seq);
  return next?.kind === "prompt" ? next.before : undefined;
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
