// Deciding about proposed changes in parts, with the real engine on real files: by file, by hunk, by keyboard, and where the
// person's own edits are in the way.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";
import { feature } from "./stories.ts";

const filler = Array.from({ length: 12 }, (_, i) => `Line ${i + 1} stays.`).join("\n");
const misspelt = ["# Sample", "You recieve one.", filler, "You recieve two.", filler, "You recieve three.", ""].join("\n");

describe("deciding about changes in parts", () => {
  const bed = panelBed();
  const { open } = bed;
  const read = (path: string): string => readFileSync(join(bed.panel.host.workspace, path), "utf8");

  /** Approves for the session whatever is asked until the changes are proposed. */
  const work = async (goal: string): Promise<void> => {
    const { mark } = bed.panel;
    await mark("composer").fill(goal);
    await mark("composer").press("Enter");
    const asked = mark("approve-more");
    const proposed = mark("landing-strip");
    for (;;) {
      await asked.or(proposed).first().waitFor();
      if (await proposed.isVisible()) return;
      await bed.panel.allowForSession();
    }
  };
  const status = (word: string): Promise<void> => bed.panel.page.locator('[data-testid="status"]', { hasText: word }).waitFor();

  it("keeps one file and undoes another, in the conversation and in the list; the rest at once", async () => {
    await open();
    await work(feature);
    const { page, mark, show } = bed.panel;
    await page.getByRole("button", { name: "Undo README.md" }).click();
    await page.getByText("Undone: README.md").waitFor();
    await show("changes");
    await page.getByRole("button", { name: "Keep src/discounted.ts" }).click();
    await page.locator(".file", { hasText: "src/discounted.ts" }).getByText("kept").waitFor();
    await page.locator(".file", { hasText: "README.md" }).getByText("undone").waitFor();
    assert.ok(existsSync(join(bed.panel.host.workspace, "src/discounted.ts")));
    assert.doesNotMatch(read("src/index.ts"), /discounted/);
    assert.equal((await mark("tab-changes").getByText("2").count()) > 0, true, "two files are still to be decided");
    await mark("keep-all").getByText("Keep the rest").click();
    await status("Done");
    assert.match(read("src/index.ts"), /discounted/);
    assert.doesNotMatch(read("README.md"), /discounted/);
    await show("chat");
    await page.getByText("3 files kept in your workspace").waitFor();
  });

  it("keeps and undoes single hunks by keyboard, and marks what was decided", async () => {
    await open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    await work('Fix the typo "recieve" in README.md');
    const { page, show } = bed.panel;
    await show("changes");
    await page.getByRole("button", { name: /^M README.md/ }).click();
    const hunk = (n: number): ReturnType<typeof page.getByRole> =>
      page.getByRole("group", { name: `change ${n} of 3 in README.md`, exact: true });
    await page.getByRole("button", { name: "Keep change 1 of 3 in README.md" }).press("Enter");
    await hunk(1).getByText("kept").waitFor();
    assert.deepEqual(read("README.md").match(/You \w+ \w+/g), ["You receive one", "You recieve two", "You recieve three"]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await hunk(2).getByText("undone").waitFor();
    await page.getByRole("button", { name: "Keep the rest of README.md" }).press("Enter");
    await status("Done");
    assert.deepEqual(read("README.md").match(/You \w+ \w+/g), ["You receive one", "You recieve two", "You receive three"]);
    await page.locator(".file-line").getByText("partly kept").waitFor();
  });

  it("names the file where an edit of mine is in the way, and keeps it once that is gone", async () => {
    await open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    await work('Fix the typo "recieve" in README.md');
    const { page, show, host } = bed.panel;
    await show("changes");
    writeFileSync(join(host.workspace, "README.md"), misspelt.replace("recieve two", "get two"));
    await page.getByRole("button", { name: "Keep README.md" }).click();
    await page
      .locator(".file")
      .getByText(/you changed the same places in this file/)
      .waitFor();
    assert.match(read("README.md"), /get two/);
    writeFileSync(join(host.workspace, "README.md"), misspelt);
    await page.getByRole("button", { name: "Keep README.md" }).click();
    await status("Done");
    assert.doesNotMatch(read("README.md"), /recieve/);
  });

  it("says that changes were discarded, not that keeping them was denied", async () => {
    await open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    await work('Fix the typo "recieve" in README.md');
    const { page, mark, show } = bed.panel;
    await mark("deny").click();
    await page.getByText("Changes discarded").waitFor();
    await show("approvals");
    await page.locator(".answered", { hasText: "Changes discarded" }).waitFor();
    assert.equal(await page.getByText("Denied: Keep the changes").count(), 0);
    await until(async () => read("README.md") === misspelt, "the file as it was");
  });
});
