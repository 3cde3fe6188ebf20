// The list of sessions that an interface gets: those of the open folder first, the others reachable and named by theirs.

import assert from "node:assert/strict";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { PanelMessage, ToPanel } from "../../src/protocol/panel.ts";
import { createPanelHost, type Surroundings } from "../../src/runtime/panel.ts";
import { createRuntime, type Runtime } from "../../src/runtime/runtime.ts";
import { makeTempDir } from "../support/tempDir.ts";

describe("the sessions of an interface", () => {
  let runtime: Runtime;
  let dir: ReturnType<typeof makeTempDir>;
  before(async () => {
    dir = makeTempDir("sessions");
    runtime = await createRuntime({ env: { AO_DATA_DIR: join(dir.path, "data") }, attended: true, store: "memory" });
  });
  after(async () => {
    await runtime.close();
    dir.remove();
  });

  const listed = async (around: Partial<Surroundings>): Promise<ToPanel["sessions"]["sessions"]> => {
    const posted: PanelMessage[] = [];
    const { engine, store } = runtime;
    const host = createPanelHost({ engine, store, around: around as Surroundings, post: (message) => posted.push(message) });
    await host.receive({ type: "sessions", id: 1, body: {} });
    host.close();
    const found = posted.find((message) => message.type === "sessions");
    assert.ok(found);
    return found.body.sessions;
  };

  it("stand in order of folder, then of time", async () => {
    const folders = ["here", "there"].map((name) => join(realpathSync(dir.path), name));
    const config = { model: "demo", models: [], workflow: "auto", agent: "coordinator", level: "default" as const, apply: false };
    const budget = { usd: 1, tokens: 1000, turns: 1, minutes: 1, depth: 1, parallel: 1 };
    for (const [name, folder] of [
      ["first", folders[0]!],
      ["far", folders[1]!],
      ["second", folders[0]!],
      ["further", folders[1]!],
    ] as const) {
      mkdirSync(folder, { recursive: true });
      const full = { ...config, budget, yesTo: [], ask: true, modelOverrides: false };
      const created = await runtime.engine.dispatch({ type: "session.create", name, goal: name, workspace: folder, config: full });
      assert.ok(created.ok);
    }
    const rows = (await runtime.store.listSessions({})).map(({ name }) => name);
    const ordered = [...rows.filter((name) => !name.startsWith("f") || name === "first"), ...rows.filter((name) => /^fa|^fu/.test(name))];
    const sessions = await listed({ isHere: (workspace) => workspace === folders[0] });
    assert.deepEqual(
      sessions.map(({ name }) => name),
      ordered,
    );
    assert.deepEqual(
      sessions.map(({ folder }) => folder),
      [undefined, undefined, "there", "there"],
    );
    const plain = await listed({});
    assert.deepEqual(
      plain.map(({ name, folder }) => [name, folder]),
      rows.map((name) => [name, undefined]),
    );
  });
});
