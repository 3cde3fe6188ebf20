// How things are said: what an agent does and wants in words, and a model's fault once with what helps.

import assert from "node:assert/strict";
import { panelBed } from "./panelPage.ts";
import { feature, root, story, usage } from "./stories.ts";

describe("the words of the panel", () => {
  const bed = panelBed();

  it("says in words what an agent wants to do, and shows the call as it is in its details", async () => {
    await bed.open();
    const { page, mark, show } = bed.panel;
    await mark("composer").fill(feature);
    await mark("composer").press("Enter");
    await mark("approval").first().waitFor();
    await show("agents");
    await page.getByRole("treeitem", { name: /TypeScript, Waiting, wants to write src\/discounted\.ts/ }).waitFor();
    await show("chat");
    await page.getByRole("button", { name: /^Write src\/discounted\.ts, waits/ }).click();
    await page.getByText("filesystem__write_file", { exact: true }).waitFor();
  });

  it("says what an agent asks, and names tools of others in words", async () => {
    const turnId = "u_1";
    const told = story("s_words")
      .add("turn.started", { turnId, model: "demo", attempt: 1, contextHash: "sha256:0" }, root)
      .add("turn.ended", { turnId, model: "demo", stop: "calls", usage, costUsd: 0, durationMs: 1 }, root)
      .add("call.requested", { callId: "c_1", turnId, tool: "agents__ask_user", arguments: { question: "Which one?" } }, root)
      .add("call.requested", { callId: "c_2", turnId, tool: "tickets__close_issue", arguments: { id: 7 } }, root)
      .add("interrupt.raised", { interruptId: "i_1", kind: "user_input", callId: "c_1", text: "Which one?" }, root);
    await bed.open({ before: (host) => host.record("s_words", told.events) });
    await bed.follow("A story");
    const { page, show } = bed.panel;
    await page.getByRole("button", { name: /^Ask you: Which one\?, waits/ }).waitFor();
    await page.getByRole("button", { name: /^Use close issue \(tickets\) \{"id":7\}, waits/ }).waitFor();
    await show("agents");
    await page.getByRole("treeitem", { name: /asks: Which one\?/ }).waitFor();
  });

  it("tells a model's fault once, with the ways out", async () => {
    await bed.open({
      before: ({ facts }) => {
        facts.model = "anthropic:claude-sonnet-4-5";
        facts.editor = true;
      },
    });
    const { page, mark, host } = bed.panel;
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await mark("set-key").click();
    await mark("choose-model").click();
    assert.equal(await page.getByText(/needs an API key/).count(), 1);
    assert.deepEqual(
      host.asked.map(({ action }) => action),
      ["setKey", "pickModel"],
    );
  });
});
