// From a line to who wrote it, over real landings in a real folder: several sessions, parts, people's edits between them,
// a file that was moved, lines that were edited or formatted later.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { blameFile, type LineOrigin } from "../../src/runtime/blame.ts";
import { codeOf, type FolderWorld, folderWorld, lines, valueOf } from "../support/folderWorld.ts";

const typed = "const typedByHand = 1;\n";

describe("blame", () => {
  let world: FolderWorld;
  afterEach(async () => {
    await world.engine.close();
    world.at.remove();
  });

  const open = async (files: Record<string, string>): Promise<void> => {
    world = await folderWorld(files);
  };
  /** A session that makes the file this, taken as a whole or in parts. */
  const landed = async (put: Record<string, string>, only?: { path: string; hunks?: number[] }[], gone: string[] = []): Promise<string> => {
    const id = await world.run({ put, gone });
    valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", ...(only ? { only } : {}) }));
    return id;
  };
  const origins = async (path: string): Promise<Map<string, LineOrigin | undefined>> => {
    const text = world.files()[path]!;
    const found = await blameFile({ store: world.store, dataDir: world.at.dataDir }, join(world.at.path, path), text);
    assert.ok(found);
    assert.equal(found.path, path);
    return new Map(
      text
        .split("\n")
        .slice(0, -1)
        .map((line, i) => [line, found.lines[i]]),
    );
  };
  const sessions = async (path: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      [...(await origins(path))].flatMap(([line, one]) => (one ? [[line, `${one.sessionId}${one.changed ? " ~" : ""}`]] : [])),
    );

  it("names session, task, agent, model, goal, landing; nobody for what a person wrote before, between and after", async () => {
    await open({ "README.md": lines() });
    const first = await landed({ "README.md": lines({ 5: "first agent wrote five" }) });
    world.edit({ put: { "README.md": lines({ 5: "first agent wrote five", 20: "a person wrote twenty" }) } });
    const second = await landed({
      "README.md": lines({ 5: "first agent wrote five", 20: "a person wrote twenty", 33: "second agent wrote" }),
    });
    world.edit({ put: { "README.md": `${typed}${world.files()["README.md"]!}` } });
    assert.deepEqual(await sessions("README.md"), { "first agent wrote five": first, "second agent wrote": second });
    const origin = (await origins("README.md")).get("second agent wrote")!;
    const state = await world.state(second);
    const task = state.tasks[origin.taskId!]!;
    assert.equal(origin.agent, "code-generation", "no call of its sub-agent names the file");
    assert.equal(origin.agent, task.assignedAgent);
    assert.equal(origin.goal, task.goal);
    assert.equal(origin.prompt, "Fix the typo in README.md");
    assert.equal(origin.call, undefined);
    assert.deepEqual(
      [origin.landed.by, origin.landed.commit, origin.landed.approvalId],
      ["user", state.landing!.commit, state.landing!.approvalId],
    );
    assert.equal(origin.receipt, undefined);
  });

  it("knows only the parts that were taken, and nothing once they are taken back", async () => {
    await open({ a: lines() });
    const id = await landed({ a: lines({ 2: "the second line", 20: "the twentieth" }) }, [{ path: "a", hunks: [1] }]);
    assert.deepEqual(await sessions("a"), { "the twentieth": id });
    world.edit({ put: { a: lines({ 2: "the second line", 20: "the twentieth" }) } });
    assert.deepEqual(await sessions("a"), { "the twentieth": id }, "what was refused or left, and typed by hand, is the person's");
    valueOf(await world.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" }));
    const { checkpoints } = await world.state(id);
    const back = await world.engine.dispatch({ type: "session.rollback", sessionId: id, to: checkpoints[0]!.checkpointId, by: "user" });
    assert.equal(codeOf(back), "ok");
    world.edit({ put: { a: lines({ 20: "the twentieth" }) } });
    assert.deepEqual(await sessions("a"), {});
  });

  it("follows lines into a file that was moved, edited, formatted and rearranged", async () => {
    const written =
      "function total(items) {\n  return items.reduce((sum, item) => sum + item.price, 0);\n}\n\nexport const limit = 'forty two items'\n";
    await open({ "old.js": "// a header by a person\n" });
    const id = await landed({ "old.js": `// a header by a person\n${written}` });
    const moved =
      'export const limit = "forty two items";\n// a header by a person\nfunction total(items) {\n    return items.reduce((sum, item) => sum + item.cost, 0);\n}\n';
    rmSync(join(world.at.path, "old.js"));
    world.edit({ put: { "lib/new.js": moved } });
    const found = await origins("lib/new.js");
    assert.deepEqual(await sessions("lib/new.js"), {
      'export const limit = "forty two items";': id,
      "function total(items) {": id,
      "    return items.reduce((sum, item) => sum + item.cost, 0);": `${id} ~`,
      "}": id,
    });
    assert.equal(found.get("function total(items) {")!.path, "old.js");
  });

  it("an agent that moves a file has not written a person's lines; a file like another is not that one", async () => {
    const own = Array.from({ length: 12 }, (_, i) => `a person's sentence number ${i}\n`).join("");
    await open({ "a.txt": own });
    const id = await landed({ "b.txt": `${own}an agent's sentence\n` }, undefined, ["a.txt"]);
    assert.deepEqual(await sessions("b.txt"), { "an agent's sentence": id });
    world.edit({ put: { "copy.txt": "an agent's sentence\n" } });
    assert.deepEqual(await sessions("copy.txt"), {});
  });

  it("has no answer for a folder that no session worked in", async () => {
    await open({ a: "a\n" });
    assert.equal(await blameFile({ store: world.store, dataDir: world.at.dataDir }, join(world.at.path, "a"), "a\n"), undefined);
  });
});
