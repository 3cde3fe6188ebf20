// The plan as a checklist. The newest plan shows where its steps are now; one of an earlier run shows what was planned.

import { html, type TemplateResult } from "lit";
import type { ChatItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { plural, sayStatus } from "../ui/words.ts";
import { nameIn } from "./who.ts";

export function planCard(item: Extract<ChatItem, { kind: "plan" }>, store: PanelStore, { state }: Followed): TemplateResult {
  const isCurrent = state?.run?.runId === item.runId && state.run.plan !== undefined;
  const steps = isCurrent ? state.run!.plan! : item.steps.map((step) => ({ ...step, status: "pending" as const }));
  const done = steps.filter(({ status }) => status === "done").length;
  return html`<div class="card plan" role="group" aria-label="Plan">
    <div class="card-head">
      ${icon("list")}<b>Plan</b
      ><span class="dim"
        >by ${nameIn(store, item.by)} ·
        ${isCurrent ? `${done} of ${plural(steps.length, "step")} done` : plural(steps.length, "step")}</span
      >
    </div>
    ${item.rationale ? html`<div class="dim rationale">${item.rationale}</div>` : ""}
    <ul class="steps">
      ${steps.map(({ id, type, goal, status }) => {
        const said = sayStatus(status);
        return html`<li class="step step-${status}" title=${goal}>
          ${icon(said.icon, status === "running" ? "turning" : look(status))}<span class="step-type">${type}</span
          ><span class="step-goal">${goal}</span
          ><span class="dim step-word">${isCurrent ? said.word : ""}<span class="aloud">${id}</span></span>
        </li>`;
      })}
    </ul>
  </div>`;
}

function look(status: string): string {
  if (status === "done") return "good";
  return status === "failed" ? "bad" : "dim";
}
