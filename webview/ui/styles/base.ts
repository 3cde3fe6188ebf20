// The frame's look: the host's theme variables under short names with fallbacks for a plain page, header, tabs, fields.
// Every colour that carries meaning stands beside an icon or a word.

import { css } from "lit";

export const baseStyles = css`
  :host {
    --fg: var(--vscode-foreground, #3b3b3b);
    --bg: var(--vscode-sideBar-background, var(--vscode-editor-background, #fff));
    --dim: var(--vscode-descriptionForeground, #6b6b6b);
    --line: var(--vscode-panel-border, var(--vscode-widget-border, rgba(128, 128, 128, 0.3)));
    --soft: var(--vscode-editorWidget-background, rgba(128, 128, 128, 0.08));
    --hover: var(--vscode-list-hoverBackground, rgba(128, 128, 128, 0.12));
    --chosen: var(--vscode-list-inactiveSelectionBackground, rgba(128, 128, 128, 0.2));
    --accent: var(--vscode-textLink-foreground, #005fb8);
    --button: var(--vscode-button-background, #005fb8);
    --on-button: var(--vscode-button-foreground, #fff);
    --focus: var(--vscode-focusBorder, #005fb8);
    --good: var(--vscode-testing-iconPassed, #388a34);
    --bad: var(--vscode-errorForeground, #c72e0f);
    --warn: var(--vscode-editorWarning-foreground, #9d6c00);
    --code-bg: var(--vscode-textCodeBlock-background, rgba(128, 128, 128, 0.12));
    --edge: var(--vscode-contrastBorder, transparent);
    --mono: var(--vscode-editor-font-family, ui-monospace, Menlo, Consolas, monospace);
    display: block;
    height: 100%;
    color: var(--fg);
    background: var(--bg);
    font: var(--vscode-font-size, 13px) / 1.45 var(--vscode-font-family, system-ui, sans-serif);
    container: panel / inline-size;
  }
  *,
  *::before {
    box-sizing: border-box;
  }
  .panel {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-width: 0;
  }
  .view {
    flex: 1;
    min-height: 0;
    display: flex;
    flex-direction: column;
    position: relative;
  }
  .grow {
    flex: 1;
    min-width: 0;
  }
  .dim {
    color: var(--dim);
  }
  .small {
    font-size: 0.92em;
  }
  .good {
    color: var(--good);
  }
  .bad {
    color: var(--bad);
  }
  .warn {
    color: var(--warn);
  }
  b {
    font-weight: 600;
  }
  h1 {
    font-size: 1.35em;
    font-weight: 600;
    margin: 0 0 6px;
  }
  h2 {
    font-size: 1em;
    font-weight: 600;
    margin: 14px 0 8px;
  }
  h2:first-child {
    margin-top: 2px;
  }
  code,
  pre,
  kbd {
    font-family: var(--mono);
    font-size: 0.93em;
  }
  .icon {
    width: 16px;
    height: 16px;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.25;
    stroke-linecap: round;
    stroke-linejoin: round;
    vertical-align: -3px;
  }
  .icon.filled {
    fill: currentColor;
  }
  .icon.down {
    transform: rotate(90deg);
  }
  .turning {
    animation: turn 1.1s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(360deg);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    text-align: left;
  }
  button:disabled {
    cursor: default;
    opacity: 0.6;
  }
  :is(button, select, input, textarea, pre, [tabindex]):focus-visible {
    outline: 1px solid var(--focus);
    outline-offset: -1px;
  }
  .link {
    color: var(--accent);
    white-space: nowrap;
    padding: 0 2px;
  }
  .link:hover {
    text-decoration: underline;
  }
  .icon-button {
    width: 24px;
    height: 24px;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    border-radius: 5px;
    flex: none;
  }
  .icon-button:hover {
    background: var(--vscode-toolbar-hoverBackground, var(--hover));
  }
  .head {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 8px 4px 12px;
    min-width: 0;
  }
  .head-name {
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 40px;
  }
  .head-figures {
    color: var(--dim);
    font-size: 0.92em;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
  }
  .pill {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    white-space: nowrap;
    font-size: 0.92em;
    padding: 0 7px 0 4px;
    line-height: 20px;
    border-radius: 10px;
    background: var(--soft);
    border: 1px solid var(--line);
  }
  .pill .icon {
    width: 14px;
    height: 14px;
  }
  .pill-done .icon,
  .state-done {
    color: var(--good);
  }
  .pill-failed .icon,
  .state-failed {
    color: var(--bad);
  }
  .pill-waiting .icon,
  .state-blocked,
  .state-waiting {
    color: var(--warn);
  }
  .pill-running .icon,
  .state-running {
    color: var(--accent);
  }
  .tabs {
    display: flex;
    gap: 2px;
    padding: 0 8px;
    border-bottom: 1px solid var(--line);
    flex: none;
  }
  .tab {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    padding: 5px 7px 6px;
    color: var(--vscode-panelTitle-inactiveForeground, var(--dim));
    border-bottom: 2px solid transparent;
    margin-bottom: -1px;
    white-space: nowrap;
  }
  .tab:hover {
    color: var(--fg);
  }
  .tab[aria-selected="true"] {
    color: var(--vscode-panelTitle-activeForeground, var(--fg));
    border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--accent));
  }
  .count {
    min-width: 16px;
    padding: 0 4px;
    border-radius: 8px;
    text-align: center;
    font-size: 11px;
    line-height: 16px;
    background: var(--vscode-badge-background, var(--button));
    color: var(--vscode-badge-foreground, var(--on-button));
    border: 1px solid var(--edge);
  }
  .tag {
    font-size: 0.88em;
    padding: 0 6px;
    border-radius: 8px;
    border: 1px solid var(--line);
    color: var(--dim);
    white-space: nowrap;
  }
  .aloud {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .quiet {
    padding: 24px 20px;
    color: var(--dim);
    text-align: center;
  }
  .pad {
    padding: 10px 12px;
  }
  .scroll.pad {
    padding-inline: max(12px, (100% - 860px) / 2);
  }
  .quiet vscode-progress-ring {
    width: 18px;
    height: 18px;
    margin: 0 auto 10px;
  }
  .scroll {
    overflow: auto;
    flex: 1;
    min-height: 0;
  }
  .field {
    background: var(--vscode-input-background, #fff);
    color: var(--vscode-input-foreground, inherit);
    border: 1px solid var(--vscode-input-border, var(--line));
    border-radius: 3px;
    padding: 3px 6px;
    min-height: 26px;
    min-width: 0;
  }
  .field::placeholder,
  textarea::placeholder {
    color: var(--vscode-input-placeholderForeground, var(--dim));
    opacity: 1;
  }
  select.field {
    background: var(--vscode-dropdown-background, var(--bg));
    color: var(--vscode-dropdown-foreground, inherit);
    border-color: var(--vscode-dropdown-border, var(--line));
  }
  option {
    background: var(--vscode-dropdown-background, #fff);
    color: var(--vscode-dropdown-foreground, #333);
  }
  .toolbar {
    display: flex;
    align-items: center;
    gap: 6px;
    padding: 8px 12px;
    flex: none;
    flex-wrap: wrap;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 8px;
    align-items: center;
  }
  .card {
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--soft);
    padding: 8px 10px;
    margin: 6px 0;
  }
  .card p {
    margin: 4px 0;
  }
  .model-name {
    flex: 1;
    min-width: 60%;
  }
  .card-head {
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    flex-wrap: wrap;
  }
  @container panel (max-width: 540px) {
    .tab-label {
      display: none;
    }
    .tab[aria-selected="true"] .tab-label {
      display: inline;
    }
    .tab {
      padding: 5px 8px 6px;
    }
  }
  @container panel (max-width: 400px) {
    .banner {
      flex-wrap: wrap;
    }
    .banner > .grow {
      flex: 1 1 160px;
    }
    .head-figures {
      display: none;
    }
    .pill + .head-figures {
      display: none;
    }
    .tabs {
      padding: 0 4px;
      gap: 0;
    }
  }
  @container panel (max-width: 320px) {
    .tab {
      padding: 5px 5px 6px;
      gap: 3px;
    }
  }
`;
