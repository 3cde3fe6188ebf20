// Undoing what one agent did, on a real folder: before the result is taken and after, the others' work and people's edits
// stay, what builds on it is named and stays as it is, and it can be put back (A10).

import assert from "node:assert/strict";
import type { CommandAnswer } from "../../src/protocol/commands.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { Result } from "../../src/protocol/result.ts";
import { pendingApprovals } from "../../src/protocol/state.ts";
import { cast, goodReviewers, hand, planOf, write } from "../golden/golden.ts";
import { codeOf, folderWorld, type FolderWorld, lines, valueOf } from "../support/folderWorld.ts";
import type { Model } from "../support/world.ts";

const files = { "src/a.ts": lines(), "README.md": "# Sample\n\nWords.\n" };
const code = lines({ 3: "three" });
const words = "# Sample\n\nWords about three.\n";

const team = (scribeWrites: Record<string, string> = { "README.md": words }): Model =>
  cast({
    planning: [
      planOf(
        { id: "code", type: "generate", goal: "Write three" },
        { id: "words", type: "document", goal: "Describe three", dependsOn: ["code"] },
      ),
    ],
    typescript: [{ calls: [write("src/a.ts", code)] }, hand({ summary: "three is there" })],
    "readme-generator": [
      { calls: Object.entries(scribeWrites).map(([path, content]) => write(path, content)) },
      hand({ summary: "described" }),
    ],
    coordinator: [{ text: "All is done." }],
    ...goodReviewers,
  });

describe("workspace: one agent's work undone", () => {
  let world: FolderWorld;
  let sessionId: string;
  afterEach(() => world.at.remove());

  const begin = async (model = team(), test?: () => boolean): Promise<void> => {
    world = await folderWorld(files, { model, ...(test ? { test } : {}) });
    sessionId = await world.create({ workflow: "parallel", level: "assisted" });
    valueOf(await world.engine.dispatch({ type: "session.run", sessionId }));
  };
  const undo = async (agent: string, again = false): Promise<Result<CommandAnswer["work.undo"]>> =>
    await world.engine.dispatch({ type: "work.undo", sessionId, of: { agent }, ...(again ? { again } : {}), by: "user" });
  const apply = async (): Promise<void> => {
    assert.deepEqual(valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user" })).conflicts, []);
  };
  const replayed = async (): Promise<void> => {
    const events = await world.store.read(sessionId, {});
    assert.equal(canonicalJson(reduceAll(events)), canonicalJson(await world.state(sessionId)));
  };

  it("goes out of what waits to be applied, and back in", async () => {
    await begin();
    const before = await world.state(sessionId);
    assert.deepEqual(valueOf(await undo("documentation")), { files: ["README.md"], conflicts: [], proposed: true });
    assert.deepEqual(world.files(), files);
    const state = await world.state(sessionId);
    assert.deepEqual(
      state.landing?.files.map(({ path }) => path),
      ["src/a.ts"],
    );
    assert.notEqual(state.landing?.approvalId, before.landing?.approvalId);
    assert.deepEqual(
      pendingApprovals(state).map(({ approvalId }) => approvalId),
      [state.landing?.approvalId],
    );
    assert.equal(codeOf(await undo("documentation")), "nothing_to_do");
    assert.deepEqual(valueOf(await undo("readme-generator", true)).files, ["README.md"]);
    await apply();
    assert.deepEqual(world.files(), { "src/a.ts": code, "README.md": words });
    assert.equal((await world.state(sessionId)).status, "done");
    await replayed();
  });

  it("goes out of the user's files, with their own edits kept, and back in by either way", async () => {
    await begin();
    await apply();
    const edited = `Mine first.\n\n${words}`;
    world.edit({ put: { "README.md": edited, own: "mine" } });
    assert.deepEqual(valueOf(await undo("documentation")), { files: ["README.md"], conflicts: [], proposed: false });
    const without = { "src/a.ts": code, "README.md": `Mine first.\n\n${files["README.md"]}`, own: "mine" };
    assert.deepEqual(world.files(), without);
    assert.deepEqual(valueOf(await undo("documentation", true)).files, ["README.md"]);
    assert.deepEqual(world.files(), { ...without, "README.md": edited });
    const { checkpoints } = await world.state(sessionId);
    const back = checkpoints.find(({ name }) => name === "before: putting back documentation")!;
    valueOf(await world.engine.dispatch({ type: "session.rollback", sessionId, to: back.checkpointId, what: "files", by: "user" }));
    assert.deepEqual(world.files(), without);
    await replayed();
  });

  it("stays where others or the user built on it, and is named", async () => {
    await begin();
    await apply();
    const edited = words.replace("about three", "about three, mended");
    world.edit({ put: { "README.md": edited } });
    assert.deepEqual(valueOf(await undo("documentation")).conflicts, ["README.md"]);
    assert.deepEqual(world.files(), { "src/a.ts": code, "README.md": edited });

    world.at.remove();
    await begin(team({ "README.md": words, "src/a.ts": lines({ 3: "three, described" }) }));
    assert.deepEqual(valueOf(await undo("code-generation")), { files: [], conflicts: ["src/a.ts"], proposed: true });
    assert.equal((await world.state(sessionId)).landing?.files.length, 2);
    await replayed();
  });

  it("is not all of the result, which is refused as a whole; and what was never taken comes into no file by being put back", async () => {
    await begin(team(), () => true);
    const proven = async (): Promise<boolean> => {
      const { landing, receipts } = await world.state(sessionId);
      return receipts.some(({ tree }) => tree === landing?.tree);
    };
    const had = await proven();
    valueOf(await undo("documentation"));
    assert.equal((await world.state(sessionId)).landing?.unproven ?? false, had && !(await proven()));
    const all = await undo("code-generation");
    assert.ok(!all.ok && /ao discard/.test(all.error.message));
    assert.equal((await world.state(sessionId)).landing?.files.length, 1);
    await apply();
    const taken = { ...files, "src/a.ts": code };
    assert.deepEqual(world.files(), taken);
    assert.equal(codeOf(await undo("documentation", true)), "nothing_to_do");
    assert.deepEqual(world.files(), taken);
    await replayed();
  });

  it("goes out of files that were taken back already as far as it is there, by agent or by step", async () => {
    await begin();
    await apply();
    const of = { taskId: "words" as TaskId };
    assert.deepEqual(valueOf(await world.engine.dispatch({ type: "work.undo", sessionId, of, by: "user" })).files, ["README.md"]);
    assert.deepEqual(valueOf(await undo("coordinator")).files, ["src/a.ts"]);
    assert.deepEqual(world.files(), files);
    await replayed();
  });

  it("put back brings what was taken out and no more; a way back over it is known", async () => {
    await begin(team({ "README.md": words, "notes.md": "notes\n" }));
    const part = async (type: "changes.apply" | "changes.discard", path: string): Promise<void> =>
      void valueOf(await world.engine.dispatch({ type, sessionId, by: "user", only: [{ path }] }));
    await part("changes.apply", "README.md");
    await part("changes.apply", "src/a.ts");
    await part("changes.discard", "notes.md");
    const taken = { "src/a.ts": code, "README.md": words };
    assert.deepEqual(valueOf(await undo("documentation")).files, ["README.md"]);
    assert.deepEqual(valueOf(await undo("documentation", true)).files, ["README.md"]);
    assert.deepEqual(world.files(), taken);
    assert.deepEqual(valueOf(await undo("documentation")).files, ["README.md"]);
    const before = (await world.state(sessionId)).checkpoints.findLast(({ name }) => name === "before: undoing documentation")!;
    valueOf(await world.engine.dispatch({ type: "session.rollback", sessionId, to: before.checkpointId, what: "files", by: "user" }));
    assert.deepEqual(world.files(), taken);
    assert.equal(codeOf(await undo("documentation", true)), "nothing_to_do");
    assert.deepEqual(valueOf(await undo("documentation")).files, ["README.md"]);
    await replayed();
  });

  it("of nobody, or of one who changed nothing, is refused", async () => {
    await begin();
    assert.equal(codeOf(await undo("nobody")), "not_found");
    assert.equal(codeOf(await undo("planning")), "nothing_to_do");
    assert.equal(codeOf(await undo("documentation", true)), "nothing_to_do");
    valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user", only: [{ path: "src/a.ts" }] }));
    assert.equal(codeOf(await undo("documentation")), "invalid");
  });
});
