// Approvals that hold for more than one call: what each scope would also allow is said before it is given, and what was
// given is not asked again. With the real engine.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { panelBed } from "./panelPage.ts";

const goal = 'Fix the typo "recieve" in README.md';
const misspelt = "# Sample\n\nYou recieve one.\n";

describe("approvals that hold for longer", () => {
  const bed = panelBed();

  const begin = async (): Promise<void> => {
    writeFileSync(join(bed.panel.host.workspace, "README.md"), misspelt);
    await bed.panel.mark("composer").fill(goal);
    await bed.panel.mark("composer").press("Enter");
  };

  it("says what each scope would also allow; given for the workspace, another session does not ask again", async () => {
    await bed.open();
    const { page, mark } = bed.panel;
    await begin();
    await mark("approval").first().press("m");
    await page.getByRole("menuitem", { name: /Allow for this session.*Also allows all edits/ }).waitFor();
    await page.getByRole("menuitem", { name: /Always allow.*Also allows .* in all projects/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    assert.ok(await mark("approve-workspace").evaluate((entry) => entry.matches(":focus")));
    assert.match(await mark("approve-workspace").innerText(), /Allow in this workspace[\s\S]*in all sessions of this project\./);
    await page.keyboard.press("Enter");
    await page.getByText("Approved in this workspace: Edit README.md").waitFor();
    await mark("landing-strip").getByText("Keep all").click();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    await mark("new-session").click();
    await begin();
    await mark("landing-strip").waitFor();
    assert.equal(await page.getByText(/^Approved/).count(), 0);
    await page.getByRole("button", { name: /^Edit README\.md, done/ }).click();
    await page.getByText(/filesystem__edit_file · allowed by what you granted \(g_/).waitFor();
  });

  it("offers commands like one, with what else that would allow", async () => {
    await bed.open();
    const { page, mark } = bed.panel;
    await mark("example").click();
    await mark("composer").press("Enter");
    const isCommand = page.locator('[data-testid="approval"]', { hasText: "npm test" });
    while ((await isCommand.count()) === 0) {
      await mark("approval").first().waitFor();
      if ((await isCommand.count()) === 0) await bed.panel.allowForSession();
    }
    await isCommand.first().press("m");
    const like = mark("approve-like");
    await like.waitFor();
    assert.match(await like.innerText(), /Allow commands like this[\s\S]*npm test … in an agent's own folder[\s\S]*for 90 days/);
    await page.screenshot({ path: ".cache/screenshots/panel-commands-like.png" });
    await like.click();
    await page
      .getByText(/^Approved with commands like it/)
      .first()
      .waitFor();
  });
});
