// One GET of the web: the host is resolved once, its addresses are judged, and the connection goes to exactly those; the
// same again for each redirect. Bounded in size and unpacking; the time limit is the caller's signal. No proxy is used:
// behind one nobody here could know which address is reached.

import { lookup } from "node:dns/promises";
import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { messageOf } from "../../protocol/result.ts";
import { checkUrl, hostOf, isPublic } from "./address.ts";

/** How the world is reached; a test stands in here, so that it can serve pages on its own machine. */
export type WebAccess = {
  resolve(host: string): Promise<string[]>;
  mayReach(address: string): boolean;
};

export const theWeb: WebAccess = {
  resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  mayReach: isPublic,
};

export type Page = { url: URL; status: number; reason: string; type: string; body: Buffer; cut: boolean; announced?: number };
export type Got = { ok: true; page: Page } | { ok: false; code: string; reason: string; url?: URL };

const mostRedirects = 5;
const mostBytes = 2 * 1024 * 1024;

export async function getPage(address: string, access: WebAccess, signal: AbortSignal): Promise<Got> {
  let checked = checkUrl(address);
  for (let redirects = 0; ; redirects++) {
    if (!checked.ok) return checked;
    const { url } = checked;
    const found = await addressesOf(url, access, signal);
    if (!found.ok) return { ...found, url };
    const response = await ask(url, found.addresses, signal);
    if (!(response instanceof http.IncomingMessage)) return { ...response, url };
    const target = redirectOf(response);
    if (target === undefined) return readPage(url, response);
    response.destroy();
    if (redirects >= mostRedirects) return { ok: false, code: "too_many_redirects", reason: `more than ${mostRedirects} redirects`, url };
    const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
    const refused = next ? refusedTurn(url, next) : { code: "invalid_url", reason: "it redirects to what is no address" };
    if (refused || !next) return { ok: false, ...refused!, url };
    checked = checkUrl(next.href);
  }
}

type Addresses = { ok: true; addresses: string[] } | { ok: false; code: string; reason: string };

async function addressesOf(url: URL, access: WebAccess, signal: AbortSignal): Promise<Addresses> {
  const host = hostOf(url);
  try {
    const all = isIP(host) === 0 ? await unlessAborted(access.resolve(host), signal) : [host];
    const addresses = all.filter((address) => access.mayReach(address));
    if (addresses.length > 0) return { ok: true, addresses };
    return { ok: false, code: "not_allowed", reason: `${host} is in a private or local network` };
  } catch (error) {
    return { ok: false, code: "unreachable", reason: `${host} could not be found (${codeOf(error)})` };
  }
}

/** What was approved is one host: another one is a call of its own, judged and asked for like any. */
function refusedTurn(from: URL, to: URL): { code: string; reason: string } | undefined {
  if (from.protocol === "https:" && to.protocol === "http:")
    return { code: "not_allowed", reason: `it redirects to ${to.href}, which is not encrypted` };
  const site = (url: URL): string => hostOf(url).replace(/^www\./, "");
  if (site(from) === site(to)) return undefined;
  return { code: "redirected", reason: `it redirects to another host: ${to.href}. Fetch that address if it is the one you want` };
}

function redirectOf({ statusCode = 0, headers }: http.IncomingMessage): string | undefined {
  return [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
}

const headers = {
  accept: "text/html, text/markdown, text/plain, application/json;q=0.9, */*;q=0.5",
  "accept-encoding": "gzip, br, deflate",
  "user-agent": "agent-orchestrator",
};

function ask(
  url: URL,
  addresses: string[],
  signal: AbortSignal,
): Promise<http.IncomingMessage | { ok: false; code: string; reason: string }> {
  return new Promise((resolve) => {
    const { request } = url.protocol === "https:" ? https : http;
    request(url, { headers, signal, agent: false, lookup: only(addresses) })
      .on("response", resolve)
      .on("error", (error) => resolve({ ok: false, code: "unreachable", reason: `${hostOf(url)} could not be reached (${codeOf(error)})` }))
      .end();
  });
}

/** Answers every question for an address with the ones that were judged: nothing is resolved a second time. */
function only(addresses: string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all }, done) => (all ? done(null, known) : done(null, known[0]!.address, known[0]!.family));
}

async function readPage(url: URL, response: http.IncomingMessage): Promise<Got> {
  const { statusCode: status = 0, statusMessage: reason = "", headers: given } = response;
  const type = given["content-type"] ?? "";
  const announced = given["content-length"] === undefined ? {} : { announced: Number(given["content-length"]) };
  const unpacked = unpack(response);
  if (!unpacked) {
    response.destroy();
    return { ok: false, code: "unreadable", reason: `it is packed in a way that is not read (${given["content-encoding"]})`, url };
  }
  try {
    return { ok: true, page: { url, status, reason, type, ...announced, ...(await readUpTo(unpacked, mostBytes)) } };
  } catch (error) {
    return { ok: false, code: "unreadable", reason: `the answer broke off or is damaged (${codeOf(error)})`, url };
  }
}

function unpack(response: http.IncomingMessage): Readable | undefined {
  const through = (unpacker: ReturnType<typeof createGunzip>): Readable => pipeline(response, unpacker, () => undefined);
  switch ((response.headers["content-encoding"] ?? "").trim().toLowerCase()) {
    case "":
    case "identity":
      return response;
    case "gzip":
    case "x-gzip":
      return through(createGunzip());
    case "br":
      return through(createBrotliDecompress());
    case "deflate":
      return through(createInflate());
    default:
      return undefined;
  }
}

/** Counted after unpacking, and no further is unpacked than is read: what was packed to burst stops here as well. */
async function readUpTo(stream: Readable, most: number): Promise<{ body: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, most), cut: size > most };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error("stopped"));
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : messageOf(error);
}
