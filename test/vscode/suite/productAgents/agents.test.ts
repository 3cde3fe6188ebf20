// Blueprints as files: made, turned off and on, validated; the engine sees each change.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { RegistryPort } from "../../../../src/core/ports.ts";
import type { Api } from "../../../../src/vscode/extension.ts";
import { until as waitUntil } from "../wait.ts";

const run = <T>(name: string, ...args: unknown[]): Thenable<T> => vscode.commands.executeCommand<T>(`agentOrchestrator.${name}`, ...args);

async function registry(): Promise<RegistryPort> {
  const { desk } = await Promise.resolve(vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate());
  return (await desk.runtime()).registry;
}

const until = (condition: () => Promise<boolean>): Promise<void> => waitUntil(condition, "the files to be read");

describe("blueprints", () => {
  const folder = (): string => vscode.workspace.workspaceFolders![0]!.uri.fsPath;

  it("manageAgents shows the team, which is read for it", async () => {
    const { desk } = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    await desk.close();
    assert.equal(desk.loaded(), undefined);
    await run("manageAgents");
    await until(() => Promise.resolve(desk.loaded() !== undefined));
  });

  it("newAgent writes a file that is found at once", async () => {
    const file = await run<string>("newAgent", "Release notes");
    assert.equal(file, join(folder(), ".agents", "release-notes.md"));
    assert.equal((await registry()).agent("release-notes")?.source, "workspace");
  });

  it("editAgent opens the blueprint", async () => {
    await run("editAgent", "release-notes");
    assert.match(vscode.window.activeTextEditor?.document.fileName ?? "", /release-notes\.md$/);
  });

  it("toggleAgent turns an agent off and on, and rewrites no file", async () => {
    const own = join(folder(), ".agents", "release-notes.md");
    const text = readFileSync(own, "utf8");
    for (const id of ["release-notes", "rust"]) {
      await run("toggleAgent", id);
      assert.equal((await registry()).agent(id)?.enabled, false, id);
      await run("toggleAgent", id);
      assert.notEqual((await registry()).agent(id)?.enabled, false, id);
    }
    assert.equal((await registry()).agent("rust")?.source, "bundled");
    assert.equal(readFileSync(own, "utf8"), text);
  });

  it("validateAgents names what is broken, with file and line, and the rest is there", async () => {
    assert.equal(await run("validateAgents"), 0);
    writeFileSync(join(folder(), ".agents", "broken.md"), "---\ntools: 7\n---\nx\n");
    assert.equal(await run("validateAgents"), 1);
    assert.match(vscode.window.activeTextEditor?.document.getText() ?? "", /broken\.md:2: /);
    assert.ok((await registry()).agent("typescript"));
    assert.ok(readFileSync(join(folder(), ".agents", "release-notes.md"), "utf8").includes("id: release-notes"));
  });

  it("shows what is wrong at its line, and what is only not done yet as information", async () => {
    const file = vscode.Uri.file(join(folder(), ".agents", "odd.md"));
    writeFileSync(file.fsPath, "---\nisolation: shared\ntools: [filesystem__read_file]\n---\nWork.\n");
    const broken = vscode.Uri.file(join(folder(), ".agents", "broken.md"));
    await until(async () => vscode.languages.getDiagnostics(file).length + vscode.languages.getDiagnostics(broken).length === 2);
    assert.deepEqual(
      [file, broken].flatMap((one) => vscode.languages.getDiagnostics(one)).map(({ range, severity }) => [range.start.line, severity]),
      [
        [1, vscode.DiagnosticSeverity.Information],
        [1, vscode.DiagnosticSeverity.Error],
      ],
    );
    rmSync(broken.fsPath);
    await until(async () => vscode.languages.getDiagnostics(broken).length === 0);
  });

  it("offers the keys that a blueprint may have, and the values that are known", async () => {
    const file = vscode.Uri.file(join(folder(), ".agents", "typed.md"));
    writeFileSync(file.fsPath, "---\nmodel: inherit\n\nmemoryScope: \ntools: [\nsubAgents:\n  - \n---\nWork.\n\n");
    await vscode.window.showTextDocument(file);
    const offered = async (line: number, character: number): Promise<string[]> => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        "vscode.executeCompletionItemProvider",
        file,
        new vscode.Position(line, character),
      );
      const ours = list.items.filter(({ kind }) => kind === vscode.CompletionItemKind.Property || kind === vscode.CompletionItemKind.Value);
      return ours.map(({ label }) => (typeof label === "string" ? label : label.label));
    };
    const keys = await offered(2, 0);
    assert.ok(keys.includes("description") && keys.includes("permissions") && !keys.includes("model"), keys.join());
    assert.deepEqual((await offered(3, 13)).toSorted(), ["global", "none", "project", "session"]);
    const tools = await offered(4, 8);
    assert.ok(tools.includes("filesystem__*") && tools.includes("shell__run") && tools.includes("ide__rename"), tools.join());
    assert.ok((await offered(6, 4)).includes("typescript"));
    assert.deepEqual(await offered(9, 0), []);
    rmSync(file.fsPath);
  });

  it("a team file is found when it is written, whoever writes it; its members can be turned off", async () => {
    writeFileSync(join(folder(), "agents.yaml"), "agents:\n  - id: keeper\n    description: Keeps the list of changes\n  - id: [broken\n");
    await until(async () => (await registry()).problems().some(({ file }) => file.endsWith("agents.yaml")));
    writeFileSync(join(folder(), "agents.yaml"), "agents:\n  - id: keeper\n    description: Keeps the list of changes\n");
    await until(async () => (await registry()).agent("keeper") !== undefined);
    await run("toggleAgent", "keeper");
    assert.equal((await registry()).agent("keeper")?.enabled, false);
  });
});
