// The interface on a page of its own, without an editor: the built files on loopback, under the same policy as in the
// editor, and a stand-in for the editor's message port. Who answers is up to the caller: a real host, or a scripted one.
// `node test/ui/page.ts` serves it with a real engine and the scripted model, to be looked at in any browser.

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, resolve } from "node:path";
import type { PanelMessage } from "../../src/protocol/panel.ts";
import { themes } from "./themes.ts";

export type Post = (message: PanelMessage) => void;
/** Takes a page's messages; one per page that is opened. */
export type PageHost = { receive(message: unknown): void; close(): void };

export type ServedPage = { url(theme?: keyof typeof themes): string; close(): Promise<void> };

const built = resolve("dist/webview");
const types: Record<string, string> = { ".js": "text/javascript", ".css": "text/css", ".map": "application/json" };

let read: Map<string, Buffer> | undefined;

/** Read once: a build that goes on meanwhile takes nothing away. */
function builtFiles(): Map<string, Buffer> {
  if (read) return read;
  if (!existsSync(join(built, "main.js"))) throw new Error("The interface is not built: run npm run build first.");
  read = new Map(readdirSync(built).map((name) => [name, readFileSync(join(built, name))]));
  return read;
}

export async function servePage(connect: (post: Post) => PageHost): Promise<ServedPage> {
  const files = builtFiles();
  const hosts = new Map<string, PageHost>();
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const name = url.pathname.slice(1);
    const page = url.searchParams.get("page") ?? "";
    if (name === "")
      return void response.setHeader("content-type", "text/html").end(html(url.searchParams.get("theme") ?? "dark", response));
    if (name === "from-host") return listen(page, response);
    if (name === "to-host") return void take(page, request, response);
    const file = files.get(name);
    if (!file) return void response.writeHead(404).end();
    response.setHeader("content-type", types[extname(name)] ?? "application/octet-stream");
    response.end(file);
  });

  function listen(page: string, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(":\n\n");
    streams.add(response);
    hosts.set(
      page,
      connect((message) => void response.write(`data: ${JSON.stringify(message)}\n\n`)),
    );
    response.on("close", () => {
      hosts.get(page)?.close();
      hosts.delete(page);
      streams.delete(response);
    });
  }

  async function take(page: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(204).end();
    hosts.get(page)?.receive(JSON.parse(Buffer.concat(chunks).toString()));
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: (theme = "dark") => `http://127.0.0.1:${port}/?theme=${theme}`,
    close: () =>
      new Promise((done) => {
        for (const stream of streams) stream.end();
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** The editor's page and policy; only its own stand-in may also speak to this server. */
function html(theme: string, response: ServerResponse): string {
  const nonce = randomBytes(16).toString("base64");
  const { kind, variables } = themes[theme as keyof typeof themes] ?? themes.dark;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-hashes' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
  ].join("; ");
  response.setHeader("content-security-policy", policy);
  const colours = Object.entries(variables).map(([name, value]) => `--vscode-${name}: ${value};`);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Agent Orchestrator</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="main.css" nonce="${nonce}">
<style nonce="${nonce}">html { ${colours.join(" ")} }</style></head>
<body class="${kind}">
<script nonce="${nonce}">${bridge}</script>
<script type="module" nonce="${nonce}" src="main.js"></script>
</body></html>`;
}

/** What the page's policy refused is kept where a test finds it. */
const bridge = `
const page = crypto.randomUUID();
const source = new EventSource("from-host?page=" + page);
const opened = new Promise((done) => source.addEventListener("open", done, { once: true }));
let sending = opened;
source.onmessage = ({ data }) => window.postMessage(JSON.parse(data), window.origin);
window.acquireVsCodeApi = () => ({
  postMessage(message) {
    sending = sending.then(() => fetch("to-host?page=" + page, { method: "POST", body: JSON.stringify(message) })).catch(() => {});
  },
});
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample));
`;

if (import.meta.main) {
  const { realHost } = await import("./realHost.ts");
  const real = await realHost();
  const page = await servePage(real.connect);
  process.stdout.write(`${page.url()}\n`);
  process.once("SIGINT", () => void page.close().then(() => real.close()));
}
