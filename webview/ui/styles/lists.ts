// The look of the long views: virtual lists, the tree of tasks, the waterfall, sessions.

import { css } from "lit";

export const listStyles = css`
  ao-list {
    display: block;
    position: relative;
    overflow-y: auto;
    overflow-x: hidden;
    overflow-anchor: none;
    min-height: 0;
    flex: 1;
    contain: strict;
  }
  .list-space {
    width: 1px;
  }
  .list-row {
    position: absolute;
    top: 0;
    left: 0;
    right: 0;
    contain: layout style;
  }
  .summary {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    padding: 8px 12px 6px;
    flex: none;
    font-size: 0.92em;
    font-variant-numeric: tabular-nums;
  }
  .row-actions {
    display: inline-flex;
    flex: none;
  }
  .row-actions .icon-button {
    width: 22px;
    height: 20px;
  }
  .task {
    height: 46px;
    padding: 3px 10px 3px 12px;
    cursor: pointer;
  }
  .task:hover,
  .session:hover,
  .event:hover {
    background: var(--hover);
  }
  .chosen,
  .chosen:hover {
    background: var(--chosen);
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .indent-1 {
    padding-left: 28px;
  }
  .indent-2 {
    padding-left: 44px;
  }
  .indent-3 {
    padding-left: 60px;
  }
  .indent-4,
  .indent-5,
  .indent-6 {
    padding-left: 76px;
  }
  .task-top,
  .task-under {
    display: flex;
    align-items: center;
    gap: 6px;
    height: 20px;
    min-width: 0;
    white-space: nowrap;
  }
  .task-under {
    padding-left: 22px;
    font-size: 0.92em;
  }
  .task-name {
    flex: none;
    max-width: 70%;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .task-word {
    font-size: 0.92em;
    flex: none;
  }
  .task-goal {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .task-call {
    color: var(--fg);
  }
  .state-pending,
  .state-cancelled,
  .state-skipped,
  .state-created {
    color: var(--dim);
  }
  .view-trace .toolbar vscode-text-field {
    flex: 1 1 140px;
  }
  .view-trace select.field {
    flex: 0 1 150px;
    min-width: 84px;
    max-width: 150px;
  }
  .event {
    display: grid;
    grid-template-columns: 44px 132px 120px minmax(0, 1fr) 76px 24%;
    gap: 8px;
    align-items: center;
    height: 22px;
    line-height: 22px;
    padding: 0 12px;
    cursor: pointer;
    position: relative;
    font-size: 0.95em;
  }
  .event > span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .event-seq,
  .event-time {
    color: var(--dim);
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .event-type {
    font-family: var(--mono);
    font-size: 0.92em;
  }
  .event-who {
    color: var(--dim);
  }
  .event-track {
    position: relative;
    height: 22px;
    border-left: 1px solid var(--line);
  }
  .event-bar {
    position: absolute;
    top: 7px;
    height: 8px;
    min-width: 2px;
    border-radius: 2px;
    background: var(--vscode-charts-foreground, var(--dim));
    opacity: 0.75;
  }
  .family-turn .event-bar {
    background: var(--vscode-charts-blue, #1a85ff);
  }
  .family-call .event-bar {
    background: var(--vscode-charts-green, #388a34);
  }
  .family-approval .event-bar,
  .family-interrupt .event-bar {
    background: var(--vscode-charts-yellow, #bf8803);
  }
  .family-error .event-bar {
    background: var(--bad);
  }
  .event.loading {
    color: var(--dim);
    display: block;
  }
  .event-detail {
    flex: 0 0 42%;
    display: flex;
    flex-direction: column;
    min-height: 0;
    border-top: 1px solid var(--line);
  }
  .event-detail .toolbar {
    padding: 3px 8px 3px 12px;
    flex-wrap: nowrap;
  }
  .event-detail .toolbar b {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .event-detail pre {
    flex: 1;
    margin: 0;
    border-radius: 0;
    max-height: none;
  }
  .session {
    display: flex;
    align-items: center;
    gap: 4px;
    height: 48px;
    padding: 0 8px 0 12px;
  }
  .session-open {
    flex: 1;
    min-width: 0;
    height: 100%;
    display: flex;
    flex-direction: column;
    justify-content: center;
  }
  .session-name,
  .session-about {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    line-height: 20px;
  }
  .session-name .icon {
    margin-right: 6px;
  }
  .session-about {
    padding-left: 22px;
    font-size: 0.92em;
  }
  @container panel (max-width: 760px) {
    .event {
      grid-template-columns: 112px minmax(0, 1fr) 62px 16%;
      gap: 6px;
    }
    .event-seq,
    .event-who {
      display: none;
    }
  }
  @container panel (max-width: 400px) {
    .view-trace .toolbar vscode-text-field {
      flex-basis: 100%;
    }
    .view-trace select.field {
      flex: 1 1 84px;
    }
    .event {
      grid-template-columns: 84px minmax(0, 1fr) 44px;
    }
    .event-time {
      display: none;
    }
    .task .figures {
      overflow: hidden;
      text-overflow: ellipsis;
      flex: 0 1 auto;
    }
  }
`;
