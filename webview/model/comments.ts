// What a person writes about lines of a proposed result, until it is sent: kept from the first letter on, beside the other
// drafts of the page. A draft belongs to the result that it was written about.

import type { LineComment } from "../../src/protocol/events.ts";
import type { Commit, SessionId } from "../../src/protocol/ids.ts";
import type { Keep } from "../keep.ts";
import type { PanelStore } from "../state.ts";
import { beginFollowUp } from "./followUp.ts";
import { plural } from "../ui/words.ts";

export type CommentDraft = LineComment & { commit: Commit };
type Place = Pick<CommentDraft, "path" | "line" | "commit">;

export type Comments = {
  of(sessionId: SessionId): CommentDraft[];
  /** In the place of what was said of that line before; an empty text takes it away. */
  put(sessionId: SessionId, draft: CommentDraft): void;
  clear(sessionId: SessionId, commit: Commit): void;
};

export function createComments(keep: Keep, changed: () => void): Comments {
  const known = new Map<SessionId, CommentDraft[]>();
  const set = (sessionId: SessionId, drafts: CommentDraft[]): void => {
    known.set(sessionId, drafts);
    if (drafts.length === 0) keep.forget(`comments:${sessionId}`);
    else keep.save(`comments:${sessionId}`, drafts, "at once");
    changed();
  };
  const load = async (sessionId: SessionId): Promise<void> => {
    const kept = (await keep.load<CommentDraft[]>(`comments:${sessionId}`)) ?? [];
    const since = known.get(sessionId) ?? [];
    known.set(sessionId, [...kept.filter((one) => !since.some((other) => isAt(other, one))), ...since]);
    changed();
  };
  const of = (sessionId: SessionId): CommentDraft[] => {
    const present = known.get(sessionId);
    if (present) return present;
    known.set(sessionId, []);
    void load(sessionId);
    return [];
  };
  return {
    of,
    put(sessionId, draft) {
      const others = of(sessionId).filter((one) => !isAt(one, draft));
      set(sessionId, draft.text.trim() === "" ? others : [...others, draft]);
    },
    clear: (sessionId, commit) =>
      set(
        sessionId,
        of(sessionId).filter((one) => one.commit !== commit),
      ),
  };
}

function isAt(a: Place, b: Place): boolean {
  return a.path === b.path && a.line === b.line && a.commit === b.commit;
}

export function draftAt(store: PanelStore, place: Place): CommentDraft | undefined {
  return store.session && store.comments.of(store.session.id).find((one) => isAt(one, place));
}

/** All that was written about this result goes to the agents, as one run. */
export async function sendComments(store: PanelStore, commit: Commit): Promise<void> {
  const { session } = store;
  if (!session) return;
  const comments = store.comments
    .of(session.id)
    .filter((one) => one.commit === commit)
    .toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
    .map(({ commit: _about, ...comment }): LineComment => comment);
  if (comments.length === 0) return;
  if (!(await beginFollowUp(store, { type: "changes.comment", sessionId: session.id, comments, by: "user" }))) return;
  store.comments.clear(session.id, commit);
  store.spoken.polite = `Sent ${plural(comments.length, "comment")} to the agents.`;
}
