// Two windows on one folder and one record: one runs a session, the other shows it as it goes, answers for it, stops
// it, and takes over when the first is gone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { approveUntil, type Bed, makeBed, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

const goal = 'Fix the typo "recieve" in README.md';

describe("the product in two windows", function () {
  this.timeout(90_000);
  // Editor, browser and server share few cores: what fails once may be a hiccup, what fails twice is a fault.
  this.retries(1);
  let bed: Bed;
  let first: Window;
  let second: Window;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    bed = await makeBed({ settings: { "agentOrchestrator.resumeOnOpen": "always" } });
    [first, second] = await Promise.all([bed.open(), bed.open({ profile: "second" })]);
    await Promise.all([first.begin(), second.begin()]);
  });
  after(() => bed?.close());
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await first.screenshot("workbench-failed-first");
    await second.screenshot("workbench-failed-second");
  });

  it("the second shows what the first runs, and can answer its approvals", async () => {
    await first.say(goal);
    await first.mark("approval").waitFor();
    await second.show("sessions");
    await second.mark("session-row").getByRole("button").first().click({ timeout: 10_000 });
    await second.status(/^Waiting/);
    await second.screenshot("workbench-second-window");
    await second.panel().getByRole("button", { name: "Allow once" }).click();
    const keep = second
      .panel()
      .getByRole("button", { name: /^Keep \d+ file/ })
      .first();
    await keep.waitFor();
    await first
      .panel()
      .getByRole("button", { name: /^Keep \d+ file/ })
      .first()
      .waitFor();
    await keep.click();
    await Promise.all([first.status(/^Done/), second.status(/^Done/)]);
    assert.doesNotMatch(readFileSync(join(bed.project, "README.md"), "utf8"), /recieve/);
  });

  it("the second stops what the first runs", async () => {
    await first.newSession();
    await first.say("Add a function `worth(items)` that returns the sum of price times quantity over all items.");
    await first.mark("approval").waitFor();
    await second.show("sessions");
    await second
      .mark("session-row")
      .getByRole("button", { name: /Add a function/ })
      .click({ timeout: 10_000 });
    await second.status(/^Waiting/);
    await second.mark("stop").click();
    await Promise.all([first.status(/^(Cancelled|Stopped)/), second.status(/^(Cancelled|Stopped)/)]);
  });

  it("the second goes on with what the first leaves behind", async () => {
    await first.mark("resume").click();
    await first.mark("approval").waitFor();
    await second.status(/^Waiting/);
    await first.close();
    const keep = second
      .panel()
      .getByRole("button", { name: /^Keep \d+ file/ })
      .first();
    await approveUntil(second, () => keep.isVisible());
    await keep.click();
    await second.status(/^Done/);
  });
});
