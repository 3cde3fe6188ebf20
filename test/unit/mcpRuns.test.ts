// The runs that the MCP server started, where the engine itself fails.

import assert from "node:assert/strict";
import { type Scene, startRun } from "../../src/gateways/mcp/host.ts";
import { createWorld } from "../support/world.ts";

describe("a run over MCP", () => {
  it("that the engine cannot begin is told as refused, and does not stay running", async () => {
    const { engine, store } = await createWorld({
      model: () => ({ text: "Said." }),
      wrap: (ports) => ({ ...ports, store: { ...ports.store, loadSnapshot: () => Promise.reject(new Error("disk I/O error")) } }),
    });
    await assert.rejects(engine.dispatch({ type: "session.run", sessionId: "s_1" }), /disk I\/O error/);
    const runs: Scene["runs"] = { going: new Map(), refused: new Map(), begun: new Set(), taken: new Set() };
    startRun({ engine, store, runs } as Scene, "s_1");
    const ended = await runs.going.get("s_1");
    assert.equal(ended?.ok, false);
    await new Promise(setImmediate);
    assert.equal(runs.going.size, 0);
    assert.match(runs.refused.get("s_1") ?? "", /disk I\/O error/);
  });
});
