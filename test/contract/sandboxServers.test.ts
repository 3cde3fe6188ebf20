// MCP servers that others wrote, in the sandbox: they work, by the policy's network and without the user's secrets, write
// nothing of the user's, and only an entry that says so, shown as it is, runs outside.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CallResult } from "../../src/protocol/events.ts";
import { readServers, type ServerDefinition } from "../../src/tools/mcp/definitions.ts";
import { withServers } from "../../src/tools/mcp/externalTools.ts";
import { sandboxUnder } from "../../src/runtime/sandbox.ts";
import { until } from "../support/ao.ts";
import { processesWith } from "../support/processes.ts";
import { needsSandbox, openSandboxBench, type SandboxBench } from "../support/sandboxBench.ts";
import { noControl } from "./toolsFixture.ts";

const program = resolve("test/support/mcpServer.ts");

describe("MCP servers in the sandbox", () => {
  let bench: SandboxBench;
  before(async function () {
    await needsSandbox(this);
    bench = await openSandboxBench({ policy: { mode: "auto" } });
  });
  after(() => bench?.close());

  const definitions = (more: object): ServerDefinition[] => {
    const entry = { command: process.execPath, args: [program, `--mark-${process.pid}`], env: { WHO: "me" }, ...more };
    return readServers({ notes: entry }, { source: "a setting", folder: bench.workspace, env: {} }).servers;
  };
  const open = (more: object = {}): ReturnType<typeof withServers> =>
    withServers(bench.tools, definitions(more), {
      saveOutput: () => Promise.resolve({ hash: "sha256:x", bytes: 1 }),
      sandbox: bench.sandbox,
    });
  const call = (tools: ReturnType<typeof withServers>, tool: string, args: object): Promise<CallResult> =>
    tools.call(
      tool,
      args,
      { sessionId: "s_1", taskId: "t_1", callId: "c_1", agent: "x", root: bench.root, writable: true, control: noControl },
      new AbortController().signal,
    );

  it("answer in their folder with what they were given, and end with their client", async () => {
    const tools = open();
    const { content } = await call(tools, "notes__add_note", { note: "this" });
    assert.equal(content, `kept this in ${bench.workspace} for me; key none`);
    await tools.close();
    await until(() => processesWith(`--mark-${process.pid}`).length === 0, "their end");
  });

  it("write nothing of the user's and see no other process", async () => {
    const tools = open();
    const file = join(bench.workspace, "written");
    const refused = await call(tools, "notes__write", { path: file });
    assert.match(refused.content, /EROFS/);
    assert.equal(existsSync(file), false);
    assert.ok(Number((await call(tools, "notes__pid", {})).content) < 100, "a number of its own world");
    await tools.close();
  });

  it("run outside of it where their entry says so, and that is shown and makes it another entry", async () => {
    const [inside, outside] = [definitions({})[0]!, definitions({ sandbox: "off" })[0]!];
    assert.match(outside.shown, /\(outside of the sandbox\)$/);
    assert.notEqual(outside.hash, inside.hash);
    const tools = open({ sandbox: "off" });
    const file = join(bench.workspace, "written");
    assert.equal((await call(tools, "notes__write", { path: file })).content, "written");
    assert.ok(existsSync(file));
    await tools.close();
  });

  it("are ended when they take more than the sandbox gives, and start again when they are wanted", async () => {
    const tools = withServers(bench.tools, definitions({}), {
      saveOutput: () => Promise.resolve({ hash: "sha256:x", bytes: 1 }),
      sandbox: sandboxUnder(bench.sandbox, () => Promise.resolve({ memoryMb: 250 })),
    });
    const hog = await call(tools, "notes__fill", { megabytes: 400 });
    assert.deepEqual([hog.ok, hog.ok ? "" : hog.code], [false, "server_failed"], hog.content);
    assert.match((await call(tools, "notes__add_note", { note: "again" })).content, /^kept again/);
    await tools.close();
  });

  it("that do not start say that they were in the sandbox", async () => {
    const tools = open({ args: [program, "--refuse"] });
    await tools.list();
    assert.match(tools.servers()[0]?.problem ?? "", /cannot be used: .*\(it said: no database here; it runs in the sandbox\)$/);
    await tools.close();
  });
});
