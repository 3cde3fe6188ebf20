// Every command of the palette inside the real extension host, by its effect in the store or in files.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { SessionState } from "../../../../src/protocol/state.ts";
import { pendingApprovals } from "../../../../src/protocol/state.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { picking, until as waitUntil } from "../wait.ts";

const typo = 'Fix the typo "recieve" in README.md';

const extension = (): vscode.Extension<Api> => {
  const found = vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator");
  assert.ok(found, "the extension is there");
  return found;
};

const api = (): Promise<Api> => Promise.resolve(extension().activate());
const run = <T>(name: string, ...args: unknown[]): Thenable<T> => vscode.commands.executeCommand<T>(`agentOrchestrator.${name}`, ...args);
const folder = (): string => vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const setting = (key: string, value: unknown): Thenable<void> =>
  vscode.workspace.getConfiguration("agentOrchestrator").update(key, value, vscode.ConfigurationTarget.Global);

async function state(sessionId: string): Promise<SessionState> {
  const runtime = await (await api()).desk.runtime();
  const found = await runtime.engine.state(sessionId);
  assert.ok(found);
  return found;
}

const until = (condition: () => Promise<boolean>, what: string): Promise<void> => waitUntil(condition, what, told);

/** What this process holds, in megabytes; the store's thread included. */
function memory(): number {
  return process.memoryUsage().rss / 1e6;
}

/** What the newest session says of itself, for a failure's message. */
async function told(): Promise<string> {
  const { store, engine } = await (await api()).desk.runtime();
  const [newest] = await store.listSessions({ limit: 1 });
  const newestState = newest && (await engine.state(newest.id));
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs.map((tab) => tab.label));
  return JSON.stringify({ status: newestState?.status, run: newestState?.run, landing: newestState?.landing, tabs });
}

const ended = async (sessionId: string): Promise<SessionState> => {
  const { desk } = await api();
  await desk.running.get(sessionId);
  return state(sessionId);
};

const waits = (sessionId: string): Promise<void> => until(async () => pendingApprovals(await state(sessionId)).length > 0, "an approval");

describe("the extension", () => {
  it("activates without loading the engine", async () => {
    const before = memory();
    const { desk, activationMs } = await api();
    assert.equal(desk.loaded(), undefined);
    process.stdout.write(`activation: ${activationMs.toFixed(1)} ms, ${(memory() - before).toFixed(1)} MB\n`);
    await desk.runtime();
    process.stdout.write(`with the engine: ${(memory() - before).toFixed(1)} MB\n`);
  });

  it("registers every command that it contributes, and no other", async () => {
    const contributed = (extension().packageJSON as { contributes: { commands: { command: string }[] } }).contributes.commands.map(
      ({ command }) => command,
    );
    const registered = (await vscode.commands.getCommands(true)).filter((name) => /^agentOrchestrator\.[a-zA-Z]+$/.test(name));
    assert.deepEqual(registered.toSorted(), contributed.toSorted());
  });
});

/** The project with its typo, whoever mended it before. */
function misspell(): void {
  const file = join(folder(), "README.md");
  writeFileSync(file, readFileSync(file, "utf8").replace("receive", "recieve"));
}

describe("commands", () => {
  before(() => setting("level", "default"));
  beforeEach(misspell);

  it("run: answers a question with one agent", async () => {
    const sessionId = await run<string>("run", "What does this project do?");
    const { status, run: present, tasks } = await ended(sessionId);
    assert.equal(status, "done");
    assert.match(present?.answer ?? "", /scripted demo model/);
    assert.equal(Object.keys(tasks).length, 1);
  });

  it("denyNext: the agent is told, nothing changes", async () => {
    const sessionId = await run<string>("run", typo);
    await waits(sessionId);
    const before = readFileSync(join(folder(), "README.md"), "utf8");
    await run("denyNext");
    const { approvals } = await ended(sessionId);
    assert.equal(Object.values(approvals)[0]?.resolution?.decision, "deny");
    assert.equal(readFileSync(join(folder(), "README.md"), "utf8"), before);
  });

  it("stop and resume: the question stands where it stood", async () => {
    const sessionId = await run<string>("run", typo);
    await waits(sessionId);
    await run("stop");
    assert.equal((await ended(sessionId)).status, "cancelled");
    await run("resume");
    await until(async () => (await api()).desk.running.has(sessionId), "the run");
    await waits(sessionId);
    await run("stop");
    await ended(sessionId);
  });

  it("approveNext, reviewChanges, applyChanges: an edit is asked, shown and taken", async () => {
    const sessionId = await run<string>("run", typo);
    await waits(sessionId);
    assert.match(readFileSync(join(folder(), "README.md"), "utf8"), /recieve/);
    await run("approveNext");
    await until(async () => (await state(sessionId)).landing !== undefined, "the changes");
    await run("reviewChanges");
    await until(
      () => Promise.resolve(vscode.window.tabGroups.activeTabGroup.tabs.some((tab) => /Changes of/.test(tab.label))),
      "the diff editor",
    );
    await run("applyChanges");
    const { status, landing } = await ended(sessionId);
    assert.equal(landing?.decision, "applied");
    assert.equal(status, "done");
    assert.doesNotMatch(readFileSync(join(folder(), "README.md"), "utf8"), /recieve/);
  });

  it("runWorkflow runs the workflow that is picked", async () => {
    const sessionId = await picking(run<string>("runWorkflow", "What does this project do?"));
    assert.equal((await ended(sessionId)).config.workflow, "auto");
  });

  it("selectModel and selectLevel write the settings", async () => {
    for (const [command, key] of [
      ["selectModel", "model"],
      ["selectLevel", "level"],
    ] as const) {
      const before = vscode.workspace.getConfiguration("agentOrchestrator").inspect(key)?.globalValue;
      await picking(run(command));
      const after = vscode.workspace.getConfiguration("agentOrchestrator").inspect(key)?.globalValue;
      assert.ok(typeof after === "string" && after.length > 0, command);
      await setting(key, before);
    }
  });

  it("doctor opens its page", async () => {
    await run("doctor");
    const text = vscode.window.activeTextEditor?.document.getText() ?? "";
    assert.match(text, /SQLite 3\./);
    assert.match(text, /Agents: \d+/);
  });

  it("explain makes a question of the selection", async () => {
    const document = await vscode.workspace.openTextDocument(join(folder(), "src", "item.ts"));
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 2, 0);
    const sessionId = await run<string>("explain");
    assert.match((await ended(sessionId)).goal, /^Explain src\/item\.ts, lines 1 to 3/);
  });

  it("discardChanges refuses a result; the record stays", async () => {
    const sessionId = await run<string>("run", 'Fix the typo "recieve" in README.md');
    const { desk } = await api();
    const { engine } = await desk.runtime();
    await until(async () => {
      const [approval] = pendingApprovals(await state(sessionId)).filter((one) => one.kind === "call");
      if (approval)
        await engine.dispatch({ type: "approval.resolve", sessionId, approvalId: approval.approvalId, decision: "approve", by: "user" });
      return (await state(sessionId)).landing !== undefined || !desk.running.has(sessionId);
    }, "the changes");
    await run("discardChanges");
    const { landing, status } = await ended(sessionId);
    assert.deepEqual([landing?.decision, status], ["discarded", "done"]);
    assert.match(readFileSync(join(folder(), "README.md"), "utf8"), /recieve/);
  });

  it("a further prompt goes on with a result that waits", async () => {
    const { desk } = await api();
    const sessionId = await run<string>("run", typo);
    await waits(sessionId);
    await run("approveNext");
    await until(async () => (await state(sessionId)).landing !== undefined, "the changes");
    await desk.start({ text: "What does this project do?", attachments: [], sessionId });
    await until(async () => (await state(sessionId)).runs === 2 && (await state(sessionId)).landing !== undefined, "the changes, again");
    assert.ok(desk.running.has(sessionId), "the session is known as running");
    await run("applyChanges");
    const { landing, status } = await ended(sessionId);
    assert.deepEqual([landing?.decision, status], ["applied", "done"]);
    assert.doesNotMatch(readFileSync(join(folder(), "README.md"), "utf8"), /recieve/);
  });

  it("exportTrace writes every event of the session", async () => {
    const sessionId = await run<string>("run", "What does this project do?");
    const { seq } = await ended(sessionId);
    const target = join(folder(), "trace.jsonl");
    await run("exportTrace", vscode.Uri.file(target));
    const events = readFileSync(target, "utf8").trim().split("\n");
    assert.deepEqual([...new Set(events.map((line) => (JSON.parse(line) as { sessionId: string }).sessionId))], [sessionId]);
    assert.equal(events.length, seq);
  });

  it("review, test, document and fix make goals of a place", async () => {
    const uri = vscode.Uri.file(join(folder(), "src", "item.ts"));
    const place = new vscode.Location(uri, new vscode.Range(0, 0, 0, 5));
    for (const [command, ...args] of [
      ["review", uri],
      ["test", uri],
      ["document", uri],
      ["fix", place, "it is broken"],
    ] as const) {
      const sessionId = await run<string>(command, ...args);
      const { engine } = await (await api()).desk.runtime();
      await engine.dispatch({ type: "session.cancel", sessionId });
      const { goal } = await ended(sessionId);
      assert.match(goal, command === "fix" ? /^Fix the problem in src\/item\.ts, line 1: it is broken/ : /src\/item\.ts/);
    }
  });

  it("manageApprovals lists what was allowed for good, and takes it back", async () => {
    const sessionId = await run<string>("run", typo);
    await waits(sessionId);
    const { engine, grants } = await (await api()).desk.runtime();
    const [approval] = pendingApprovals(await state(sessionId));
    const given = { type: "approval.resolve", sessionId, approvalId: approval!.approvalId, decision: "approve", by: "user" } as const;
    assert.ok((await engine.dispatch({ ...given, scope: "always" })).ok);
    await engine.dispatch({ type: "session.cancel", sessionId });
    await ended(sessionId);
    const [grant] = await grants.list();
    assert.ok(grant);
    assert.deepEqual(await picking(run<string[]>("manageApprovals")), [grant.id]);
    assert.deepEqual(await grants.list(), []);
  });

  it("editPolicy begins a policy that changes nothing, shows its faults at their places, and counts the user's level", async () => {
    const { desk } = await api();
    const { dataDir, policy } = await desk.runtime();
    const level = vscode.workspace.getConfiguration("agentOrchestrator").inspect("level")?.globalValue;
    const file = await run<string>("editPolicy", "user");
    assert.equal(file, join(dataDir, "policy.yaml"));
    const editor = vscode.window.activeTextEditor!;
    assert.equal(editor.document.fileName, file);
    assert.deepEqual((await policy(folder())).rules, []);
    const write = async (text: string): Promise<void> => {
      const whole = new vscode.Range(0, 0, editor.document.lineCount, 0);
      await editor.edit((edit) => edit.replace(whole, text));
      await editor.document.save();
    };
    try {
      await write("level: assisted\nrules:\n  - deny: { tool: shell, comand: x }\n");
      const faults = (): vscode.Diagnostic[] => vscode.languages.getDiagnostics(editor.document.uri);
      await until(() => Promise.resolve(faults().length > 0), "the fault");
      const found = faults()[0]!;
      assert.deepEqual([found.range.start.line, found.range.start.character], [2, 25]);
      assert.match(found.message, /"comand" is not a known key.*Until it is mended, only reading is allowed/);
      await setting("level", undefined);
      await write("level: assisted\n");
      await until(() => Promise.resolve(faults().length === 0), "no fault");
      const sessionId = await run<string>("run", "What does this project do?");
      assert.equal((await ended(sessionId)).config.level, "assisted");
    } finally {
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      rmSync(file, { force: true });
      await setting("level", level);
    }
    const project = await run<string>("editPolicy", "project");
    assert.equal(project, join(folder(), ".agents", "policy.yaml"));
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    rmSync(project);
  });

  it("newSession leaves the session in view; showTrace keeps it", async () => {
    const sessionId = await run<string>("run", "What does this project do?");
    await ended(sessionId);
    const { desk } = await api();
    await run("showTrace");
    assert.equal(desk.current, sessionId);
    await run("newSession");
    assert.equal(desk.current, undefined);
  });

  it("openPanel shows the view, openInTab a tab", async () => {
    await run("openPanel");
    await run("openInTab");
    await until(
      () => Promise.resolve(vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => tab.label === "Agent Orchestrator"))),
      "the tab",
    );
  });

  it("says what is missing when there is no model", async () => {
    await setting("model", "");
    try {
      const { desk } = await api();
      await assert.rejects(desk.start({ text: "Do it", attachments: [] }), /No model to work with/);
    } finally {
      await setting("model", "demo");
    }
  });
});
