// What stands above or below a view: troubles, notices, files that are wrong.

import { css } from "lit";

export const bannerStyles = css`
  .banner {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 6px 10px 6px 12px;
    background: var(--soft);
    border-top: 1px solid var(--line);
    border-bottom: 1px solid var(--line);
    flex: none;
    overflow-wrap: anywhere;
  }
  .banner-trouble {
    background: var(--vscode-inputValidation-warningBackground, var(--soft));
    border-color: var(--vscode-inputValidation-warningBorder, var(--warn));
    color: var(--vscode-inputValidation-warningForeground, var(--fg));
  }
  .banner-trouble > .icon {
    color: var(--warn);
  }
  .problems ul {
    list-style: none;
    margin: 0;
    padding: 0;
    max-height: 30vh;
    overflow: auto;
    overflow-wrap: anywhere;
  }
  .banner-error > .icon {
    color: var(--bad);
  }
`;
