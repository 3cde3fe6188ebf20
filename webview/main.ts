// Where the interface begins in an editor's webview: components, store, the panel in the page.

import "./main.css";
import { editorTransport, linkOver } from "./host.ts";
import { browserKeep } from "./keep.ts";
import { begin, createStore } from "./state.ts";
import { registerToolkit } from "./ui/toolkit.ts";
import "./views/panel.ts";
import type { PanelStore } from "./state.ts";

registerToolkit();
const keep = browserKeep();
const store = createStore(linkOver(editorTransport()), keep);
const panel = document.createElement("ao-panel") as HTMLElement & { store: PanelStore };
panel.store = store;
document.querySelector("ao-app")?.remove();
document.body.append(panel);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep.flush());
await begin(store);
