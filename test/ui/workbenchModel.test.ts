// The installed product with a model behind a real wire: questions of an agent, a window that is loaded again in mid-run,
// and what a model can do wrong. The model's requests are counted: what was paid for once is not asked for again.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeHandler, type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel } from "../support/teamModel.ts";
import { type Bed, makeBed, recorded, type Window, whyNoWorkbench } from "./workbenchPanel.ts";

describe("the product in a workbench, with a model on the wire", function () {
  this.timeout(120_000);
  // Editor, browser and server share few cores: what fails once may be a hiccup, what fails twice is a fault.
  this.retries(1);
  let bed: Bed;
  let window: Window;
  let server: FakeModelServer;
  let handler: FakeHandler = () => ({ text: "Nobody asked me." });

  before(async function () {
    if ((await whyNoWorkbench()) !== undefined) this.skip();
    server = await startFakeModelServer((request, index) => handler(request, index));
    const nobody = "http://127.0.0.1:9";
    bed = await makeBed({
      settings: { "agentOrchestrator.model": "anthropic:claude-sonnet-4-5", "agentOrchestrator.resumeOnOpen": "always" },
      env: { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: "key-of-the-test", LMSTUDIO_BASE_URL: `${nobody}/v1` },
    });
    window = await bed.open();
    await window.begin();
  });
  after(async () => {
    await bed?.close();
    await server?.close();
  });
  beforeEach(() => void server.requests.splice(0));
  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await window.screenshot(`workbench-failed-${this.currentTest.title.slice(0, 40).replaceAll(/\W+/g, "-")}`);
    await window.newSession().catch(() => undefined);
  });

  it("asks what an agent wants to know, and hands it the answer", async () => {
    const heard: string[] = [];
    handler = ({ turn, results }) => {
      heard.push(...results);
      if (turn === 0) return { calls: [{ tool: "agents__ask_user", arguments: { question: "Which colour?", choices: ["Red", "Blue"] } }] };
      return { text: "So it is **blue**." };
    };
    await window.say("What colour shall it have?");
    await window.mark("question").waitFor();
    assert.match(await window.mark("question").innerText(), /Which colour\?/);
    await window.screenshot("workbench-question");
    await window.status(/^Waiting/);
    await window.mark("answer").fill("A deep blue");
    await window.mark("answer-send").click();
    await window.status(/^Done/);
    await window.text(/So it is/).waitFor();
    assert.match(heard.join("\n"), /A deep blue/);
  });

  it("goes on after the window was loaded again in mid-run, and pays for nothing twice", async () => {
    const team = teamModel();
    const began = Promise.withResolvers<void>();
    let held = true;
    handler = async (request) => {
      if (request.agent === "unit-test" && held) {
        began.resolve();
        await new Promise((done) => setTimeout(done, 3_000));
      }
      return team(request);
    };
    await window.reloadWith({ "agentOrchestrator.level": "bypass", "agentOrchestrator.applyAtEnd": true });
    await window.begin();
    await window.newSession();
    await window.say("Write added.mjs, a function that adds two numbers, with tests and a README.");
    await began.promise;
    const before = server.requests.map(({ agent, turn }) => `${agent} ${turn}`);
    await window.reload();
    held = false;
    await window.mark("composer").waitFor({ timeout: 30_000 });
    await window.status(/^Done/, 60_000);
    const after = server.requests.slice(before.length).map(({ agent, turn }) => `${agent} ${turn}`);
    assert.deepEqual(
      after.filter((one) => before.includes(one)),
      ["unit-test 0"],
      "only the turn that was cut off is asked for again",
    );
    assert.ok(existsSync(join(bed.project, "added.mjs")), "the result is in the project");
    await window.text(/All is done/).waitFor();
    await window.screenshot("workbench-resumed");
  });

  it("says what is wrong with a key, and goes on once it is right", async () => {
    let wrong = true;
    handler = () =>
      wrong
        ? { fault: { kind: "status", status: 401, type: "authentication_error", message: "invalid x-api-key" } }
        : { text: "Now I may." };
    await window.say("What is this project?");
    await window.status(/^Failed/);
    await window.text(/Check the API key/).waitFor();
    await window.screenshot("workbench-wrong-key");
    wrong = false;
    await window.panel().getByRole("button", { name: "Try again" }).last().click();
    await window.status(/^Done/);
    await window.text("Now I may.").waitFor();
  });

  it("waits out an overload", async () => {
    handler = (_request, index) =>
      index < 2
        ? { fault: { kind: "status", status: 529, type: "overloaded_error", message: "Overloaded", headers: { "retry-after": "0" } } }
        : { text: "Here again." };
    await window.say("What is this project?");
    await window.status(/^Done/);
    await window.text("Here again.").waitFor();
    assert.equal(server.requests.length, 3);
  });

  it("says that a server is down, and where to look", async () => {
    await window.reloadWith({ "agentOrchestrator.model": "lmstudio:some-model" });
    await window.begin();
    await window.newSession();
    await window.say("What is this project?");
    await window.status(/^Failed/, 60_000);
    await window.text(/cannot be reached.*Check the network and the base URL/).waitFor();
    await window.screenshot("workbench-server-down");
  });

  it("keeps no key in the settings, nor in the record", () => {
    const settings = readFileSync(join(bed.workbench.root, "data", "User", "settings.json"), "utf8");
    assert.doesNotMatch(settings, /key-of-the-test/);
    const [found] = recorded<{ n: number }>(bed.dataDir, "select count(*) n from events where payload like '%key-of-the-test%'");
    assert.equal(found?.n, 0);
    assert.deepEqual(window.problems(), []);
  });
});
