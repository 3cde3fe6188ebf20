// The look of the composer: text, settings, attachments, suggestions.

import { css } from "lit";

export const composerStyles = css`
  ao-composer {
    display: block;
    flex: none;
    padding: 6px max(10px, (100% - 880px) / 2) 10px;
  }
  .strip-actions {
    display: inline-flex;
    gap: 6px;
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
  }
`;
