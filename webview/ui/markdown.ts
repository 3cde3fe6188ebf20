// Markdown of models, made harmless: parsed, sanitised, links only to https, no images, no raw HTML. A text that grows is
// parsed again only in its last block, so that streaming costs the same late as early.

import DOMPurify from "dompurify";
import { html, LitElement, type TemplateResult } from "lit";
import { Lexer, type Token, Marked, Parser } from "marked";

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const marked = new Marked({
  gfm: true,
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ text, href }) => `<span class="no-image">[image${text ? `: ${escapeHtml(text)}` : ""}] ${escapeHtml(href)}</span>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const allowed = {
  ALLOWED_TAGS: "p a code pre ul ol li strong em del blockquote h1 h2 h3 h4 h5 h6 hr br table thead tbody tr th td span".split(" "),
  ALLOWED_ATTR: ["href", "title", "start", "class"],
  ALLOWED_URI_REGEXP: /^https:\/\//i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** What a person asked for at a block of code. */
export type CodeAction = { action: "copy" | "insert" | "apply"; text: string };

const actions: Record<CodeAction["action"], { label: string; aloud: string }> = {
  copy: { label: "Copy", aloud: "Copy this code" },
  insert: { label: "Insert", aloud: "Insert this code at the cursor" },
  apply: { label: "Apply", aloud: "Have the team apply this code to the project" },
};

const mostLive = 40;
const mostAtFirst = 80;

export class MarkdownText extends LitElement {
  static override properties = { text: { attribute: false }, canInsert: { type: Boolean }, live: { type: Boolean } };

  declare text: string;
  /** An editor is there to insert code into. */
  declare canInsert: boolean;
  /** The text still grows: only its end is shown, when it is long. */
  declare live: boolean;

  #tokens: Token[] = [];
  #lexed = "";
  #blocks: { raw: string; element: HTMLElement }[] = [];
  #whole = false;

  constructor() {
    super();
    this.text = "";
    this.canInsert = false;
    this.live = false;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override render(): TemplateResult {
    return html``;
  }

  override updated(): void {
    const all = this.#lex(this.text.replaceAll(/\r\n?/g, "\n")).filter(({ type }) => type !== "space" && type !== "def");
    const shown = this.live ? all.slice(-mostLive) : this.#whole ? all : all.slice(0, mostAtFirst);
    if (this.live && all.length > mostLive) this.#scrollBlocks(shown[0]!);
    shown.forEach((token, i) => {
      const known = this.#blocks[i];
      if (known?.raw === token.raw) return;
      const element = document.createElement("div");
      element.append(this.#draw(token));
      if (known) known.element.replaceWith(element);
      else this.append(element);
      this.#blocks[i] = { raw: token.raw, element };
    });
    for (const { element } of this.#blocks.splice(shown.length)) element.remove();
    this.#offerRest(all.length - shown.length);
  }

  /** What was lexed stays, but for the last block: only that one can still change when text is added. */
  #lex(text: string): Token[] {
    const isGrown = this.live && this.#lexed !== "" && text.startsWith(this.#lexed);
    const kept = isGrown
      ? this.#tokens.slice(
          0,
          this.#tokens.findLastIndex(({ type }) => type !== "space"),
        )
      : [];
    const from = kept.reduce((sum, { raw }) => sum + raw.length, 0);
    this.#tokens = [...kept, ...Lexer.lex(text.slice(from), marked.defaults)];
    this.#lexed = text;
    return this.#tokens;
  }

  /** Drops the blocks that went out at the top, so that those after them stay as they are. */
  #scrollBlocks({ raw }: Token): void {
    const gone = this.#blocks.findIndex((block) => block.raw === raw);
    for (const { element } of this.#blocks.splice(0, Math.max(0, gone))) element.remove();
  }

  #offerRest(hidden: number): void {
    this.querySelector(":scope > .md-rest")?.remove();
    if (hidden <= 0 || this.live) return;
    const button = document.createElement("button");
    button.className = "md-rest link";
    button.textContent = `Show the rest of this message (${hidden} more blocks)`;
    button.addEventListener("click", () => {
      this.#whole = true;
      this.requestUpdate();
    });
    this.append(button);
  }

  #draw(token: Token): DocumentFragment {
    const written = Parser.parse([token], marked.defaults);
    const fragment = DOMPurify.sanitize(written, allowed as never) as unknown as DocumentFragment;
    for (const link of fragment.querySelectorAll("a")) {
      link.rel = "noreferrer noopener";
      link.target = "_blank";
      if (!link.hasAttribute("href")) link.replaceWith(...link.childNodes);
    }
    for (const pre of fragment.querySelectorAll("pre")) this.#frame(pre);
    return fragment;
  }

  #frame(pre: HTMLElement): void {
    const language = /language-([\w+#-]+)/.exec(pre.querySelector("code")?.className ?? "")?.[1] ?? "";
    const frame = document.createElement("div");
    frame.className = "code";
    const bar = document.createElement("div");
    bar.className = "code-bar";
    const name = document.createElement("span");
    name.textContent = language || "text";
    const offered: CodeAction["action"][] = this.canInsert ? ["copy", "insert", "apply"] : ["copy", "apply"];
    bar.append(name, ...offered.map((action) => this.#button(action, pre)));
    pre.replaceWith(frame);
    pre.tabIndex = 0;
    frame.append(bar, pre);
  }

  #button(action: CodeAction["action"], pre: HTMLElement): HTMLElement {
    const button = document.createElement("button");
    button.className = "code-action";
    button.textContent = actions[action].label;
    button.title = actions[action].aloud;
    button.setAttribute("aria-label", actions[action].aloud);
    button.addEventListener("click", () => {
      const detail: CodeAction = { action, text: pre.textContent ?? "" };
      this.dispatchEvent(new CustomEvent("code-action", { detail, bubbles: true, composed: true }));
    });
    return button;
  }
}

customElements.define("ao-markdown", MarkdownText);
