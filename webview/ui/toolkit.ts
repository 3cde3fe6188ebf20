// The one file that knows the component toolkit: what is used of it is registered here and nowhere else, so that it can be
// replaced in one place. Its tags are vscode-button, vscode-text-field, vscode-dropdown, vscode-option, vscode-badge and
// vscode-progress-ring.

import "./nonce.ts";
import {
  provideVSCodeDesignSystem,
  vsCodeBadge,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";

export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeBadge(),
    vsCodeButton(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeProgressRing(),
    vsCodeTextField(),
  );
}
