// A model server for tests and benches: a real loopback HTTP server that speaks Anthropic's Messages (with count_tokens)
// and Chat Completions, streamed, without think time. What it answers is decided per request by the caller's function.
// Owns the listening and the routing; how a reply looks on each wire is in fakeModelWire.ts.

import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { chatWire, messagesWire, type Wire } from "./fakeModelWire.ts";

/** A request in the words of the test, whichever wire it came over. */
export type FakeRequest = {
  wire: "messages" | "chat" | "count_tokens";
  model: string;
  /** The system prompt's text; its first line names the agent. */
  system: string;
  /** The agent's id, from the system prompt's first line `agent: ID`. */
  agent: string;
  /** Text of the newest user message, without tool results. */
  prompt: string;
  /** Texts of the tool results that came with this request's newest message. */
  results: string[];
  /** How many assistant messages the conversation already holds. */
  turn: number;
  tools: string[];
  headers: http.IncomingHttpHeaders;
  body: Record<string, unknown>;
};

export type FakeCall = { tool: string; arguments?: unknown; /** Sent as it is, to play a model that writes broken JSON. */ json?: string };

export type Reply = {
  /** Comes before the text, as signed reasoning (Messages only). */
  thinking?: string;
  text?: string;
  calls?: FakeCall[];
  stop?: "end" | "calls" | "length" | "refusal" | "pause";
  usage?: { input?: number; output?: number; cacheRead?: number; cacheWrite?: number };
  /** Deltas that text and call arguments are cut into; 4 unless said. */
  deltas?: number;
  delayMs?: number;
  fault?: Fault;
};

export type Fault =
  /** An error answer instead of a stream. */
  | { kind: "status"; status: number; type?: string; message?: string; headers?: Record<string, string>; raw?: string; detail?: string }
  /** An error event inside a 200 stream, after the text. */
  | { kind: "error_event"; type?: string; message?: string }
  /** The connection breaks after the text. */
  | { kind: "cut" }
  /** The stream ends properly, but the answer's end is missing. */
  | { kind: "early_end" }
  /** An event that is not JSON. */
  | { kind: "malformed" }
  /** Nothing more comes after the headers and the text. */
  | { kind: "silence" }
  /** Not even headers come. */
  | { kind: "no_answer" }
  /** 200 with a body of another kind. */
  | { kind: "other"; contentType: string; body: string }
  /** A whole answer, not a stream (Chat Completions). */
  | { kind: "whole" }
  /** A stream without usage figures (Chat Completions). */
  | { kind: "no_usage" };

export type FakeHandler = (request: FakeRequest, index: number) => Reply | Reply[] | Promise<Reply>;

export type FakeModelServer = {
  /** For ANTHROPIC_BASE_URL; Chat Completions are under `${url}/v1`. */
  url: string;
  requests: FakeRequest[];
  /** Connections that were opened in all: one means that they were kept alive. */
  connections(): number;
  close(): Promise<void>;
};

/** An array of replies is played in order over the requests that the handler answers with it; the last one repeats. */
export async function startFakeModelServer(handler: FakeHandler): Promise<FakeModelServer> {
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  let played = 0;
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const wire = wireOf(request.url ?? "");
    if (!wire || !body)
      return void response
        .writeHead(wire ? 400 : 404, { "content-type": "application/json" })
        .end('{"error":{"type":"not_found_error","message":"no such path"}}');
    const read = wire.read(body, request.headers);
    if (wire.name === "count_tokens") {
      json(response, { input_tokens: Math.ceil(JSON.stringify(body).length / 4) });
      return;
    }
    requests.push(read);
    const given = await handler(read, requests.length - 1);
    const reply = Array.isArray(given) ? (given[Math.min(played++, given.length - 1)] ?? {}) : given;
    if (reply.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
    if (!playFault(response, reply, wire)) response.writeHead(200, { "content-type": "text/event-stream" });
    if (!response.writableEnded && reply.fault?.kind !== "no_answer") wire.write(response, read, reply);
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  server.on("connection", (socket) => {
    opened += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}`, requests, connections: () => opened, close };
}

function wireOf(url: string): Wire | undefined {
  const path = url.split("?")[0] ?? "";
  if (path.endsWith("/messages/count_tokens")) return { ...messagesWire, name: "count_tokens" };
  if (path.endsWith("/messages")) return messagesWire;
  return path.endsWith("/chat/completions") ? chatWire : undefined;
}

async function bodyOf(request: http.IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Faults that replace the stream altogether; true when the response's head is settled. */
function playFault(response: http.ServerResponse, reply: Reply, wire: Wire): boolean {
  const { fault } = reply;
  if (!fault) return false;
  switch (fault.kind) {
    case "status": {
      response.writeHead(fault.status, { "content-type": fault.raw === undefined ? "application/json" : "text/html", ...fault.headers });
      response.end(fault.raw ?? wire.errorBody(fault.type ?? "api_error", fault.message ?? "a fault was asked for", fault.detail));
      return true;
    }
    case "other":
      response.writeHead(200, { "content-type": fault.contentType }).end(fault.body);
      return true;
    case "no_answer":
      return true;
    case "whole":
      json(response, wire.whole(reply));
      return true;
    default:
      return false;
  }
}

function json(response: http.ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
