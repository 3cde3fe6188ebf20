// What a person sees before the first message: which models there are or how to get one, and one goal to try.
// Says only what the host knows: no price is invented, no model is promised.

import { html, type TemplateResult } from "lit";
import type { HostFacts } from "../../src/protocol/panel.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { plural, sayCost } from "../ui/words.ts";

const exampleGoal = "Explain what this project does, then propose one small improvement with a test.";

export function renderEmpty(store: PanelStore): TemplateResult {
  const { facts } = store;
  return html`<div class="empty" data-testid="empty-state">
    <div class="empty-inner">
      <div class="empty-mark">${icon("agents")}</div>
      <h1>What shall the team do?</h1>
      <p class="dim">
        A coordinator plans your goal; specialists write, review, test and document it in folders of their own. Nothing reaches your files
        until you keep it.
      </p>
      ${facts ? html`${models(store, facts)} ${example(store)} ${forecast(facts)}` : html`<p class="dim" role="status">Connecting…</p>`}
    </div>
  </div>`;
}

function models(store: PanelStore, facts: HostFacts): TemplateResult {
  if (facts.models === undefined) return html`<p class="dim" role="status">Looking for models…</p>`;
  const real = facts.models.filter(({ scripted }) => !scripted);
  const chosen = facts.models.find(({ name }) => name === facts.model);
  const scripted = facts.models.find((model) => model.scripted);
  if (real.length === 0 && !chosen)
    return html`<div class="card">
      <div class="card-head">${icon("warning", "warn")}<b>No model was found</b></div>
      <p>Set an API key, sign in to a model provider of your editor, or start a local server such as LM Studio or Ollama.</p>
      <div class="actions">
        <vscode-button @click=${() => void store.ask("editor", { action: "setKey" })}>Set API key</vscode-button>
        <vscode-button appearance="secondary" @click=${() => void store.ask("editor", { action: "pickModel" })}>Choose model</vscode-button>
      </div>
      ${
        scripted
          ? html`<p class="dim small">
              Or watch the team play a script:
              <button class="link" @click=${() => void store.ask("settings", { model: scripted.name })}>${scripted.label}</button>
            </p>`
          : ""
      }
    </div>`;
  return html`<div class="card">
    <div class="card-head">
      ${icon(chosen ? "done" : "info", chosen ? "good" : "dim")}<b class="model-name"
        >${chosen ? chosen.label : plural(real.length, "model") + " found"}</b
      >
      <button class="link" @click=${() => void store.ask("editor", { action: "pickModel" })}>Choose model</button>
    </div>
    ${
      chosen
        ? ""
        : html`<p class="dim">
            Choose one to begin:
            ${real
              .slice(0, 4)
              .map(({ label }) => label)
              .join(", ")}${real.length > 4 ? ", …" : ""}
          </p>`
    }
  </div>`;
}

function example(store: PanelStore): TemplateResult {
  const { models = [], model } = store.facts ?? {};
  const goal = models.find(({ name }) => name === model)?.example ?? exampleGoal;
  return html`<button
    class="example"
    data-testid="example"
    @click=${({ currentTarget }: Event) => {
      const root = (currentTarget as HTMLElement).getRootNode() as ShadowRoot;
      root.querySelector("ao-composer")?.dispatchEvent(new CustomEvent("suggest", { detail: goal }));
      store.changed();
    }}
  >
    ${icon("play")}<span><b>Try:</b> ${goal}</span>
  </button>`;
}

function forecast({ models, model }: HostFacts): TemplateResult | string {
  const chosen = models?.find(({ name }) => name === model);
  if (!chosen) return "";
  if (chosen.scripted) return html`<p class="dim small">The scripted model costs nothing.</p>`;
  if (chosen.forecast) {
    const { editUsd, featureUsd } = chosen.forecast;
    return html`<p class="dim small" data-testid="forecast">
      A small edit costs about ${sayCost(editUsd, false)} with this model, a feature with review and tests about
      ${sayCost(featureUsd, false)}. Every turn shows its cost; a run stops at its limit.
    </p>`;
  }
  return chosen.priced
    ? html`<p class="dim small">
        This model's price is known: every turn shows its cost, and the budget stops the run before it is exceeded.
      </p>`
    : html`<p class="dim small">
        This model has no known price, so there is no forecast of cost: the run is bound by tokens and shown as “cost unknown”.
      </p>`;
}
