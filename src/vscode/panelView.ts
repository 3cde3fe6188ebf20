// The interface in the side bar, and the same one in an editor tab. Each has a host of its own at the desk; the engine is
// loaded when the first of them is shown.

import * as vscode from "vscode";
import { asHostMessage, type PanelMessage, type ToPanel } from "../protocol/panel.ts";
import type { SessionId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { PanelHost } from "../runtime/panel.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import { followOthers } from "./followOthers.ts";
import { panelHtml, panelRoot } from "./html.ts";
import { offerResume } from "./resumeOnOpen.ts";
import { actInEditor, factsOf, surroundingsOf } from "./surroundings.ts";

export const viewId = "agentOrchestrator.panel";

type Post = (message: PanelMessage) => void;

type Open = {
  host: PanelHost;
  post: Post;
  runtime: Runtime;
  /** Ends it and lets its page turn to the engine that took the place of this one. */
  renew(): void;
};

type Page = {
  /** Makes it show a place: at once, or as soon as it has loaded. */
  show(place: ToPanel["show"]): void;
};

const pages = new Set<Page>();
/** What the first page that comes shall show, while there is none. */
let firstPlace: ToPanel["show"] | undefined;
const open = new Set<Open>();
let endFollowing: (() => void) | undefined;
let ran = new Set<SessionId>();

export function registerPanel(desk: Desk): vscode.Disposable {
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(view) {
      const { webview } = view;
      const ended = bind(desk, webview);
      view.onDidDispose(() => ended.dispose());
    },
  };
  const refreshing = desk.onChange(() => {
    tellEnded(desk);
    for (const one of open) {
      if (one.runtime === desk.loaded()) void one.host.refresh().catch(() => undefined);
      else one.renew();
    }
  });
  const failing = desk.onFailed((failure) => {
    for (const { post } of open) post({ type: "failed", body: failure });
    if (open.size === 0) void vscode.window.showErrorMessage(failure.message);
  });
  const view = vscode.window.registerWebviewViewProvider(viewId, provider, { webviewOptions: { retainContextWhenHidden: true } });
  const tabs = vscode.window.registerWebviewPanelSerializer(viewId, {
    deserializeWebviewPanel: (panel) => {
      attach(desk, panel);
      return Promise.resolve();
    },
  });
  return vscode.Disposable.from(view, tabs, refreshing, failing);
}

export function openAsTab(desk: Desk): void {
  attach(desk, vscode.window.createWebviewPanel(viewId, "Agent Orchestrator", vscode.ViewColumn.Active, { retainContextWhenHidden: true }));
}

function attach(desk: Desk, panel: vscode.WebviewPanel): void {
  panel.iconPath = vscode.Uri.joinPath(desk.context.extensionUri, "media", "icon.svg");
  const ended = bind(desk, panel.webview);
  panel.onDidDispose(() => ended.dispose());
}

/** Shows a place in every interface, also in one that still loads; commands mean that session from now on. */
export function showInPanels(desk: Desk, place: ToPanel["show"]): void {
  if (place.newSession) delete desk.current;
  if (place.sessionId !== undefined) desk.current = place.sessionId;
  for (const page of pages) page.show(place);
  if (pages.size === 0) firstPlace = place;
}

function bind(desk: Desk, webview: vscode.Webview): vscode.Disposable {
  const root = panelRoot(desk.context);
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  webview.html = panelHtml(webview, root);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's own channel, not a window
  const post: Post = (message) => void webview.postMessage(message);
  let hosting: Promise<Open> | undefined;
  let ready = false;
  let waiting = firstPlace;
  firstPlace = undefined;
  const end = (): void => {
    void hosting?.then(closeHost, () => undefined);
    hosting = undefined;
  };
  const renew = (): void => {
    end();
    post({ type: "renewed", body: {} });
  };
  const page: Page = {
    show(place) {
      if (ready) post({ type: "show", body: place });
      else waiting = place;
    },
  };
  pages.add(page);
  const host = (): Promise<Open> => (hosting ??= makeHost(desk, post, renew));
  const listening = webview.onDidReceiveMessage(async (message: unknown) => {
    const { type } = asHostMessage(message) ?? {};
    if (waiting === undefined) noteShown(desk, message);
    try {
      await (await host()).host.receive(message);
    } catch (error) {
      hosting = undefined;
      await refuse(desk, post, message, messageOf(error));
    }
    if (type !== "ready") return;
    ready = true;
    if (waiting) post({ type: "show", body: waiting });
    waiting = undefined;
  });
  return new vscode.Disposable(() => {
    listening.dispose();
    pages.delete(page);
    end();
  });
}

/** Commands that name no session mean the one that a person brought into view. */
function noteShown(desk: Desk, message: unknown): void {
  const { type, body } = asHostMessage(message) ?? {};
  if (type === "unfollow" && desk.current === body?.sessionId) delete desk.current;
  const chosen = type === "ready" || (type === "follow" && !body?.asked);
  if (chosen && body?.sessionId !== undefined) desk.current = body.sessionId;
}

async function makeHost(desk: Desk, post: Post, renew: () => void): Promise<Open> {
  const [{ createPanelHost }, runtime] = await Promise.all([import("../runtime/panel.ts"), desk.runtime()]);
  const around = surroundingsOf(desk, runtime);
  const showSession = (sessionId: SessionId): void => showInPanels(desk, { sessionId, view: "chat" });
  void offerResume(desk, runtime, showSession);
  const host = createPanelHost({ engine: runtime.engine, store: runtime.store, around, post });
  const one = { host, post, runtime, renew };
  open.add(one);
  endFollowing ??= followOthers(desk, { tell: tellRunning, show: showSession });
  return one;
}

function tellRunning(sessionId: SessionId, running: boolean): void {
  for (const { post } of open) post({ type: "running", body: { sessionId, running } });
}

/** A run can end between the snapshot that an interface gets and the events that it follows. */
function tellEnded(desk: Desk): void {
  for (const id of ran) if (!desk.running.has(id) && !desk.elsewhere.has(id)) tellRunning(id, false);
  ran = new Set(desk.running.keys());
}

function closeHost(one: Open): void {
  open.delete(one);
  one.host.close();
  if (open.size > 0) return;
  endFollowing?.();
  endFollowing = undefined;
}

/** Without an engine the interface still learns what is wrong, and its way out is open. */
async function refuse(desk: Desk, post: Post, message: unknown, words: string): Promise<void> {
  const facts = await factsOf(desk, undefined);
  const { code } = (facts.trouble ??= { code: "internal", message: words });
  post({ type: "facts", body: facts });
  const asked = asHostMessage(message);
  if (!asked) return;
  if (asked.type === "editor") {
    await actInEditor(desk, asked.body);
    post({ type: "answer", id: asked.id, ok: true, value: undefined });
  } else post({ type: "answer", id: asked.id, ok: false, error: { code, message: words } });
}
