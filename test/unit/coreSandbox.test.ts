// Core runs where there is nothing but the language, an AbortController, a TextEncoder and timers: a workflow engine's
// sandbox, here a bare vm context. A whole session with a plan, writes, checks and a landing goes through it.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import type { Engine } from "../../src/core/engine.ts";
import type { Ports } from "../../src/core/ports.ts";
import { configWith, createWorld } from "../support/world.ts";
import { stories } from "../sim/story.ts";

type CoreBundle = { createEngine: (ports: Ports, options: { attended: boolean }) => Engine };

const allowed = { AbortController, TextEncoder, setTimeout, clearTimeout };

async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/core/engine.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "core",
    platform: "neutral",
    target: "es2023",
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}

describe("core in a sandbox", () => {
  let code: string;
  before(async () => {
    code = await bundled();
  });

  it("asks for no module of Node's", () => {
    assert.doesNotMatch(code, /["']node:|require\(/);
  });

  it("finds no more there than it is given", () => {
    const context = vm.createContext({ ...allowed });
    const absent = ["process", "Buffer", "structuredClone", "queueMicrotask", "crypto", "performance", "fetch", "AbortSignal"];
    for (const name of absent) assert.equal(vm.runInContext(`typeof ${name}`, context), "undefined", name);
  });

  it("runs a whole session there, without the clock and the dice of the language", async () => {
    const [story] = stories;
    const context = vm.createContext({ ...allowed });
    vm.runInContext(
      "const forbid = (name) => () => { throw new Error(name + ' is not for core'); }; Math.random = forbid('Math.random'); Date = forbid('Date');",
      context,
    );
    const { createEngine } = vm.runInContext(`${code}; core`, context) as CoreBundle;
    const world = await createWorld(story!);
    const engine = createEngine(world.ports, { attended: false });
    const created = await engine.dispatch({ type: "session.create", goal: story!.goal, workspace: "/user", config: configWith() });
    assert.ok(created.ok);
    const ended = await engine.dispatch({ type: "session.run", sessionId: created.value.sessionId });
    assert.ok(ended.ok, JSON.stringify(ended));
    assert.equal(ended.value.status, "done");
    assert.ok("src/greet.ts" in world.workspace.user);
  });
});
