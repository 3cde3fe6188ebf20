// A comment written on a line of the editor's own diff, with its own field and buttons, in a real workbench: a draft, sent
// from Source Control, answered by the agent that wrote the line.

import assert from "node:assert/strict";
import { type Bed, makeBed, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

const said = 'Say "get" instead of "receive"';

describe("comments in the editor of a workbench", function () {
  this.timeout(120_000);
  let bed: Bed;
  let window: Window;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    bed = await makeBed({ settings: { "agentOrchestrator.level": "assisted" } });
    window = await bed.open();
  });
  after(() => bed?.close());

  it("is written on the proposed side of a diff, kept as a draft across a reload, sent, and answered", async () => {
    const { page } = window;
    await window.begin();
    await window.say('Fix the typo "recieve" in README.md');
    await window.mark("landing-strip").waitFor();
    await window.show("changes");
    await window.text("Open diff").click();
    const changed = page.locator(".monaco-diff-editor .editor.modified .view-line", { hasText: "receive" }).first();
    await changed.waitFor();
    await changed.click();
    await window.command("Comments: Add Comment on Current Selection");
    const thread = page.locator(".review-widget");
    await thread.locator(".monaco-editor").first().waitFor();
    await page.keyboard.type(said);
    await window.screenshot("comments-1-written");
    await thread.getByRole("button", { name: "Keep as Draft" }).click();
    await thread.locator(".comment-body", { hasText: said }).waitFor();
    await thread.getByText("Draft: send it when you have said all").waitFor();
    await window.screenshot("comments-2-draft");
    await window.reload();
    await window.text("Open diff").click();
    await page.locator(".review-widget .comment-body", { hasText: said }).waitFor();
    await page.keyboard.press("Control+Shift+G");
    const group = page.locator(".scm-view .resource-group", { hasText: "1 change waits: Fix the typo" });
    await group.waitFor();
    await group.hover();
    await window.screenshot("comments-3-source-control");
    await group.getByRole("button", { name: "Send Comments to the Agents" }).click();
    await page.locator(".notification-toast", { hasText: "works on your comment" }).waitFor();
    await page.locator(".monaco-diff-editor .editor.modified .view-line", { hasText: "when you get a delivery" }).first().waitFor();
    await page.locator(".scm-view .resource-group", { hasText: "1 change waits: Comment on README.md:12" }).waitFor();
    await window.screenshot("comments-4-answered");
    assert.deepEqual(window.problems(), []);
  });
});
