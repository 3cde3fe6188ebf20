// The `ide` tools in a session, over the editor's real CSS language service and a rename provider of our own for what
// spans files: an agent asks about its own copy, and what it changes is in that copy alone.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { CallResult, EventOf, TraceEvent } from "../../../../src/protocol/events.ts";
import type { Api } from "../../../../src/vscode/extension.ts";

type Model = { asked: { tools: string[] }[]; answer: (turn: number) => unknown[] };
type Step = { tool: string; input: object };

const sheet = ":root { --ink: #111; }\np { color: var(--ink); }\n";
const folder = (): string => vscode.workspace.workspaceFolders![0]!.uri.fsPath;
const submit: Step = { tool: "agents__submit_result", input: { status: "done", summary: "looked" } };

describe("ide tools in the editor", function () {
  this.timeout(90_000);
  let api: Api;
  let model: Model;

  before(async () => {
    model = await vscode.extensions.getExtension<Model>("agent-orchestrator-tests.model")!.activate();
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    writeFileSync(join(folder(), "look.css"), sheet);
  });
  beforeEach(() => void model.asked.splice(0));

  /** One agent makes these calls, one a turn; what each was answered with. */
  const session = async (goal: string, steps: Step[]): Promise<{ results: CallResult[]; events: TraceEvent[]; sessionId: string }> => {
    model.answer = (turn) => {
      const step = steps[turn];
      return step
        ? [new vscode.LanguageModelToolCallPart(`call-${turn}`, step.tool, step.input)]
        : [new vscode.LanguageModelTextPart("Done.")];
    };
    const { sessionId } = await api.desk.start({ text: goal, attachments: [], level: "assisted" });
    const { engine } = await api.desk.runtime();
    while (api.desk.running.has(sessionId) && !(await engine.state(sessionId))?.landing) await new Promise((next) => setTimeout(next, 50));
    await engine.dispatch({ type: "changes.discard", sessionId, by: "user" });
    await api.desk.running.get(sessionId);
    const events = await (await api.desk.runtime()).store.read(sessionId);
    const ended = events.filter((event): event is EventOf<"call.ended"> & TraceEvent => event.type === "call.ended");
    return { results: ended.map(({ payload }) => payload.result), events, sessionId };
  };

  it("are offered to the model, and answer a question from the user's own folder", async () => {
    const { results } = await session("What is --ink in look.css?", [
      { tool: "ide__definition", input: { path: "look.css", line: 2, symbol: "--ink" } },
      { tool: "ide__symbols", input: { path: "look.css" } },
    ]);
    assert.ok(model.asked[0]?.tools.includes("ide__definition"));
    assert.ok(!model.asked[0]?.tools.includes("ide__rename"), "who only reads may not rename");
    assert.equal(results[0]?.content, "look.css:1:9: :root { --ink: #111; }");
    assert.match(results[1]?.content ?? "", /^look\.css:1:\d+: \w+ :root/m);
  });

  it("see what an agent has just written in its own copy, and write there alone", async () => {
    const path = "look.css";
    const linting = lintInks();
    const { results, events } = await session("Rename --ink to --text", [
      { tool: "ide__diagnostics", input: { path } },
      {
        tool: "filesystem__edit_file",
        input: { path, old: "p { color: var(--ink); }", new: "p { colour: var(--ink) ; }\nb{color:var(--ink)}" },
      },
      { tool: "ide__diagnostics", input: { path } },
      { tool: "ide__references", input: { path, line: 1, symbol: "--ink" } },
      { tool: "ide__rename", input: { path, line: 1, symbol: "--ink", newName: "--text" } },
      { tool: "ide__format", input: { path } },
      submit,
    ]);
    const told = results.map(({ content }) => content);
    assert.deepEqual(
      results.map(({ ok }) => ok),
      steps(7),
      told.join("\n---\n"),
    );
    linting.dispose();
    assert.match(told[0]!, /^The editor reports no problems in look\.css/);
    assert.match(told[2]!, /^look\.css:2:5: warning \(ink\): colour\?: p \{ colour/);
    assert.deepEqual(
      told[3]!.split("\n").map((one) => one.split(":").slice(0, 2).join(":")),
      ["look.css:1", "look.css:2", "look.css:3"],
    );
    assert.match(told[4]!, /^Renamed --ink to --text: 3 places in look\.css\./);
    assert.equal(told[5], "Formatted look.css.");
    assert.equal(readFileSync(join(folder(), path), "utf8"), sheet, "the user's own file is as it was");
    const root = (
      events.find(({ type, payload }) => type === "task.created" && (payload as { root?: string }).root)!.payload as { root: string }
    ).root;
    assert.notEqual(root, folder());
    const proposed = (await (await api.desk.runtime()).engine.state(events[0]!.sessionId))!.landing!;
    const result = await (await api.desk.runtime()).fileAt(folder(), proposed.commit, path);
    assert.match(result ?? "", /--text: #111;[^]*b\s*\{\s*\n\s+color: var\(--text\)/);
  });

  it("rename over several files of the copy, through whatever provider the editor has", async () => {
    writeFileSync(join(folder(), "one.inv"), "bolt 7\n");
    writeFileSync(join(folder(), "two.inv"), "nut 2\nbolt 3\n");
    const provider = vscode.languages.registerRenameProvider({ pattern: "**/*.inv" }, { provideRenameEdits: renameInFolder });
    try {
      const rename = { tool: "ide__rename", input: { path: "one.inv", line: 1, symbol: "bolt", newName: "screw" } };
      const { results, sessionId } = await session("Rename bolt to screw", [rename, submit]);
      assert.match(results[0]?.content ?? "", /^Renamed bolt to screw: 2 places in one\.inv, two\.inv\./);
      const { engine } = await api.desk.runtime();
      assert.deepEqual(
        (await engine.state(sessionId))?.landing?.files.map((file) => file.path),
        ["one.inv", "two.inv"],
      );
      assert.equal(readFileSync(join(folder(), "two.inv"), "utf8"), "nut 2\nbolt 3\n");
    } finally {
      provider.dispose();
    }
  });

  it("refuse a rename that would also move files, and change nothing", async () => {
    writeFileSync(join(folder(), "one.inv"), "bolt 7\n");
    const moving: vscode.RenameProvider = {
      provideRenameEdits: (document, position, newName) => {
        const edit = renameInFolder(document, position, newName);
        edit.renameFile(document.uri, vscode.Uri.file(join(dirname(document.uri.fsPath), `${newName}.inv`)));
        return edit;
      },
    };
    const provider = vscode.languages.registerRenameProvider({ pattern: "**/*.inv" }, moving);
    try {
      const rename = { tool: "ide__rename", input: { path: "one.inv", line: 1, symbol: "bolt", newName: "screw" } };
      const { results, sessionId } = await session("Rename bolt to screw", [rename, submit]);
      assert.equal(results[0]?.ok, false);
      assert.match(results[0].content, /would also rename, create or delete files/);
      const { engine } = await api.desk.runtime();
      assert.equal((await engine.state(sessionId))?.landing, undefined);
    } finally {
      provider.dispose();
    }
  });
});

const steps = (count: number): boolean[] => Array.from({ length: count }, () => true);

/** Says something of every text that it is shown, as a linter does. */
function lintInks(): vscode.Disposable {
  const found = vscode.languages.createDiagnosticCollection("ink");
  const lint = (document: vscode.TextDocument): void => {
    const at = document.getText().indexOf("colour");
    const range = new vscode.Range(document.positionAt(at), document.positionAt(at + 6));
    const problem = new vscode.Diagnostic(range, "colour?", vscode.DiagnosticSeverity.Warning);
    problem.source = "ink";
    if (document.languageId === "css") found.set(document.uri, at < 0 ? [] : [problem]);
  };
  return vscode.Disposable.from(
    found,
    vscode.workspace.onDidOpenTextDocument(lint),
    vscode.workspace.onDidChangeTextDocument(({ document }) => lint(document)),
  );
}

function renameInFolder(document: vscode.TextDocument, position: vscode.Position, newName: string): vscode.WorkspaceEdit {
  const word = document.getText(document.getWordRangeAtPosition(position));
  const edit = new vscode.WorkspaceEdit();
  const inside = dirname(document.uri.fsPath);
  for (const name of readdirSync(inside).filter((one) => one.endsWith(".inv")))
    readFileSync(join(inside, name), "utf8")
      .split("\n")
      .forEach((line, at) => {
        const from = line.indexOf(word);
        if (from >= 0) edit.replace(vscode.Uri.file(join(inside, name)), new vscode.Range(at, from, at, from + word.length), newName);
      });
  return edit;
}
