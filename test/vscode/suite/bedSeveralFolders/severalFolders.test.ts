// A bed with several folders: a multi-root workspace of separate copies.

import assert from "node:assert/strict";
import * as vscode from "vscode";

describe("a bed with several folders", () => {
  it("opens each of them", () => {
    assert.deepEqual(vscode.workspace.workspaceFolders?.map(({ name }) => name), ["project", "project2"]);
  });
});
