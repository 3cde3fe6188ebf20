// A bed without trust, with several folders and an installed package: a multi-root workspace of separate copies, restricted.

import assert from "node:assert/strict";
import * as vscode from "vscode";

describe("a bed without trust, with several folders and a package", () => {
  it("opens each of them", () => {
    assert.deepEqual(
      vscode.workspace.workspaceFolders?.map(({ name }) => name),
      ["project", "project2"],
    );
  });

  it("has the extension as it is installed", () => {
    const extension = vscode.extensions.getExtension("agent-orchestrator-tests.stand-in");
    assert.match(extension?.extensionPath ?? "", /extensions.*stand-in-0\.0\.1/);
  });

  it("opens them restricted", () => assert.equal(vscode.workspace.isTrusted, false));
});
