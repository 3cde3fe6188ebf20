// A small menu, opened in place under its button: moved in by arrow keys, left by Escape. The button is the one in the
// same parent that has `aria-haspopup`.

import { html, LitElement, type TemplateResult } from "lit";
import { icon, type IconName } from "./icons.ts";

export type MenuEntry = { label: string; hint?: string; icon: IconName; testId?: string; action: (opener: HTMLElement | null) => void };

class Menu extends LitElement {
  static override properties = { entries: { attribute: false }, label: { type: String } };

  declare entries: MenuEntry[];
  declare label: string;

  constructor() {
    super();
    this.entries = [];
    this.label = "";
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override firstUpdated(): void {
    this.querySelector("button")?.focus();
    // The list that it stands in may still move when it learns how high its row has become.
    requestAnimationFrame(() => requestAnimationFrame(() => this.scrollIntoView({ block: "nearest" })));
  }

  override render(): TemplateResult {
    return html`<div class="menu" role="menu" aria-label=${this.label} @keydown=${(event: KeyboardEvent) => this.#key(event)}>
      ${this.entries.map(
        (entry) =>
          html`<button class="line" role="menuitem" tabindex="-1" data-testid=${entry.testId ?? ""} @click=${() => this.#take(entry)}>
            ${icon(entry.icon, "dim")}<span class="line-text"
              >${entry.label}${entry.hint ? html`<span class="menu-hint dim">${entry.hint}</span>` : ""}</span
            >
          </button>`,
      )}
    </div>`;
  }

  #take({ action }: MenuEntry): void {
    action(this.#close());
  }

  #close(): HTMLElement | null {
    const opener = this.parentElement?.querySelector<HTMLElement>("[aria-haspopup]") ?? null;
    opener?.focus();
    this.dispatchEvent(new Event("closed"));
    return opener;
  }

  #key(event: KeyboardEvent): void {
    const buttons = [...this.querySelectorAll("button")];
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: (at + 1) % buttons.length, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") this.#close();
    else if (to !== undefined) buttons.at(to)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("ao-menu", Menu);

export function menuButton(name: IconName, label: string, isOpen: boolean, toggle: () => void, testId: string): TemplateResult {
  return html`<button
    class="icon-button menu-button"
    title=${label}
    aria-label=${label}
    aria-haspopup="menu"
    aria-expanded=${isOpen}
    data-testid=${testId}
    @click=${toggle}
  >
    ${icon(name)}
  </button>`;
}
