// The seam between the interface and whatever hosts it: an editor's webview, or a page that has a socket to a server.
// Nothing else in the interface knows how messages travel. What arrives is checked before anyone sees it.

import {
  type HostAnswers,
  type HostMessage,
  type PanelMessage,
  type ToHost,
  type ToHostType,
  type ToPanel,
  type ToPanelType,
} from "../src/protocol/panel.ts";

export type Answer<T extends ToHostType> = T extends keyof HostAnswers ? HostAnswers[T] : undefined;

export type PushMessage = { [T in ToPanelType]: { type: T; body: ToPanel[T] } }[ToPanelType];

/** Why the host did not do what it was asked; shown to the person as it is. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type HostLink = {
  /** Rejects with a `Refusal`. */
  request<T extends ToHostType>(type: T, body: ToHost[T]): Promise<Answer<T>>;
  onMessage(listener: (message: PushMessage) => void): void;
};

/** How bytes travel: the editor's message port, or a socket. */
export type Transport = { post(message: HostMessage): void; onMessage(listener: (message: unknown) => void): void };

export function linkOver(transport: Transport): HostLink {
  let lastId = 0;
  const open = new Map<number, { resolve: (value: never) => void; reject: (reason: Refusal) => void }>();
  let listener: (message: PushMessage) => void = () => undefined;
  transport.onMessage((value) => {
    const message = asPanelMessage(value);
    if (!message) return;
    if (message.type !== "answer") return listener(message);
    const waiting = open.get(message.id);
    open.delete(message.id);
    if (message.ok) waiting?.resolve(message.value as never);
    else waiting?.reject(new Refusal(message.error.code, message.error.message));
  });
  return {
    request(type, body) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        open.set(id, { resolve, reject });
        transport.post({ type, id, body } as HostMessage);
      });
    },
    onMessage(next) {
      listener = next;
    },
  };
}

type EditorApi = { postMessage(message: unknown): void };

/** The editor's webview: messages of other origins than our own frame are not ours. */
export function editorTransport(): Transport {
  const { acquireVsCodeApi } = globalThis as unknown as { acquireVsCodeApi: () => EditorApi };
  const api = acquireVsCodeApi();
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's own channel, not a window
    post: (message) => api.postMessage(message),
    onMessage: (listener) =>
      window.addEventListener("message", ({ origin, data }) => {
        if (origin === window.origin) listener(data);
      }),
  };
}

type Check = (body: Record<string, unknown>) => boolean;

const isText = (value: unknown): boolean => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const hasList =
  (key: string): Check =>
  (body) =>
    Array.isArray(body[key]);

/** One check per message that a host may send: the mapped type makes a forgotten one a compile error. */
const pushChecks: Record<ToPanelType, Check> = {
  facts: (body) => isText(body["product"]) && Array.isArray(body["agents"]),
  sessions: hasList("sessions"),
  snapshot: (body) => isText(body["sessionId"]) && isRecord(body["state"]),
  events: (body) => isText(body["sessionId"]) && Array.isArray(body["events"]),
  running: (body) => isText(body["sessionId"]),
  deltas: (body) => isText(body["sessionId"]) && Array.isArray(body["deltas"]),
  failed: (body) => isText(body["sessionId"]) && isText(body["message"]),
  renewed: () => true,
  show: () => true,
};

export function asPanelMessage(value: unknown): PanelMessage | undefined {
  if (!isRecord(value) || typeof value["type"] !== "string") return undefined;
  if (value["type"] === "answer") {
    const shaped = typeof value["id"] === "number" && (value["ok"] === true || isRecord(value["error"]));
    return shaped ? (value as PanelMessage) : undefined;
  }
  const { type, body } = value;
  if (!Object.hasOwn(pushChecks, type) || !isRecord(body)) return undefined;
  return pushChecks[type as ToPanelType](body) ? (value as PanelMessage) : undefined;
}
