// Which addresses of the web may be asked: http and https, by a public name or a public address. Private, local and
// special networks are refused by their numbers, whatever name led to them. Connects to nothing (get.ts).

import { BlockList, isIP } from "node:net";

export type CheckedUrl = { ok: true; url: URL } | { ok: false; code: "invalid_url" | "not_allowed"; reason: string };

const longestUrl = 4_000;

/** Names that only mean something inside of a network. */
const innerName = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|localdomain|home\.arpa)$/;

/** Where services other than the web answer, some of which can be talked into things by a GET. */
const lastReservedPort = 1023;

export function checkUrl(text: string): CheckedUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || text.length > longestUrl) return refused("invalid_url", "it is no complete address such as https://example.com/page");
  if (url.protocol !== "http:" && url.protocol !== "https:") return refused("not_allowed", "only http and https are fetched");
  if (url.username !== "" || url.password !== "") return refused("not_allowed", "it holds a user name or a password");
  const host = hostOf(url);
  const reason = refusedHost(host, text) ?? refusedPort(url);
  return reason === undefined ? { ok: true, url } : refused("not_allowed", reason);
}

/** The host as it is looked up and compared: without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function refusedHost(host: string, text: string): string | undefined {
  if (host.endsWith(".")) return "its host ends with a dot";
  if (isIP(host) === 4 && !text.includes(host)) return `its host is another spelling of ${host}`;
  if (isIP(host) !== 0) return undefined;
  return host.includes(".") && !innerName.test(host) ? undefined : `${host} is no name of the public web`;
}

function refusedPort({ port }: URL): string | undefined {
  return port === "" || port === "80" || port === "443" || Number(port) > lastReservedPort ? undefined : `port ${port} is not the web's`;
}

function refused(code: "invalid_url" | "not_allowed", reason: string): CheckedUrl {
  return { ok: false, code, reason };
}

const inner = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  inner.addSubnet(network, bits, "ipv4");
// Of the global networks those for protocols (Teredo among them), documentation and IPv4 in disguise (6to4).
for (const [network, bits] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  inner.addSubnet(network, bits, "ipv6");

const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** Of IPv6 only global unicast counts: loopback, local, mapped, translated (NAT64) and multicast addresses lie outside of it. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !inner.check(address, "ipv4");
  return family === 6 && !address.includes("%") && global.check(address, "ipv6") && !inner.check(address, "ipv6");
}
