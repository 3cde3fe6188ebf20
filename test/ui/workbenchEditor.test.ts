// Questions where a person reads their code: approved in the file itself, the result taken in Source Control, by mouse and
// keys in a real workbench.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Bed, makeBed, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

describe("questions in the editor of a workbench", function () {
  this.timeout(120_000);
  let bed: Bed;
  let window: Window;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    bed = await makeBed();
    window = await bed.open();
  });
  after(() => bed?.close());

  it("an edit is seen and approved in the file, its result reviewed and taken in Source Control", async () => {
    const { page } = window;
    await page.keyboard.press("Control+P");
    await page.keyboard.type("README.md");
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "README.md" }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".view-line", { hasText: "recieve" }).first().waitFor();
    await window.begin();
    await window.say('Fix the typo "recieve" in README.md');
    const lenses = page.locator(".codelens-decoration");
    await lenses.getByText("TypeScript wants to edit here").waitFor();
    await page.locator(".statusbar-item", { hasText: "Agents: 1 waiting" }).waitFor();
    await window.screenshot("editor-1-asked");
    await lenses.getByText("Show diff").click();
    await page.locator(".tab", { hasText: "README.md (asked)" }).waitFor();
    await page.locator(".monaco-diff-editor .view-line", { hasText: "receive" }).first().waitFor();
    await window.screenshot("editor-2-diff");
    await page.locator(".tab", { hasText: /^README\.md$/ }).click();
    // A lens that is just being drawn again takes no click.
    const asked = page.locator(".tab", { hasText: "README.md (asked)" });
    for (let tries = 0; tries < 20 && (await asked.count()) > 0; tries++) {
      await lenses
        .getByText("Approve")
        .click({ timeout: 2_000 })
        .catch(() => undefined);
      await asked.waitFor({ state: "detached", timeout: 2_000 }).catch(() => undefined);
    }
    assert.equal(await asked.count(), 0, "the diff goes with its question");
    await lenses.first().waitFor({ state: "detached" });
    await page.keyboard.press("Control+Shift+G");
    const group = page.locator(".scm-view .resource-group", { hasText: "1 change waits: Fix the typo" });
    await group.waitFor();
    await group.hover();
    await window.screenshot("editor-3-source-control");
    await group.getByRole("button", { name: "Apply Changes" }).click();
    await group.waitFor({ state: "detached" });
    const text = (): string => readFileSync(join(bed.project, "README.md"), "utf8");
    for (let tries = 0; tries < 200 && /recieve/.test(text()); tries++) await pause(50);
    assert.doesNotMatch(text(), /recieve/);
    await window.screenshot("editor-4-taken");
    assert.deepEqual(window.problems(), []);
  });

  it("the line that was taken says who wrote it, and leads to its place in the trace", async () => {
    const { page } = window;
    const line = page.locator(".view-line", { hasText: "receive" }).first();
    const hover = page.locator(".monaco-hover", { hasText: "Written by TypeScript" }).first();
    for (let tries = 0; tries < 20 && (await hover.count()) === 0; tries++) {
      await page.mouse.move(5, 5);
      await line.hover({ position: { x: 60, y: 8 } });
      await hover.waitFor({ timeout: 2_000 }).catch(() => undefined);
    }
    await hover.getByText("Approved by user").waitFor();
    await window.screenshot("editor-5-who-wrote");
    await hover.getByText("Show in the trace").click();
    await window.mark("trace-row").waitFor();
    assert.match(await window.mark("trace-task").inputValue(), /^t_/);
    await window.screenshot("editor-5-trace");
    assert.deepEqual(window.problems(), []);
    await window.show("chat");
  });

  it("what was taken is taken back by way of the list of checkpoints", async () => {
    const { page } = window;
    await window.command("Agent Orchestrator: Roll Back to Checkpoint");
    const rows = page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: "before: " }).first().waitFor();
    await window.screenshot("editor-6-checkpoints");
    await rows.filter({ hasText: "before: " }).first().click();
    const goOn = rows.filter({ hasText: "Take back the files, and what the session knows" });
    await goOn.waitFor();
    await window.screenshot("editor-7-confirm");
    await goOn.click();
    const text = (): string => readFileSync(join(bed.project, "README.md"), "utf8");
    for (let tries = 0; tries < 200 && !/recieve/.test(text()); tries++) await pause(50);
    assert.match(text(), /recieve/);
    const told = page.locator(".notification-toast", { hasText: "Took back README.md." });
    await told.waitFor();
    await window.screenshot("editor-8-taken-back");
    await told.getByText("Undo").click();
    for (let tries = 0; tries < 200 && /recieve/.test(text()); tries++) await pause(50);
    assert.doesNotMatch(text(), /recieve/);
  });

  it("a model whose key is missing is named in the panel, with the way to set it", async () => {
    await window.reloadWith({ "agentOrchestrator.model": "anthropic:claude-sonnet-4-5" });
    await window.begin();
    const trouble = window.mark("trouble");
    await trouble.getByText("The model anthropic:claude-sonnet-4-5 needs an API key.").waitFor();
    await window.screenshot("editor-5-no-key");
    await trouble.getByText("Set API key").click();
    const { page } = window;
    await page.locator(".quick-input-list .monaco-list-row", { hasText: "ANTHROPIC_API_KEY" }).first().waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-title", { hasText: "Anthropic API key" }).waitFor();
    await page.keyboard.type("sk-not-a-real-one");
    await page.keyboard.press("Enter");
    await trouble.waitFor({ state: "detached" });
  });

  it("an MCP server that the project brings is shown as it is, and used once it is accepted", async () => {
    const { page } = window;
    mkdirSync(join(bed.project, ".vscode"), { recursive: true });
    const notes = { command: process.execPath, args: [resolve("test/support/mcpServer.ts")] };
    writeFileSync(join(bed.project, ".vscode", "mcp.json"), JSON.stringify({ servers: { notes } }));
    await window.reload();
    await window.begin();
    const asked = page.locator(".notification-toast", { hasText: 'mcp.json brings the MCP server "notes"' });
    await asked.waitFor();
    await window.screenshot("editor-9-server");
    await asked.getByText("Let agents use it").click();
    const told = async (): Promise<string> =>
      (await page.locator(".editor-instance .view-lines").first().innerText()).replaceAll("\u00a0", " ").replaceAll("\n", "");
    await window.command("Agent Orchestrator: Doctor");
    for (let tries = 0; tries < 10 && !/MCP server notes .*not started yet/.test(await told()); tries++)
      await window.command("Agent Orchestrator: Doctor");
    await window.screenshot("editor-10-doctor");
    assert.match(await told(), /MCP server notes .*not started yet/);
  });
});
