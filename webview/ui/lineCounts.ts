// How many lines a change adds and removes.

import { html, type TemplateResult } from "lit";

export function lineCounts(added: number, removed: number): TemplateResult {
  return html`${added > 0 || removed === 0 ? html`<span class="added">+${added}</span>` : ""}
  ${removed > 0 ? html`<span class="removed">−${removed}</span>` : ""}`;
}
