// The end of a run in words: the answer only where there is one, the reason whole, and the way on.

import assert from "node:assert/strict";
import { summaryLines } from "../../src/cli/render/summary.ts";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { SessionConfig } from "../../src/protocol/events.ts";
import { configWith, createWorld, type Model, runGoal } from "../support/world.ts";

const edit = "Fix the typo in README.md";
const write = { tool: "filesystem__write_file", arguments: { path: "README.md", content: "# Example\n" } };
const editor: Model = ({ turn }) => (turn === 0 ? { calls: [write] } : { text: "It is mended." });

async function summary(model: Model, config: Partial<SessionConfig> = {}, after?: "changes.discard"): Promise<string[]> {
  const world = await createWorld({ model });
  const { sessionId, outcome } = await runGoal(world, edit, config);
  assert.ok(outcome.ok);
  if (after) await world.engine.dispatch({ type: after, sessionId, by: "user" });
  const state = await world.engine.state(sessionId);
  return summaryLines(state!, outcome.value as RunOutcome, 1000).filter((line) => line !== "");
}

describe("the summary of a run", () => {
  it("done: the answer, the figures, what was applied", async () => {
    const [answer, session, applied, record, ...more] = await summary(editor, { level: "bypass" });
    assert.equal(answer, "It is mended.");
    assert.match(session!, /: done \(240 tok, \$0\.0020, 2 turns, 1\.0s\)$/);
    assert.match(applied!, /^Applied to \/user: README\.md$/);
    assert.match(record!, /^Record: ao trace /);
    assert.deepEqual(more, []);
  });

  it("only the landing waits: the answer, and the three ways on", async () => {
    const lines = await summary(editor, { level: "assisted" });
    assert.equal(lines[0], "It is mended.");
    assert.match(lines[1]!, /: waiting /);
    assert.match(lines[2]!, /^Changes to 1 file are ready: ao changes .* ao apply .* ao discard /);
    assert.equal(lines.length, 4);
  });

  it("it clashes with one's own edits: the ways out", async () => {
    const model: Model = (request) => {
      if (request.turn === 1) world.workspace.user["README.md"] = "# Mine\n";
      return editor(request, new AbortController().signal);
    };
    const world = await createWorld({ model });
    const { sessionId, outcome } = await runGoal(world, edit, { level: "bypass" });
    assert.ok(outcome.ok);
    const lines = summaryLines((await world.engine.state(sessionId))!, outcome.value as RunOutcome, 1000);
    const way = lines.find((line) => line.startsWith("Changes to 1 file do not fit yours:"));
    assert.match(way ?? lines.join("\n"), /ao apply s_\w+ FILE… --joined .* ao apply s_\w+ --join .* ao discard /);
  });

  it("discarded: it says so", async () => {
    const lines = await summary(editor, { level: "assisted" }, "changes.discard");
    assert.ok(lines.includes("Discarded the changes to 1 file; your files are as they were."), lines.join("\n"));
  });

  it("a question waits: no answer, and the commands to give one", async () => {
    const lines = await summary(editor, { level: "default" });
    assert.match(lines[0]!, /^Session .*: waiting /);
    assert.match(lines[1]!, /^Waiting for you: ao approve a_\S+ && ao resume /);
    assert.equal(lines.length, 3);
  });

  it("failed: the failing step's own words, whole and once, and how to go on", async () => {
    const said = "I tried this.\nAnd that.\nNothing helped.";
    const give = { tool: "agents__submit_result", arguments: { status: "failed", summary: said } };
    const lines = await summary(() => ({ calls: [give] }), { level: "bypass" });
    assert.match(lines[0]!, /^Session .*: failed /);
    assert.match(lines[1]!, new RegExp(`^Reason: Step \\S+ failed: ${said}$`));
    assert.match(lines[2]!, /^Nothing is lost; go on with: ao resume /);
  });

  it("cancelled: one line, and how to go on", async () => {
    let cancel = (): void => undefined;
    const world = await createWorld({
      model: async (_, signal) => {
        cancel();
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        return { kind: "cancelled", usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, costUsd: 0 };
      },
    });
    let id = "";
    cancel = () => void world.engine.dispatch({ type: "session.cancel", sessionId: id });
    const created = await world.engine.dispatch({
      type: "session.create",
      goal: edit,
      workspace: "/user",
      config: configWith({}),
    });
    assert.ok(created.ok);
    id = created.value.sessionId;
    const outcome = await world.engine.dispatch({ type: "session.run", sessionId: id });
    assert.ok(outcome.ok);
    const lines = summaryLines((await world.engine.state(id))!, outcome.value, 1000).filter((line) => line !== "");
    assert.match(lines[0]!, /^Session .*: cancelled /);
    assert.match(lines[1]!, /^Nothing is lost; go on with: ao resume /);
    assert.equal(lines.length, 3);
  });
});
