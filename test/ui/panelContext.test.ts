// What an agent does not see any more, as a person sees it: a row where it happened, with what it became and what it cost,
// and the figures of its window.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { panelBed } from "./panelPage.ts";
import { root, say, story, usage } from "./stories.ts";

const seen = {
  tokens: 31_200,
  window: 200_000,
  parts: { instructions: 900, rules: 300, tools: 2_100, brief: 400, conversation: 9_500, results: 18_000 },
};
const result = (item: number) => ({
  item,
  seq: item,
  tool: "filesystem__read_file",
  callId: `c_${item}` as const,
  about: `src/part${item}.ts`,
  tokens: 4_100,
});

describe("the panel, of a long conversation", () => {
  const bed = panelBed();

  it("shows what was set aside and what became of older turns, and how full an agent's window is", async () => {
    const told = say(story("s_long"), "I read the sources first.")
      .add(
        "context.compacted",
        { how: "results", upTo: 4, dropped: Array.from({ length: 12 }, (_, i) => result(i + 1)), before: 86_000, after: 31_000 },
        root,
      )
      .add("turn.started", { turnId: "u_sum", model: "demo", attempt: 1, contextHash: "sha256:0", purpose: "summary" }, root)
      .add(
        "turn.ended",
        { turnId: "u_sum", model: "demo", stop: "end", usage, costUsd: 0.012, durationMs: 4_000, purpose: "summary" },
        root,
      )
      .add(
        "context.compacted",
        {
          how: "summary",
          upTo: 6,
          dropped: [result(13)],
          kept: ["The user says: keep the old name."],
          open: [],
          text: "The goal is to rename the cart. All callers are known; two are left.",
          before: 150_000,
          after: 28_400,
          turnId: "u_sum",
        },
        root,
      )
      .add("turn.started", { turnId: "u_next", model: "demo", attempt: 1, contextHash: "sha256:0", seen }, root)
      .add("turn.ended", { turnId: "u_next", model: "demo", stop: "end", usage, costUsd: 0.001, durationMs: 900 }, root)
      .add("message", { role: "assistant", content: [{ type: "text", text: "The rest is quick." }], turnId: "u_next" }, root);
    await bed.open({ before: (host) => host.record("s_long", told.events) });
    await bed.follow("A story");
    const { page, mark, show } = bed.panel;
    const rows = mark("compaction");
    await rows.nth(1).waitFor();
    assert.match(await rows.nth(0).innerText(), /Coordinator set 12 older results aside\s+86k → 31k tok$/);
    assert.match(await rows.nth(1).innerText(), /summed up its older turns \(1 entry can be recalled\)\s+150k → 28k tok · \$0\.01/);
    await rows.nth(1).getByRole("button").click();
    await page.getByText("All callers are known; two are left.").waitFor();
    await page.getByText("The user says: keep the old name.").waitFor();
    await page.getByText("#13 filesystem__read_file src/part13.ts (4.1k tokens)").waitFor();
    mkdirSync(".cache/screenshots", { recursive: true });
    await page.screenshot({ path: ".cache/screenshots/panel-compaction.png" });
    await show("agents");
    await page.getByText("16 % full").waitFor();
    await page.screenshot({ path: ".cache/screenshots/panel-compaction-agents.png" });
    await show("trace");
    await mark("trace-row").filter({ hasText: "context.compacted" }).first().click();
    await page.getByRole("button", { name: "What the agent saw" }).click();
    await page.getByText("About 31k of the 200k tokens of its window").waitFor();
    const text = await mark("trace-detail").innerText();
    assert.match(text, /18k {2}results of calls\n13 older results and words are set aside/);
    assert.match(text, /What happened so far[^]*The goal is to rename the cart/);
    await page.screenshot({ path: ".cache/screenshots/panel-compaction-context.png" });
  });
});
