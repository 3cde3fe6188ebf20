// The look of what was changed: differences, files with their answers, hunks.

import { css } from "lit";

export const changeStyles = css`
  .diff {
    font-family: var(--mono);
    font-size: 0.93em;
    line-height: 1.45;
    overflow-wrap: anywhere;
    border: 1px solid var(--line);
    border-radius: 4px;
    margin: 6px 0;
    max-height: 460px;
    overflow: auto;
    background: var(--vscode-editor-background, transparent);
  }
  .diff > div {
    padding: 0 8px;
    white-space: pre-wrap;
  }
  .diff-add {
    background: var(--vscode-diffEditor-insertedLineBackground, rgba(56, 138, 52, 0.16));
    border: 1px solid var(--vscode-diffEditor-insertedTextBorder, transparent);
  }
  .diff-remove {
    background: var(--vscode-diffEditor-removedLineBackground, rgba(199, 46, 15, 0.14));
    border: 1px solid var(--vscode-diffEditor-removedTextBorder, transparent);
  }
  .diff-head {
    color: var(--dim);
  }
  .files {
    margin-top: 8px;
  }
  .file-line {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    align-items: center;
    gap: 0 6px;
  }
  .open-diff .icon {
    display: none;
  }
  .file-line > .line {
    flex: 1 1 170px;
  }
  .path {
    font-family: var(--mono);
    font-size: 0.93em;
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .line-text.path {
    min-width: 72px;
  }
  .kind {
    font-weight: 600;
    flex: none;
    width: 14px;
    text-align: center;
  }
  .kind-added,
  .added {
    color: var(--vscode-gitDecoration-addedResourceForeground, var(--good));
  }
  .kind-modified {
    color: var(--vscode-gitDecoration-modifiedResourceForeground, var(--warn));
  }
  .kind-deleted,
  .removed {
    color: var(--vscode-gitDecoration-deletedResourceForeground, var(--bad));
  }
  .added,
  .removed {
    font-variant-numeric: tabular-nums;
    flex: none;
  }
  .landing-files {
    list-style: none;
    margin: 6px 0;
    padding: 0;
  }
  .landing-files li {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 24px;
  }
  .decide {
    display: inline-flex;
    gap: 2px;
    flex: none;
  }
  .decide button {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    padding: 0 5px;
    height: 22px;
    border-radius: 4px;
    border: 1px solid var(--edge);
  }
  .decide button:hover {
    background: var(--vscode-toolbar-hoverBackground, var(--hover));
  }
  .decide .icon,
  .mark .icon {
    width: 14px;
    height: 14px;
  }
  .mark {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    flex: none;
    color: var(--dim);
    font-size: 0.92em;
    white-space: nowrap;
  }
  .hunk {
    margin: 6px 0 6px 22px;
  }
  .hunk .diff {
    margin: 0;
    border-top-left-radius: 0;
    border-top-right-radius: 0;
  }
  .hunk-head {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 24px;
    padding: 0 4px 0 8px;
    border: 1px solid var(--line);
    border-bottom: 0;
    border-radius: 4px 4px 0 0;
    background: var(--soft);
  }
  .hunk-head code {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .clash-box {
    margin: 8px 0;
  }
  .clash .actions {
    margin: 2px 0 8px 22px;
  }
  .clash,
  .about-file {
    padding-left: 22px;
  }
  .decided {
    margin-top: 6px;
  }
  @container panel (max-width: 400px) {
    .decide-word {
      display: none;
    }
    .open-diff {
      font-size: 0;
      height: 22px;
      padding: 0 5px;
    }
    .open-diff .icon {
      display: inline;
      width: 14px;
      height: 14px;
    }
    .hunk {
      margin-left: 0;
    }
  }
`;
