// A small fetch over node:http and node:https for streamed answers: keep-alive connections, abort, and a limit on
// silence. Returns the part of Response that an SSE client reads (status, headers, a body to iterate, text, json);
// the body is Node's own stream, so that no web-stream layer stands between the socket and the reader.

import http from "node:http";
import https from "node:https";
import { Silence } from "./fault.ts";

/** What our callers send; the global fetch's init fits. */
type FetchInit = {
  method?: string;
  headers?: Headers | Record<string, string>;
  body?: string | Uint8Array | null;
  signal?: AbortSignal | null;
};

/** What our callers read of a Response. */
export type StreamedResponse = {
  status: number;
  ok: boolean;
  url: string;
  readonly headers: Headers;
  body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  json(): Promise<unknown>;
};

export type HttpFetch = (url: string, init?: FetchInit) => Promise<StreamedResponse>;

const keepAlive = { keepAlive: true, maxFreeSockets: 16, scheduling: "lifo" } as const;

export function createHttpFetch(options: { silenceMs: number }): HttpFetch {
  const plain = new http.Agent(keepAlive);
  const secure = new https.Agent(keepAlive);
  const send: HttpFetch = (address, init = {}) => {
    const url = new URL(address);
    const isSecure = url.protocol === "https:";
    const open = (): http.ClientRequest =>
      (isSecure ? https : http).request(url, {
        agent: isSecure ? secure : plain,
        method: init.method ?? "GET",
        headers: headersFor(init),
      });
    return exchange(open, address, init, options.silenceMs, true);
  };
  return send;
}

function headersFor(init: FetchInit): http.OutgoingHttpHeaders {
  const headers: http.OutgoingHttpHeaders = {};
  const given = init.headers instanceof Headers ? init.headers : Object.entries(init.headers ?? {});
  for (const [name, value] of given) headers[name] = value;
  if (init.body !== undefined && init.body !== null) headers["content-length"] = Buffer.byteLength(init.body);
  return headers;
}

/** A kept connection that the server closed meanwhile shows itself only when used: then, and only then, it is tried once more. */
function exchange(
  open: () => http.ClientRequest,
  url: string,
  init: FetchInit,
  silenceMs: number,
  again: boolean,
): Promise<StreamedResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = init;
    if (signal?.aborted) return reject(abortError());
    const request = open();
    let answer: http.IncomingMessage | undefined;
    const stop = (reason: Error): void => {
      answer?.destroy(reason);
      request.destroy(reason);
    };
    const onAbort = (): void => stop(abortError());
    const release = (): void => signal?.removeEventListener("abort", onAbort);
    signal?.addEventListener("abort", onAbort, { once: true });
    request.setTimeout(silenceMs, () => stop(new Silence(`no byte came for ${Math.round(silenceMs / 1000)} s`)));
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (answer) return;
      release();
      const stale = again && request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (stale) resolve(exchange(open, url, init, silenceMs, false));
      else reject(error);
    });
    request.on("response", (response) => {
      answer = response;
      response.once("close", release);
      resolve(responseOf(response, url));
    });
    request.end(init.body ?? undefined);
  });
}

function responseOf(message: http.IncomingMessage, url: string): StreamedResponse {
  const status = message.statusCode ?? 0;
  let headers: Headers | undefined;
  const text = async (): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  };
  const json = async (): Promise<unknown> => JSON.parse(await text()) as unknown;
  return {
    status,
    ok: status >= 200 && status < 300,
    url,
    // Made when asked for: an answer that goes well is read without them.
    get headers() {
      return (headers ??= headersOf(message));
    },
    body: message,
    text,
    json,
  };
}

function headersOf(message: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) if (value !== undefined) headers.set(name, String(value));
  return headers;
}

function abortError(): Error {
  const error = new Error("The request was aborted.");
  error.name = "AbortError";
  return error;
}
