// What a prompt can point at, as the editor knows it: files, symbols of the language services, the selection, problems.

import assert from "node:assert/strict";
import { join } from "node:path";
import * as vscode from "vscode";
import { findMentions, withAttachments } from "../../../../src/vscode/mentions.ts";

const folder = (): string => vscode.workspace.workspaceFolders![0]!.uri.fsPath;

describe("mentions", () => {
  const registered: vscode.Disposable[] = [];
  afterEach(() => registered.splice(0).forEach((one) => one.dispose()));

  it("find files by a part of their name, and the selection", async () => {
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(join(folder(), "src", "item.ts")));
    editor.selection = new vscode.Selection(0, 0, 1, 0);
    const found = await findMentions("item");
    assert.ok(found.some(({ kind, path }) => kind === "file" && path === "src/item.ts"));
    assert.ok(found.some(({ kind, label }) => kind === "selection" && label === "selection in src/item.ts:1-2"));
  });

  it("find symbols that a language service knows, by name and place, and wait for no slow one", async () => {
    const at = (line: number): vscode.Location =>
      new vscode.Location(vscode.Uri.file(join(folder(), "src", "item.ts")), new vscode.Position(line, 0));
    const answer = [new vscode.SymbolInformation("priceOf", vscode.SymbolKind.Function, "", at(4))];
    registered.push(vscode.languages.registerWorkspaceSymbolProvider({ provideWorkspaceSymbols: () => answer }));
    const [symbol] = (await findMentions("priceOf")).filter(({ kind }) => kind === "symbol");
    assert.equal(symbol?.label, "priceOf in src/item.ts:5");
    assert.match(withAttachments("Look at it", [symbol]), /The user points at:\n- priceOf in src\/item\.ts:5$/);
    registered.push(vscode.languages.registerWorkspaceSymbolProvider({ provideWorkspaceSymbols: () => new Promise(() => undefined) }));
    assert.ok((await findMentions("item")).some(({ kind }) => kind === "file"));
  });
});
