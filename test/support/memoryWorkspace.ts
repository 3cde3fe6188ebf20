// A workspace in memory behind core's port: trees of files by commit, folders as maps. For suites that crash and replay
// core thousands of times; the real one has its own suite on real git.

import type { FileChange } from "../../src/protocol/events.ts";
import type { Patch, WorkspacePort } from "../../src/core/workspacePort.ts";
import { fail, ok } from "../../src/protocol/result.ts";
import { sha256Hex } from "../../src/protocol/hash.ts";

export type Tree = Record<string, string>;

export type MemoryWorkspace = WorkspacePort & {
  /** The user's own tree. */
  user: Tree;
  /** The files under a worktree's (or the user's) root. */
  folder(root: string): Tree;
  /** The worktrees that are open now. */
  open(): string[];
};

const noRepository: WorkspacePort["repository"] = {
  commit: () => Promise.resolve(fail("not_written", "There is no repository.")),
  isMade: () => Promise.resolve(false),
  inHead: () => Promise.resolve([]),
  note: () => Promise.resolve(),
  head: () => Promise.resolve(undefined),
  fileAt: () => Promise.resolve(undefined),
  keepMessage: () => Promise.resolve(""),
};

export function createMemoryWorkspace(files: Tree, testCommand: string | null = "npm test"): MemoryWorkspace {
  const commits = new Map<string, Tree>();
  const folders = new Map<string, Tree>();
  const user: Tree = { ...files };

  const commitOf = (tree: Tree): string => {
    const hash = sha256Hex(JSON.stringify(Object.entries(tree).toSorted(([a], [b]) => (a < b ? -1 : 1))));
    commits.set(hash, { ...tree });
    return hash;
  };
  const treeAt = (commit: string): Tree => {
    const tree = commits.get(commit);
    if (!tree) throw new Error(`unknown commit ${commit}`);
    return tree;
  };
  const folder = (root: string): Tree => (root.startsWith("/worktrees/") ? (folders.get(root) ?? {}) : user);
  const rootOf = (sessionId: string, taskId: string): string => `/worktrees/${sessionId}/${taskId}`;

  return {
    user,
    folder,
    open: () => [...folders.keys()],
    check: (workspace) => Promise.resolve(ok({ path: workspace })),
    snapshot: () => Promise.resolve(ok({ commit: commitOf(user), left: [] })),
    folderOf: (session, _workspace, taskId) => Promise.resolve(rootOf(session, taskId)),
    openWorktree: (session, _workspace, taskId, from) => {
      const root = rootOf(session, taskId);
      if (!folders.has(root)) folders.set(root, { ...treeAt(from) });
      return Promise.resolve(root);
    },
    commitWorktree: (session, _workspace, taskId) => Promise.resolve(commitOf(folder(rootOf(session, taskId)))),
    updateWorktree: (session, _workspace, taskId, commit) => {
      folders.set(rootOf(session, taskId), { ...treeAt(commit) });
      return Promise.resolve();
    },
    closeWorktree: (session, _workspace, taskId) => {
      folders.delete(rootOf(session, taskId));
      return Promise.resolve();
    },
    diff: (_session, _workspace, from, to) => Promise.resolve(diffOf(treeAt(from), treeAt(to))),
    hunks: (_session, _workspace, from, to) =>
      Promise.resolve(diffOf(treeAt(from), treeAt(to)).files.map(({ path }) => ({ path, hunks: 1 }))),
    pick: (_session, _workspace, from, to, parts) => {
      const tree = { ...treeAt(from) };
      for (const { path } of parts) assign(tree, path, treeAt(to)[path]);
      return Promise.resolve(ok(commitOf(tree)));
    },
    fileAt: (_workspace, commit, path) => {
      const content = treeAt(commit)[path];
      return Promise.resolve(content === undefined ? undefined : Buffer.from(content));
    },
    treeOf: (_session, _workspace, commit) => Promise.resolve(commit),
    merge: (_session, _workspace, base, ours, theirs) =>
      Promise.resolve(mergeOf(treeAt(base), treeAt(ours), treeAt(theirs), ours, commitOf)),
    land: (_session, _workspace, base, result) => {
      const changed = diffOf(treeAt(base), treeAt(result)).files.map((file) => file.path);
      const conflicts = changed.filter((path) => user[path] !== treeAt(base)[path] && user[path] !== treeAt(result)[path]);
      if (conflicts.length > 0) return Promise.resolve(ok({ files: [], conflicts, inPlace: [] }));
      for (const path of changed) assign(user, path, treeAt(result)[path]);
      return Promise.resolve(ok({ files: changed, conflicts: [], inPlace: [] }));
    },
    settle: () => Promise.resolve(ok(undefined)),
    repository: noRepository,
    checks: () => Promise.resolve(testCommand === null ? [] : [{ kind: "test", command: testCommand }]),
    language: () => Promise.resolve("typescript"),
    rules: () => Promise.resolve(undefined),
    adopt: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  };
}

function assign(tree: Tree, path: string, content: string | undefined): void {
  if (content === undefined) delete tree[path];
  else tree[path] = content;
}

function diffOf(from: Tree, to: Tree): Patch {
  const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])].toSorted();
  const files = paths
    .filter((path) => from[path] !== to[path])
    .map((path): FileChange => {
      const kind = from[path] === undefined ? "added" : to[path] === undefined ? "deleted" : "modified";
      return { path, kind, added: (to[path] ?? "").split("\n").length, removed: (from[path] ?? "").split("\n").length };
    });
  return { files, text: files.map((file) => `--- ${file.path}\n${to[file.path] ?? ""}`).join("\n") };
}

function mergeOf(
  base: Tree,
  ours: Tree,
  theirs: Tree,
  oursCommit: string,
  commitOf: (tree: Tree) => string,
): { commit: string; conflicts: string[] } {
  const merged: Tree = { ...ours };
  const conflicts: string[] = [];
  for (const { path } of diffOf(base, theirs).files) {
    if (ours[path] === base[path] || ours[path] === theirs[path]) assign(merged, path, theirs[path]);
    else conflicts.push(path);
  }
  return conflicts.length > 0 ? { commit: oursCommit, conflicts } : { commit: commitOf(merged), conflicts: [] };
}
