// One agent's work undone from the list of agents while the result waits, and what is said of its checks, in the panel with
// the real engine and the scripted team.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { panelBed } from "./panelPage.ts";
import { feature } from "./stories.ts";

describe("one agent's work", () => {
  const bed = panelBed();

  it("is undone and put back where the agents are listed, while the result waits; then what is left is kept", async () => {
    await bed.open();
    const { page, mark, show } = bed.panel;
    await mark("composer").fill(feature);
    await mark("composer").press("Enter");
    for (const asked of ["approval", "approval"]) {
      await mark(asked).first().waitFor();
      await bed.panel.allowForSession();
    }
    await page.getByRole("button", { name: /Keep 4 files/ }).waitFor();
    await show("changes");
    await mark("proof").getByText("npm test passed on exactly this result").waitFor();
    await show("agents");
    await page.getByRole("treeitem", { name: /^Documentation,/ }).click();
    await page.getByRole("button", { name: "Undo its work" }).click();
    await page.getByText("Taken out of what is proposed: README.md").waitFor();
    await page.getByText("Done, undone").waitFor();
    mkdirSync(".cache/screenshots", { recursive: true });
    await page.screenshot({ path: ".cache/screenshots/panel-undo-agents.png" });
    await show("changes");
    await page.getByRole("heading", { name: /3 changed files/ }).waitFor();
    // The tests had run before the documentation was written: on exactly what is left now.
    await mark("proof").getByText("npm test passed on exactly this result").waitFor();
    await page.screenshot({ path: ".cache/screenshots/panel-undo-changes.png" });
    await show("agents");
    await page.getByRole("button", { name: "Put its work back" }).click();
    await page.getByText("Put back into what is proposed: README.md").waitFor();
    await show("changes");
    await page.getByRole("heading", { name: /4 changed files/ }).waitFor();
    await mark("proof").getByText("npm test passed on exactly this result").waitFor();
    await show("agents");
    await page.getByRole("button", { name: "Undo its work" }).click();
    await page.getByText("Done, undone").waitFor();
    await show("changes");
    await page.getByRole("heading", { name: /3 changed files/ }).waitFor();
    await mark("keep-all").click();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    assert.ok(existsSync(join(bed.panel.host.workspace, "src/discounted.ts")));
    assert.ok(!readFileSync(join(bed.panel.host.workspace, "README.md"), "utf8").includes("discounted"));
  });
});
