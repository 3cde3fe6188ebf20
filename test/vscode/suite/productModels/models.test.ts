// The installed product with a model that another extension offers (`vscode:ID`): found, asked with tools, its calls
// carried out and answered, its failures told; and the product as a part of the editor's own chat.

import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { SessionState } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { until } from "../wait.ts";

type Part = { text?: string; call?: string; result?: string; id?: string };
type Asked = { messages: { role: number; content: Part[] }[]; tools: string[] };
type Model = { asked: Asked[]; answer: (turn: number) => unknown[] | Error };

const product = (): vscode.Extension<Api> => vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!;
const text = (words: string): unknown => new vscode.LanguageModelTextPart(words);
const call = (tool: string, input: object): unknown => new vscode.LanguageModelToolCallPart("call-of-the-model", tool, input);

describe("a model of the editor", () => {
  let api: Api;
  let model: Model;

  before(async () => {
    model = await vscode.extensions.getExtension<Model>("agent-orchestrator-tests.model")!.activate();
    api = await product().activate();
    await until(async () => (await vscode.lm.selectChatModels({ id: "scripted-1" })).length > 0, "the model");
  });
  beforeEach(() => void model.asked.splice(0));

  const ask = async (goal: string): Promise<SessionState> => {
    const { sessionId } = await api.desk.start({ text: goal, attachments: [] });
    await api.desk.running.get(sessionId);
    return (await (await api.desk.runtime()).engine.state(sessionId))!;
  };

  it("the product is the installed one, activated in little time", () => {
    assert.match(product().extensionPath, /extensions[\\/]agent-orchestrator\.agent-orchestrator-/);
    process.stdout.write(`activation of the installed package: ${api.activationMs.toFixed(1)} ms of its own\n`);
    assert.ok(api.activationMs < 200, `${api.activationMs} ms`);
  });

  it("answers a session, with tool calls both ways", async () => {
    model.answer = (turn) =>
      turn === 0 ? [text("I look."), call("filesystem__read_file", { path: "README.md" })] : [text("It is an "), text("inventory.")];
    const state = await ask("What does this project do?");
    assert.equal(state.status, "done");
    assert.equal(state.run?.answer, "It is an inventory.");
    const [first, second] = model.asked;
    assert.ok(first?.tools.includes("filesystem__read_file"));
    const parts = second!.messages.flatMap(({ content }) => content);
    const called = parts.find((part) => part.call === "filesystem__read_file");
    const result = parts.find((part) => part.result !== undefined);
    assert.equal(result?.id, called?.id, "the result names its call");
    assert.match(result?.result ?? "", /# Inventory/);
    assert.ok(
      Object.values(state.tasks).every(({ costUnknown }) => costUnknown),
      "nothing is said of a price that nobody knows",
    );
  });

  it("a refusal of the user ends the session with the way out", async () => {
    model.answer = () => vscode.LanguageModelError.NoPermissions("not allowed");
    const state = await ask("What does this project do?");
    assert.equal(state.status, "failed");
    assert.match(state.run?.reason ?? "", /not allow|allow it, then resume/);
    assert.equal(model.asked.length, 1, "it is not asked again and again");
  });

  it("a model that is gone is named", async () => {
    const settings = vscode.workspace.getConfiguration("agentOrchestrator");
    await settings.update("model", "vscode:gone", vscode.ConfigurationTarget.Global);
    try {
      const state = await ask("What does this project do?");
      assert.equal(state.status, "failed");
      assert.match(state.run?.reason ?? "", /no model vscode:gone; choose another/);
    } finally {
      await settings.update("model", "vscode:scripted-1", vscode.ConfigurationTarget.Global);
    }
  });

  it("sessions are tools of the editor's models", async () => {
    model.answer = () => [text("It is an inventory.")];
    const invoke = async (name: string, input: object): Promise<Record<string, unknown>> => {
      const { content } = await vscode.lm.invokeTool(`agent-orchestrator_${name}`, { input, toolInvocationToken: undefined });
      return JSON.parse((content[0] as vscode.LanguageModelTextPart).value) as Record<string, unknown>;
    };
    assert.deepEqual(
      vscode.lm.tools
        .map(({ name }) => name)
        .filter((name) => name.startsWith("agent-orchestrator_"))
        .toSorted(),
      ["agent-orchestrator_session_result", "agent-orchestrator_session_status", "agent-orchestrator_start_session"],
    );
    const { sessionId } = await invoke("start_session", { goal: "What does this project do?" });
    const result = await invoke("session_result", { sessionId });
    assert.deepEqual(result, { sessionId, status: "done", answer: "It is an inventory.", changes: [] });
    assert.equal((await invoke("session_status", { sessionId }))["status"], "done");
    assert.equal((await invoke("session_status", { sessionId: "s_none" }))["status"], "not_existent");
  });

  it("@orchestrator in the chat runs a session and answers with its result", async () => {
    model.answer = () => [text("It is an inventory, says the team.")];
    const { store } = await api.desk.runtime();
    const before = (await store.listSessions({})).length;
    await vscode.commands.executeCommand("workbench.action.chat.open", { query: "@orchestrator What is this project?" });
    await until(async () => (await store.listSessions({})).length > before, "the session");
    const [newest] = await store.listSessions({ limit: 1 });
    await api.desk.running.get(newest!.id);
    assert.equal(newest?.goal, "What is this project?");
    assert.equal((await store.listSessions({ limit: 1 }))[0]?.status, "done");
  });
});
