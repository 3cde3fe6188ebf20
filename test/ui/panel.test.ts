// The interface in a real browser, with its real host over a real engine and the scripted model: a whole session, then
// each view and each promise about keyboard, screen readers, hostile texts and reloads.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { panelViews } from "../../src/protocol/panel.ts";
import { until } from "../support/ao.ts";
import { panelBed } from "./panelPage.ts";
import { ask, beginTurn, feature, root, say, story, task } from "./stories.ts";

describe("the panel", () => {
  const bed = panelBed();
  const { open, follow } = bed;

  it("takes a goal to changes in the workspace, with approvals where they arise", async () => {
    await open();
    const { page, mark, show, host } = bed.panel;
    await mark("empty-state").waitFor();
    await mark("composer").fill(feature);
    await mark("composer").press("Enter");
    await mark("approval").first().waitFor();
    assert.equal((await mark("status").innerText()).trim(), "Waiting");
    assert.match(await mark("approval").first().innerText(), /src\/discounted\.ts[\s\S]*\+ export function discounted/);
    await show("agents");
    await page.getByRole("treeitem", { name: /TypeScript, Waiting/ }).waitFor();
    await show("approvals");
    await bed.panel.allowForSession();
    await page.getByText("npm test").first().waitFor();
    await bed.panel.allowForSession();
    await show("chat");
    await page.getByRole("button", { name: /Keep 4 files/ }).waitFor();
    await page.locator("ao-list").hover();
    for (let i = 0; i < 40 && !(await page.getByText("Review 0.95", { exact: true }).isVisible()); i++) await page.mouse.wheel(0, -200);
    await page.getByText("Review 0.95", { exact: true }).waitFor();
    assert.ok(!existsSync(join(host.workspace, "src/discounted.ts")), "nothing reaches the workspace before it is kept");
    await show("changes");
    await page
      .locator(".file")
      .getByRole("button", { name: /^A src\/discounted\.ts/ })
      .click();
    await page.getByText("+export function discounted").waitFor();
    await mark("keep-all").click();
    await page.getByText("Kept: these changes are in your workspace.").waitFor();
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    assert.match(readFileSync(join(host.workspace, "src/discounted.ts"), "utf8"), /export function discounted/);
    await show("trace");
    await mark("trace-row").first().click();
    assert.match(await mark("trace-detail").innerText(), /"type": "session.created"/);
  });

  it("denies with a reason that reaches the agent", async () => {
    await open();
    const { mark, page } = bed.panel;
    await mark("composer").fill(feature);
    await mark("send").click();
    await mark("deny-reason").fill("not in this file");
    await mark("deny").click();
    await page.getByText(/Denied: Write/).waitFor();
    await page.getByText("not in this file").first().waitFor();
  });

  it("shows the last conversation at once after a reload, before the host answers, and goes on from there", async () => {
    await open();
    const { page, mark, host } = bed.panel;
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    await mark("composer").fill("half a thought");
    await page.waitForTimeout(1_000);
    host.silent = true;
    await bed.panel.reload();
    await page.getByText("What does this project do?").first().waitFor();
    await page.getByRole("article", { name: "Result" }).waitFor();
    assert.equal(await mark("composer").inputValue(), "half a thought");
  });

  it("keeps a draft for each session, and puts none over what is being written", async () => {
    await open();
    const { page, mark, show } = bed.panel;
    await mark("composer").fill("What does this project do?");
    await mark("composer").press("Enter");
    await page.locator('[data-testid="status"]', { hasText: "Done" }).waitFor();
    await mark("composer").fill("for the first");
    const composer = await mark("composer").elementHandle();
    await mark("new-session").evaluate((button: { click(): void }, written: unknown) => {
      button.click();
      const text = written as EventTarget & { value: string };
      text.value = "for the next";
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }, composer);
    await page.waitForTimeout(300);
    assert.equal(await mark("composer").inputValue(), "for the next");
    await show("sessions");
    await mark("session-row").getByRole("button").first().click();
    await show("chat");
    await until(async () => (await mark("composer").inputValue()) === "for the first", "the draft that was left");
    await mark("new-session").click();
    await until(async () => (await mark("composer").inputValue()) === "for the next", "the draft that was left");
  });

  it("loses neither what was refused nor what was written meanwhile", async () => {
    await open();
    const { mark, host } = bed.panel;
    host.silent = true;
    await mark("composer").fill("first");
    await mark("composer").press("Enter");
    await mark("composer").fill("second");
    await mark("composer").press("Enter");
    await mark("notice")
      .getByText(/still on its way/)
      .waitFor();
    for (let id = 1; id <= 20; id++) host.say({ type: "answer", id, ok: false, error: { code: "busy", message: "Not now." } });
    await mark("notice").getByText("Not now.").waitFor();
    assert.equal(await mark("composer").inputValue(), "first\nsecond");
  });

  it("streams text into the turn it belongs to; the message that follows replaces it", async () => {
    const told = beginTurn(story("s_stream"));
    await open({ before: (host) => host.record("s_stream", told.events) });
    await follow("A story");
    const { page, host } = bed.panel;
    await page.getByText("Thinking…").waitFor();
    const delta = (text: string): void =>
      host.say({ type: "deltas", body: { sessionId: "s_stream", deltas: [{ taskId: root, agent: "coordinator", text }] } });
    delta("I **think** and\n\n```ts\nconst a");
    delta(" = 1;\n```\n");
    await page.locator("ao-markdown strong", { hasText: "think" }).waitFor();
    await page.locator("ao-markdown pre", { hasText: "const a = 1;" }).waitFor();
    const ended = say(story("s_stream"), "The final words.").events.slice(-1);
    const turnId = (told.events.at(-1)!.payload as { turnId: `u_${string}` }).turnId;
    const message = { ...ended[0]!, seq: told.events.length + 1, payload: { ...(ended[0]!.payload as object), turnId } };
    host.say({ type: "events", body: { sessionId: "s_stream", events: [message] } });
    await page.getByText("The final words.").first().waitFor();
    assert.equal(await page.getByText("const a = 1;").count(), 0);
  });

  it("shows the last lines of a running command under its call; its result takes their place", async () => {
    const told = beginTurn(story("s_live"));
    const seq = told.events.length + 1;
    const { turnId } = told.events.at(-1)!.payload as { turnId: `u_${string}` };
    const callId = "c_live" as const;
    const given = { ...told.events.at(-1)!, actor: "coordinator", taskId: root };
    const started = { callId, turnId, tool: "shell__run", arguments: { command: "npm test" } };
    await open({
      before: (host) => host.record("s_live", [...told.events, { ...given, id: "e_live1", seq, type: "call.started", payload: started }]),
    });
    await follow("A story");
    const { page, host } = bed.panel;
    await page.getByRole("button", { name: /npm test, running/ }).waitFor();
    const output = (text: string): void =>
      host.say({ type: "deltas", body: { sessionId: "s_live", deltas: [{ taskId: root, agent: "coordinator", callId, text }] } });
    output(Array.from({ length: 40 }, (_, i) => `✔ test ${i + 1} <b>holds</b>\n`).join(""));
    output("▶ the next su");
    output("ite\n");
    const live = page.getByLabel("Output so far");
    await live.getByText("▶ the next suite").waitFor();
    assert.equal((await live.innerText()).split("\n").length, 6);
    assert.match(await live.innerText(), /test 40 <b>holds<\/b>/);
    await page.screenshot({ path: ".cache/screenshots/panel-live-output.png" });
    const result = { ok: true as const, content: "40 passed\nexit code 0" };
    const ended = { callId, tool: "shell__run", result, durationMs: 4000 };
    host.say({
      type: "events",
      body: { sessionId: "s_live", events: [{ ...given, id: "e_live2", seq: seq + 1, type: "call.ended", payload: ended }] },
    });
    await live.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /npm test, done/ }).waitFor();
  });

  it("makes hostile Markdown harmless", async () => {
    const text = [
      "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 2'>",
      "[a](javascript:window.pwned=3) [b](data:text/html,x) [c](command:x) [good](https://example.com/x)",
      "![pixel](https://tracker.example/p.png) <iframe src='https://e.example'></iframe>",
      '<a href="https://e.example" onclick="window.pwned=4" style="position:fixed">x</a>',
      "<style>*{display:none}</style><svg onload='window.pwned=5'>",
    ].join("\n\n");
    const asked: string[] = [];
    await open({ before: (host) => host.record("s_hostile", say(story("s_hostile"), text).events) });
    bed.panel.page.on("request", (request) => asked.push(request.url()));
    await follow("A story");
    const md = bed.panel.page.locator("ao-markdown");
    await md.getByText("good").waitFor();
    const dangerous = await md.locator("script, img, iframe, style, svg, [style], [onclick], [onerror]").count();
    assert.equal(dangerous, 0);
    assert.deepEqual(await md.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))), [
      "https://example.com/x",
    ]);
    assert.equal(await bed.panel.page.evaluate("window.pwned"), undefined);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith("http://127.0.0.1:")),
      [],
    );
  });

  it("shows hidden and deceptive characters of an action", async () => {
    const told = ask(story("s_hidden"), "shell__run", { command: "rm\u202e -rf \u200bx; \u0441at file\u00a0name" });
    await open({ before: (host) => host.record("s_hidden", told.events) });
    await follow("A story");
    const words = await bed.panel.mark("approval").innerText();
    for (const shown of ["⟨U+202E⟩", "⟨U+200B⟩", "⟨U+0441⟩", "⟨U+00A0⟩", "hidden or deceptive characters"])
      assert.ok(words.includes(shown), `${shown} in ${words}`);
  });

  it("approves and denies by keyboard alone", async () => {
    const told = ask(ask(story("s_keys"), "shell__run", { command: "npm test" }), "shell__run", { command: "npm run build" });
    await open({ before: (host) => host.record("s_keys", told.events) });
    await follow("A story");
    const { page, host, mark } = bed.panel;
    await mark("approval").nth(1).waitFor();
    await page.keyboard.press("Tab");
    for (
      let i = 0;
      i < 30 &&
      !(await mark("approval")
        .first()
        .evaluate((card) => card.matches(":focus")));
      i++
    )
      await page.keyboard.press("Tab");
    await page.keyboard.press("a");
    await page.getByText("Approved: Run npm test").waitFor();
    await page.keyboard.press("d");
    await page.getByText("Denied: Run npm run build").waitFor();
    const { approvals } = (await host.state("s_keys"))!;
    assert.deepEqual(
      Object.values(approvals).map(({ resolution }) => resolution?.decision),
      ["approve", "deny"],
    );
  });

  it("asks an agent's question with its choices and sends the answer", async () => {
    const told = story("s_question").add(
      "interrupt.raised",
      { interruptId: "i_1", kind: "user_input", text: "Which database?", choices: ["SQLite", "PostgreSQL"] },
      root,
    );
    await open({ before: (host) => host.record("s_question", told.events) });
    await follow("A story");
    await bed.panel.mark("question").getByText("PostgreSQL").waitFor();
    await bed.panel.mark("answer").fill("SQLite, in one file");
    await bed.panel.mark("answer").press("Enter");
    await bed.panel.page.getByText("· SQLite, in one file").waitFor();
    assert.equal((await bed.panel.host.state("s_question"))!.interrupts["i_1"]?.resolution?.text, "SQLite, in one file");
  });

  it("reads slash commands and mentions in the composer", async () => {
    await open();
    const { page, mark, host } = bed.panel;
    await mark("composer").fill("/lev");
    await page.getByRole("option", { name: /\/level/ }).waitFor();
    await mark("composer").press("Tab");
    await mark("composer").pressSequentially("ass");
    await mark("composer").press("Tab");
    await mark("composer").press("Enter");
    await page.getByText("Level: assisted").waitFor();
    assert.equal(host.facts.level, "assisted");
    await mark("composer").fill("/workflow nonsense");
    await mark("composer").press("Enter");
    await page.locator(".banner-error", { hasText: 'There is no workflow "nonsense"' }).waitFor();
    assert.equal(await mark("composer").inputValue(), "/workflow nonsense", "a refused draft is kept");
    await mark("composer").fill("");
    await mark("composer").pressSequentially("Explain @item");
    await page.locator(".choice.chosen", { hasText: "src/item.ts" }).waitFor();
    await mark("composer").press("Enter");
    assert.equal(await mark("composer").inputValue(), "Explain @src/item.ts ");
    await page.getByRole("button", { name: "Remove src/item.ts" }).waitFor();
  });

  it("stops a run by one key, and goes on with it", async () => {
    await open();
    const { page, mark } = bed.panel;
    await mark("composer").fill(feature);
    await mark("composer").press("Enter");
    await mark("approval").first().waitFor();
    await mark("composer").fill("half a thought");
    await mark("composer").press("Escape");
    await page.locator('[data-testid="status"]', { hasText: "Cancelled" }).waitFor();
    assert.equal(await mark("composer").inputValue(), "half a thought");
    await mark("resume").waitFor();
  });

  it("offers to go on with a run that was interrupted, and shows the place that the host asks for", async () => {
    await open({ before: (host) => host.record("s_left", say(story("s_left"), "and then").events) });
    const { page, mark, host } = bed.panel;
    host.say({ type: "show", body: { sessionId: "s_left", view: "trace", taskId: root } });
    await mark("trace-row").first().waitFor();
    assert.equal(await mark("trace-task").inputValue(), root);
    assert.equal((await mark("status").innerText()).trim(), "Interrupted");
    host.say({ type: "show", body: { view: "chat" } });
    await mark("resume-here").waitFor();
    await page.getByText("and then").waitFor();
  });

  it("keeps to known messages of its own origin", async () => {
    await open();
    const { page, mark } = bed.panel;
    await page.evaluate(`for (const data of [null, 7, { type: "facts" }, { type: "snapshot", body: { sessionId: 3 } }, { type: "nonsense", body: {} },
      { type: "events", body: { sessionId: "x" } }, { type: "answer", id: 999, ok: true }]) window.postMessage(data, window.origin)`);
    await page.evaluate(`window.dispatchEvent(new MessageEvent("message", { origin: "https://evil.example",
      data: { type: "sessions", body: { sessions: [{ id: "s_evil", name: "evil", goal: "", status: "done", updatedAt: "2026-01-01", agent: "x", seq: 1 }] } } }))`);
    await bed.panel.show("sessions");
    await page.getByText("No session yet.").waitFor();
    assert.equal(await mark("session-row").count(), 0);
  });

  it("finds, renames and deletes sessions", async () => {
    await open({
      before: async (host) => {
        await host.record("s_one", say(story("s_one"), "one").events);
        await host.record("s_two", say(story("s_two"), "two").events);
      },
    });
    const { page, mark, show, host } = bed.panel;
    await show("sessions");
    await mark("session-row").nth(1).waitFor();
    await page.getByRole("button", { name: "Rename" }).first().click();
    await page.getByLabel("New name").fill("The other one");
    await page.keyboard.press("Enter");
    await page.getByText("The other one").waitFor();
    await mark("session-search").locator("input").fill("other");
    await page.getByRole("button", { name: /Open A story/ }).waitFor({ state: "hidden" });
    await mark("delete-session").click();
    await mark("delete-confirm").click();
    await page.getByText("No session matches.").waitFor();
    assert.equal([await host.state("s_one"), await host.state("s_two")].filter(Boolean).length, 1);
  });

  it("says what is wrong, with the way out, and what is missing before the first goal", async () => {
    await open({
      before: ({ facts }) => {
        facts.models = [];
        delete facts.model;
        facts.editor = true;
        facts.trouble = {
          code: "no_folder",
          message: "Open a folder to work in.",
          action: { label: "Open folder", command: "vscode.openFolder" },
        };
      },
    });
    const { page, mark, host } = bed.panel;
    assert.match(await mark("trouble").innerText(), /Open a folder to work in\./);
    await mark("trouble").getByText("Open folder", { exact: true }).click();
    await mark("empty-state").getByText("Set API key").click();
    await page.waitForTimeout(100);
    assert.deepEqual(
      host.asked.map(({ action }) => action),
      ["openFolder", "setKey"],
    );
  });

  it("has a name for every control and a role for every part, in every view", async () => {
    const told = story("s_names")
      .add("task.created", { task: task("s_names", "t_child", "planning", root), writable: false }, "t_child")
      .add("plan.submitted", { steps: [{ id: "a", type: "generate", goal: "write it" }], by: "planning" });
    ask(told, "filesystem__edit_file", { path: "a.ts", old: "a\nb\n", new: "a\nc\n" });
    await open({ before: (host) => host.record("s_names", told.events) });
    await follow("A story");
    for (const view of panelViews) {
      await bed.panel.show(view);
      await bed.panel.page.waitForTimeout(100);
      assert.deepEqual(await bed.panel.page.evaluate(unnamed), [], `in ${view}`);
    }
    await bed.panel.show("chat");
    for (const [role, name] of [
      ["tablist", "Views"],
      ["feed", "Conversation"],
      ["combobox", "Message to the team"],
    ] as const)
      await bed.panel.page.getByRole(role, { name }).waitFor();
    assert.equal(await bed.panel.page.getByRole("tab", { selected: true }).count(), 1);
    await bed.panel.mark("tab-chat").press("ArrowRight");
    await bed.panel.page.getByRole("tab", { name: "Agents", selected: true }).waitFor();
  });
});

/** Controls that a screen reader could not name, through shadow roots. */
const unnamed = `(() => {
  const found = [];
  const nameOf = (e) => e.getAttribute("aria-label") || e.title || e.textContent.trim() || e.getAttribute("placeholder") || "";
  const visit = (root, host) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) visit(e.shadowRoot, e);
      const control = e.matches("button, input:not([hidden]), textarea, select, a, [role=tab], [role=treeitem], [role=option], [role=group]");
      if (control && !nameOf(e) && !(host && nameOf(host))) found.push(e.outerHTML.slice(0, 120));
      if (e.matches("svg") && e.getAttribute("aria-hidden") !== "true") found.push(e.outerHTML.slice(0, 80));
    }
  };
  visit(document.body);
  return found;
})()`;
