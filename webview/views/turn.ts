// One turn of an agent: who, with which model, what it says (or is saying), what it called, what it cost.

import { html, type TemplateResult } from "lit";
import { totalTokens } from "../../src/protocol/state.ts";
import type { CallItem, ChatItem, TurnItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { reveal } from "../ui/reveal.ts";
import { sayCall, sayCost, sayDuration, sayTokens } from "../ui/words.ts";
import { depthOf, nameIn } from "./who.ts";
import "../ui/markdown.ts";

const mostCalls = 12;
const liveLines = 6;

/** A scripted model is never shown as though it thought. */
function modelWords({ facts }: PanelStore, model: string | undefined): string {
  if (model === undefined) return "";
  const isScripted = facts?.models?.some(({ name, scripted }) => scripted && name === model);
  return isScripted ? `${model} (scripted)` : model;
}

export function turnRow(turn: TurnItem, store: PanelStore, session: Followed, previous: ChatItem | undefined): TemplateResult {
  const { taskId, agent, model, open, fault, note } = turn;
  const text = turn.text || (open && taskId ? (session.streams.get(taskId) ?? "") : "");
  const goesOn = previous?.kind === "turn" && previous.taskId === taskId;
  const name = nameIn(store, agent);
  return html`<article class="turn depth-${depthOf(session, taskId)} ${goesOn ? "goes-on" : ""}" aria-label=${name} aria-busy=${open}>
    ${
      goesOn
        ? ""
        : html`<div class="who">
            ${icon("agents")}<b>${name}</b><span class="dim model">${modelWords(store, model)}</span><span class="grow"></span
            ><span class="dim figures">${figures(turn)}</span>
          </div>`
    }
    ${
      text
        ? html`<ao-markdown
            class="md"
            .text=${text}
            .live=${open}
            .canInsert=${store.facts?.editor ?? false}
            title=${goesOn ? figures(turn) : ""}
          ></ao-markdown>`
        : ""
    }
    ${
      open && !text
        ? html`<div class="thinking" role="status">
            <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span> Thinking…
          </div>`
        : ""
    }
    ${note ? html`<div class="line note-warning">${icon("warning")}<span class="line-text">${note}</span></div>` : ""} ${calls(store, turn)}
    ${faultLine(fault)}
  </article>`;
}

function faultLine(fault: TurnItem["fault"]): TemplateResult | string {
  if (!fault) return "";
  if (fault.told) return html`<div class="dim small">The model did not answer.</div>`;
  return html`<div class="line note-error" role="alert">${icon("failed")}<span class="line-text">${fault.message}</span></div>`;
}

function figures({ usage, costUsd, durationMs }: TurnItem): string {
  if (!usage) return "";
  return `${sayTokens(totalTokens(usage))} tok · ${sayCost(costUsd ?? 0, costUsd === null)}${durationMs ? ` · ${sayDuration(durationMs)}` : ""}`;
}

function calls(store: PanelStore, turn: TurnItem): TemplateResult | string {
  const all = turn.calls;
  if (all.length === 0) return "";
  const whole = all.length <= mostCalls || store.expanded.has(`calls:${turn.key}`);
  const shown = whole ? all : all.slice(-mostCalls);
  return html`<div class="calls">
    ${
      whole
        ? ""
        : html`<button class="line more" @click=${() => store.toggle(`calls:${turn.key}`)}>
            ${icon("chevron")}<span class="line-text">${all.length - mostCalls} more calls before these</span>
          </button>`
    }
    ${shown.map((call) => callRow(store, call, turn.agent))}
  </div>`;
}

const callStates = {
  asked: { icon: "pending", word: "waits" },
  running: { icon: "running", word: "running" },
  ok: { icon: "done", word: "done" },
  failed: { icon: "failed", word: "failed" },
} as const;

export function callRow(store: PanelStore, call: CallItem, agent: string): TemplateResult {
  const { icon: look, verb, about, path } = sayCall(call.tool, call.arguments);
  const { word } = callStates[call.state];
  const isOpen = store.expanded.has(call.callId);
  return html`<div class="call call-${call.state}">
    <button
      class="line call-line"
      aria-expanded=${isOpen}
      aria-label=${`${verb} ${about}, ${word}, called by ${agent}`}
      @click=${() => store.toggle(call.callId)}
    >
      ${icon(call.state === "ok" ? look : callStates[call.state].icon, call.state === "running" ? "turning" : call.state === "failed" ? "bad" : "dim")}
      <span class="line-text">${verb} <code>${reveal(about.slice(0, 200))}</code></span>
      <span class="dim figures">${call.state === "ok" ? (call.durationMs === undefined ? "" : sayDuration(call.durationMs)) : word}</span>
    </button>
    ${isOpen ? detail(store, call, path) : ""} ${call.live === undefined ? "" : liveOutput(call.live, isOpen)}
  </div>`;
}

/** The last lines that a running command wrote; all that is kept of them where the call is open. */
function liveOutput(live: string, isOpen: boolean): TemplateResult {
  const lines = live.trimEnd().split("\n");
  const shown = isOpen ? lines : lines.slice(-liveLines);
  return html`<pre class="call-live" tabindex="0" aria-label="Output so far">${reveal(shown.join("\n"))}</pre>`;
}

function detail(store: PanelStore, call: CallItem, path: string | undefined): TemplateResult {
  return html`<div class="call-detail">
    <div class="dim">
      ${call.tool}${call.unsandboxed ? " · ran unsandboxed" : ""}${call.grant ? ` · allowed by what you granted (${call.grant})` : ""}
    </div>
    <pre tabindex="0" aria-label="Arguments">${reveal(JSON.stringify(call.arguments, null, 2) ?? "")}</pre>
    ${call.result === undefined ? "" : html`<pre tabindex="0" aria-label="Result">${reveal(call.result)}</pre>`}
    ${call.cut ? html`<div class="dim">The rest of the result is in the trace.</div>` : ""}
    ${
      path && store.facts?.editor
        ? html`<button class="link" @click=${() => void store.ask("editor", { action: "openFile", path })}>Open ${path}</button>`
        : ""
    }
  </div>`;
}
