// The look of the conversation: messages, calls, cards, diffs, the composer.

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
  .steps {
    list-style: none;
    margin: 6px 0 0;
    padding: 0;
  }
  .step {
    display: flex;
    gap: 6px;
    line-height: 22px;
    min-width: 0;
  }
  .step > .icon {
    margin-top: 3px;
  }
  .step-running > .icon {
    color: var(--accent);
  }
  .step-type {
    flex: none;
    font-weight: 600;
  }
  .step-goal {
    flex: 1;
    min-width: 0;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .step-word {
    font-size: 0.92em;
    flex: none;
  }
  .rationale {
    margin-top: 4px;
  }
  .scores {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 14px;
    margin: 4px 0;
  }
  .score b {
    font-variant-numeric: tabular-nums;
  }
  .finding {
    display: flex;
    gap: 8px;
    padding: 2px 0;
    overflow-wrap: anywhere;
  }
  .finding > span:last-child {
    min-width: 0;
  }
  .severity {
    flex: none;
    width: 58px;
    font-size: 0.92em;
    color: var(--dim);
  }
  .severity-high,
  .severity-critical {
    color: var(--bad);
  }
  .severity-medium {
    color: var(--warn);
  }
  .approval,
  .question {
    border-left: 3px solid var(--warn);
  }
  .approval:focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 0;
  }
  .about {
    font-family: var(--mono);
    font-size: 0.93em;
    overflow-wrap: anywhere;
    min-width: 0;
  }
  .risk {
    font-size: 0.88em;
    padding: 0 7px;
    border-radius: 8px;
    border: 1px solid var(--line);
    white-space: nowrap;
  }
  .risk-high {
    border-color: var(--bad);
    color: var(--bad);
  }
  .risk-medium {
    border-color: var(--warn);
  }
  .asked-by,
  .where,
  .keys {
    font-size: 0.92em;
    margin: 2px 0;
    overflow-wrap: anywhere;
  }
  .keys {
    margin-top: 6px;
  }
  .keys kbd {
    border: 1px solid var(--line);
    border-radius: 3px;
    padding: 0 4px;
  }
  .question-text {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    margin: 4px 0;
  }
  .question textarea {
    width: 100%;
    resize: vertical;
    margin-top: 6px;
  }
  .deceptive {
    background: var(--vscode-inputValidation-errorBackground, #f2dede);
    color: var(--vscode-errorForeground, #a1260d);
    border: 1px solid var(--bad);
    border-radius: 2px;
    padding: 0 1px;
    font-family: var(--mono);
  }
  .end {
    border-top: 1px solid var(--line);
    margin-top: 10px;
    padding: 8px 0 14px;
  }
  .empty {
    flex: 1;
    overflow: auto;
    display: flex;
    padding: 20px 16px;
  }
  .empty-inner {
    margin: auto;
    max-width: 460px;
    width: 100%;
  }
  .empty-mark .icon {
    width: 36px;
    height: 36px;
    stroke-width: 0.9;
    color: var(--accent);
    margin-bottom: 8px;
  }
  .example {
    display: flex;
    gap: 8px;
    width: 100%;
    padding: 8px 10px;
    border: 1px dashed var(--line);
    border-radius: 6px;
    margin: 8px 0;
  }
  .example:hover {
    background: var(--hover);
  }
  .example .icon {
    margin-top: 2px;
    color: var(--accent);
  }
  ao-composer {
    display: block;
    flex: none;
    padding: 6px max(10px, (100% - 880px) / 2) 10px;
  }
  .composer {
    position: relative;
    border: 1px solid var(--vscode-input-border, var(--line));
    background: var(--vscode-input-background, var(--bg));
    border-radius: 7px;
  }
  .composer:focus-within {
    border-color: var(--focus);
  }
  .composer textarea {
    display: block;
    width: 100%;
    border: 0;
    outline: 0;
    resize: none;
    background: none;
    padding: 8px 10px 4px;
    min-height: 34px;
    color: var(--vscode-input-foreground, inherit);
  }
  .composer textarea:focus-visible {
    outline: 0;
  }
  .composer-bar {
    display: flex;
    align-items: center;
    gap: 2px;
    padding: 2px 5px 5px;
    min-width: 0;
  }
  .plain {
    background: none;
    border: 0;
    color: var(--dim);
    font-size: 0.92em;
    height: 24px;
    border-radius: 4px;
    min-width: 0;
    max-width: 150px;
    flex: 0 1 auto;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  .plain:hover {
    background: var(--hover);
    color: var(--fg);
  }
  .round {
    width: 26px;
    height: 26px;
    border-radius: 6px;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    margin-left: 3px;
    border: 1px solid var(--edge);
  }
  .send {
    background: var(--button);
    color: var(--on-button);
  }
  .send:hover {
    background: var(--vscode-button-hoverBackground, var(--button));
  }
  .stop {
    background: var(--vscode-button-secondaryBackground, var(--hover));
    color: var(--vscode-button-secondaryForeground, var(--fg));
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    padding: 6px 8px 0;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    max-width: 100%;
    border: 1px solid var(--line);
    border-radius: 4px;
    padding-left: 5px;
    font-size: 0.92em;
  }
  .chip .icon-button {
    width: 20px;
    height: 20px;
  }
  .choices {
    position: absolute;
    bottom: calc(100% + 4px);
    left: 0;
    right: 0;
    max-height: 240px;
    overflow: auto;
    z-index: 2;
    background: var(--vscode-editorSuggestWidget-background, var(--bg));
    color: var(--vscode-editorSuggestWidget-foreground, inherit);
    border: 1px solid var(--vscode-editorSuggestWidget-border, var(--line));
    border-radius: 5px;
    padding: 3px;
  }
  .choice {
    display: flex;
    gap: 12px;
    padding: 2px 8px;
    line-height: 20px;
    border-radius: 3px;
    cursor: pointer;
    white-space: nowrap;
  }
  .choice .dim {
    overflow: hidden;
    text-overflow: ellipsis;
    font-size: 0.92em;
  }
  .choice.chosen {
    background: var(--vscode-editorSuggestWidget-selectedBackground, var(--chosen));
    color: var(--vscode-editorSuggestWidget-selectedForeground, inherit);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  .choice.chosen .dim {
    color: inherit;
  }
  @container panel (max-width: 400px) {
    .plain {
      max-width: 92px;
    }
    .workflow {
      display: none;
    }
    .turn .figures,
    .step-word {
      display: none;
    }
    .severity {
      width: auto;
    }
  }
`;
