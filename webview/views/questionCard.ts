// One question of an agent to the person: choices, an answer, new instructions, or no.

import { html, type TemplateResult } from "lit";
import type { InterruptState } from "../../src/protocol/state.ts";
import { answerQuestion } from "../model/answer.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { reveal } from "../ui/reveal.ts";
import { nameIn } from "./who.ts";

export function questionCard(store: PanelStore, question: InterruptState): TemplateResult {
  const { interruptId, kind, text, choices, resolution } = question;
  const task = question.taskId && store.session?.state?.tasks[question.taskId];
  const who = nameIn(store, (task && task.assignedAgent) || "agent");
  if (resolution)
    return html`<div class="line answered">
      ${icon("question", "dim")}<span class="line-text"
        ><b>${who}</b> asked: ${text.slice(0, 200)}<span class="dim">
          · ${resolution.action === "cancel" ? "cancelled" : resolution.text}</span
        ></span
      >
    </div>`;
  const respond = (answer: string): void => void answerQuestion(store, question, "respond", answer);
  const written = (): string => store.texts.get(interruptId)?.trim() ?? "";
  return html`<section class="card question" data-testid="question" role="group" aria-label="Question from ${who}">
    <div class="card-head">${icon("question", "warn")}<b>${who} ${kind === "debug_request" ? "needs help" : "asks"}</b></div>
    <div class="question-text">${reveal(text)}</div>
    ${
      choices?.length
        ? html`<div class="actions">
            ${choices.map((choice) => html`<vscode-button appearance="secondary" @click=${() => respond(choice)}>${reveal(choice)}</vscode-button>`)}
          </div>`
        : ""
    }
    <textarea
      class="field"
      rows="2"
      data-testid="answer"
      aria-label="Your answer to ${who}"
      placeholder="Your answer"
      .value=${store.texts.get(interruptId) ?? ""}
      @input=${({ target }: Event) => store.texts.set(interruptId, (target as HTMLTextAreaElement).value)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || written() === "") return;
        event.preventDefault();
        respond(written());
      }}
    ></textarea>
    <div class="actions">
      <vscode-button data-testid="answer-send" @click=${() => written() && respond(written())}>Answer</vscode-button>
      <vscode-button
        appearance="secondary"
        title="Replaces the agent's instructions by what you wrote"
        @click=${() => written() && void answerQuestion(store, question, "modify", written())}
        >New instructions</vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => void answerQuestion(store, question, "cancel", written())}>Cancel</vscode-button>
    </div>
  </section>`;
}
