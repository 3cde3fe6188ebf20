// A result that clashes with the person's own edits, in the panel with the real engine: joined by hand and told, or by the
// agent that wrote it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { panelBed } from "./panelPage.ts";

const misspelt = "# Sample\n\nYou recieve one.\n";
const mine = "# Sample\n\nYou recieve one, and more.\n";

describe("changes that clash with the person's own edits", () => {
  const bed = panelBed();
  const readme = (): string => readFileSync(join(bed.panel.host.workspace, "README.md"), "utf8");

  beforeEach(async () => {
    await bed.open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    const { mark, host, show, page } = bed.panel;
    await mark("composer").fill('Fix the typo "recieve" in README.md');
    await mark("composer").press("Enter");
    const strip = mark("landing-strip");
    for (;;) {
      await mark("approve-more").or(strip).first().waitFor();
      if (await strip.isVisible()) break;
      await bed.panel.allowForSession();
    }
    await show("changes");
    writeFileSync(join(host.workspace, "README.md"), mine);
    await page.getByRole("button", { name: "Keep README.md" }).click();
    await mark("clash").getByText("Not applied: you changed the same places in README.md").waitFor();
    assert.equal(readme(), mine);
  });

  it("are joined by hand and told", async () => {
    const { page, host, mark } = bed.panel;
    const joined = "# Sample\n\nYou receive one, and more.\n";
    writeFileSync(join(host.workspace, "README.md"), joined);
    await page.getByRole("button", { name: "I have joined README.md" }).press("Enter");
    await page.locator(".file-line").getByText("joined by hand").waitFor();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    assert.equal(await mark("clash").count(), 0);
    assert.equal(readme(), joined);
  });

  it("are joined by the agent that wrote them, and its result is kept", async () => {
    const { page, mark, show } = bed.panel;
    await mark("join-agents").click();
    await page.getByText("Join what is proposed with what I changed meanwhile").first().waitFor();
    await mark("landing-strip").waitFor();
    await show("changes");
    assert.equal(await mark("clash").count(), 0);
    await mark("keep-all").click();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    assert.equal(readme(), "# Sample\n\nYou receive one, and more.\n");
  });

  it("are opened in the merge editor where there is one", async () => {
    const { page, host, mark } = bed.panel;
    assert.equal(await page.getByText("Join in the merge editor").count(), 0, "a browser has none");
    host.facts.editor = true;
    host.say({ type: "facts", body: host.facts });
    await mark("clash").getByText("Join in the merge editor").click();
    const [sessionId] = await host.sessions();
    assert.deepEqual(host.asked.at(-1), { action: "join", sessionId });
  });
});
