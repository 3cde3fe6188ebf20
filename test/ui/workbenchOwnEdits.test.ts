// A result that clashes with a person's own edits, in a real workbench: the ways out beside the words, the editor for merges
// with both sides, saved by the person, told as joined.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Bed, makeBed, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

const misspelt = ["# Sample", "", "You recieve one.", "", "The end.", ""].join("\n");
const mine = misspelt.replace("one.", "one, and more.");

describe("own edits that clash, in a workbench", function () {
  this.timeout(120_000);
  let bed: Bed;
  let window: Window;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    bed = await makeBed({ settings: { "agentOrchestrator.level": "assisted" } });
    writeFileSync(join(bed.project, "README.md"), misspelt);
    window = await bed.open();
  });
  after(() => bed?.close());

  it("are joined in the editor for merges: taken over, saved and told by the person", async () => {
    const { page } = window;
    const readme = (): string => readFileSync(join(bed.project, "README.md"), "utf8");
    await window.begin();
    await window.say('Fix the typo "recieve" in README.md');
    await window.mark("landing-strip").waitFor();
    writeFileSync(join(bed.project, "README.md"), mine);
    await window.command("Agent Orchestrator: Apply Changes");
    const told = page.locator(".notification-toast", { hasText: "you changed the same places in README.md" });
    await told.waitFor();
    await window.screenshot("own-edits-1-told");
    await told.getByText("Join in the Merge Editor").click();
    const merge = page.locator(".merge-editor");
    await merge.getByText("Yours").first().waitFor();
    await merge.getByText("Proposed").first().waitFor();
    await merge.locator(".view-line", { hasText: "receive" }).first().waitFor();
    assert.equal(readme(), mine, "nothing is written to show it");
    await window.screenshot("own-edits-2-merge");
    const result = merge.locator(".result .view-line", { hasText: "recieve" }).first();
    await result.click();
    await page.keyboard.press("Home");
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("You receive one, and more.");
    await page.keyboard.press("Control+S");
    for (let tries = 0; tries < 200 && readme() === mine; tries++) await pause(50);
    await window.screenshot("own-edits-3-joined");
    const asked = page.locator(".notification-toast", { hasText: "Once README.md holds what you want of both" });
    await asked.getByText("I Have Joined It").click();
    await window.status(/Done/);
    assert.equal(readme(), misspelt.replace("recieve one.", "receive one, and more."));
    await window.show("changes");
    await window.text("joined by hand").waitFor();
    await window.screenshot("own-edits-4-taken");
    assert.deepEqual(window.problems(), []);
  });
});
