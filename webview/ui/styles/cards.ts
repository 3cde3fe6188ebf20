// The look of what stands out in a conversation: plan, review, approval, question, the end, and the empty state.

import { css } from "lit";

export const cardStyles = css`
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
  .keys span {
    white-space: nowrap;
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
  @container panel (max-width: 400px) {
    .step-word {
      display: none;
    }
    .severity {
      width: auto;
    }
  }
`;
