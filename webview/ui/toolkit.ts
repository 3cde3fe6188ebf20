// The one file that knows the component toolkit: what is used of it is registered here and nowhere else, so that it can be
// replaced in one place. Lists to choose from are the browser's own (forty options as components are hundreds of elements),
// badges and tags are ours (the toolkit's write style attributes, which the page's policy forbids).

import "./nonce.ts";
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeProgressRing, vsCodeTextField } from "@vscode/webview-ui-toolkit";

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeProgressRing(), vsCodeTextField());
}
