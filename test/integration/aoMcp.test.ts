// `ao mcp` as other agents use it: the official SDK's client over a real child process, in both revisions of the protocol.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createHome, sessionIn } from "../support/ao.ts";
import type { Home } from "../support/ao.ts";

type Answer = { isError?: boolean; text: string; value: Record<string, unknown> };
type Pending = { id: string; kind: string; summary: string; person_only?: boolean };

const typo = 'Fix the typo "recieve" in README.md';

describe("ao mcp", function () {
  this.timeout(60_000);
  let home: Home;
  let project: string;
  let client: Client;
  let transport: StdioClientTransport;

  const connect = async (
    args: string[] = [],
    mode: "auto" | "legacy" = "auto",
    ask?: (message: string) => { action: "accept" | "decline" | "cancel"; content?: { answer: string } },
  ): Promise<void> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home.dir, AO_DATA_DIR: join(home.dir, "data") };
    transport = new StdioClientTransport({
      command: process.execPath,
      args: [resolve("dist/cli.js"), "mcp", "--workspace", project, "--model", "demo", ...args],
      env,
      cwd: home.dir,
    });
    const negotiation = mode === "auto" ? { versionNegotiation: { mode } } : {};
    client = new Client({ name: "test", version: "1" }, { ...negotiation, ...(ask ? { capabilities: { elicitation: {} } } : {}) });
    if (ask) client.setRequestHandler("elicitation/create", ({ params }) => Promise.resolve(ask(params.message)));
    await client.connect(transport);
  };
  const call = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> => {
    const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
    const text = content.map((part) => (part.type === "text" ? part.text : "")).join("");
    return { ...(isError ? { isError } : {}), text, value: (structuredContent ?? {}) as Record<string, unknown> };
  };
  const pending = async (session_id: string): Promise<Pending[]> =>
    ((await call("get_agent_session_status", { session_id })).value["pending"] ?? []) as Pending[];
  const answeredBy = async (session: string): Promise<unknown[]> =>
    (await home.events(session)).filter(({ type }) => type === "approval.resolved").map(({ payload }) => (payload as { by: string }).by);
  const waits = async (session_id: string): Promise<Pending> => {
    for (let tries = 0; tries < 400; tries++) {
      const [first] = await pending(session_id);
      if (first) return first;
      await new Promise((next) => setTimeout(next, 50));
    }
    return assert.fail((await call("get_agent_session_status", { session_id })).text);
  };

  beforeEach(() => {
    home = createHome();
    project = home.copyOf(resolve("agents/demo/project"));
  });
  afterEach(async () => {
    await client.close();
    home.remove();
  });

  it("offers its tools with titles, schemas and what they do to the world", async () => {
    await connect();
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name).toSorted(), [
      "answer_approval",
      "answer_interrupt",
      "cancel_agent_session",
      "delete_all_agent_sessions",
      "get_agent_session_result",
      "get_agent_session_status",
      "list_agent_definitions",
      "list_agent_sessions",
      "resume_agent_session",
      "start_agent_session",
    ]);
    for (const { name, title, description, inputSchema, outputSchema, annotations } of tools) {
      assert.ok(title && description && annotations && outputSchema, name);
      assert.equal(inputSchema.type, "object", name);
    }
    const hints = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]));
    assert.equal(hints["list_agent_sessions"]?.readOnlyHint, true);
    assert.equal(hints["delete_all_agent_sessions"]?.destructiveHint, true);
    const { value } = await call("list_agent_definitions");
    const agents = value["agents"] as { name: string; status: string }[];
    assert.equal(agents.find(({ name }) => name === "coordinator")?.status, "active");
  });

  for (const mode of ["auto", "legacy"] as const)
    it(`starts a session, answers what it asks, and has its result in the project (${mode})`, async () => {
      await connect([], mode);
      const started = await call("start_agent_session", { session_name: "typo", prompt: typo });
      const session = started.value["session"] as { session_id: string; status: string; project_dir: string; agent_name: string };
      assert.deepEqual([session.status, session.project_dir, session.agent_name], ["running", project, "coordinator"]);
      const edit = await waits("typo");
      assert.match(edit.summary, /^filesystem__\w+ .*README\.md/);
      const early = await call("get_agent_session_result", { session_id: "typo", wait_seconds: 30 });
      assert.match(early.text, new RegExp(`^Session ${session.session_id} is running and waits for an answer to approval ${edit.id}`));
      assert.equal(early.isError, true);
      assert.equal((await call("answer_approval", { approval_id: edit.id, decision: "approve" })).value["status"], "running");
      assert.match((await call("answer_approval", { approval_id: edit.id, decision: "deny" })).text, /^No approval a_\w+ is waiting/);
      const landing = await waits("typo");
      assert.match(landing.summary, /^workspace__land/);
      assert.deepEqual((await call("get_agent_session_status", { session_id: "typo" })).value["changes"], ["README.md"]);
      assert.match(readFileSync(join(project, "README.md"), "utf8"), /recieve/);
      await call("answer_approval", { approval_id: landing.id, decision: "approve" });
      const { value } = await call("get_agent_session_result", { session_id: "typo", wait_seconds: 30 });
      assert.deepEqual([value["outcome"], value["files"]], ["done", ["README.md"]]);
      assert.doesNotMatch(readFileSync(join(project, "README.md"), "utf8"), /recieve/);
      assert.deepEqual(await answeredBy("typo"), ["mcp:test", "mcp:test"]);
      const sessions = (await call("list_agent_sessions", { project_dir: project })).value["sessions"] as { status: string }[];
      assert.deepEqual(
        sessions.map(({ status }) => status),
        ["finished"],
      );
    });

  for (const mode of ["auto", "legacy"] as const)
    it(`puts what agents ask to the person, where the client can, and tells how it goes (${mode})`, async () => {
      const asked: string[] = [];
      await connect([], mode, (message) => {
        asked.push(message.split(" ")[0]!);
        return { action: "accept", content: { answer: "approve" } };
      });
      await call("start_agent_session", { session_name: "typo", prompt: typo });
      const told: (string | undefined)[] = [];
      const { structuredContent } = await client.callTool(
        { name: "get_agent_session_result", arguments: { session_id: "typo", wait_seconds: 30 } },
        { onprogress: ({ message }) => void told.push(message), resetTimeoutOnProgress: true },
      );
      assert.equal((structuredContent as { outcome: string }).outcome, "done");
      assert.deepEqual(asked, ["filesystem__edit_file", "workspace__land"]);
      assert.deepEqual(await answeredBy("typo"), ["mcp:test", "mcp:test"]);
      assert.doesNotMatch(readFileSync(join(project, "README.md"), "utf8"), /recieve/);
      assert.ok(
        told.some((words) => /^\d of \d steps done$/.test(words ?? "")),
        told.join(),
      );
    });

  it("takes a person's no for one, and a question that was closed for none", async () => {
    let action: "decline" | "cancel" = "cancel";
    await connect([], "auto", () => ({ action }));
    await call("start_agent_session", { session_name: "typo", prompt: typo });
    const edit = await waits("typo");
    const closed = await call("get_agent_session_result", { session_id: "typo", wait_seconds: 30 });
    assert.match(closed.text, /is running and waits for an answer to approval/);
    assert.equal((await waits("typo")).id, edit.id, "it waits still");
    action = "decline";
    await call("get_agent_session_result", { session_id: "typo", wait_seconds: 30 });
    assert.match(readFileSync(join(project, "README.md"), "utf8"), /recieve/);
    const denied = (await home.events("typo")).find(({ type }) => type === "approval.resolved");
    assert.ok(denied);
    assert.equal((denied.payload as { decision: string }).decision, "deny");
  });

  it("cancels and resumes, by name or id; deletes what does not run", async () => {
    await connect();
    await call("start_agent_session", { session_name: "one", prompt: "What does this project do?" });
    assert.equal((await call("get_agent_session_result", { session_id: "one", wait_seconds: 30 })).value["outcome"], "done");
    await call("start_agent_session", { session_name: "two", prompt: typo });
    await waits("two");
    assert.equal((await call("cancel_agent_session", { session_id: "two" })).value["ok"], true);
    assert.equal((await call("get_agent_session_status", { session_id: "two" })).value["outcome"], "cancelled");
    assert.match((await call("cancel_agent_session", { session_id: "two" })).text, /is not running/);
    await call("resume_agent_session", { session_id: "two" });
    const { id } = await waits("two");
    assert.match((await call("resume_agent_session", { session_id: "two" })).text, /is running; wait for its end/);
    const deleted = (await call("delete_all_agent_sessions")).value;
    assert.equal(deleted["deleted"], 1);
    assert.equal((deleted["left"] as string[]).length, 1);
    await call("answer_approval", { approval_id: id, decision: "deny", reason: "leave it" });
    assert.match((await call("resume_agent_session", { session_id: "one" })).text, /^There is no session "one"/);
  });

  it("reaches the sessions of its own folder, and answers for no person unless it may", async () => {
    const other = home.copyOf(resolve("agents/demo/project"));
    const asked = async (folder: string): Promise<{ session: string; approval: string }> => {
      const session = sessionIn(await home.ao(["run", typo, "--workspace", folder, "--model", "demo"]));
      const list = JSON.parse((await home.ao(["approvals", "--json"])).stdout) as { id: string; sessionId: string }[];
      return { session, approval: list.find(({ sessionId }) => sessionId === session)!.id };
    };
    const [mine, far] = [await asked(project), await asked(other)];
    await connect();
    const listed = (await call("list_agent_sessions")).value["sessions"] as { session_id: string }[];
    assert.deepEqual(
      listed.map(({ session_id }) => session_id),
      [mine.session],
    );
    assert.deepEqual((await call("list_agent_sessions", { project_dir: other })).value["sessions"], []);
    assert.deepEqual((await call("get_agent_session_status", { session_id: far.session })).value, { status: "not_existent" });
    for (const name of ["resume_agent_session", "cancel_agent_session", "get_agent_session_result"])
      assert.match((await call(name, { session_id: far.session })).text, /^There is no session/, name);
    assert.match((await call("answer_approval", { approval_id: far.approval, decision: "approve" })).text, /^No approval \w+ is waiting/);
    const [waiting] = await pending(mine.session);
    assert.deepEqual([waiting?.id, waiting?.person_only], [mine.approval, true]);
    const refused = await call("answer_approval", { approval_id: mine.approval, decision: "approve" });
    assert.match(refused.text, /was begun by a person, who alone answers what it asks/);
    const { deleted, left } = (await call("delete_all_agent_sessions")).value;
    assert.deepEqual(
      [deleted, left],
      [0, [{ session_id: mine.session, session_name: mine.session, reason: "It was not begun over MCP." }]],
    );
    await client.close();
    await connect(["--answer-for-user"]);
    assert.equal((await call("answer_approval", { approval_id: mine.approval, decision: "deny" })).value["ok"], true);
    assert.deepEqual(await answeredBy(mine.session), ["mcp:test"]);
    assert.match((await call("answer_approval", { approval_id: far.approval, decision: "approve" })).text, /^No approval \w+ is waiting/);
  });

  it("goes on with no session of a person that changes files unasked", async () => {
    const ran = await home.ao(["run", "What does this project do?", "--workspace", project, "--model", "demo", "--level", "bypass"]);
    await connect();
    const refused = await call("resume_agent_session", { session_id: sessionIn(ran), prompt: typo });
    assert.match(refused.text, /begun by a person and changes files without asking/);
  });

  it("deletes no result that nobody took or refused", async () => {
    await connect();
    await call("start_agent_session", { session_name: "typo", prompt: typo });
    await call("answer_approval", { approval_id: (await waits("typo")).id, decision: "approve" });
    const landing = await waits("typo");
    assert.match(landing.summary, /^workspace__land/);
    await call("cancel_agent_session", { session_id: "typo" });
    assert.equal((await call("get_agent_session_status", { session_id: "typo" })).value["status"], "finished");
    const kept = (await call("delete_all_agent_sessions")).value;
    assert.deepEqual([kept["deleted"], (kept["left"] as { reason: string }[])[0]?.reason], [0, "Its result is neither taken nor refused."]);
    const discarded = await home.ao(["discard", "typo"]);
    assert.equal(discarded.code, 0, discarded.stderr);
    const gone = await call("delete_all_agent_sessions");
    assert.equal(gone.value["deleted"], 1, gone.text);
  });

  it("begins a session elsewhere where it is named, and that one is in reach", async () => {
    const other = home.copyOf(resolve("agents/demo/project"));
    await connect();
    const started = await call("start_agent_session", { session_name: "far", prompt: "What does this project do?", project_dir: other });
    const { session_id } = started.value["session"] as { session_id: string };
    assert.equal((await call("get_agent_session_result", { session_id, wait_seconds: 30 })).value["outcome"], "done");
    const listed = (await call("list_agent_sessions", { project_dir: other })).value["sessions"] as { session_name: string }[];
    assert.deepEqual(
      listed.map(({ session_name }) => session_name),
      ["far"],
    );
  });

  it("gives a name to one session, also when two are started at once", async () => {
    await connect();
    const both = await Promise.all(
      [1, 2].map(() => call("start_agent_session", { session_name: "dup", prompt: "What does this project do?" })),
    );
    assert.equal(both.filter(({ isError }) => isError).length, 1);
    assert.match(both.find(({ isError }) => isError)!.text, /^A session "dup" exists already/);
    await call("get_agent_session_result", { session_id: "dup", wait_seconds: 30 });
  });

  it("says clearly what is wrong", async () => {
    await connect();
    const wrong: [string, Record<string, unknown>, RegExp][] = [
      ["start_agent_session", { session_name: "x", prompt: "y", agent_name: "nobody" }, /^Blueprint not found: nobody/],
      ["start_agent_session", { session_name: "x", prompt: "y", workflow: "sequentail" }, /did you mean sequential\?/],
      ["start_agent_session", { session_name: "x", prompt: "y", model: "nobody:x" }, /nobody/],
      ["start_agent_session", { session_name: "x", prompt: "y", project_dir: "/nowhere/at/all" }, /\/nowhere\/at\/all/],
      ["start_agent_session", { session_name: "x" }, /prompt/],
      ["start_agent_session", { session_name: "x", prompt: "y", project_dir: "../p" }, /must be an absolute path; "\.\.\/p" is none/],
      ["list_agent_sessions", { project_dir: "." }, /must be an absolute path/],
      ["start_agent_session", { session_name: "a\u001b[2J", prompt: "y" }, /a name has no control characters/],
      ...["--help", "../../evil", ".", "a b", "a\u001b[2Jc\n", "x".repeat(65)].map(
        (session_id): [string, Record<string, unknown>, RegExp] => [
          "start_agent_session",
          { session_name: "x", prompt: "y", session_id },
          /^A session id is 1 to 64 letters/,
        ],
      ),
      ["get_agent_session_result", { session_id: "x" }, /^There is no session "x"/],
      ["answer_interrupt", { interrupt_id: "i_none", text: "yes" }, /^No interrupt i_none is waiting/],
      ["answer_interrupt", { interrupt_id: "i_none" }, /needs its text/],
    ];
    for (const [name, args, expected] of wrong) {
      const { isError, text } = await call(name, args).catch((error: unknown) => ({ isError: true, text: String(error) }));
      assert.equal(isError, true, `${name} ${JSON.stringify(args)}`);
      assert.match(text, expected);
    }
    assert.deepEqual((await call("get_agent_session_status", { session_id: "x" })).value, { status: "not_existent" });
    assert.deepEqual((await call("list_agent_sessions")).value["sessions"], [], "nothing was created");
  });

  it("writes nothing but the protocol, ends with its input, and leaves what ran to be resumed", async () => {
    await connect();
    await client.close();
    const env = { PATH: process.env["PATH"] ?? "", HOME: home.dir, AO_DATA_DIR: join(home.dir, "data"), NODE_DEBUG: "" };
    const child = spawn(process.execPath, [resolve("dist/cli.js"), "mcp", "--workspace", project, "--model", "demo"], { env });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    let complaints = "";
    child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
    const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const said = async (id: number): Promise<void> => {
      while (!output.includes(`"id":${id}`)) await once(child.stdout, "data");
    };
    send({
      id: 1,
      method: "initialize",
      params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } },
    });
    await said(1);
    send({ method: "notifications/initialized" });
    send({ id: 2, method: "tools/call", params: { name: "start_agent_session", arguments: { session_name: "cut", prompt: typo } } });
    await said(2);
    child.stdin.end();
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0, complaints);
    for (const line of output.trim().split("\n")) assert.equal((JSON.parse(line) as { jsonrpc: string }).jsonrpc, "2.0", line);
    const list = JSON.parse((await home.ao(["list", "--json"])).stdout) as { name: string; status: string }[];
    assert.deepEqual(
      list.map(({ name }) => name),
      ["cut"],
    );
    assert.ok(["created", "interrupted", "waiting", "cancelled"].includes(list[0]!.status), list[0]!.status);
  });
});
