// The small fetch below the providers, on a real socket: what the providers' suite cannot see from above.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpFetch } from "../../src/models/httpFetch.ts";

async function serve(handler: http.RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}

describe("the fetch of the model providers", () => {
  it("sends method, headers and body, and reads status, headers and body", async () => {
    const server = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () =>
        response.writeHead(418, { "x-kind": "tea" }).end(JSON.stringify({ body, method: request.method, seen: request.headers["x-test"] })),
      );
    });
    const response = await createHttpFetch({ silenceMs: 5000 })(server.url, {
      method: "POST",
      headers: { "x-test": "1" },
      body: "gr\u00fcn",
    });
    assert.deepEqual([response.status, response.ok, response.headers.get("x-kind")], [418, false, "tea"]);
    assert.deepEqual(await response.json(), { body: "grün", method: "POST", seen: "1" });
    await server.close();
  });

  it("tries once more where a kept connection turns out to be closed, and only there", async () => {
    const used = new WeakSet<object>();
    let requests = 0;
    const server = await serve((request, response) => {
      requests += 1;
      if (used.has(request.socket)) request.socket.destroy();
      else response.end("ok");
      used.add(request.socket);
    });
    const fetch = createHttpFetch({ silenceMs: 5000 });
    for (let i = 0; i < 2; i++) assert.equal(await (await fetch(server.url)).text(), "ok");
    assert.equal(requests, 3);
    await server.close();
    const hostile = await serve((request) => {
      requests += 1;
      request.socket.destroy();
    });
    await assert.rejects(fetch(hostile.url), { code: "ECONNRESET" });
    assert.equal(requests, 4);
    await hostile.close();
  });

  it("leaves no listener on a signal that outlives many calls", async () => {
    const server = await serve((_, response) => response.end("ok"));
    const fetch = createHttpFetch({ silenceMs: 5000 });
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) await (await fetch(server.url, { signal })).text();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(getEventListeners(signal, "abort").length, 0);
    await server.close();
  });
});
