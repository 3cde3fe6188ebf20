// What can be wrong around the installed product: no folder, no trust, no key, a data folder that cannot be used, broken
// files of agents, a full disk. Each is said in the panel with the way out, the way out works, and nothing is lost.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { smallDisk } from "../support/smallDisk.ts";
import { approveUntil, type Bed, makeBed, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

const key = "sk-typed-by-the-user";

describe("the product in a workbench, in trouble", function () {
  this.timeout(120_000);
  // Editor, browser and server share few cores: what fails once may be a hiccup, what fails twice is a fault.
  this.retries(1);
  let bed: Bed;
  let window: Window;
  let server: FakeModelServer;

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    server = await startFakeModelServer(() => ({ text: "It is an inventory." }));
    bed = await makeBed({ trust: false, env: { ANTHROPIC_BASE_URL: server.url } });
    window = await bed.open();
    await window.begin();
  });
  after(async () => {
    await bed?.close();
    await server?.close();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await window.screenshot(`workbench-failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, "-")}`);
  });

  const quickInput = (): ReturnType<Window["page"]["locator"]> => window.page.locator(".quick-input-widget");
  const editorText = (): Promise<string> => window.page.locator(".editor-instance .view-lines").first().innerText();

  it("an untrusted folder: nothing is started, and the banner leads to the editor's trust page", async () => {
    await window.mark("trouble").waitFor();
    assert.match(await window.mark("trouble").innerText(), /not trusted/);
    await window.screenshot("workbench-untrusted");
    await window.say("What does this project do?");
    await window.mark("notice").waitFor();
    assert.match(await window.mark("notice").innerText(), /not trusted/);
    assert.equal(await window.mark("composer").inputValue(), "What does this project do?", "what was written is still there");
    await window.panel().getByRole("button", { name: "Manage trust" }).click();
    await window.page.locator(".workspace-trust-editor").waitFor();
  });

  it("no folder: the banner leads to opening one", async () => {
    bed.workbench.change({ "security.workspace.trust.enabled": false });
    await window.page.goto(`http://127.0.0.1:${bed.workbench.port}/?ew=true`, { waitUntil: "commit" });
    await window.page.locator(".part.statusbar").waitFor();
    await window.begin();
    await window.mark("trouble").waitFor();
    assert.match(await window.mark("trouble").innerText(), /No folder is open/);
    await window.screenshot("workbench-no-folder");
    await window.panel().getByRole("button", { name: "Open folder" }).click();
    await quickInput().waitFor();
    await window.page.keyboard.press("Escape");
  });

  it("a record of a newer version is said and left as it is; doctor opens", async () => {
    const newer = join(bed.project, "..", "newer");
    // A second try begins anew.
    rmSync(newer, { recursive: true, force: true });
    mkdirSync(newer);
    const file = join(newer, "store.db");
    const database = new DatabaseSync(file);
    database.exec("pragma journal_mode = wal; create table sessions(id); pragma user_version = 99");
    database.close();
    const before = readFileSync(file);
    bed.workbench.change({ "agentOrchestrator.dataDir": newer });
    await window.page.goto(bed.workbench.url, { waitUntil: "commit" });
    await window.page.locator(".part.statusbar").waitFor();
    await window.begin();
    await window.mark("trouble").waitFor();
    assert.match(await window.mark("trouble").innerText(), /newer version/);
    await window.screenshot("workbench-newer-record");
    await window.panel().getByRole("button", { name: "Run doctor" }).click();
    await window.page
      .locator(".tab", { hasText: /doctor/i })
      .first()
      .waitFor();
    assert.match((await editorText()).replaceAll("\u00a0", " "), /newer version/);
    assert.deepEqual(readFileSync(file), before, "the record was not touched");
  });

  it("a data folder that cannot be used is said with the way out, and what was written stays", async () => {
    writeFileSync(join(bed.project, "..", "file"), "");
    await window.reloadWith({ "agentOrchestrator.dataDir": join(bed.project, "..", "file", "data") });
    await window.begin();
    await window.mark("trouble").waitFor();
    assert.match(await window.mark("trouble").innerText(), /data folder .* cannot be used/);
    await window.say("What does this project do?");
    await window.mark("notice").waitFor();
    await window.screenshot("workbench-unusable-folder");
    assert.equal(await window.mark("composer").inputValue(), "What does this project do?");
  });

  it("without a key it says so; a key that is typed is used, and kept in no file as it is", async () => {
    await window.reloadWith({ "agentOrchestrator.dataDir": "", "agentOrchestrator.model": "anthropic:claude-sonnet-4-5" });
    await window.begin();
    await window.say("What does this project do?");
    await window.mark("notice").waitFor();
    await window.screenshot("workbench-no-key");
    assert.match(await window.mark("notice").innerText(), /key/i);
    await window.command("Agent Orchestrator: Set API Key");
    await quickInput().getByText("Anthropic").first().click();
    await quickInput().locator("input[type=password]").waitFor();
    await window.page.keyboard.type(key);
    await window.page.keyboard.press("Enter");
    await quickInput().waitFor({ state: "hidden" });
    await window.mark("composer").waitFor();
    await window.say("What does this project do?");
    await window.status(/^Done/);
    assert.equal(server.requests.at(-1)?.headers["x-api-key"], key);
    const written = filesUnder(join(bed.workbench.root, "data"), bed.dataDir, bed.project).filter((file) =>
      readFileSync(file).includes(key),
    );
    assert.deepEqual(written, []);
  });

  it("a broken blueprint and a broken agents.yaml are told in the panel with the way to them, and the rest works", async () => {
    mkdirSync(join(bed.project, ".agents"), { recursive: true });
    writeFileSync(join(bed.project, ".agents", "broken.md"), "---\nid: [broken\n---\nWork.\n");
    writeFileSync(join(bed.project, "agents.yaml"), "agents:\n  - id: keeper\n  - id: Wrong Name\n");
    await window.reloadWith({ "agentOrchestrator.model": "demo" });
    await window.begin();
    await window.mark("problems").getByRole("button", { name: "1 more" }).click();
    await window.mark("problems").getByText("id: must be lower-case").waitFor();
    await window.screenshot("workbench-broken-agents");
    await window.mark("problems").getByRole("button", { name: "agents.yaml:3" }).click();
    await window.page.locator(".tab.active", { hasText: "agents.yaml" }).waitFor();
    await window.command("Agent Orchestrator: Doctor");
    await window.page
      .locator(".tab", { hasText: /doctor/i })
      .first()
      .waitFor();
    assert.match((await editorText()).replaceAll("\u00a0", " "), /Left out: .*broken\.md/);
    await window.screenshot("workbench-doctor");
    await window.newSession();
    await window.say("What does this project do?");
    await window.status(/^Done/);
    assert.deepEqual(window.problems(), []);
  });

  it("a full disk is said in the panel; after making room the session goes on", async function () {
    const disk = smallDisk();
    if (!disk) {
      this.skip();
      return;
    }
    try {
      await window.reloadWith({ "agentOrchestrator.dataDir": join(disk.path, "data") });
      await window.begin();
      await window.newSession();
      await window.say('Fix the typo "recieve" in README.md');
      await window.mark("approval").waitFor();
      disk.fill(join(disk.path, "data", "store.db"));
      await window.mark("approve").click();
      await window
        .mark("notice")
        .getByText(/disk with the data folder is full: make room/)
        .waitFor();
      await window.screenshot("workbench-full-disk");
      disk.makeRoom();
      await window.mark("resume").click();
      const keep = window
        .panel()
        .getByRole("button", { name: /^Keep \d+ file/ })
        .first();
      await approveUntil(window, () => keep.isVisible());
      await keep.click();
      await window.status(/^Done/);
      assert.doesNotMatch(readFileSync(join(bed.project, "README.md"), "utf8"), /recieve/);
    } finally {
      disk.remove();
    }
  });
});

function filesUnder(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile()),
  );
}
