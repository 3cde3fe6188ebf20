// What an agent does not see any more, as a row of the conversation: how much became how little, at what cost; opened, the
// summary that it sees instead and its ledger.

import { html, type TemplateResult } from "lit";
import { ledgerLine } from "../../src/protocol/ledger.ts";
import type { ChatItem, CompactionItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { reveal } from "../ui/reveal.ts";
import { plural, sayCost, sayTokens } from "../ui/words.ts";
import { depthOf, nameIn } from "./who.ts";

const mostShown = 200;

export function compactionRow(item: CompactionItem, store: PanelStore, session: Followed, _previous: ChatItem | undefined): TemplateResult {
  const { done, agent, taskId, key } = item;
  const task = taskId ? session.state?.tasks[taskId] : undefined;
  const name = nameIn(store, task?.assignedAgent ?? agent);
  if (!done) {
    const words = item.open && session.running ? "sums up its older turns…" : "was to sum up its older turns";
    return html`<div class="line note-info depth-${depthOf(session, taskId)}" role="status" data-testid="compaction">
      ${icon("list")}<span class="line-text"><b>${name}</b> ${words}</span>
    </div>`;
  }
  const isOpen = store.expanded.has(key);
  return html`<div class="compaction depth-${depthOf(session, taskId)}" data-testid="compaction">
    <button class="line note-info" aria-expanded=${isOpen} @click=${() => store.toggle(key)}>
      ${icon("list")}<span class="line-text"><b>${name}</b> ${said(done)}</span
      ><span class="dim figures"
        >${sayTokens(done.before)} → ${sayTokens(done.after)}
        tok${item.costUsd === undefined ? "" : ` · ${sayCost(item.costUsd ?? 0, item.costUsd === null)}`}</span
      >
    </button>
    ${isOpen ? detail(done) : ""}
  </div>`;
}

type Done = NonNullable<CompactionItem["done"]>;

function said({ how, dropped, why }: Done): string {
  const count = plural(dropped.length, how === "results" ? "older result" : "entry", how === "results" ? undefined : "entries");
  if (how === "results") return `set ${count} aside`;
  if (how === "summary") return `summed up its older turns (${count} can be recalled)`;
  return `keeps a list of its older turns, ${why ?? "without a summary"} (${count} can be recalled)`;
}

function detail({ text, kept = [], open = [], dropped, how }: Done): TemplateResult {
  const hidden = dropped.length - mostShown;
  return html`<div class="call-detail">
    ${
      text === undefined
        ? ""
        : html`<div class="dim">What it sees instead${how === "digest" ? ", made by code" : ""}</div>
            <pre tabindex="0" aria-label="Summary">${reveal(text)}</pre>`
    }
    ${
      kept.length === 0
        ? ""
        : html`<div class="dim">Kept word for word</div>
            <pre tabindex="0" aria-label="Kept">${reveal(kept.join("\n\n"))}</pre>`
    }
    ${
      open.length === 0
        ? ""
        : html`<div class="dim">Still open</div>
            <pre tabindex="0" aria-label="Still open">${reveal(open.map((one) => one.text).join("\n\n"))}</pre>`
    }
    <div class="dim">Set aside; the agent can have each of these again</div>
    <pre tabindex="0" aria-label="Set aside">${reveal(dropped.slice(0, mostShown).map(ledgerLine).join("\n"))}</pre>
    ${hidden > 0 ? html`<div class="dim">${hidden} more are in the trace.</div>` : ""}
  </div>`;
}
