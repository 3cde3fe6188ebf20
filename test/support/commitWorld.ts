// A project in a real git repository, a session that changes it, and the commit of that; all in temporary folders.

import { execFileSync } from "node:child_process";
import type { CommandAnswer, Commands } from "../../src/protocol/commands.ts";
import type { Result } from "../../src/protocol/result.ts";
import { type Edit, type FolderWorld, folderWorld, valueOf } from "./folderWorld.ts";
import { type Files, gitIn } from "./gitProject.ts";
import { makeFixture } from "./workspaceFixture.ts";

type Committed = CommandAnswer["changes.commit"];

export type CommitWorld = FolderWorld & {
  /** The folder that holds `.git`. */
  root: string;
  git(...args: string[]): string;
  /** A session whose result is in the user's files. */
  taken(edit: Edit): Promise<string>;
  commit(sessionId: string, options?: Partial<Commands["changes.commit"]>): Promise<Result<Committed>>;
  /** `git status`, a line for each file that is not as HEAD has it. */
  status(): string[];
  /** A file as a commit has it, or (with "") the index, byte for byte. */
  blob(revision: string, path: string): Buffer;
};

export type CommitOptions = { /** Where the workspace lies in the repository. */ below?: string; init?: string[]; identity?: boolean };

export async function commitWorld(files: Files, { below = "", init = [], identity = true }: CommitOptions = {}): Promise<CommitWorld> {
  const fixture = makeFixture(files, below === "" ? "project" : `project/${below}`);
  const root = below === "" ? fixture.path : `${fixture.folder}/project`;
  const git = (...args: string[]): string => gitIn(root, ...args);
  git("init", "--quiet", ...init);
  if (identity) {
    git("config", "user.name", "A Person");
    git("config", "user.email", "person@example.org");
  }
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "-m", "first");
  const world = await folderWorld({}, { at: fixture });
  return {
    ...world,
    root,
    git,
    taken: async (edit) => {
      const id = await world.run(edit);
      valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
      return id;
    },
    commit: async (sessionId, options = {}) => await world.engine.dispatch({ type: "changes.commit", sessionId, by: "user", ...options }),
    status: () => git("status", "--porcelain").split("\n").filter(Boolean),
    blob: (revision, path) => execFileSync("git", ["cat-file", "blob", `${revision}:${path}`], { cwd: root }),
  };
}
