// What goes into a prompt besides a person's words: images, which reach the run by hash and are refused where no model
// could see them, and code of an answer that is to be applied.

import assert from "node:assert/strict";
import { createModels } from "../../src/models/models.ts";
import { forecastOf } from "../../src/runtime/forecast.ts";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";
import { say, story } from "./stories.ts";

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

  it("are refused where they only claim to be one, and the draft stays", async () => {
    await bed.open();
    const { page, mark } = bed.panel;
    await page.locator("input[type=file]").setInputFiles({ name: "fake.png", mimeType: "image/png", buffer: Buffer.from("no image") });
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await mark("notice").getByText("fake.png cannot be sent").waitFor();
    await until(async () => (await mark("composer").inputValue()) === "What does this project do?", "the draft");
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

describe("the forecast of an empty panel", () => {
  const bed = panelBed();

  it("tells what goals of two sizes cost with the chosen model", async () => {
    const models = createModels({ env: { ANTHROPIC_API_KEY: "k" }, demoDir: "none" });
    const name = "anthropic:claude-sonnet-4-5";
    const forecast = forecastOf(models, name);
    assert.ok(forecast && forecast.editUsd > 0.01 && forecast.featureUsd > forecast.editUsd && forecast.featureUsd < 1);
    assert.equal(forecastOf(models, "ollama:llama3"), undefined, "what costs nothing needs no forecast");
    await bed.open({
      before: ({ facts }) =>
        void Object.assign(facts, { model: name, models: [{ name, label: "Sonnet", scripted: false, priced: true, forecast }] }),
    });
    assert.match(await bed.panel.mark("forecast").innerText(), /^A small edit costs about \$0\.\d+ .* about \$0\.\d+\./);
  });
});

describe("mentions that are slow to find", () => {
  const bed = panelBed();

  it("do not come up for what was written since, nor take its Enter", async () => {
    await bed.open();
    const { page, mark, host } = bed.panel;
    const found = Promise.withResolvers<void>();
    host.slowMention = found.promise;
    await mark("composer").pressSequentially("@READ");
    await mark("composer").fill("What does this project do?");
    found.resolve();
    await page.evaluate("0");
    // What the host says later shows that its earlier answer has come.
    host.say({ type: "facts", body: { ...host.facts, product: "Said Later" } });
    await page.getByText("Said Later").first().waitFor();
    assert.equal(await page.locator(".choice").count(), 0);
    await mark("composer").press("Enter");
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
  });
});

describe("the example of an empty panel", () => {
  const bed = panelBed();

  it("is a goal that the chosen model can work on", async () => {
    await bed.open();
    const { mark, page } = bed.panel;
    await mark("example").click();
    assert.match(await mark("composer").inputValue(), /^Add a function `discounted/);
    await mark("composer").press("Enter");
    await mark("approval").first().waitFor();
    await page.getByText("no plan was made").waitFor({ state: "hidden" });
  });
});

describe("code in an answer", () => {
  const bed = panelBed();

  it("is given back to the team to be applied, as it stands", async () => {
    const code = "export const fence = '```';\nexport const two = 2;";
    const answer = `Take this:\n\n~~~ts\n${code}\n~~~\n`;
    await bed.open({
      before: (host) => {
        const told = say(story("s_code", host.workspace), answer);
        return host.record(
          "s_code",
          told.add("run.ended", { status: "done", answer, unproven: false }).add("session.ended", { status: "done" }).events,
        );
      },
    });
    const { page, host } = bed.panel;
    await bed.follow("A story");
    await page.getByRole("button", { name: "Have the team apply this code to the project" }).first().click();
    await until(async () => ((await host.state("s_code"))?.runs ?? 0) === 2, "the run");
    const { prompt } = (await host.state("s_code"))!.run!;
    assert.equal(prompt, `Apply this code to the project, where it belongs:\n\n\`\`\`\`\n${code}\n\`\`\`\``);
  });
});
