// The look of the conversation: messages, lines, calls, code.

import { css } from "lit";

export const chatStyles = css`
  .chat {
    display: flex;
    flex-direction: column;
    flex: 1;
    min-height: 0;
  }
  .conversation {
    flex: 1;
  }
  .conversation > .list-row {
    padding: 1px max(12px, (100% - 860px) / 2);
  }
  .origin {
    display: flex;
    gap: 6px;
    align-items: center;
    padding: 6px max(12px, (100% - 860px) / 2) 2px;
    font-size: 0.92em;
    white-space: nowrap;
  }
  .origin .link {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .earlier {
    align-self: center;
    color: var(--accent);
    padding: 4px;
  }
  .prompt {
    background: var(--vscode-input-background, var(--soft));
    border: 1px solid var(--vscode-input-border, var(--line));
    border-radius: 6px;
    padding: 6px 10px 8px;
    margin: 12px 0 8px;
  }
  .prompt-text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .who {
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    line-height: 22px;
  }
  .who b {
    white-space: nowrap;
  }
  .prompt .who {
    color: var(--dim);
    font-size: 0.92em;
  }
  .menu-button {
    opacity: 0;
    height: 20px;
  }
  :is(.prompt, .card):hover .menu-button,
  .menu-button:focus-visible,
  .menu-button[aria-expanded="true"] {
    opacity: 1;
  }
  @media (hover: none) {
    .menu-button {
      opacity: 1;
    }
  }
  .menu {
    border: 1px solid var(--vscode-menu-border, var(--line));
    background: var(--vscode-menu-background, var(--soft));
    color: var(--vscode-menu-foreground, inherit);
    border-radius: 5px;
    padding: 3px;
    margin: 2px 0 6px;
  }
  .menu .line {
    padding: 3px 6px;
  }
  .menu .line:is(:hover, :focus) {
    background: var(--hover);
  }
  .menu .line:focus {
    outline: 1px solid var(--focus);
    outline-offset: -1px;
  }
  .menu-hint {
    display: block;
    font-size: 0.92em;
    line-height: 1.35;
  }
  .confirm {
    border-top: 1px solid var(--line);
    margin-top: 8px;
    padding-top: 6px;
  }
  .turn {
    padding: 8px 0 2px;
  }
  .turn.goes-on {
    padding-top: 0;
  }
  .turn .who .icon {
    color: var(--dim);
  }
  .model {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 0.92em;
    flex: 0 1 auto;
    min-width: 0;
  }
  .figures {
    font-size: 0.88em;
    white-space: nowrap;
    font-variant-numeric: tabular-nums;
    flex: none;
  }
  .depth-1,
  .depth-2,
  .depth-3,
  .depth-4 {
    border-left: 2px solid var(--line);
    padding-left: 10px;
  }
  .depth-2 {
    margin-left: 8px;
  }
  .depth-3,
  .depth-4 {
    margin-left: 16px;
  }
  .line {
    display: flex;
    align-items: flex-start;
    gap: 6px;
    width: 100%;
    padding: 2px 0;
    line-height: 20px;
    min-width: 0;
  }
  .line > .icon {
    margin-top: 2px;
  }
  button.line {
    border-radius: 4px;
  }
  button.line:hover {
    background: var(--hover);
  }
  .line-text {
    flex: 1;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .handoff .line-text,
  .call-line .line-text {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .handoff {
    color: var(--dim);
    font-size: 0.95em;
  }
  .handoff b {
    font-weight: 500;
    color: var(--fg);
  }
  .note-error > .icon {
    color: var(--bad);
  }
  .note-warning > .icon {
    color: var(--warn);
  }
  .note-info {
    color: var(--dim);
    font-size: 0.95em;
  }
  .call-line code {
    color: var(--fg);
  }
  .call-line .icon {
    width: 14px;
    height: 14px;
    margin: 3px 1px 0;
  }
  .call-detail {
    border-left: 2px solid var(--line);
    margin: 2px 0 6px 7px;
    padding-left: 12px;
  }
  pre.call-live {
    margin: 1px 0 6px 22px;
    max-height: 160px;
    font-size: 0.9em;
    color: var(--dim);
  }
  pre {
    margin: 4px 0;
    padding: 6px 8px;
    background: var(--code-bg);
    border: 1px solid var(--edge);
    border-radius: 4px;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    overflow: auto;
    max-height: 420px;
    line-height: 1.4;
  }
  .code {
    border: 1px solid var(--line);
    border-radius: 5px;
    margin: 6px 0;
    overflow: hidden;
  }
  .code pre {
    margin: 0;
    border: 0;
    border-radius: 0;
    white-space: pre;
  }
  .code-bar {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 0 8px;
    line-height: 22px;
    font-size: 0.88em;
    color: var(--dim);
    border-bottom: 1px solid var(--line);
  }
  .code-bar span {
    flex: 1;
  }
  .code-action:hover {
    color: var(--fg);
    text-decoration: underline;
  }
  .md {
    display: block;
    overflow-wrap: anywhere;
  }
  .md p,
  .md ul,
  .md ol,
  .md blockquote,
  .md table {
    margin: 4px 0;
  }
  .md ul,
  .md ol {
    padding-left: 22px;
  }
  .md :is(h1, h2, h3, h4, h5, h6) {
    font-size: 1.05em;
    font-weight: 600;
    margin: 10px 0 4px;
  }
  .md code {
    background: var(--code-bg);
    border-radius: 3px;
    padding: 0 3px;
  }
  .md pre code {
    background: none;
    padding: 0;
  }
  .md a {
    color: var(--accent);
  }
  .md blockquote {
    border-left: 3px solid var(--line);
    padding-left: 10px;
    color: var(--dim);
    margin-left: 0;
  }
  .md table {
    border-collapse: collapse;
    display: block;
    overflow-x: auto;
  }
  .md :is(td, th) {
    border: 1px solid var(--line);
    padding: 2px 8px;
    text-align: left;
  }
  .md hr {
    border: 0;
    border-top: 1px solid var(--line);
  }
  .no-image {
    color: var(--dim);
  }
  .thinking {
    color: var(--dim);
    line-height: 22px;
  }
  .dots i {
    display: inline-block;
    width: 4px;
    height: 4px;
    border-radius: 50%;
    background: currentColor;
    margin-right: 3px;
    vertical-align: 2px;
    animation: dot 1.2s infinite;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.2s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.4s;
  }
  @keyframes dot {
    50% {
      opacity: 0.2;
    }
  }
  @container panel (max-width: 400px) {
    .turn .figures {
      display: none;
    }
  }
`;
