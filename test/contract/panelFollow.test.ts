// Who follows a session for an interface: one at a time, and none after its end, in whatever order the messages come.

import assert from "node:assert/strict";
import type { Engine } from "../../src/core/engine.ts";
import type { PanelMessage } from "../../src/protocol/panel.ts";
import { createPanelHost, type PanelHost, type Surroundings } from "../../src/runtime/panel.ts";
import { configWith, createWorld } from "../support/world.ts";

describe("followers of an interface", () => {
  let engine: Engine;
  let host: PanelHost;
  let sessionId: string;
  let listeners: number;
  let posted: PanelMessage[];
  let id = 0;

  beforeEach(async () => {
    const world = await createWorld({ model: () => ({ text: "Said." }) });
    listeners = 0;
    engine = {
      ...world.engine,
      async follow(...args) {
        const end = await world.engine.follow(...args);
        listeners++;
        return () => {
          listeners--;
          end();
        };
      },
    };
    const config = configWith({});
    const created = await engine.dispatch({ type: "session.create", goal: "x", workspace: "/w", config });
    assert.ok(created.ok);
    sessionId = created.value.sessionId;
    posted = [];
    const around = { facts: () => Promise.resolve({}), isRunning: () => false } as unknown as Surroundings;
    host = createPanelHost({ engine, store: world.store, around, post: (message) => posted.push(message) });
  });

  const told = (type: "follow" | "unfollow", session = sessionId): Promise<void> =>
    host.receive({ type, id: ++id, body: { sessionId: session } });

  it("two that come at once leave one", async () => {
    await Promise.all([told("follow"), told("follow")]);
    assert.equal(listeners, 1);
    assert.equal(posted.filter(({ type }) => type === "snapshot").length, 1);
    await engine.dispatch({ type: "session.rename", sessionId, name: "other" });
    await new Promise(setImmediate);
    assert.equal(posted.filter(({ type }) => type === "events").length, 1);
    await told("unfollow");
    assert.equal(listeners, 0);
  });

  it("one that is given up before it began leaves none", async () => {
    await Promise.all([told("follow"), told("unfollow")]);
    assert.equal(listeners, 0);
    await told("follow");
    assert.equal(listeners, 1, "it can be had again");
  });

  it("the end of the interface ends those that are beginning, and none begins after it", async () => {
    const beginning = told("follow");
    host.close();
    await beginning;
    await told("follow");
    assert.equal(listeners, 0);
    assert.ok(posted.every(({ type }) => type === "answer"));
  });

  it("one of a session that is gone is refused and leaves nothing", async () => {
    await told("follow", "s_gone");
    const [answer] = posted;
    assert.ok(answer?.type === "answer" && !answer.ok && answer.error.code === "not_found");
    assert.equal(listeners, 0);
  });
});
