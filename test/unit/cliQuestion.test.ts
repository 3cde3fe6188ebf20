// What a person is shown before they decide: nothing of the action may be missing or hidden.

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { actionLines, approvalTitle, sessionScope } from "../../src/cli/render/question.ts";
import type { ApprovalState, SessionState } from "../../src/protocol/state.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

describe("the question before an action", () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = makeTempDir("question");
  });
  afterEach(() => dir.remove());

  const approval = (tool: string, args: unknown, rule = "writes"): ApprovalState => ({
    approvalId: "a_1",
    kind: "call",
    taskId: "t_1",
    tool,
    arguments: args,
    cwd: dir.path,
    digest: "sha256:0",
    risk: 10,
    reasons: ["changes files"],
    rule,
  });
  const shown = async (tool: string, args: unknown): Promise<string[]> => (await actionLines(approval(tool, args), false)).slice(0, -1);

  it("names the agent and its step", () => {
    const state = { tasks: { t_1: { assignedAgent: "testing", stepId: "test" } } } as unknown as SessionState;
    assert.equal(approvalTitle(state, approval("shell__run", {})), "testing (test) asks: shell__run (risk 10)");
  });

  it("says what a yes for the session covers", () => {
    assert.equal(sessionScope(approval("filesystem__edit_file", {})), "all edits of this session");
    assert.equal(sessionScope(approval("shell__run", {}, "shell")), "this command again in this session");
    assert.equal(sessionScope(approval("filesystem__read_file", {}, "secrets")), "this call again in this session");
  });

  it("shows an exact edit as the lines that go and come, and all its other arguments", async () => {
    assert.deepEqual(await shown("filesystem__edit_file", { path: "a.ts", old: "one\ntwo", new: "three", all: true }), [
      "path: a.ts",
      "all: true",
      "- one",
      "- two",
      "+ three",
    ]);
  });

  it("tells edits apart that differ in the end of a line only", async () => {
    const lines = await shown("filesystem__edit_file", { path: "a.ts", old: "one\n", new: "one\r\n" });
    assert.deepEqual(lines.slice(1), ["- one", "- ", "+ one⟨U+000D⟩", "+ "]);
  });

  it("shows a new file whole, and an existing one as what changes in it", async () => {
    const content = Array.from({ length: 300 }, (_, n) => `line ${n}`).join("\n");
    const lines = await shown("filesystem__write_file", { path: "new.txt", content });
    assert.deepEqual(lines.slice(0, 3), ["path: new.txt", "(a new file)", "+ line 0"]);
    assert.equal(lines.length, 2 + 300 + 1);
    assert.equal(lines.at(-1), "\\ No newline at end of file");
    writeFileSync(join(dir.path, "old.txt"), "one\ntwo\n");
    assert.deepEqual(await shown("filesystem__write_file", { path: "old.txt", content: "one\n2\n" }), [
      "path: old.txt",
      "@@",
      " one",
      "-two",
      "+2",
    ]);
  });

  it("reads nothing outside the agent's folder to compare with", async () => {
    writeFileSync(`${dir.path}-secret.txt`, "one\n");
    try {
      const path = join("..", `${basename(dir.path)}-secret.txt`);
      assert.deepEqual((await shown("filesystem__write_file", { path, content: "x\n" })).slice(1), ["+ x"]);
    } finally {
      rmSync(`${dir.path}-secret.txt`);
    }
  });

  it("shows control characters and does not obey them", async () => {
    const lines = await shown("shell__run", { command: "ls\u001b[8m; rm x\u001b[0m\u202e #", timeoutMs: 5 });
    assert.deepEqual(lines, ["command: ls⟨U+001B⟩[8m; rm x⟨U+001B⟩[0m⟨U+202E⟩ #", "timeoutMs: 5"]);
  });
});
