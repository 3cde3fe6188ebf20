// The bench's model server, a process of its own: answers from script.ts at once, streamed, on both wires. It counts a
// request's bytes and looks at the first and last of them only, so that a long conversation costs it as little as possible.

import http from "node:http";
import type { AddressInfo } from "node:net";
import { chatWire, messagesWire } from "../test/support/fakeModelWire.ts";
import type { FakeRequest } from "../test/support/fakeModelServer.ts";
import { replyTo, turnWord } from "./script.ts";

export type Counts = { requests: number; bytes: number };

let counts: Counts = { requests: 0, bytes: 0 };

const server = http.createServer((request, response) => {
  if (request.url === "/counts") {
    response.end(JSON.stringify(counts));
    counts = { requests: 0, bytes: 0 };
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => {
    counts.bytes += chunk.length;
    chunks.push(chunk);
  });
  request.on("end", () => answer(request.url ?? "", chunks, response));
});

function answer(url: string, chunks: Buffer[], response: http.ServerResponse): void {
  counts.requests += 1;
  const wire = url.endsWith("/chat/completions") ? chatWire : messagesWire;
  // Model and system prompt stand at the beginning, the newest turn at the end.
  const head = Buffer.concat(chunks.slice(0, 4)).toString("latin1");
  const asked = { model: found(head, /"model":"([^"]+)"/), agent: found(head, /agent: ([\w-]+)/), turn: turnIn(chunks) };
  response.writeHead(200, { "content-type": "text/event-stream" });
  wire.write(response, { ...asked, body: {} } as FakeRequest, replyTo(asked));
}

function found(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? "";
}

function turnIn(chunks: Buffer[]): number {
  const tail = Buffer.concat(chunks.slice(-4));
  const at = tail.lastIndexOf(`"${turnWord}`);
  return at < 0 ? 0 : Number(/\d+/.exec(tail.toString("latin1", at, at + 20))![0]);
}

server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on("close", () => process.exit(0)).resume();
