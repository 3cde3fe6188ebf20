// Two agents at one file, in real runs with real git and a real test command: both results land, or the conflict is told
// with both sides; and in each case the user's uncommitted work is byte for byte what it was.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isKnown, type KnownEvent } from "../../src/protocol/events.ts";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeCall, type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { commitAll, gitIn } from "../support/gitProject.ts";

const limits = Array.from({ length: 30 }, (_, i) => `export const limit${i} = ${i};\n`);
const withLimits = (changes: Record<number, string>): string => limits.map((line, i) => changes[i] ?? line).join("");
const project = {
  "package.json": '{ "name": "sample", "type": "module", "scripts": { "test": "node check.mjs" } }\n',
  "limits.mjs": withLimits({}),
  // Two limits that are both raised are too much.
  "check.mjs": 'import * as l from "./limits.mjs";\nif (l.limit3 > 3 && l.limit25 > 25) throw new Error("both limits are raised");\n',
};
const mine = "// mine, not committed\r\n\t// as it is";

const done = (summary: string): FakeCall => ({ tool: "agents__submit_result", arguments: { status: "done", summary } });
const put = (content: string): FakeCall => ({ tool: "filesystem__write_file", arguments: { path: "limits.mjs", content } });
const steps = ["low", "high"].map((id) => ({ id, type: "generate", goal: `Raise the ${id} limit` }));

/** `writes`: what each part writes; `again`: what is written where work could not be joined. */
const team =
  (writes: Record<string, string>, again: (brief: string) => string) =>
  ({ agent, turn, prompt }: FakeRequest): Reply => {
    if (agent === "planning") return { calls: [{ tool: "agents__submit_plan", arguments: { steps } }] };
    if (agent.endsWith("-review"))
      return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "looked", score: 1 } }] };
    if (agent !== "typescript") return { text: "Both limits are seen to." };
    const part = /Raise the (\w+) limit/.exec(prompt)?.[1] ?? "low";
    if (turn > 0) return { calls: [done(`${part} is raised`)] };
    return { calls: [put(prompt.includes("could not be joined") ? again(prompt) : writes[part]!)] };
  };

describe("ao run, two agents at one file", () => {
  let home: Home;
  let server: FakeModelServer;
  let workspace: string;

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
  });
  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const run = async (...played: Parameters<typeof team>): Promise<{ ended: Ended; events: KnownEvent[]; session: string }> => {
    server = await startFakeModelServer(team(...played));
    workspace = home.project(project);
    commitAll(workspace);
    writeFileSync(join(workspace, "mine.txt"), mine);
    writeFileSync(join(workspace, "limits.mjs"), withLimits({ 15: `export const limit15 = 15; ${mine}\n` }));
    const args = ["run", "Implement raising both limits", "--workflow", "parallel", "--level", "assisted", "--workspace", workspace];
    const ended = await home.ao([...args, "--model", "anthropic:claude-sonnet-4-5"], { ANTHROPIC_BASE_URL: server.url });
    const session = sessionIn(ended);
    return { ended, session, events: (await home.events(session)).filter(isKnown) };
  };
  const own = `export const limit15 = 15; ${mine}\n`;
  const low = withLimits({ 3: "export const limit3 = 2;\n", 15: own });
  const high = withLimits({ 15: own, 25: "export const limit25 = 24;\n" });
  const untouched = (): void => {
    assert.equal(readFileSync(join(workspace, "mine.txt"), "utf8"), mine);
    assert.equal(gitIn(workspace, "diff", "--cached", "--name-only"), "");
  };

  it("in different places: both results land, checked together", async () => {
    const { ended, events, session } = await run({ low, high }, () => low);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    untouched();
    assert.equal(readFileSync(join(workspace, "limits.mjs"), "utf8"), withLimits({ 15: own }));
    const joined = events.flatMap((event) => (event.type === "work.merged" ? [event.payload.conflicts.length] : []));
    assert.deepEqual(joined, [0, 0]);
    const proposed = events.findLast((event) => event.type === "landing.proposed")!.payload;
    const receipts = events.flatMap((event) => (event.type === "receipt.issued" ? [event.payload] : []));
    assert.ok(receipts.some(({ tree, exitCode, command }) => tree === proposed.tree && exitCode === 0 && command === "npm test"));
    assert.match((await home.ao(["changes", session, "--stat"])).stdout, /npm test passed on exactly this result/);
    assert.match((await home.ao(["changes", session, "--task", "low"])).stdout, /^\+export const limit3 = 2;$/m);
    assert.equal((await home.ao(["apply", session])).code, 0);
    const both = withLimits({ 3: "export const limit3 = 2;\n", 15: own, 25: "export const limit25 = 24;\n" });
    assert.equal(readFileSync(join(workspace, "limits.mjs"), "utf8"), both);
    untouched();
  });

  it("in the same line: an agent gets both sides with their goals, and both are in the result", async () => {
    const one = (value: number): string => withLimits({ 10: `export const limit10 = ${value};\n`, 15: own });
    let brief = "";
    const { ended, session } = await run({ low: one(100), high: one(200) }, (prompt) => {
      brief = prompt;
      return one(300);
    });
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    for (const part of [
      "Its goal was: Raise the low limit",
      "Its goal was: Raise the high limit",
      "+export const limit10 = 100;",
      "+export const limit10 = 200;",
    ])
      assert.ok(brief.includes(part), part);
    assert.match((await home.ao(["changes", session])).stdout, /limit10 = 300/);
    untouched();
  });

  it("that fit by their text and break together: the second is sent back with what the check says", async () => {
    const [raisedLow, raisedHigh] = ["export const limit3 = 30;\n", "export const limit25 = 250;\n"];
    let brief = "";
    const { ended, events } = await run(
      { low: withLimits({ 3: raisedLow, 15: own }), high: withLimits({ 15: own, 25: raisedHigh }) },
      (prompt) => {
        brief = prompt;
        return prompt.includes("Raise the low limit\n") ? withLimits({ 15: own, 25: raisedHigh }) : withLimits({ 3: raisedLow, 15: own });
      },
    );
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.ok(brief.includes("both limits are raised"), brief);
    assert.ok(
      events.some((event) => event.type === "work.merged" && event.payload.fails?.command === "npm test"),
      ended.stdout,
    );
    untouched();
  });

  it("where no agent brings them together: the run fails, names the files, and has both sides", async () => {
    let value = 300;
    const one = (): string => withLimits({ 10: `export const limit10 = ${value++};\n`, 15: own });
    const stubborn = { low: one(), high: one() };
    // Whoever has to join them hands in what cannot be: it breaks the check each time.
    const { ended, session } = await run(stubborn, () =>
      withLimits({ 3: "export const limit3 = 30;\n", 15: own, 25: "export const limit25 = 250;\n" }),
    );
    assert.equal(ended.code, 1, ended.stdout + ended.stderr);
    assert.match(ended.stdout + ended.stderr, /could not be joined|fails on/);
    for (const step of ["low", "high"])
      assert.match((await home.ao(["changes", session, "--task", step])).stdout, /^\+export const limit10 = 30\d;$/m);
    assert.equal(readFileSync(join(workspace, "limits.mjs"), "utf8"), withLimits({ 15: own }));
    untouched();
  });
});
