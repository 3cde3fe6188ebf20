// Where a person writes: a goal, a follow-up, a slash command; files and other things by @; attachments; send and stop.
// The draft outlives the page. What is sent, and how a command is read, is model/send.ts.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import type { TaskId } from "../../src/protocol/ids.ts";
import type { Attachment } from "../../src/protocol/panel.ts";
import { type Draft, draftKey, keepDraft } from "../model/drafts.ts";
import { send, slashCommands, stop } from "../model/send.ts";
import { talkTo } from "../model/steer.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import { readImages } from "../ui/images.ts";
import { composerSettings } from "./composerSettings.ts";
import { composerHint, listenerChip, listenerChoices } from "./talk.ts";

type Choice = { label: string; hint: string; take: () => void };

const mostChoices = 8;

class Composer extends LitElement {
  static override properties = { store: { attribute: false }, choices: { state: true }, at: { state: true }, attachments: { state: true } };

  declare store: PanelStore;
  declare choices: Choice[];
  declare at: number;
  declare attachments: Attachment[];
  #end: (() => void) | undefined;
  #draftOf: string | undefined;
  #asked = 0;
  #sending = false;
  #hint = "";
  #frame = new ResizeObserver(() => this.#grow());

  constructor() {
    super();
    this.choices = [];
    this.at = 0;
    this.attachments = [];
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = this.store.onChange(() => {
      void this.#loadDraft();
      this.requestUpdate();
    });
    this.addEventListener("suggest", (event) => this.#put((event as CustomEvent<string>).detail));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    this.#frame.disconnect();
    this.#draftOf = undefined;
  }

  override firstUpdated(): void {
    void this.#loadDraft();
    this.#frame.observe(this);
  }

  override updated(): void {
    const hint = this.#text.placeholder;
    if (hint !== this.#hint) this.#grow();
    this.#hint = hint;
    if (!this.store.toWrite) return;
    this.store.toWrite = false;
    this.#text.focus();
  }

  get #text(): HTMLTextAreaElement {
    return this.querySelector("textarea")!;
  }

  override render(): TemplateResult {
    const { store } = this;
    const running = store.session?.running ?? false;
    return html`<div class="composer">
      ${this.choices.length > 0 ? this.#popup() : nothing}
      ${
        this.attachments.length > 0
          ? html`<div class="chips" role="list" aria-label="Attachments">${this.attachments.map((one, i) => this.#chip(one, i))}</div>`
          : nothing
      }
      ${listenerChip(store)}
      <textarea
        rows="1"
        data-testid="composer"
        role="combobox"
        aria-label="Message to the team"
        aria-expanded=${this.choices.length > 0}
        aria-controls="choices"
        aria-autocomplete="list"
        aria-activedescendant=${this.choices.length > 0 ? `choice-${this.at}` : nothing}
        placeholder=${composerHint(store)}
        @input=${() => this.#typed()}
        @keydown=${(event: KeyboardEvent) => this.#key(event)}
        @paste=${(event: ClipboardEvent) => void this.#paste(event)}
        @blur=${() => setTimeout(() => (this.choices = []), 150)}
      ></textarea>
      <div class="composer-bar">
        ${composerSettings(store)}
        <span class="grow"></span>
        ${iconButton("attach", "Attach an image", () => this.querySelector<HTMLInputElement>("input[type=file]")?.click())}
        <input
          type="file"
          accept="image/*"
          multiple
          hidden
          tabindex="-1"
          aria-hidden="true"
          @change=${(event: Event) => void this.#files(event)}
        />
        ${running ? html`<button class="round stop" data-testid="stop" title="Stop the run (Escape)" aria-label="Stop the run" @click=${() => void stop(store)}>${icon("stop")}</button>` : nothing}
        <button class="round send" data-testid="send" title="Send (Enter)" aria-label="Send" @click=${() => void this.#send()}>
          ${icon("send")}
        </button>
      </div>
    </div>`;
  }

  #chip({ label, kind }: Attachment, index: number): TemplateResult {
    return html`<span class="chip" role="listitem"
      >${icon(kind === "image" ? "attach" : "file")}<span class="line-text">${label}</span>${iconButton("close", `Remove ${label}`, () => {
        this.attachments = this.attachments.filter((_, i) => i !== index);
        this.#save();
      })}</span
    >`;
  }

  #popup(): TemplateResult {
    return html`<div class="choices" id="choices" role="listbox" aria-label="Suggestions">
      ${this.choices.map(
        ({ label, hint }, i) =>
          html`<div
            class="choice ${i === this.at ? "chosen" : ""}"
            id="choice-${i}"
            role="option"
            aria-selected=${i === this.at}
            @mousedown=${(event: Event) => {
              event.preventDefault();
              this.#take(i);
            }}
          >
            <span>${label}</span><span class="dim line-text">${hint}</span>
          </div>`,
      )}
    </div>`;
  }

  async #send(): Promise<void> {
    const text = this.#text.value;
    if (text.trim() === "") return;
    if (this.#sending) return this.store.tell({ tone: "info", text: "Your last message is still on its way; this one waits here." });
    this.#sending = true;
    this.dispatchEvent(new Event("sent"));
    const { attachments } = this;
    const key = this.#draftKey();
    this.#put("", false);
    this.attachments = [];
    const taken = await send(this.store, text, attachments);
    this.#sending = false;
    if (taken) this.#keepForNext(key);
    else if (this.#draftKey() !== key) this.store.keep.save(key, { text, attachments } satisfies Draft);
    else {
      // What was written meanwhile stays behind what came back.
      this.attachments = [...attachments, ...this.attachments];
      this.#put([text, this.#text.value].filter(Boolean).join("\n"));
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { choices } = this;
    if (choices.length > 0) {
      const step = { ArrowDown: 1, ArrowUp: choices.length - 1 }[event.key];
      if (step !== undefined) this.at = (this.at + step) % choices.length;
      else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) this.#take(this.at);
      else if (event.key === "Escape") this.#close();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "Escape" && this.store.session?.running) return void stop(this.store);
    if (event.key === "Backspace" && this.#text.selectionEnd === 0) return talkTo(this.store, undefined);
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void this.#send();
  }

  #typed(): void {
    this.#grow();
    this.#save();
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    const slash = /^\/(\w*)$/.exec(before);
    const value = /^\/(\w+)\s+(\S*)$/.exec(before);
    const mention = /(?:^|\s)@([^\s@]*)$/.exec(before);
    this.at = 0;
    // What was asked for an earlier word must not come up for this one.
    this.#asked += 1;
    if (slash)
      this.choices = slashCommands
        .filter(({ name }) => name.startsWith(slash[1]!))
        .map(({ name, hint }) => ({ label: `/${name}`, hint, take: () => this.#put(`/${name} `) }));
    else if (value) this.choices = this.#values(value[1]!, value[2]!);
    else if (mention) void this.#mention(mention[1]!);
    else this.choices = [];
  }

  #values(command: string, begun: string): Choice[] {
    const values = slashCommands.find(({ name }) => name === command)?.values?.(this.store) ?? [];
    return values
      .filter((value) => value.startsWith(begun) && value !== begun)
      .slice(0, mostChoices)
      .map((value) => ({ label: value, hint: "", take: () => this.#put(`/${command} ${value} `) }));
  }

  async #mention(text: string): Promise<void> {
    const asked = this.#asked;
    const agents = listenerChoices(this.store, text).map(({ id, label, hint }) => ({ label, hint, take: () => this.#talkTo(id) }));
    this.choices = agents.length > 0 ? agents : this.choices.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()));
    const answer = await this.store.link.request("mention", { text }).catch(() => undefined);
    if (asked !== this.#asked || !answer) return;
    const others = answer.items.map((item) => ({ label: item.label, hint: item.kind, take: () => this.#attach(item) }));
    this.choices = [...agents, ...others].slice(0, mostChoices);
  }

  #talkTo(taskId: TaskId): void {
    talkTo(this.store, taskId);
    this.#replaceMention("");
  }

  #attach(item: Attachment): void {
    this.attachments = [...this.attachments, item];
    this.#replaceMention(`@${item.label} `);
  }

  #replaceMention(words: string): void {
    const { value, selectionStart } = this.#text;
    const start = value.lastIndexOf("@", selectionStart - 1);
    this.#put(`${value.slice(0, start)}${words}${value.slice(selectionStart)}`);
  }

  #close(): void {
    this.#asked += 1;
    this.choices = [];
  }

  #take(index: number): void {
    const choice = this.choices[index];
    this.choices = [];
    choice?.take();
  }

  #put(text: string, focus = true): void {
    this.#text.value = text;
    if (focus) this.#text.focus();
    this.#text.setSelectionRange(text.length, text.length);
    this.#typed();
  }

  #grow(): void {
    const { style } = this.#text;
    style.height = "auto";
    style.height = `${Math.min(this.#text.scrollHeight + 2, window.innerHeight * 0.4)}px`;
  }

  async #paste(event: ClipboardEvent): Promise<void> {
    const images = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
    if (images.length === 0) return;
    event.preventDefault();
    await this.#addImages(images);
  }

  async #files({ target }: Event): Promise<void> {
    await this.#addImages([...((target as HTMLInputElement).files ?? [])]);
    (target as HTMLInputElement).value = "";
  }

  async #addImages(files: File[]): Promise<void> {
    const { images, refused } = await readImages(files);
    this.attachments = [...this.attachments, ...images];
    if (refused) this.store.tell({ tone: "error", text: refused });
    this.#save();
  }

  #draftKey(): string {
    return draftKey(this.store.session?.id);
  }

  #save(): void {
    keepDraft(this.store, this.store.session?.id, { text: this.#text.value, attachments: this.attachments });
  }

  /** What was written while the message was on its way is the next draft of the session that it went to. */
  #keepForNext(sentFrom: string): void {
    this.store.keep.forget(sentFrom);
    this.#draftOf = this.#draftKey();
    this.#save();
  }

  /** Each session has a draft of its own. What is written before it arrives stays. */
  async #loadDraft(): Promise<void> {
    const key = this.#draftKey();
    if (this.#draftOf === key || this.#sending) return;
    this.#draftOf = key;
    this.#fill("", []);
    const draft = await this.store.keep.load<Draft>(key);
    if (this.#draftOf !== key || !this.isConnected || this.#sending) return;
    if (!draft || this.#text.value !== "" || this.attachments.length > 0) return;
    this.#fill(draft.text, draft.attachments);
  }

  #fill(text: string, attachments: Attachment[]): void {
    this.attachments = attachments;
    this.#text.value = text;
    this.#grow();
  }
}

customElements.define("ao-composer", Composer);
