// How a run ended: the answer, whether it is proven, what it cost, and what can be done next.

import { html, type TemplateResult } from "lit";
import { totalTokens } from "../../src/protocol/state.ts";
import type { ChatItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import { changesOpen } from "../model/answer.ts";
import { openFiles } from "../model/parts.ts";
import { resume } from "../model/send.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { plural, sayCost, sayStatus, sayTokens } from "../ui/words.ts";
import "../ui/markdown.ts";

export function endRow(item: Extract<ChatItem, { kind: "end" }>, store: PanelStore, session: Followed): TemplateResult {
  const { status, answer, reason, unproven, usage, costUsd, costUnknown, fault } = item;
  const said = sayStatus(status);
  // The engine names the ways out of a terminal; here they are buttons.
  const told = fault?.code === "no_key" && store.facts?.editor ? `The model ${fault.model ?? ""} needs an API key.` : reason;
  const isSaid = session.chat.items.some(
    (other) => other.kind === "turn" && other.seq < item.seq && other.seq > item.seq - 40 && other.text === answer,
  );
  const isLast = session.chat.items.findLast(({ kind }) => kind === "end" || kind === "prompt") === item;
  return html`<article class="end end-${status}" aria-label="Result">
    <div class="who">
      ${icon(said.icon, status === "done" ? "good" : status === "failed" ? "bad" : "warn")}<b>${said.word}</b><span class="grow"></span
      ><span class="dim figures">${sayTokens(totalTokens(usage))} tok · ${sayCost(costUsd, costUnknown)}</span>
    </div>
    ${answer && !isSaid ? html`<ao-markdown class="md" .text=${answer} .canInsert=${store.facts?.editor ?? false}></ao-markdown>` : ""}
    ${told && told !== answer ? html`<div class="line ${status === "failed" ? "note-error" : ""}">${icon("info")}<span class="line-text">${told}</span></div>` : ""}
    ${unproven && !told ? html`<div class="line note-warning">${icon("warning")}<span class="line-text">Unproven: no check of the project confirms this result.</span></div>` : ""}
    ${isLast ? next(store, session, status, fault?.code) : ""}
  </article>`;
}

function next(store: PanelStore, session: Followed, status: string, fault: string | undefined): TemplateResult | string {
  const landing = session.state?.landing;
  const files = landing ? openFiles(landing).length : 0;
  const review = changesOpen(store)
    ? html`<vscode-button @click=${() => store.show("changes")}>Review ${plural(files, "changed file")}</vscode-button>`
    : "";
  const again =
    status !== "done" && !session.running
      ? html`<vscode-button appearance="secondary" @click=${() => void resume(store)}
          >${status === "failed" ? "Try again" : "Resume"}</vscode-button
        >`
      : "";
  const remedy = fault === undefined || session.running || !store.facts?.editor ? "" : remedies(store, fault);
  return review || remedy || again ? html`<div class="actions">${review}${remedy}${again}</div>` : "";
}

const lacksKey: ReadonlySet<string> = new Set(["no_key", "denied"]);

/** What helps against a fault of the model. */
function remedies(store: PanelStore, fault: string): TemplateResult {
  return html`${
      lacksKey.has(fault)
        ? html`<vscode-button data-testid="set-key" @click=${() => void store.ask("editor", { action: "setKey" })}
            >Set API key</vscode-button
          >`
        : ""
    }<vscode-button appearance="secondary" data-testid="choose-model" @click=${() => void store.ask("editor", { action: "pickModel" })}
      >Choose model</vscode-button
    >`;
}
