// The bench's model server, a process of its own: answers from script.ts at once, streamed, on both wires. It looks at a
// request's bytes instead of parsing them, so that a long conversation costs it as little as possible, and counts them.

import http from "node:http";
import type { AddressInfo } from "node:net";
import { chatWire, messagesWire } from "../test/support/fakeModelWire.ts";
import type { FakeRequest } from "../test/support/fakeModelServer.ts";
import { replyTo } from "./script.ts";

export type Counts = { requests: number; bytes: number };

let counts: Counts = { requests: 0, bytes: 0 };

const assistant = Buffer.from('"role":"assistant"');

const server = http.createServer((request, response) => {
  if (request.url === "/counts") {
    response.end(JSON.stringify(counts));
    counts = { requests: 0, bytes: 0 };
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => answer(request.url ?? "", chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), response));
});

function answer(url: string, body: Buffer, response: http.ServerResponse): void {
  counts.requests += 1;
  counts.bytes += body.length;
  const wire = url.endsWith("/chat/completions") ? chatWire : messagesWire;
  const asked = { model: found(body, /"model":"([^"]+)"/), agent: found(body, /agent: ([\w-]+)/), turn: count(body, assistant) };
  response.writeHead(200, { "content-type": "text/event-stream" });
  wire.write(response, { ...asked, body: {} } as FakeRequest, replyTo(asked));
}

/** Model and system prompt stand at the beginning. */
function found(body: Buffer, pattern: RegExp): string {
  const match = pattern.exec(body.toString("latin1", 0, 2_000)) ?? pattern.exec(body.toString("latin1"));
  return match?.[1] ?? "";
}

function count(body: Buffer, word: Buffer): number {
  let times = 0;
  for (let at = body.indexOf(word); at >= 0; at = body.indexOf(word, at + word.length)) times += 1;
  return times;
}

server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on("close", () => process.exit(0)).resume();
