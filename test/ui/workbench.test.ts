// The installed product in a real workbench, driven through its panel as a person would: whole sessions with the scripted
// model, their stop, their continuation, and what they leave in the project and on record.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { approveUntil, type Bed, makeBed, projectTests, recorded, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

const goals = parse(readFileSync("agents/demo/goals.yaml", "utf8")) as Record<"feature" | "edit" | "question", string>;

describe("the product in a workbench", function () {
  this.timeout(120_000);
  // Editor, browser and server share few cores: what fails once may be a hiccup, what fails twice is a fault.
  this.retries(1);
  let bed: Bed;
  let window: Window;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    bed = await makeBed();
    window = await bed.open();
    await window.begin();
  });
  after(() => bed?.close());
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await window.screenshot(`workbench-failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, "-")}`);
  });

  it("takes a goal to kept changes: plan, approvals where they arise, diff, trace", async () => {
    await window.say(goals.feature);
    await window.mark("approval").waitFor();
    await window.screenshot("workbench-chat-approval");
    await window.show("agents");
    await window.mark("task").waitFor();
    await window.screenshot("workbench-agents");
    await window.show("chat");
    const keep = window
      .panel()
      .getByRole("button", { name: /^Keep \d+ files/ })
      .first();
    const approved = await approveUntil(window, () => keep.isVisible());
    assert.ok(approved > 0, "something was asked");
    assert.doesNotMatch(readFileSync(join(bed.project, "README.md"), "utf8"), /discounted/, "nothing is changed before it is kept");
    await window.show("changes");
    await window.text("Open diff").click();
    await window.page.locator(".monaco-diff-editor .view-line").first().waitFor();
    await window.screenshot("workbench-diff");
    await window.mark("keep-all").click();
    await window.status(/^Done/);
    assert.match(readFileSync(join(bed.project, "README.md"), "utf8"), /discounted/);
    assert.equal(projectTests(bed.project), 0, "the project's own tests pass on the result");
    await window.screenshot("workbench-changes");
    await window.show("trace");
    await window.mark("trace-row").waitFor();
    await window
      .mark("trace-filter")
      .locator("input")
      .fill("TypeScript")
      .catch(() => window.mark("trace-filter").fill("TypeScript"));
    await window.mark("trace-row").waitFor();
    await window.screenshot("workbench-trace");
    const turns = recorded<{ agent: string }>(bed.dataDir, "select distinct actor agent from events where type = 'turn.ended'");
    assert.ok(turns.length >= 5, `turns of ${JSON.stringify(turns)}`);
  });

  it("takes the files back to before the goal, and keeps what was edited since", async () => {
    const mine = join(bed.project, "src", "item.ts");
    writeFileSync(mine, `${readFileSync(mine, "utf8")}// mine\n`);
    await window.show("chat");
    await window.panel().locator("ao-list").hover();
    for (let i = 0; i < 40 && !(await window.mark("prompt-menu").isVisible()); i++) await window.page.mouse.wheel(0, -1_000);
    await window.mark("prompt-menu").click();
    await window.mark("prompt-rollback").click();
    await window.mark("rollback-confirm").click();
    await window.text(/^Rolled back 4 files/).waitFor();
    await window.screenshot("workbench-rolled-back");
    assert.doesNotMatch(readFileSync(join(bed.project, "README.md"), "utf8"), /discounted/);
    assert.ok(!existsSync(join(bed.project, "src", "discounted.ts")));
    assert.match(readFileSync(mine, "utf8"), /\/\/ mine\n$/);
  });

  it("hears what is said while it waits, stops, and goes on from there", async () => {
    await window.show("chat");
    await window.newSession();
    await window.say(goals.edit);
    await window.mark("approval").waitFor();
    await window.say("Change nothing else.");
    await window.mark("said").getByText("not heard yet").waitFor();
    await window.mark("stop").click();
    await window.status(/^(Cancelled|Stopped)/);
    await window.screenshot("workbench-stopped");
    await window.mark("resume").click();
    await window.mark("approval").waitFor();
    const keep = window
      .panel()
      .getByRole("button", { name: /^Keep \d+ file/ })
      .first();
    await approveUntil(window, () => keep.isVisible());
    await window.mark("said").getByText("heard by TypeScript").waitFor();
    await keep.click();
    await window.status(/^Done/);
    assert.doesNotMatch(readFileSync(join(bed.project, "README.md"), "utf8"), /recieve/);
  });

  it("takes a second prompt in the same session", async () => {
    const runs = "select count(*) runs from events where type = 'run.ended' group by session_id order by min(ts) desc limit 1";
    const before = recorded<{ runs: number }>(bed.dataDir, runs)[0]?.runs ?? 0;
    await window.say(goals.question);
    await window.text(/scripted demo model/).waitFor();
    await window.status(/^Done/);
    assert.equal(recorded<{ runs: number }>(bed.dataDir, runs)[0]?.runs, before + 1, "it is the same session");
    assert.equal(recorded(bed.dataDir, "select session_id from sessions").length, 2);
    assert.deepEqual(window.problems(), []);
  });
});
