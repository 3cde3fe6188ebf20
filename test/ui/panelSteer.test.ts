// Saying things to a team at work: the words in the conversation, who has heard them, one agent alone, and what the engine
// refuses. With the real engine and the scripted model.

import assert from "node:assert/strict";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";
import { feature } from "./stories.ts";

describe("steering a team at work", () => {
  const bed = panelBed();
  const { open } = bed;

  const begin = async (): Promise<void> => {
    await open();
    await bed.panel.mark("composer").fill(feature);
    await bed.panel.mark("composer").press("Enter");
    await bed.panel.mark("approval").first().waitFor();
  };
  const say = async (words: string): Promise<void> => {
    await bed.panel.mark("composer").fill(words);
    await bed.panel.mark("composer").press("Enter");
  };

  it("shows the words at once, as mine and once, and who has heard them", async () => {
    await begin();
    const { page, mark } = bed.panel;
    await page.locator("ao-list").hover();
    await page.mouse.wheel(0, -9_000);
    await page.getByRole("article", { name: "You", exact: true }).waitFor();
    await say("Keep the names short.");
    const said = mark("said").filter({ hasText: "Keep the names short." });
    await said.getByText("not heard yet").waitFor();
    const list = (await page.locator("ao-list").boundingBox())!;
    await until(async () => ((await said.boundingBox())?.y ?? Infinity) < list.y + list.height, "the words in sight");
    assert.equal(await mark("composer").inputValue(), "");
    await bed.panel.allowForSession();
    await said.getByText(/heard by TypeScript/).waitFor();
    await page.locator("ao-list").hover();
    assert.equal(await page.getByText("Keep the names short.", { exact: true }).count(), 1);
    assert.equal(await page.getByText("The user says: Keep the names short.").count(), 0);
  });

  it("says it to one agent, chosen in the tree of agents or by its name", async () => {
    await begin();
    const { page, mark, show } = bed.panel;
    await show("agents");
    await page.getByRole("treeitem", { name: /TypeScript, Waiting/ }).click();
    await mark("talk-task").click();
    await mark("talk-to").getByText("to TypeScript").waitFor();
    assert.ok(await mark("composer").evaluate((area) => area.matches(":focus")), "the composer has the focus");
    await mark("composer").press("Backspace");
    await mark("talk-to").waitFor({ state: "hidden" });
    await mark("composer").pressSequentially("@types");
    await page.locator(".choice.chosen", { hasText: "TypeScript" }).waitFor();
    await mark("composer").press("Tab");
    await mark("talk-to").waitFor();
    assert.equal(await mark("composer").inputValue(), "");
    await say("Only for you.");
    const said = page.getByRole("article", { name: "You to TypeScript" });
    await said.getByText("not heard yet").waitFor();
    await bed.panel.allowForSession();
    await said.getByText("heard by TypeScript", { exact: true }).waitFor();
  });

  it("says that the work is done and only the changes wait; a further prompt goes on with them", async () => {
    await begin();
    const { page, mark } = bed.panel;
    await bed.panel.allowForSession();
    await page.getByText("npm test").first().waitFor();
    await bed.panel.allowForSession();
    await mark("landing-strip").waitFor();
    await say("What does this project do?");
    await page.getByRole("article", { name: "You", exact: true }).filter({ hasText: "What does this project do?" }).waitFor();
    assert.equal(await mark("said").count(), 0);
    await page
      .locator("ao-markdown")
      .getByText(/This answer was played by the scripted demo model/)
      .waitFor();
    await mark("landing-strip").getByText("Keep all").click();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    await mark("landing-strip").waitFor({ state: "hidden" });
  });

  it("offers what nobody heard as a prompt", async () => {
    await begin();
    const { page, mark } = bed.panel;
    await say("What does this project do?");
    await mark("said").getByText("not heard yet").waitFor();
    await mark("composer").press("Escape");
    await mark("said").getByText("nobody heard it before the run ended").waitFor();
    await mark("said-again").click();
    await page.getByRole("article", { name: "You", exact: true }).filter({ hasText: "What does this project do?" }).nth(1).waitFor();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
  });
});
