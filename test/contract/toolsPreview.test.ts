// What a person sees before a call runs: exactly what the call would then do, and nothing is written for it.

import assert from "node:assert/strict";
import { openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("previews of calls", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await bench.put("a.txt", "one\ntwo\n");
    await bench.put("b.bin", new Uint8Array([0, 1, 2]));
  });
  afterEach(() => bench.close());

  const patch = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+1\n two\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n";
  const calls: [string, object][] = [
    ["filesystem__edit_file", { path: "a.txt", old: "two", new: "2" }],
    ["filesystem__edit_file", { patch }],
    ["filesystem__write_file", { path: "a.txt", content: "all\n" }],
    ["filesystem__write_file", { path: "sub/fresh.txt", content: "fresh\n" }],
    ["filesystem__delete", { path: "a.txt" }],
  ];
  for (const [tool, args] of calls)
    it(`${tool} ${JSON.stringify(args).slice(0, 40)}: what is shown is what happens`, async () => {
      const shown = await bench.tools.preview(tool, args, bench.root);
      const present = (path: string): Promise<string | undefined> => bench.get(path).catch(() => undefined);
      assert.ok(shown.length > 0);
      for (const { path, before } of shown) assert.equal(await present(path), before, `${path} is as it was`);
      assert.equal((await bench.call(tool, args)).ok, true);
      for (const { path, after } of shown) assert.equal(await present(path), after, `${path} is as it was shown`);
    });

  it("are empty for what cannot be told, or would fail", async () => {
    for (const [tool, args] of [
      ["shell__run", { command: "true" }],
      ["filesystem__edit_file", { path: "a.txt", old: "three", new: "3" }],
      ["filesystem__write_file", { path: "b.bin", content: "x" }],
      ["filesystem__write_file", { path: "../outside/x", content: "x" }],
      ["filesystem__edit_file", undefined],
      ["ide__format", { path: "a.txt" }],
    ] as const)
      assert.deepEqual(await bench.tools.preview(tool, args, bench.root), [], tool);
  });
});
