// What the panel shows when something around the team is wrong: agent files with faults, a disk that is full, an engine
// that was replaced. Each with the way out, nothing lost.

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../support/ao.ts";
import { type SmallDisk, smallDisk } from "../support/smallDisk.ts";
import { panelBed } from "./panelPage.ts";
import { feature } from "./stories.ts";

describe("the panel, in trouble", () => {
  const bed = panelBed();
  const { open } = bed;
  let disk: SmallDisk | undefined;
  afterEach(() => {
    disk?.remove();
    disk = undefined;
  });

  it("names the agent files that are wrong, the first at once, with the way to each", async () => {
    await open({
      width: 290,
      before: (host) => {
        const file = join(host.workspace, "agents.yaml");
        host.facts.editor = true;
        host.facts.problems = [
          { file, line: 3, message: '"responsibilites" is not a known key. Did you mean "responsibilities"?' },
          { file, line: 9, message: "id: a text is needed." },
        ];
      },
    });
    const { mark, host, page } = bed.panel;
    assert.match(await mark("problems").innerText(), /agents\.yaml:3 "responsibilites" is not a known key[\s\S]*1 more/);
    await page.getByRole("button", { name: "1 more" }).click();
    await mark("problems")
      .getByText(/a text is needed/)
      .waitFor();
    await page.getByRole("button", { name: "agents.yaml:9" }).click();
    await until(() => host.asked.length > 0, "the editor to be asked");
    assert.deepEqual(host.asked[0], { action: "openFile", path: join(host.workspace, "agents.yaml"), line: 9 });
  });

  it("turns to another engine without losing what is shown or written", async () => {
    await open();
    const { mark, host, page } = bed.panel;
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    await mark("composer").fill("half a thought");
    host.facts.product = "Another Engine";
    host.say({ type: "renewed", body: {} });
    await page.getByRole("article", { name: "Result" }).waitFor();
    await mark("new-session").click();
    await page.getByText("Another Engine").first().waitFor();
    await mark("composer").fill("");
  });

  it("says that the disk is full, and goes on where it stopped when there is room", async function () {
    disk = smallDisk();
    if (!disk) this.skip();
    const { path } = disk;
    await open({ dataDir: join(path, "data") });
    const { mark, page } = bed.panel;
    await mark("composer").fill(feature);
    await mark("composer").press("Enter");
    await mark("approval").first().waitFor();
    disk.fill(join(path, "data", "store.db"));
    await mark("approve").first().click();
    await page
      .getByText(/^The session could not be recorded: The disk with the data folder is full: make room/)
      .first()
      .waitFor();
    await page.screenshot({ path: ".cache/screenshots/panel-full-disk.png" });
    disk.makeRoom();
    await mark("resume").click();
    await mark("approval").first().waitFor();
    await mark("approve").first().click();
    await page
      .getByText(/src\/discounted\.ts/)
      .first()
      .waitFor();
    await page.locator('[data-testid="status"]', { hasText: /Waiting|Running/ }).waitFor();
  });
});
