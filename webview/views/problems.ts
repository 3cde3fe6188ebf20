// Files of agents and workflows that are wrong: the first with its line and what is wrong there, the others on demand, each
// with the way to it. The person sees them where the team is, not only in a list of agents.

import { html, type TemplateResult } from "lit";
import type { HostFacts } from "../../src/protocol/panel.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";

const key = "problems";
type Problem = NonNullable<HostFacts["problems"]>[number];

export function renderProblems(store: PanelStore): TemplateResult | string {
  const { problems = [], workspaces = [], editor = false } = store.facts ?? {};
  if (problems.length === 0) return "";
  const shown = store.expanded.has(key) ? problems : problems.slice(0, 1);
  const more = problems.length - shown.length;
  return html`<div class="banner banner-error problems" role="note" data-testid="problems">
    ${icon("warning")}
    <ul class="grow">
      ${shown.map((problem) => row(store, problem, nameIn(problem.file, workspaces), editor))}
      ${more > 0 ? html`<li><button class="link" @click=${() => store.toggle(key)}>${more} more</button></li>` : ""}
    </ul>
  </div>`;
}

function row(store: PanelStore, { file, line, message }: Problem, name: string, editor: boolean): TemplateResult {
  const place = `${name}:${line}`;
  const open = (): void => void store.ask("editor", { action: "openFile", path: file, line });
  return html`<li>${editor ? html`<button class="link" @click=${open}>${place}</button>` : html`<code>${place}</code>`} ${message}</li>`;
}

function nameIn(file: string, workspaces: { path: string }[]): string {
  const folder = workspaces.find(({ path }) => file.startsWith(`${path}/`));
  return folder ? file.slice(folder.path.length + 1) : file;
}
