// Going back, with the real engine: a prompt said again in other words, forks, and files as they were before a prompt.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";

const question = "What does this project do?";
const misspelt = "# Sample\n\nYou recieve one.\n\n\n\n\n\nThe end.\n";

describe("going back in the panel", () => {
  const bed = panelBed();
  const { open } = bed;

  const ask = async (words: string): Promise<void> => {
    await bed.panel.mark("composer").fill(words);
    await bed.panel.mark("composer").press("Enter");
  };
  const status = (word: string): Promise<void> => bed.panel.page.locator('[data-testid="status"]', { hasText: word }).waitFor();
  const prompt = (n: number): ReturnType<typeof bed.panel.page.locator> =>
    bed.panel.page.getByRole("article", { name: "You", exact: true }).nth(n);
  const menuOf = async (n: number): Promise<void> => {
    await prompt(n).hover();
    await prompt(n).getByTestId("prompt-menu").click();
  };
  const sessions = (): Promise<number> => bed.panel.mark("session-row").count();

  it("says a prompt again in other words, in a fork that begins before it; by keyboard, and nothing is sent by itself", async () => {
    await open();
    const { page, mark, show } = bed.panel;
    await ask(question);
    await status("Done");
    await prompt(0).getByTestId("prompt-menu").press("Enter");
    await page.getByRole("menuitem", { name: /Edit and send again/ }).press("ArrowDown");
    await page.getByRole("menuitem", { name: /Fork from here/ }).press("Escape");
    await page.getByRole("menu").waitFor({ state: "hidden" });
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: /Edit and send again/ }).press("Enter");
    await mark("origin").getByText(question).waitFor();
    await until(async () => (await mark("composer").inputValue()) === question, "the words of the prompt");
    assert.ok(await mark("composer").evaluate((area) => area.matches(":focus")), "the composer has the focus");
    await page.getByText("Nothing was said in this session yet.").waitFor();
    await ask("What does it not do?");
    await prompt(0).getByText("What does it not do?").waitFor();
    await show("sessions");
    await until(async () => (await sessions()) === 2, "the fork in the list");
    await show("chat");
    await mark("origin").getByText(question).click();
    await prompt(0).getByText(question).waitFor();
  });

  it("forks where a run has ended, from the conversation and from the list", async () => {
    await open();
    const { page, mark, show } = bed.panel;
    await ask(question);
    await status("Done");
    await ask("What does this project do? Say it shorter.");
    await prompt(1).waitFor();
    await status("Done");
    await page.locator("ao-list").hover();
    await page.mouse.wheel(0, -9_000);
    await menuOf(0);
    await mark("prompt-fork").click();
    await mark("origin").waitFor();
    await prompt(0).getByText(question).waitFor();
    assert.equal(await page.getByText("What does this project do? Say it shorter.").count(), 0);
    await show("sessions");
    await page.getByRole("button", { name: /\(fork\)/ }).waitFor();
    await mark("fork-session").first().click();
    await show("sessions");
    await until(async () => (await sessions()) === 3, "a fork of the fork");
  });

  it("forks at any event of the trace: what was under way there goes on in the fork", async () => {
    await open();
    const { page, mark, show } = bed.panel;
    await ask(question);
    await status("Done");
    await show("trace");
    await page.locator('[data-testid="trace-row"]', { hasText: "task.created" }).first().click();
    await mark("trace-detail").waitFor();
    await mark("trace-fork").click();
    await mark("origin").getByText(question).waitFor();
    await mark("resume").click();
    await status("Done");
  });

  it("takes files back to before a prompt, asks first, keeps my edits, and names the clash", async () => {
    await open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    const { page, mark, host } = bed.panel;
    const file = join(host.workspace, "README.md");
    await ask('Fix the typo "recieve" in README.md');
    await bed.panel.allowForSession();
    await mark("landing-strip").getByText("Keep all").click();
    await status("Done");
    const kept = readFileSync(file, "utf8");
    assert.match(kept, /receive/);
    writeFileSync(file, kept.replace("receive one", "get one"));
    await page.locator("ao-list").hover();
    await page.mouse.wheel(0, -9_000);
    await menuOf(0);
    await mark("prompt-rollback").click();
    await mark("rollback-confirm").click();
    await mark("notice")
      .getByText(/Nothing was written: .* README\.md/)
      .waitFor();
    assert.match(readFileSync(file, "utf8"), /get one/);
    writeFileSync(file, kept.replace("The end.", "My end."));
    await menuOf(0);
    await mark("prompt-rollback").click();
    await mark("rollback-confirm").click();
    await mark("notice").getByText("Rolled back 1 file: README.md").waitFor();
    assert.equal(readFileSync(file, "utf8"), misspelt.replace("The end.", "My end."));
  });
});
