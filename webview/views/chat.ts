// The conversation and the composer under it. Rows are drawn by kind; the list keeps only those in sight.

import { html, type TemplateResult } from "lit";
import type { ChatItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import { sessionName } from "../model/past.ts";
import { resume } from "../model/send.ts";
import { type PanelStore, savePlace, statusOf } from "../state.ts";
import { icon } from "../ui/icons.ts";
import type { ListRows, Placed, VirtualList } from "../ui/virtualList.ts";
import { plural, sayDuration } from "../ui/words.ts";
import { approvalCard } from "./approvalCard.ts";
import { renderEmpty } from "./empty.ts";
import { compactionRow } from "./compaction.ts";
import { endRow } from "./endRow.ts";
import { planCard } from "./plan.ts";
import { promptRow } from "./promptRow.ts";
import { questionCard } from "./questionCard.ts";
import { landingStrip, saidRow } from "./talk.ts";
import { callRow, turnRow } from "./turn.ts";
import { depthOf, nameIn } from "./who.ts";
import "./composer.ts";
import "../ui/virtualList.ts";

export function renderChat(store: PanelStore): TemplateResult {
  const { session } = store;
  return html`<div class="chat">
    ${session ? html`${origin(store, session)}${conversation(store, session)}` : renderEmpty(store)}
    ${
      statusOf(session) === "interrupted"
        ? html`<div class="banner" role="status">
            ${icon("blocked")}<span class="grow">This run was interrupted. Nothing is lost.</span>
            <vscode-button data-testid="resume-here" @click=${() => void resume(store)}>Resume</vscode-button>
          </div>`
        : ""
    }
    ${landingStrip(store)}
    <ao-composer .store=${store} @sent=${toEnd}></ao-composer>
  </div>`;
}

/** What a person says stands at the end: there they want to see it. */
function toEnd({ target }: Event): void {
  (target as HTMLElement).parentElement?.querySelector<VirtualList>("ao-list.conversation")?.toEnd();
}

function conversation(store: PanelStore, session: Followed): TemplateResult {
  const { chat } = session;
  if (chat.items.length === 0 && session.state?.status === "created" && !session.running)
    return html`<div class="quiet grow">Nothing was said in this session yet.</div>`;
  if (chat.items.length === 0)
    return html`<div class="quiet" role="status">
      <vscode-progress-ring></vscode-progress-ring>${session.state ? "Starting…" : "Loading the conversation…"}
    </div>`;
  const { items } = chat;
  const { outgoing } = session;
  const rows: ListRows = {
    count: items.length + outgoing.length,
    keyAt: (i) => (items[i] ?? outgoing[i - items.length])!.key,
    rowAt: (i) => {
      const waiting = outgoing[i - items.length];
      return waiting ? saidRow(waiting, store, session) : rowOf(store, session, items, i);
    },
  };
  const place = `chat:${session.id}`;
  return html`${
      session.hasEarlier && chat.items[0]
        ? html`<button class="earlier" ?disabled=${session.reading} @click=${() => void store.earlier()}>Show earlier messages</button>`
        : ""
    }
    <ao-list
      class="conversation"
      role="feed"
      aria-label="Conversation"
      tabindex="0"
      .rows=${rows}
      .estimate=${72}
      .stick=${true}
      .start=${store.place.scroll[place] ?? -1}
      @placed=${({ detail }: CustomEvent<Placed>) => {
        store.place.scroll = { ...store.place.scroll, [place]: detail.at };
        savePlace(store);
      }}
    ></ao-list>`;
}

function origin(store: PanelStore, { state }: Followed): TemplateResult | string {
  const from = state?.forkedFrom?.sessionId;
  if (from === undefined) return "";
  const isThere = store.sessions.some(({ id }) => id === from);
  return html`<div class="origin dim" data-testid="origin">
    ${icon("fork")}<span>Forked from</span>${
      isThere ? html`<button class="link" @click=${() => store.open(from)}>${sessionName(store, from)}</button>` : "a session that is gone"
    }
  </div>`;
}

const mostNamed = 6;

type Row<K extends ChatItem["kind"]> = (
  item: Extract<ChatItem, { kind: K }>,
  store: PanelStore,
  session: Followed,
  previous: ChatItem | undefined,
) => TemplateResult;

const rows: { [K in ChatItem["kind"]]: Row<K> } = {
  prompt: promptRow,
  said: saidRow,
  turn: turnRow,
  call: ({ call, agent, taskId }, store, session) =>
    html`<div class="code-call depth-${depthOf(session, taskId)}">${callRow(store, call, agent)}</div>`,
  plan: planCard,
  handoff: ({ from, to, goal, how, taskId }, store) =>
    html`<button class="line handoff" title=${goal} @click=${() => focusAgent(store, taskId)}>
      ${icon("chevron")}<span class="line-text"
        ><b>${nameIn(store, from)}</b> ${how === "delegate" ? "delegates to" : "asks"} <b>${nameIn(store, to)}</b
        ><span class="dim"> · ${goal}</span></span
      >
    </button>`,
  approval: ({ approvalId }, store, session) => {
    const approval = session.state?.approvals[approvalId as `a_${string}`];
    // What became of the changes is told by a row of its own.
    return approval && !(approval.kind === "landing" && approval.resolution) ? approvalCard(store, approval) : html``;
  },
  question: ({ interruptId }, store, session) => {
    const question = session.state?.interrupts[interruptId as `i_${string}`];
    return question ? questionCard(store, question) : html``;
  },
  note: ({ tone, text, agent }, store) =>
    html`<div class="line note-${tone}">
      ${icon(tone === "info" ? "info" : tone === "warning" ? "warning" : "failed")}<span class="line-text"
        ><b>${nameIn(store, agent)}</b> ${text}</span
      >
    </div>`,
  compaction: compactionRow,
  review: reviewRow,
  receipt: receiptRow,
  landing: ({ decision, files, conflicts, part }, store) => {
    const named = files.slice(0, mostNamed).join(", ") + (files.length > mostNamed ? ` and ${files.length - mostNamed} more` : "");
    const said = {
      applied: { look: "good", word: part ? `Kept in your workspace: ${named}` : `${plural(files.length, "file")} kept in your workspace` },
      discarded: { look: "dim", word: part ? `Undone: ${named}` : "Changes discarded" },
      conflict: { look: "bad", word: `Not applied: you changed the same places in ${conflicts.join(", ")}` },
    }[decision];
    return html`<button class="line landing" @click=${() => store.show("changes")}>
      ${icon("changes", said.look)}<span class="line-text">${said.word}</span>
    </button>`;
  },
  end: endRow,
};

function rowOf(store: PanelStore, session: Followed, items: ChatItem[], index: number): TemplateResult {
  const item = items[index]!;
  const row = rows[item.kind] as Row<ChatItem["kind"]>;
  return row(item, store, session, items[index - 1]);
}

function receiptRow({ receipt }: Extract<ChatItem, { kind: "receipt" }>): TemplateResult {
  const { command, exitCode, durationMs, altered } = receipt;
  const passed = exitCode === 0;
  return html`<div class="line receipt" title="A receipt: the runner, not the model, saw this">
      ${icon(passed ? "done" : "failed", passed ? "good" : "bad")}<span class="line-text"
        ><code>${command}</code> ${passed ? "passed" : `failed (exit ${exitCode})`}<span class="dim">
          · ${sayDuration(durationMs)} · receipt</span
        ></span
      >
    </div>
    ${
      altered
        ? html`<div class="line note-warning">
            ${icon("warning")}<span class="line-text">The team changed what this check does: it proves nothing by itself.</span>
          </div>`
        : ""
    }`;
}

function reviewRow({ review }: Extract<ChatItem, { kind: "review" }>, store: PanelStore): TemplateResult {
  const accepted = review.score >= review.below;
  return html`<div class="card review" role="group" aria-label="Review">
    <div class="card-head">
      ${icon("star", accepted ? "good" : "warn")}
      <b>Review ${review.score.toFixed(2)}</b
      ><span class="dim">${accepted ? `accepted (needs ${review.below})` : `below ${review.below}: sent back`}</span>
    </div>
    <div class="scores">
      ${Object.entries(review.by).map(([by, score]) => html`<span class="score">${nameIn(store, by)} <b>${score.toFixed(2)}</b></span>`)}
    </div>
    ${review.findings
      .slice(0, 12)
      .map(
        ({ severity, file, line, message }) =>
          html`<div class="finding">
            <span class="severity severity-${severity}">${severity}</span
            ><span>${file ? html`<code>${file}${line ? `:${line}` : ""}</code> ` : ""}${message}</span>
          </div>`,
      )}
  </div>`;
}

function focusAgent(store: PanelStore, taskId: `t_${string}`): void {
  store.focusTask = taskId;
  store.show("agents");
}
