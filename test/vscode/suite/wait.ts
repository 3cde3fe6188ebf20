// What suites in the extension host wait for: a condition, and a list that comes up and is to be answered.

import assert from "node:assert/strict";
import * as vscode from "vscode";

/** `told` says more of what there was instead. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, told?: () => Promise<string>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`waited too long for ${what}${told ? `; ${await told()}` : ""}`);
}

/** Gives the same answer to each list that comes up, however long that takes: by default its first entry. */
export async function picking<T>(running: Thenable<T>, answer = "workbench.action.acceptSelectedQuickOpenItem"): Promise<T> {
  const again = setInterval(() => void vscode.commands.executeCommand(answer), 200);
  try {
    return await running;
  } finally {
    clearInterval(again);
  }
}
