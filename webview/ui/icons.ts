// The interface's own icons: one path each on a grid of 16, drawn in the text's colour. Always decoration beside a word or
// a label, so hidden from screen readers.

import { html, type TemplateResult } from "lit";

const paths = {
  add: "M8 2.5v11M2.5 8h11",
  agents:
    "M8 2.2h0a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM3.4 10.2a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4zM12.6 10.2a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4zM8 6v2.3M3.4 10V8.3h9.2V10",
  approval: "M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4zM5.6 8l1.7 1.7 3.2-3.3",
  attach: "M10.6 5.2 6.3 9.5a1.3 1.3 0 0 0 1.9 1.9l4.5-4.5a2.7 2.7 0 0 0-3.9-3.8L4.2 7.7a4.1 4.1 0 0 0 5.8 5.8l3.2-3.2",
  blocked: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.3 5.5v5M9.7 5.5v5",
  cancelled: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5 8h6",
  changes: "M4 2.5h5.5l3 3v8H4zM6 7h4M8 5v4M6 11h4",
  chat: "M2.5 3.5h11v7.5H8l-3 2.7V11H2.5z",
  chevron: "M6 3.5 10.5 8 6 12.5",
  close: "m4 4 8 8M12 4l-8 8",
  copy: "M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2",
  delete: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
  diff: "M5 2.5v11M2.5 5h5M11 11h-3M13.5 11h-3M9 5h4.5",
  done: "m3 8.5 3.3 3.3L13 4.8",
  edit: "m10.5 2.7 2.8 2.8-7.6 7.6-3.4.6.6-3.4z",
  failed: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  fork: "M5 5.7v4.6M5 5.7a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM5 13.5a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM11 5.7a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM11 5.7C11 8.5 5 7.5 5 10.3",
  info: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 7.3v3.5M8 5v.6",
  insert: "M3 3.5h10M3 12.5h10M8 5v4.5M5.8 7.5 8 9.7l2.2-2.2",
  link: "M6.5 9.5l3-3M7 4.8l1.3-1.3a2.7 2.7 0 0 1 3.9 3.9L10.8 8.8M9 11.2l-1.3 1.3a2.7 2.7 0 0 1-3.9-3.9L5.2 7.2",
  list: "M3 4h10M3 8h10M3 12h6",
  more: "M3.5 7a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM8 7a1 1 0 1 0 0 2 1 1 0 0 0 0-2zM12.5 7a1 1 0 1 0 0 2 1 1 0 0 0 0-2z",
  pending: "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  play: "M5 3.2v9.6L12.5 8z",
  question: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.3 6.3a1.7 1.7 0 1 1 2.5 1.5c-.6.3-.8.6-.8 1.3M8 10.8v.5",
  redo: "M10.5 3.5l3 3-3 3M13.5 6.5h-7a3.2 3.2 0 0 0 0 6.4H10",
  running: "M8 2.5A5.5 5.5 0 1 1 2.5 8",
  search: "M7 2.7a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 0 1 0-8.6zM10.2 10.2l3.3 3.3",
  send: "M2.8 2.8 13.5 8 2.8 13.2 4.3 8zM4.3 8h5",
  sessions: "M8 2.5a5.5 5.5 0 1 1-5.2 3.7M2.5 2.8v3.5H6M8 5v3.3l2.2 1.3",
  skipped: "M3 8h7M7.5 5 10.5 8l-3 3M13 4v8",
  star: "m8 2.3 1.7 3.6 3.9.5-2.9 2.7.8 3.9L8 11.1 4.5 13l.8-3.9L2.4 6.4l3.9-.5z",
  stop: "M4.5 4.5h7v7h-7z",
  terminal: "M2.5 3.5h11v9h-11zM4.8 6l2 2-2 2M8.3 10.2h2.9",
  tool: "M10 2.8a3.2 3.2 0 0 0-3.2 4.3l-4.1 4.1 2.1 2.1 4.1-4.1A3.2 3.2 0 0 0 13 5.5l-2 1.8-1.9-.4-.4-1.9 1.9-2.1z",
  trace: "M2.5 4h6M5 8h6M8.5 12h5",
  undo: "M5.5 3.5 2.5 6.5l3 3M2.5 6.5h7a3.2 3.2 0 0 1 0 6.4H6",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11v.5",
} as const;

export type IconName = keyof typeof paths;

const filled: ReadonlySet<IconName> = new Set(["more", "play", "stop"]);

export function icon(name: IconName, look = ""): TemplateResult {
  return html`<svg class=${`icon icon-${name} ${filled.has(name) ? "filled" : ""} ${look}`} viewBox="0 0 16 16" aria-hidden="true">
    <path d=${paths[name]}></path>
  </svg>`;
}
