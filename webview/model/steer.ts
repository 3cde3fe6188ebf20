// What a person says to a team at work, to all of it or to one agent: shown at once, recorded by the engine, heard by each
// agent before its next turn. Who has heard it follows from the state.

import type { MessageId, TaskId } from "../../src/protocol/ids.ts";
import type { Attachment } from "../../src/protocol/panel.ts";
import { isTerminal, type TaskState } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import type { SaidItem } from "./chatItems.ts";
import type { Followed } from "./follow.ts";

/** True when the engine took it; otherwise a notice says why. */
export async function tell(store: PanelStore, session: Followed, text: string, attachments: Attachment[]): Promise<boolean> {
  if (attachments.some(({ kind }) => kind === "image")) {
    store.tell({ tone: "error", text: "Images go with a prompt, not to a team at work: remove them, or wait for the end of the run." });
    return false;
  }
  const messageId: MessageId = `m_${crypto.randomUUID()}`;
  const words = withAttachments(text, attachments);
  const to = store.talkTo;
  const item: SaidItem = { kind: "said", key: messageId, seq: 0, messageId, text: words, ...(to ? { to } : {}) };
  session.outgoing.push(item);
  store.changed();
  const command = { type: "message.send" as const, sessionId: session.id, text: words, by: "user", messageId };
  const answer = await store.command(to ? { ...command, taskId: to } : command);
  // Its event may still be on the way; until it comes the words stay where they are.
  if (!answer) session.outgoing = session.outgoing.filter((one) => one !== item);
  else store.tell(undefined);
  store.changed();
  return answer !== undefined;
}

export function heardBy({ state }: Followed, messageId: MessageId): TaskState[] {
  return Object.values(state?.tasks ?? {}).filter(({ heard }) => heard?.includes(messageId));
}

/** Whom a person can talk to now: agents at work. One that only hands its work on takes no turn and would never hear. */
export function listeners({ session }: PanelStore): TaskState[] {
  if (!session?.running) return [];
  const tasks = Object.values(session.state?.tasks ?? {});
  const parents = new Set(tasks.map(({ parentId }) => parentId));
  return tasks.filter(({ status, turns, thinkingSince, id }) => !isTerminal(status) && (turns > 0 || thinkingSince || !parents.has(id)));
}

/** Only the changes wait for a word: nobody would hear, a further prompt goes on with them. */
export function waitsForLanding({ session }: PanelStore): boolean {
  const landing = session?.state?.landing;
  return session?.running === true && landing !== undefined && !landing.decision;
}

export function talkTo(store: PanelStore, taskId: TaskId | undefined): void {
  if (taskId) store.talkTo = taskId;
  else delete store.talkTo;
  store.changed();
}

/** Files are named in the words already; what was selected is not in them. */
function withAttachments(text: string, attachments: Attachment[]): string {
  const parts = attachments
    .filter((one) => one.text !== undefined)
    .map(({ label, text: content }) => `${label}:\n\n\`\`\`\n${content}\n\`\`\``);
  return [text, ...parts].join("\n\n");
}
