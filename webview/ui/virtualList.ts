// A list of any length in few elements: only the rows in sight exist. Rows of one height are placed by arithmetic; rows of
// different heights by an estimate until they were seen, and only those in sight are ever measured.

import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { place } from "./place.ts";

export type ListRows = { count: number; keyAt(index: number): string; rowAt(index: number): TemplateResult };

/** Where the list stands: -1 is its end. */
export type Placed = { at: number; top: number; height: number };

const overscan = 240;
const nearEnd = 32;

export class VirtualList extends LitElement {
  static override properties = {
    rows: { attribute: false },
    fixed: { type: Number },
    estimate: { type: Number },
    stick: { type: Boolean },
    start: { type: Number },
  };

  declare rows: ListRows;
  /** Every row is this high; no row is measured. */
  declare fixed: number;
  declare estimate: number;
  /** Stays at the end while the end is in sight. */
  declare stick: boolean;
  /** Where to begin; -1 is the end. */
  declare start: number;

  #heights = new Map<string, number>();
  #offsets = new Float64Array(64);
  #known = 0;
  #firstKey = "";
  #pinned = false;
  #placed = false;
  #observer = new ResizeObserver((entries) => this.#measured(entries));
  #frame = new ResizeObserver(() => this.requestUpdate());

  constructor() {
    super();
    this.rows = { count: 0, keyAt: String, rowAt: () => html`` };
    this.fixed = 0;
    this.estimate = 64;
    this.stick = false;
    this.start = 0;
  }

  override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#frame.observe(this);
    this.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#frame.disconnect();
    this.#observer.disconnect();
    this.removeEventListener("scroll", this.#scrolled);
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#pinned = true;
    this.requestUpdate();
  }

  /** Scrolls as little as needed to show a row. */
  show(index: number): void {
    this.#measure();
    const top = this.#offsetOf(index);
    const bottom = this.#offsetOf(index + 1);
    if (top < this.scrollTop) this.scrollTop = top;
    else if (bottom > this.scrollTop + this.clientHeight) this.scrollTop = bottom - this.clientHeight;
  }

  override render(): TemplateResult {
    this.#measure();
    const { count } = this.rows;
    const total = this.#offsetOf(count);
    const top =
      this.#pinned || (!this.#placed && this.start === -1) ? total - this.clientHeight : this.#placed ? this.scrollTop : this.start;
    const first = Math.max(0, this.#indexAt(top - overscan));
    const last = Math.min(count, this.#indexAt(top + this.clientHeight + overscan) + 1);
    const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
    return html`<div class="list-space" ${place({ height: `${total}px` })}></div>
      ${repeat(
        indices,
        (index) => this.rows.keyAt(index),
        (index) =>
          html`<div class="list-row" data-key=${this.rows.keyAt(index)} ${place({ transform: `translateY(${this.#offsetOf(index)}px)` })}>
            ${this.rows.rowAt(index)}
          </div>`,
      )}`;
  }

  override updated(_changes: PropertyValues): void {
    if (!this.#placed && this.rows.count > 0 && this.clientHeight > 0) {
      this.#placed = true;
      this.#pinned = this.stick && this.start === -1;
      if (this.start > 0) this.scrollTop = this.start;
    }
    if (this.#pinned) this.scrollTop = this.scrollHeight;
    if (this.fixed > 0) return;
    for (const row of this.querySelectorAll(":scope > .list-row")) this.#observer.observe(row);
  }

  readonly #scrolled = (): void => {
    this.#pinned = this.stick && this.scrollTop + this.clientHeight >= this.scrollHeight - nearEnd;
    this.requestUpdate();
    this.dispatchEvent(
      new CustomEvent<Placed>("placed", {
        detail: { at: this.#pinned ? -1 : this.scrollTop, top: this.scrollTop, height: this.clientHeight },
      }),
    );
  };

  /** Rows above the view that turn out higher or lower must not move what is being read. */
  #measured(entries: ResizeObserverEntry[]): void {
    let shift = 0;
    for (const { target, borderBoxSize } of entries) {
      if (!target.isConnected) {
        this.#observer.unobserve(target);
        continue;
      }
      const key = (target as HTMLElement).dataset["key"]!;
      const height = borderBoxSize[0]?.blockSize ?? 0;
      const before = this.#heights.get(key) ?? this.estimate;
      if (height === 0 || before === height) continue;
      this.#heights.set(key, height);
      if (target.getBoundingClientRect().bottom < this.getBoundingClientRect().top) shift += height - before;
      this.#known = 0;
    }
    if (this.#known !== 0) return;
    if (shift !== 0 && !this.#pinned) this.scrollTop += shift;
    this.requestUpdate();
  }

  /** Brings the offsets up to date, from the first row whose place is no longer known. */
  #measure(): void {
    if (this.fixed > 0) return;
    const { count } = this.rows;
    const firstKey = count > 0 ? this.rows.keyAt(0) : "";
    if (firstKey !== this.#firstKey || count < this.#known) this.#known = 0;
    this.#firstKey = firstKey;
    if (this.#offsets.length < count + 1) {
      const grown = new Float64Array((count + 1) * 2);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    for (let i = this.#known; i < count; i++)
      this.#offsets[i + 1] = this.#offsets[i]! + (this.#heights.get(this.rows.keyAt(i)) ?? this.estimate);
    this.#known = count;
  }

  #offsetOf(index: number): number {
    return this.fixed > 0 ? index * this.fixed : this.#offsets[Math.min(index, this.rows.count)]!;
  }

  #indexAt(offset: number): number {
    if (this.fixed > 0) return Math.floor(offset / this.fixed);
    let low = 0;
    let high = this.rows.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle + 1]! <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

customElements.define("ao-list", VirtualList);
