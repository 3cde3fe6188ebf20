// Under the composer: which model, how much may happen without asking, and how a new session works.

import { html, nothing, type TemplateResult } from "lit";
import { type Level, levels } from "../../src/protocol/agents.ts";
import type { PanelStore } from "../state.ts";

const levelWords: Record<Level, string> = { default: "Ask first", assisted: "Assisted", bypass: "Bypass" };

export function composerSettings(store: PanelStore): TemplateResult {
  const { facts } = store;
  const set = (change: { level?: Level; workflow?: string; model?: string }): void => void store.ask("settings", change);
  const models = facts?.models ?? [];
  const state = store.session?.state;
  return html`<select
      class="plain"
      aria-label="Model"
      title=${`Model: ${facts?.model ?? "none"}`}
      @change=${({ target }: Event) => set({ model: (target as HTMLSelectElement).value })}
    >
      ${facts?.model && !models.some(({ name }) => name === facts.model) ? html`<option selected value=${facts.model}>${facts.model}</option>` : nothing}
      ${models.map(({ name, label }) => html`<option value=${name} ?selected=${name === facts?.model}>${label}</option>`)}
      ${models.length === 0 && !facts?.model ? html`<option selected>No model</option>` : nothing}
    </select>
    <select
      class="plain"
      aria-label="What may happen without asking"
      title="What may happen without asking"
      @change=${({ target }: Event) => set({ level: (target as HTMLSelectElement).value as Level })}
    >
      ${levels.map((level) => html`<option value=${level} ?selected=${level === facts?.level}>${levelWords[level]}</option>`)}
    </select>
    ${
      state
        ? nothing
        : html`<select
            class="plain workflow"
            aria-label="Workflow"
            title="Workflow"
            @change=${({ target }: Event) => set({ workflow: (target as HTMLSelectElement).value })}
          >
            ${facts?.workflows.map(({ id, description }) => html`<option value=${id} title=${description} ?selected=${id === facts.workflow}>${id}</option>`)}
          </select>`
    }`;
}
