// A button that shows an icon only; its label is what a screen reader and a tooltip say.

import { html, nothing, type TemplateResult } from "lit";
import { icon, type IconName } from "./icons.ts";

export function iconButton(name: IconName, label: string, action: (event: Event) => void, testId?: string): TemplateResult {
  return html`<button class="icon-button" title=${label} aria-label=${label} data-testid=${testId ?? nothing} @click=${action}>
    ${icon(name)}
  </button>`;
}
