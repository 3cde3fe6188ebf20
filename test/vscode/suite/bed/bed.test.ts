// What the bed promises to every suite: a real extension host with our settings, our folder, our extension.

import assert from "node:assert/strict";
import { homedir, tmpdir } from "node:os";
import * as vscode from "vscode";

describe("a bed", () => {
  const standIn = (): vscode.Extension<{ word(): string }> => vscode.extensions.getExtension("agent-orchestrator-tests.stand-in")!;

  it("has the SQLite that the store needs", async () => {
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(":memory:");
    database.exec("create virtual table words using fts5(word); insert into words values ('found')");
    assert.equal(database.prepare("select word from words where words match 'found'").get()?.["word"], "found");
    database.close();
  });

  it("opens a copy of the sample project, trusted", async () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
    assert.equal((await vscode.workspace.findFiles("package.json")).length, 1);
    assert.ok(vscode.workspace.isTrusted);
  });

  it("activates the extension only when asked, with the bed's settings", async () => {
    assert.equal(standIn().isActive, false);
    assert.equal((await standIn().activate()).word(), "chosen by the bed");
  });

  it("runs commands of the extension", async () => {
    assert.ok((await vscode.commands.getCommands(true)).includes("standIn.openPanel"));
    await vscode.commands.executeCommand("standIn.openPanel");
  });

  it("keeps home and temporary files to itself", () => {
    assert.match(homedir(), /ao-vscode-\w+\/home$|ao-desktop-/);
    assert.ok(tmpdir().length > 0);
  });
});
