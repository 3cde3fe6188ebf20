// A user's project beside a data folder, and the workspace port over them; all of it real.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { WorkspacePort } from "../../src/core/workspacePort.ts";
import type { Commit, TaskId } from "../../src/protocol/ids.ts";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { type Files, readFiles, removeFiles, writeFiles } from "./gitProject.ts";
import { makeTempDir } from "./tempDir.ts";

export type Fixture = {
  folder: string;
  path: string;
  dataDir: string;
  port: WorkspacePort;
  snapshot: () => Promise<Commit>;
  open: (taskId: TaskId, from: Commit) => Promise<string>;
  /** The commit's files, seen through a folder made from it. */
  filesOf: (commit: Commit) => Promise<Record<string, string>>;
  /** A commit on `base` with some files put and others removed, made as a task would. */
  change: (base: Commit, put: Files, gone?: string[]) => Promise<Commit>;
  /** As session "s"; what its files hold counts as recorded. */
  land: (base: Commit, result: Commit) => Promise<{ files: string[]; conflicts: string[] }>;
  remove: () => void;
};

export function makeFixture(files: Files = {}, at = "project"): Fixture {
  const { path: folder, remove } = makeTempDir("workspace");
  const path = join(folder, at);
  const dataDir = join(folder, "data");
  mkdirSync(path, { recursive: true });
  writeFiles(path, files);
  const port = createWorkspace({ dataDir });
  let tasks = 0;
  const open = async (taskId: TaskId, from: Commit): Promise<string> => await port.openWorktree("s", path, taskId, from);
  return {
    folder,
    path,
    dataDir,
    port,
    open,
    snapshot: async () => {
      const taken = await port.snapshot("s", path);
      assert.ok(taken.ok, taken.ok ? "" : taken.error.message);
      return taken.value.commit;
    },
    filesOf: async (commit) => readFiles(await open(`t_see${++tasks}`, commit)),
    change: async (base, put, gone = []) => {
      const taskId: TaskId = `t_change${++tasks}`;
      const root = await open(taskId, base);
      removeFiles(root, [...gone, ...Object.keys(put)]);
      writeFiles(root, put);
      return await port.commitWorktree("s", path, taskId, base, "a change");
    },
    land: async (base, result) => {
      const landed = await port.land("s", path, base, result, 0);
      assert.ok(landed.ok, landed.ok ? "" : landed.error.message);
      assert.ok((await port.settle("s", path, 1)).ok);
      const { files: named, conflicts } = landed.value;
      return { files: named, conflicts };
    },
    remove,
  };
}
