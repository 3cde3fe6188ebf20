// The interface in the side bar, and the same one in an editor tab. Each has a host of its own at the desk; the engine is
// loaded when the first of them is shown.

import * as vscode from "vscode";
import type { PanelMessage, PanelView } from "../protocol/panel.ts";
import { messageOf } from "../protocol/result.ts";
import type { PanelHost } from "../runtime/panel.ts";
import type { Desk } from "./desk.ts";
import { panelHtml, panelRoot } from "./html.ts";
import { offerResume } from "./resumeOnOpen.ts";
import { surroundingsOf } from "./surroundings.ts";

export const viewId = "agentOrchestrator.panel";

type Open = { host: PanelHost; post: (message: PanelMessage) => void };

const open = new Set<Open>();

export function registerPanel(desk: Desk): vscode.Disposable {
  const provider: vscode.WebviewViewProvider = {
    resolveWebviewView(view) {
      const { webview } = view;
      const ended = bind(desk, webview);
      view.onDidDispose(() => ended.dispose());
    },
  };
  const refreshing = desk.onChange(() => {
    for (const { host } of open) void host.refresh().catch(() => undefined);
  });
  const view = vscode.window.registerWebviewViewProvider(viewId, provider, { webviewOptions: { retainContextWhenHidden: true } });
  const tabs = vscode.window.registerWebviewPanelSerializer(viewId, {
    deserializeWebviewPanel: (panel) => {
      attach(desk, panel);
      return Promise.resolve();
    },
  });
  return vscode.Disposable.from(view, tabs, refreshing);
}

export function openAsTab(desk: Desk): void {
  attach(desk, vscode.window.createWebviewPanel(viewId, "Agent Orchestrator", vscode.ViewColumn.Active, { retainContextWhenHidden: true }));
}

function attach(desk: Desk, panel: vscode.WebviewPanel): void {
  panel.iconPath = vscode.Uri.joinPath(desk.context.extensionUri, "media", "icon.svg");
  const ended = bind(desk, panel.webview);
  panel.onDidDispose(() => ended.dispose());
}

/** Shows a place in every open interface. */
export function showInPanels(place: { sessionId?: string; view?: PanelView }): void {
  for (const { host } of open) host.show(place);
}

function bind(desk: Desk, webview: vscode.Webview): vscode.Disposable {
  const root = panelRoot(desk.context);
  webview.options = { enableScripts: true, localResourceRoots: [root] };
  webview.html = panelHtml(webview, root);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's own channel, not a window
  const post = (message: PanelMessage): void => void webview.postMessage(message);
  let hosting: Promise<Open> | undefined;
  const host = (): Promise<Open> => (hosting ??= makeHost(desk, post));
  const listening = webview.onDidReceiveMessage(async (message: unknown) => {
    try {
      await (await host()).host.receive(message);
    } catch (error) {
      hosting = undefined;
      refuse(desk, post, message, messageOf(error));
    }
  });
  return new vscode.Disposable(() => {
    listening.dispose();
    void hosting?.then((one) => {
      open.delete(one);
      one.host.close();
    });
  });
}

async function makeHost(desk: Desk, post: (message: PanelMessage) => void): Promise<Open> {
  const [{ createPanelHost }, runtime] = await Promise.all([import("../runtime/panel.ts"), desk.runtime()]);
  const around = surroundingsOf(desk, runtime);
  void offerResume(desk, runtime);
  const host = createPanelHost({ engine: runtime.engine, store: runtime.store, around, post });
  const one = { host, post };
  open.add(one);
  return one;
}

/** Without an engine the interface still learns what is wrong and what to do. */
function refuse(desk: Desk, post: (message: PanelMessage) => void, message: unknown, words: string): void {
  const { id } = (message ?? {}) as { id?: unknown };
  const trouble = desk.trouble() ?? { code: "internal", message: words };
  post({
    type: "facts",
    body: {
      product: "Agent Orchestrator",
      version: "",
      workspaces: [],
      trusted: vscode.workspace.isTrusted,
      level: "default",
      workflow: "auto",
      workflows: [],
      agents: [],
      editor: true,
      trouble,
    },
  });
  if (typeof id === "number") post({ type: "answer", id, ok: false, error: { code: trouble.code, message: words } });
}
