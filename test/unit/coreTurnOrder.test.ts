// The calls of one turn are judged as what the calls before them left, and an approval holds for what was judged when it
// was asked for: nothing is decided on a state of things that is gone.

import assert from "node:assert/strict";
import { pendingApprovals } from "../../src/protocol/state.ts";
import type { CallResult, TraceEvent } from "../../src/protocol/events.ts";
import { call, cast, hand } from "../golden/golden.ts";
import { nowhere, place, simple } from "../support/reach.ts";
import { createWorld, runGoal, type World } from "../support/world.ts";

const edit = "Fix the typo in README.md";

describe("the guard's word in time", () => {
  /** `link` makes what `open` reaches lie elsewhere. */
  const worldOf = (commands: string[]): Promise<World & { move(): void }> => {
    let where = "a.txt";
    const move = (): void => {
      where = "/srv/other";
    };
    return createWorld({
      model: cast({
        typescript: (_request, ask) =>
          ask % 2 === 0 ? { calls: commands.map((command) => call("shell__run", { command })) } : hand({ summary: "done" }),
      }),
      shell: (command): CallResult => {
        if (command === "link") move();
        return { ok: true, content: `ran ${command}`, details: { exitCode: 0, durationMs: 1 } };
      },
      wrap: (ports) => ({
        ...ports,
        tools: {
          ...ports.tools,
          judge: (tool, args, scope) => {
            const { command } = args as { command?: string };
            if (command === undefined) return ports.tools.judge(tool, args, scope);
            const places = command === "open" ? [place(where, "delete")] : [];
            return Promise.resolve({ ...nowhere, commands: [simple(command)], text: command, places });
          },
        },
      }),
    }).then((world) => ({ ...world, move }));
  };
  const resultOf = (events: TraceEvent[], which: number): string =>
    events
      .filter(({ type }) => type === "call.ended")
      .map(({ payload }) => payload as { tool: string; result: CallResult })
      .filter(({ tool }) => tool === "shell__run")
      .map(({ result }) => result.content)[which] ?? "";

  it("judges a later call of a turn by what the earlier ones did", async () => {
    const { events } = await runGoal(await worldOf(["link", "open"]), edit, { level: "bypass" });
    assert.equal(resultOf(events, 0), "ran link");
    assert.match(resultOf(events, 1), /deletes outside the agent's folder/);
    const calm = await runGoal(await worldOf(["other", "open"]), edit, { level: "bypass" });
    assert.equal(resultOf(calm.events, 1), "ran open");
  });

  it("takes no approval for places that its names lead to only later", async () => {
    for (const isMoved of [false, true]) {
      const world = await worldOf(["open"]);
      const { sessionId } = await runGoal(world, edit, { level: "default" });
      const [asked] = pendingApprovals((await world.engine.state(sessionId))!);
      const answered = await world.engine.dispatch({
        type: "approval.resolve",
        sessionId,
        approvalId: asked!.approvalId,
        decision: "approve",
        scope: "once",
        by: "user",
      });
      assert.ok(answered.ok, JSON.stringify(answered));
      if (isMoved) world.move();
      await world.engine.dispatch({ type: "session.run", sessionId });
      const said = resultOf(await world.store.read(sessionId, {}), 0);
      assert.match(said, isMoved ? /deletes outside/ : /ran open/);
    }
  });
});
