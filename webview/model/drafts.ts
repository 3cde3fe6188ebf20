// What is written and not sent yet, one draft per session; they outlive the page.

import type { SessionId } from "../../src/protocol/ids.ts";
import type { Attachment } from "../../src/protocol/panel.ts";
import type { PanelStore } from "../state.ts";

export type Draft = { text: string; attachments: Attachment[] };

export function draftKey(sessionId: SessionId | undefined): string {
  return `draft:${sessionId ?? "new"}`;
}

export function keepDraft({ keep }: PanelStore, sessionId: SessionId | undefined, draft: Draft): void {
  const key = draftKey(sessionId);
  if (draft.text === "" && draft.attachments.length === 0) keep.forget(key);
  else keep.save(key, draft);
}
