// Images that are attached to a goal: they reach the run, by hash; what no model can see is refused with the reason.

import assert from "node:assert/strict";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";

const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

describe("images in the composer", () => {
  const bed = panelBed();

  it("go with the goal", async () => {
    await bed.open();
    const { page, mark, host } = bed.panel;
    await page.locator("input[type=file]").setInputFiles({ name: "sketch.png", mimeType: "image/png", buffer: pixel });
    await page.getByText("sketch.png").waitFor();
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    const [session] = await host.sessions();
    const [image] = (await host.state(session!))?.run?.images ?? [];
    assert.deepEqual([image?.label, image?.mediaType], ["sketch.png", "image/png"]);
    assert.equal(await host.kept(image!.artifact), pixel.toString("base64"));
  });

  it("are refused where no model could see them", async () => {
    await bed.open();
    const { page, mark } = bed.panel;
    await page.locator("input[type=file]").setInputFiles({ name: "drawing.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg/>") });
    await mark("notice").getByText("drawing.svg is no PNG, JPEG, GIF or WebP image").waitFor();
    await page.locator("input[type=file]").setInputFiles({ name: "huge.png", mimeType: "image/png", buffer: Buffer.alloc(4_000_000) });
    await mark("notice").getByText("huge.png is larger than 3.5 MB").waitFor();
    await until(async () => (await page.getByRole("button", { name: /^Remove/ }).count()) === 0, "no image to stay");
  });
});
