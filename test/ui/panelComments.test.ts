// Comments on lines of what is proposed, in the panel with the real engine: by mouse and by keyboard, kept across a reload,
// sent at once, answered by a run whose result waits as any other.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";

const filler = Array.from({ length: 12 }, (_, i) => `Line ${i + 1} stays.`).join("\n");
const misspelt = ["# Sample", "You recieve one.", filler, "You recieve two.", ""].join("\n");

/** A script of the page: how many are kept for when it is gone. */
const keptComments = (session: string): string => `new Promise((done) => {
  const opening = indexedDB.open("keyval-store");
  opening.onsuccess = () => {
    const reading = opening.result.transaction("keyval").objectStore("keyval").get("comments:${session}");
    reading.onsuccess = () => (opening.result.close(), done(reading.result?.length));
  };
})`;

describe("comments on lines", () => {
  const bed = panelBed();

  const proposed = async (): Promise<void> => {
    await bed.open({ before: ({ workspace }) => writeFileSync(join(workspace, "README.md"), misspelt) });
    const { mark } = bed.panel;
    await mark("composer").fill('Fix the typo "recieve" in README.md');
    await mark("composer").press("Enter");
    const strip = mark("landing-strip");
    for (;;) {
      await mark("approve-more").or(strip).first().waitFor();
      if (await strip.isVisible()) return;
      await bed.panel.allowForSession();
    }
  };
  const look = async (): Promise<void> => {
    await bed.panel.show("changes");
    const file = bed.panel.page.getByRole("button", { name: /^M README.md/ });
    if ((await file.getAttribute("aria-expanded")) === "false") await file.click();
    await bed.panel.page.locator(".hunk").first().waitFor();
  };
  const on = (line: number) => bed.panel.page.getByRole("button", { name: `Comment on line ${line} of README.md`, exact: true });
  const field = () => bed.panel.mark("comment-text");

  it("are written on lines of the result alone, changed and deleted, and are there after a reload", async () => {
    await proposed();
    await look();
    const { page, mark } = bed.panel;
    assert.equal(await page.locator(".diff-remove .say").count(), 0, "what is removed is no line of the result");
    await page.locator(".say-row", { hasText: "You receive one" }).hover();
    await on(2).click();
    await field().fill('Say "get" instead of "receive"');
    await mark("comment-keep").click();
    await on(1).press("Enter");
    await field().fill("A word too much");
    await field().press("Escape");
    await mark("comment-bar").getByText("2 comments").waitFor();
    await page.getByRole("button", { name: "Delete the comment on line 1" }).click();
    await mark("comment-bar").getByText("1 comment ").waitFor();
    const [session] = await bed.panel.host.sessions();
    await until(async () => (await bed.panel.page.evaluate(keptComments(session!))) === 1, "the draft to be kept");
    await bed.panel.reload();
    await look();
    await mark("comment-draft").getByText('Say "get" instead').waitFor();
    await page.getByRole("button", { name: "Edit the comment on line 2" }).click();
    assert.equal(await field().inputValue(), 'Say "get" instead of "receive"');
  });

  it("by keyboard alone: arrows go from line to line, Enter writes, Ctrl+Enter keeps; sent they begin a run that answers", async () => {
    await proposed();
    await look();
    const { page, mark, host } = bed.panel;
    await on(1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("textarea:focus").waitFor();
    await page.keyboard.type('Say "get" instead of "receive"');
    await page.keyboard.press("Control+Enter");
    await page.locator(".say:focus").waitFor();
    assert.equal(await page.locator(".say:focus").getAttribute("aria-label"), "Comment on line 2 of README.md");
    await mark("send-comments").press("Enter");
    await page.getByText('It says "get" instead of "receive" in README.md now.').first().waitFor();
    await mark("landing-strip").waitFor();
    const [session] = await host.sessions();
    const state = await host.state(session!);
    assert.deepEqual(state!.run!.comments, [{ path: "README.md", line: 2, text: 'Say "get" instead of "receive"' }]);
    await look();
    assert.equal(await mark("comment-bar").count(), 0, "nothing is left to send");
    await page.locator(".say-row", { hasText: "You get one" }).waitFor();
    await mark("keep-all").click();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    assert.match(readFileSync(join(host.workspace, "README.md"), "utf8"), /You get one/);
    assert.equal(await page.locator(".say").count(), 0, "what is decided is commented in the files");
  });

  it("stay, with the reason, where they cannot be sent", async () => {
    await proposed();
    await look();
    const { mark, host } = bed.panel;
    await on(2).click();
    await field().fill("Shorter, please");
    await mark("comment-keep").click();
    writeFileSync(join(host.workspace, "README.md"), misspelt.replace("recieve one", "keep one"));
    await mark("send-comments").click();
    await mark("notice")
      .getByText(/do not fit your files any more \(README\.md\)/)
      .waitFor();
    await mark("comment-draft").getByText("Shorter, please").waitFor();
  });
});
