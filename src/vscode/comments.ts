// Comments on lines for the agents that wrote them, in the editor's own comment threads: kept as drafts, sent all at once,
// and marked once they were answered. What becomes of them is the engine's; nothing is loaded to show them.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { isOpen } from "../core/landingEnd.ts";
import { linesOf } from "../core/lineMatch.ts";
import type { LineComment } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { shownSide } from "./changes.ts";
import { commentableIn } from "./commentable.ts";
import { type Draft, keepDrafts, keptDrafts, placedIn } from "./commentDrafts.ts";
import type { Desk } from "./desk.ts";
import { heldIn } from "./unsaved.ts";
import type { WaitingList } from "./waiting.ts";

/** A comment as it is shown, with the thread that it stands in. */
type Note = vscode.Comment & { draft: Draft; thread: vscode.CommentThread; /** Nothing more becomes of it. */ over?: true };

/** A thread stands below the end of its last line. */
const wholeLine = 10_000;

type Board = { desk: Desk; controller: vscode.CommentController; notes: Set<Note> };

/** For tests: what is shown, and a thread as a click on a line begins it. */
export type AgentComments = vscode.Disposable & {
  notes(): readonly Note[];
  begin(uri: vscode.Uri, range: vscode.Range): vscode.CommentThread;
};

export function registerComments(desk: Desk, waiting: WaitingList): AgentComments {
  const controller = vscode.comments.createCommentController("agentOrchestrator", vscode.l10n.t("Comments for the Agents"));
  const board: Board = { desk, controller, notes: new Set() };
  controller.options = {
    prompt: vscode.l10n.t("Say it to the agent that wrote this"),
    placeHolder: vscode.l10n.t("What should it do about these lines?"),
  };
  const provider: vscode.CommentingRangeProvider = {
    provideCommentingRanges: async (document) => {
      const runtime = desk.loaded();
      const found = runtime && (await commentableIn(runtime, document.uri));
      return found ? [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)] : [];
    },
  };
  const look = (): void => {
    // Setting it makes the editor ask again.
    controller.commentingRangeProvider = provider;
    void settle(board);
  };
  look();
  for (const draft of keptDrafts(desk.context)) show(board, draft);
  update(board);
  const on = (name: string, work: (argument: never) => Promise<unknown>): vscode.Disposable =>
    vscode.commands.registerCommand(`agentOrchestrator.${name}`, async (argument: never) => {
      try {
        return await work(argument);
      } catch (error) {
        void vscode.window.showErrorMessage(messageOf(error));
        return undefined;
      }
    });
  const listening = vscode.Disposable.from(
    controller,
    waiting.onChange(look),
    on("keepComment", (reply: vscode.CommentReply) => keep(board, reply)),
    on("editComment", async (note: Note) => redraw(note, vscode.CommentMode.Editing)),
    on("saveComment", async (note: Note) => change(board, note)),
    on("deleteComment", async (note: Note) => remove(board, note)),
    on("sendComments", (about: unknown) => send(board, about)),
  );
  return {
    notes: () => [...board.notes],
    begin: (uri, range) => controller.createCommentThread(uri, range, []),
    dispose: () => listening.dispose(),
  };
}

async function keep(board: Board, { thread, text }: vscode.CommentReply): Promise<void> {
  const said = text.trim();
  const { uri, range } = thread;
  if (said === "" || !range) return;
  const found = await commentableIn(await board.desk.runtime(), uri);
  if (!found) {
    thread.dispose();
    throw new Error(vscode.l10n.t("No result of a session is in this file; there is nobody to say it to."));
  }
  const document = await vscode.workspace.openTextDocument(uri);
  const [first, last] = [range.start.line + 1, range.end.line + 1];
  const lines = { line: first, ...(last > first ? { endLine: last } : {}) };
  const draft = { uri: uri.toString(), ...found, ...lines, text: said, shown: document.lineAt(range.start.line).text };
  show(board, draft, thread);
  update(board);
}

function show(board: Board, draft: Draft, given?: vscode.CommentThread): void {
  const { line, endLine = line, text, uri } = draft;
  const range = new vscode.Range(line - 1, 0, endLine - 1, wholeLine);
  const thread = given ?? board.controller.createCommentThread(vscode.Uri.parse(uri, true), range, []);
  const note: Note = { draft, thread, body: text, mode: vscode.CommentMode.Preview, author: { name: vscode.l10n.t("You") } };
  board.notes.add(note);
  thread.comments = [...thread.comments, note];
  mark(note, draft.sent ? "sent" : "draft");
}

const words = {
  draft: () => vscode.l10n.t("Draft: send it when you have said all"),
  sent: () => vscode.l10n.t("Sent: the agents are at work on it"),
  answered: () => vscode.l10n.t("Answered"),
  failed: () => vscode.l10n.t("Not answered: the run failed; resume it, or say it again"),
};

function mark(note: Note, state: keyof typeof words): void {
  const { thread } = note;
  note.contextValue = state;
  thread.contextValue = state;
  thread.label = words[state]();
  thread.canReply = false;
  thread.state = state === "answered" ? vscode.CommentThreadState.Resolved : vscode.CommentThreadState.Unresolved;
  thread.collapsibleState =
    state === "answered" ? vscode.CommentThreadCollapsibleState.Collapsed : vscode.CommentThreadCollapsibleState.Expanded;
  redraw(note, vscode.CommentMode.Preview);
}

function redraw(note: Note, mode: vscode.CommentMode): void {
  note.mode = mode;
  note.thread.comments = [...note.thread.comments];
}

async function change(board: Board, note: Note): Promise<void> {
  const text = (typeof note.body === "string" ? note.body : note.body.value).trim();
  if (text === "") return remove(board, note);
  note.draft.text = text;
  redraw(note, vscode.CommentMode.Preview);
  update(board);
}

async function remove(board: Board, note: Note): Promise<void> {
  board.notes.delete(note);
  note.thread.comments = note.thread.comments.filter((one) => one !== note);
  if (note.thread.comments.length === 0) note.thread.dispose();
  update(board);
}

/** Keeps what is not over, and tells the menus whether there is something to send. */
function update({ desk, notes }: Board): void {
  const drafts = [...notes].filter(({ over }) => !over).map(({ draft }) => draft);
  keepDrafts(desk.context, drafts);
  const waits = drafts.some(({ sent }) => !sent);
  void vscode.commands.executeCommand("setContext", "agentOrchestrator.commentsWait", waits);
}

/** All drafts of one session at once: of the thread, the group in Source Control or the editor that it is asked on. */
async function send(board: Board, about: unknown): Promise<number> {
  if (isReply(about) && about.text.trim() !== "") await keep(board, about);
  const drafts = [...board.notes].filter(({ draft, over }) => !draft.sent && !over);
  const sessionId = await chosenSession(board.desk, drafts, about);
  if (sessionId === undefined) return 0;
  const runtime = await board.desk.runtime();
  const state = await runtime.engine.state(sessionId);
  const own = drafts.filter(({ draft }) => draft.sessionId === sessionId);
  if (!state || own.length === 0) throw new Error(vscode.l10n.t("There are no comments to send; write one on a line of a result first."));
  const placed = new Map<Note, LineComment>();
  for (const note of own) {
    const comment = placedIn(note.draft, await linesNow(runtime, state, note.draft.path));
    if (comment) placed.set(note, comment);
  }
  if (placed.size === 0) throw new Error(vscode.l10n.t("The lines that you commented are not there any more; say it of others."));
  await board.desk.followUp({ type: "changes.comment", sessionId, comments: [...placed.values()], by: "user" });
  for (const note of placed.keys()) {
    note.draft.sent = true;
    mark(note, "sent");
  }
  update(board);
  void vscode.window.showInformationMessage(sentWords(placed.size, own.length - placed.size));
  // It may be at its end already.
  void settle(board);
  return placed.size;
}

function sentWords(sent: number, lost: number): string {
  const said =
    sent === 1
      ? vscode.l10n.t("The agent that wrote this line works on your comment; what it changes waits for you as any result.")
      : vscode.l10n.t("The agents work on your {0} comments; what they change waits for you as any result.", sent);
  return lost === 0 ? said : `${said} ${vscode.l10n.t("Kept as drafts, because their lines are not there any more: {0}.", lost)}`;
}

function isReply(about: unknown): about is vscode.CommentReply {
  return typeof about === "object" && about !== null && "thread" in about && "text" in about && typeof about.text === "string";
}

async function chosenSession(desk: Desk, notes: Note[], about: unknown): Promise<SessionId | undefined> {
  const ids = [...new Set(notes.map(({ draft }) => draft.sessionId))];
  const { id, uri, thread } = (about ?? {}) as { id?: unknown; uri?: vscode.Uri; thread?: vscode.CommentThread };
  const document = uri ?? thread?.uri ?? vscode.window.activeTextEditor?.document.uri;
  const ofDocument = notes.find(({ draft }) => draft.uri === document?.toString())?.draft.sessionId;
  const named = typeof id === "string" ? id : (ofDocument ?? (document && shownSide(document)?.sessionId));
  if (named !== undefined || ids.length < 2) return named ?? ids[0] ?? desk.current;
  const { engine } = await desk.runtime();
  const items = await Promise.all(
    ids.map(async (session) => {
      const state = await engine.state(session);
      return { label: state?.run?.prompt.split("\n")[0] ?? session, description: session };
    }),
  );
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Comments on whose result?") }))?.description;
}

/** The result that waits, else the file; what is typed and not saved is known to nobody else. */
async function linesNow(runtime: Runtime, { workspace, landing }: SessionState, path: string): Promise<string[]> {
  if (isOpen(landing)) return linesOf((await runtime.fileAt(workspace, landing.commit, path)) ?? "");
  if (heldIn(workspace).some((one) => one.path === path))
    throw new Error(vscode.l10n.t("Save {0} first, so that the agents see what you see.", path));
  return linesOf(await readFile(join(workspace, path), "utf8").catch(() => ""));
}

/** What was sent is answered once its run is at its end, or waits for a word on the result. */
async function settle(board: Board): Promise<void> {
  const { desk, notes } = board;
  const runtime = desk.loaded();
  const sent = [...notes].filter(({ draft, over }) => draft.sent && !over);
  if (!runtime || sent.length === 0) return;
  for (const [sessionId, own] of Map.groupBy(sent, ({ draft }) => draft.sessionId)) {
    const { run, landing } = (await runtime.engine.state(sessionId)) ?? {};
    if (run?.status === "running" && !isOpen(landing)) continue;
    for (const note of own) {
      note.over = true;
      mark(note, run?.status === "failed" ? "failed" : "answered");
    }
  }
  update(board);
}
