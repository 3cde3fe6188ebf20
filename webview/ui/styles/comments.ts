// The look of comments on lines: the button on a line, what was said below it, the bar that sends.

import { css } from "lit";

export const commentStyles = css`
  .diff > .say-row {
    position: relative;
    padding-left: 22px;
    white-space: normal;
  }
  .say-text {
    white-space: pre-wrap;
  }
  .say-lines > div:not(.said) {
    padding-left: 22px;
  }
  .say {
    position: absolute;
    left: 2px;
    top: 1px;
    width: 16px;
    height: 16px;
    display: flex;
    align-items: center;
    justify-content: center;
    border-radius: 3px;
    opacity: 0;
    color: var(--vscode-button-foreground, #fff);
    background: var(--vscode-button-background, var(--accent));
  }
  .say .icon {
    width: 12px;
    height: 12px;
  }
  .say-row:hover > .say,
  .say:focus-visible {
    opacity: 1;
  }
  .said,
  .diff > .said {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-start;
    gap: 4px;
    padding: 6px 8px 6px 10px;
    margin: 2px 8px 6px 22px;
    border: 1px solid var(--edge);
    border-left: 3px solid var(--accent);
    border-radius: 4px;
    background: var(--vscode-editorWidget-background, var(--soft));
    font-family: var(--vscode-font-family, sans-serif);
    white-space: normal;
  }
  .said-text {
    flex: 1 1 120px;
    min-width: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .said textarea {
    width: 100%;
    box-sizing: border-box;
    resize: vertical;
  }
  .said .actions {
    margin: 2px 0 0;
  }
  .comment-bar {
    position: sticky;
    top: 0;
    z-index: 1;
    display: flex;
    align-items: center;
    gap: 8px;
    margin: 8px 0;
    padding: 4px 8px;
    border: 1px solid var(--edge);
    border-radius: 4px;
    background: var(--vscode-editorWidget-background, var(--soft));
  }
  .past-comments {
    margin: 8px 0;
  }
  .past-comments .said {
    margin-left: 0;
  }
`;
