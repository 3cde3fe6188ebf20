// Tools of external MCP servers: real child processes and a real HTTP endpoint. How they are written down, offered, called,
// and that nothing a server does wrong costs more than its call.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { decide } from "../../src/core/guard.ts";
import type { CallResult } from "../../src/protocol/events.ts";
import { readProjectServers, readServers, type ServerDefinition } from "../../src/tools/mcp/definitions.ts";
import { withServers } from "../../src/tools/mcp/externalTools.ts";
import { createTools } from "../../src/tools/tools.ts";
import { codeOf, noControl } from "./toolsFixture.ts";

const program = resolve("test/support/mcpServer.ts");

describe("external MCP servers", () => {
  let folder: string;
  let closing: (() => Promise<void>)[];
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "ao-servers-")));
    closing = [];
  });
  afterEach(async () => {
    await Promise.all(closing.map((close) => close()));
    rmSync(folder, { recursive: true, force: true });
  });

  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const stdio = (more: object = {}): object => ({ command: process.execPath, args: [program], env: { WHO: "me" }, ...more });
  const read = (servers: object): ServerDefinition[] => readServers(servers, { source: "a setting", folder, env: {} }).servers;
  const open = async (servers: object): Promise<ReturnType<typeof withServers>> => {
    const saveOutput = (content: string): Promise<{ hash: string; bytes: number }> =>
      Promise.resolve({ hash: "sha256:saved", bytes: content.length });
    const tools = withServers(await createTools({ saveOutput }), read(servers), { saveOutput });
    closing.push(() => tools.close());
    return tools;
  };
  const call = (
    tools: ReturnType<typeof withServers>,
    tool: string,
    args: unknown = {},
    signal = new AbortController().signal,
  ): Promise<CallResult> =>
    tools.call(
      tool,
      args,
      { sessionId: "s_1", taskId: "t_1", callId: "c_1", agent: "x", root: folder, writable: true, control: noControl },
      signal,
    );

  it("are read from a project's files and a setting, with what cannot be used named", async () => {
    put(
      ".vscode/mcp.json",
      `{ // what this project uses
        "servers": {
          "notes": { "type": "stdio", "command": "\${workspaceFolder}/notes", "args": ["--user", "\${env:WHO}"], },
          "asks": { "command": "x", "env": { "KEY": "\${input:key}" } },
          "old": { "type": "sse", "url": "https://a.example/sse" },
          "git": { "command": "git" },
          "off": { "command": "x", "disabled": true },
          "empty": {},
        } /* the end */ }`,
    );
    put(".mcp.json", '{ "mcpServers": { "notes": { "command": "other" }, "far": { "url": "https://b.example/${PLACE:-mcp}" } } }');
    const { servers, problems } = await readProjectServers(folder, { WHO: "me" });
    assert.deepEqual(
      servers.map(({ name, source, shown }) => [name, source, shown]),
      [
        ["notes", join(".vscode", "mcp.json"), `${folder}/notes --user me`],
        ["far", ".mcp.json", "https://b.example/mcp"],
      ],
    );
    const about = (name: string): string => problems.find((one) => one.includes(`"${name}"`)) ?? "";
    assert.match(about("asks"), /needs \$\{input:key\}, which is not set here/);
    assert.match(about("old"), /streamable HTTP is needed/);
    assert.match(about("git"), /name that is not free/);
    assert.match(about("empty"), /neither a command nor a url/);
    assert.equal(problems.length, 4);
    put(".mcp.json", "{ broken");
    assert.match((await readProjectServers(folder, {})).problems.join("\n"), /^\.mcp\.json: /m);
  });

  it("are shown with all that decides what runs, as it is written and with nothing hidden", () => {
    const one = (entry: object): string => readServers({ a: entry }, { source: "x", folder, env: { TOKEN: "hunter2" } }).servers[0]!.shown;
    const env = { NODE_OPTIONS: "--require ./x.js", TOKEN: "${env:TOKEN}" };
    assert.equal(
      one({ command: "node", args: ["\u202eevil", "a\nb"], env }),
      "NODE_OPTIONS=--require ./x.js TOKEN=${env:TOKEN} node \\u{202e}evil a\\u{a}b",
    );
    assert.equal(one({ url: "https://b.example/", headers: { authorization: "${TOKEN}" } }), "https://b.example/ authorization");
  });

  it("are known by their content: any change is another server", () => {
    const hash = (entry: object): string => read({ a: entry })[0]!.hash;
    const first = hash({ command: "x", args: ["1"] });
    assert.equal(hash({ command: "x", args: ["1"] }), first);
    assert.notEqual(hash({ command: "x", args: ["2"] }), first);
    assert.notEqual(hash({ command: "x", args: ["1"], env: { A: "1" } }), first);
    assert.notEqual(readServers({ a: { command: "x", args: ["1"] } }, { source: "a", folder: "/other", env: {} }).servers[0]!.hash, first);
  });

  it("start when they are wanted, offer their tools beside ours, and know no keys of ours", async () => {
    process.env["ANTHROPIC_API_KEY"] = "a-secret";
    try {
      const tools = await open({ notes: stdio({ cwd: folder }) });
      assert.deepEqual(tools.servers(), [{ name: "notes", tools: [] }]);
      const specs = await tools.list();
      const note = specs.find(({ name }) => name === "notes__add_note");
      assert.equal(note?.description, "Keeps a note");
      assert.deepEqual(note.access, { effect: "execute", idempotent: false, timeoutMs: 120_000 }, "its own word for it counts for nothing");
      assert.ok(specs.some(({ name }) => name === "filesystem__read_file"));
      const kept = await call(tools, "notes__add_note", { note: "this" });
      assert.equal(kept.content, `kept this in ${folder} for me; key none`);
      assert.equal(codeOf(await call(tools, "filesystem__list_directory")), "ok");
    } finally {
      delete process.env["ANTHROPIC_API_KEY"];
    }
  });

  it("get a key of the call; a tool with an argument for one is offered without it, and gets it there too", async () => {
    const tools = await open({ notes: stdio() });
    const pay = (await tools.list()).find(({ name }) => name === "notes__pay")!;
    assert.equal(pay.access.keyed, true);
    assert.deepEqual(Object.keys(pay.inputSchema["properties"] as object), ["amount"]);
    assert.deepEqual(pay.inputSchema["required"], ["amount"]);
    assert.equal((await call(tools, "notes__pay", { amount: 3, idempotency_key: "made up" })).content, "paid 3 under s_1/c_1, s_1/c_1");
  });

  it("are asked for at every level but bypass, whatever they say of themselves", async () => {
    const tools = await open({ notes: stdio() });
    const reach = await tools.judge("notes__add_note", { note: "x" }, { root: folder, writable: true });
    const access = { effect: "execute", idempotent: false, timeoutMs: 1 } as const;
    const rest = { tool: "notes__add_note", access, reach, writable: true, checks: [], rules: [], taint: [], named: [], paths: [] };
    for (const [level, yesTo, expected] of [
      ["default", [], "ask"],
      ["assisted", [], "ask"],
      ["assisted", ["shell"], "ask"],
      ["default", ["external"], "allow"],
      ["bypass", [], "allow"],
    ] as const) {
      const { decision, reasons } = decide({ ...rest, level, yesTo: [...yesTo] });
      assert.equal(decision, expected, level);
      assert.match(reasons.join(), /whose effect is not known/);
    }
    assert.equal(
      decide({ ...rest, writable: false, level: "bypass", yesTo: [] }).decision,
      "deny",
      "a task that only reads has none of it",
    );
  });

  it("fail a call, never more: errors, floods, crashes, hanging, wrong names", async () => {
    const tools = await open({ notes: stdio() });
    assert.deepEqual(
      [codeOf(await call(tools, "notes__fail")), (await call(tools, "notes__fail")).content],
      ["tool_error", "the shelf is full"],
    );
    const flood = await call(tools, "notes__flood");
    assert.ok(flood.content.length < 30_000 && flood.artifact !== undefined);
    const before = (await call(tools, "notes__pid")).content;
    assert.equal(codeOf(await call(tools, "notes__crash")), "server_failed");
    const after = await call(tools, "notes__pid");
    assert.equal(codeOf(after), "ok", "it is started again");
    assert.notEqual(after.content, before);
    const stop = new AbortController();
    const hanging = call(tools, "notes__hang", {}, stop.signal);
    stop.abort();
    assert.equal(codeOf(await hanging), "cancelled");
    assert.equal(codeOf(await call(tools, "notes__nothing")), "unknown_tool");
    if (process.platform !== "win32") {
      // One that is stopped is waited for no longer than its caller does, and goes on where it was.
      const pid = Number((await call(tools, "notes__pid")).content);
      process.kill(pid, "SIGSTOP");
      const late = new AbortController();
      const waiting = call(tools, "notes__pid", {}, late.signal);
      setImmediate(() => late.abort());
      assert.equal(codeOf(await waiting), "cancelled");
      process.kill(pid, "SIGCONT");
      assert.equal((await call(tools, "notes__pid")).content, String(pid));
    }
    assert.equal(codeOf(await call(tools, "notes__pid", [])), "invalid_arguments");
  });

  it("that cannot be had offer nothing and say why; the others are there", async () => {
    const tools = await open({
      refusing: stdio({ args: [program, "--refuse"] }),
      missing: { command: join(folder, "no-such-program") },
      far: { url: "http://127.0.0.1:9/mcp" },
      notes: stdio(),
    });
    const names = (await tools.list()).map(({ name }) => name);
    assert.ok(names.includes("notes__pid"));
    assert.ok(!names.some((name) => /^(refusing|missing|far)__/.test(name)));
    const problem = Object.fromEntries(tools.servers().map((one) => [one.name, one.problem]));
    assert.match(problem["refusing"] ?? "", /^The MCP server refusing cannot be used: .*\(it said: no database here\)/);
    assert.match(problem["missing"] ?? "", /ENOENT/);
    assert.match(problem["far"] ?? "", /^The MCP server far cannot be used/);
    assert.equal(problem["notes"], undefined);
    assert.equal(codeOf(await call(tools, "refusing__pid")), "server_failed");
  });

  it("end with the runtime", async () => {
    const tools = await open({ notes: stdio() });
    const pid = Number((await call(tools, "notes__pid")).content);
    await tools.close();
    for (let tries = 0; tries < 200 && isAlive(pid); tries++) await new Promise((next) => setTimeout(next, 50));
    assert.equal(isAlive(pid), false);
    assert.equal(codeOf(await call(tools, "notes__pid")), "server_failed");
  });

  it("are reached over streamable HTTP, with their headers", async () => {
    const handler = createMcpHandler(() => {
      const server = new McpServer({ name: "far", version: "1" });
      server.registerTool("ping", { inputSchema: z.object({}) }, () => ({ content: [{ type: "text", text: "pong" }] }));
      return server;
    });
    const seen: (string | undefined)[] = [];
    const endpoint = http.createServer((request, response) => {
      seen.push(request.headers.authorization);
      void answer(handler.fetch, request, response);
    });
    await new Promise<void>((listening) => endpoint.listen(0, "127.0.0.1", listening));
    closing.push(() => new Promise((closed) => void endpoint.close(() => closed())));
    const { port } = endpoint.address() as AddressInfo;
    const tools = await open({ far: { url: `http://127.0.0.1:${port}/mcp`, headers: { authorization: "Bearer mine" } } });
    assert.ok((await tools.list()).some(({ name }) => name === "far__ping"));
    assert.equal((await call(tools, "far__ping")).content, "pong");
    assert.ok(seen.length > 0 && seen.every((one) => one === "Bearer mine"));
    await tools.close();
    endpoint.closeAllConnections();
  });
});

async function answer(
  handle: (request: Request) => Promise<Response>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { method = "GET", url = "/" } = request;
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const body = parts.length > 0 ? { body: Buffer.concat(parts) } : {};
  const answered = await handle(new Request(`http://${request.headers.host}${url}`, { method, headers, ...body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
