// A bed without trust: the folder opens restricted.

import assert from "node:assert/strict";
import * as vscode from "vscode";

describe("a bed without trust", () => {
  it("opens its folder restricted", () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
    assert.equal(vscode.workspace.isTrusted, false);
  });
});
