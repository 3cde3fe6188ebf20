// The workspace port: the user's tree on one side, tasks' folders on the other, the shadow repository between them.
// Puts the parts together and decides which folders may be used at all; the parts do the work.

import { accessSync, constants, existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { rm } from "node:fs/promises";
import type { WorkspacePort } from "../core/workspacePort.ts";
import type { SessionId, TaskId } from "../protocol/ids.ts";
import { fail, messageOf, ok, type Result } from "../protocol/result.ts";
import { createGit, type Git, GitFailed } from "./git.ts";
import { diff, merge } from "./history.ts";
import { land } from "./landing.ts";
import { settleLandings } from "./landingPlan.ts";
import { landingsOf, type Places, placesOf, taskPlaces } from "./places.ts";
import { changes, pick } from "./parts.ts";
import { findChecks, findLanguage, readRules } from "./project.ts";
import { ensureShadow, fileAt, keepToo, keptCommit, letGo, treeOf } from "./shadow.ts";
import { recordIgnores, writeUserTree } from "./staging.ts";
import { keptMessage, repositoryPort } from "./userCommits.ts";
import { working } from "./working.ts";
import { closeWorktree, commitWorktree, openWorktree, removeWorktrees, type Task, updateWorktree } from "./worktrees.ts";

export function createWorkspace(options: { dataDir: string; git?: string }): WorkspacePort {
  const git = createGit(options.git);
  const prepare = preparer(options.dataDir);
  const inTurn = turns();
  const at: At = async (workspace, work) => {
    const places = await prepare(workspace);
    return await working(places, async () => await work(places));
  };
  const landing = async <T>(workspace: string, work: (places: Places) => Promise<T>): Promise<T> =>
    await at(workspace, async (places) => await inTurn(places.landings, async () => await work(places)));
  return {
    check: async (workspace) => await check(git, options.dataDir, workspace, prepare),
    snapshot: async (sessionId, workspace, also) => {
      try {
        return await at(workspace, async (places) => {
          recordIgnores(places);
          const { tree, left } = await writeUserTree(git, places, also);
          const message = "The workspace as the session found it";
          return ok({ commit: await keptCommit(places, sessionId, { tree, parents: [], message }), left });
        });
      } catch (error) {
        return fail("no_workspace", `The workspace ${workspace} could not be recorded: ${messageOf(error)}`);
      }
    },
    folderOf: async (sessionId, workspace, taskId) => taskPlaces(await prepare(workspace), sessionId, taskId).folder,
    ...taskFolders(git, at, inTurn),
    repository: repositoryPort(git, at),
    diff: async (_sessionId, workspace, from, to) => await diff(git, await prepare(workspace), from, to),
    fileAt: async (workspace, commit, path) => await fileAt(git, await prepare(workspace), commit, path),
    treeOf: async (_sessionId, workspace, commit) => await treeOf(git, await prepare(workspace), commit),
    merge: async (sessionId, workspace, base, ours, theirs, message) =>
      await at(workspace, async (places) => await merge(git, places, sessionId, { base, ours, theirs }, message)),
    hunks: async (_sessionId, workspace, base, result) =>
      (await changes(git, await prepare(workspace), base, result)).map(({ path, hunks }) => ({ path, hunks: hunks.length })),
    pick: async (sessionId, workspace, base, result, parts) =>
      await at(workspace, async (places) => await pick(git, places, sessionId, { base, result }, parts)),
    land: async (sessionId, workspace, base, result, begunAt) =>
      await landing(workspace, async (places) => await land(git, places, { sessionId, begunAt }, base, result)),
    settle: async (sessionId, workspace, recorded, others) =>
      await landing(workspace, async (places) => await settleLandings(git, places, { sessionId, recorded }, others)),
    checks: async (root, wished) => await Promise.resolve(findChecks(root, wished)),
    language: async (root) => await Promise.resolve(findLanguage(root)),
    rules: async (root) => await Promise.resolve(readRules(root)),
    adopt: async (sessionId, workspace, source) => await at(workspace, async (places) => await keepToo(git, places, source, sessionId)),
    dispose: async (sessionId, workspace) => await at(workspace, async (places) => await removeWorktrees(places, sessionId)),
    forget: async (sessionId, workspace) =>
      await at(workspace, async (places) => {
        await removeWorktrees(places, sessionId);
        await letGo(places, sessionId);
        await rm(landingsOf(places, sessionId), { recursive: true, force: true });
        await rm(keptMessage(places, sessionId), { force: true });
      }),
  };
}

type Prepare = (workspace: string) => Promise<Places>;
/** Work that writes in a workspace's private places; what only reads a snapshot that is kept needs no mark. */
type At = <T>(workspace: string, work: (places: Places) => Promise<T>) => Promise<T>;
type TaskFolders = "openWorktree" | "commitWorktree" | "updateWorktree" | "closeWorktree";

function taskFolders(git: Git, at: At, inTurn: InTurn): Pick<WorkspacePort, TaskFolders> {
  const taskAt = async <T>(sessionId: SessionId, workspace: string, taskId: TaskId, work: (task: Task) => Promise<T>): Promise<T> =>
    await at(workspace, async (places) => await inTurn(`${sessionId} ${taskId}`, async () => await work({ places, sessionId, taskId })));
  return {
    openWorktree: async (sessionId, workspace, taskId, from, also) =>
      await taskAt(sessionId, workspace, taskId, async (task) => await openWorktree(git, task, from, also)),
    commitWorktree: async (sessionId, workspace, taskId, base, message, also, onLeft) =>
      await taskAt(sessionId, workspace, taskId, async (task) => await commitWorktree(git, task, base, message, also, onLeft)),
    updateWorktree: async (sessionId, workspace, taskId, commit) => {
      await taskAt(sessionId, workspace, taskId, async (task) => await updateWorktree(git, task, commit));
    },
    closeWorktree: async (sessionId, workspace, taskId) => {
      await taskAt(sessionId, workspace, taskId, closeWorktree);
    },
  };
}

/** Places of a workspace, its shadow repository there. */
export function preparer(dataDir: string): Prepare {
  return async (workspace) => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const places = placesOf(realpathSync(dataDir), existsSync(workspace) ? realpathSync(workspace) : resolve(workspace));
    mkdirSync(places.home, { recursive: true, mode: 0o700 });
    await ensureShadow(places);
    if (!existsSync(places.ignores)) recordIgnores(places);
    return places;
  };
}

type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Work on the same thing waits for what began before. */
function turns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}

const neededGit = [2, 38] as const;

async function check(git: Git, dataDir: string, workspace: string, prepare: Prepare): Promise<Result<{ path: string }>> {
  const unusable = unusableFolder(workspace, dataDir) ?? (await unusableGit(git));
  if (unusable !== undefined) return fail("no_workspace", unusable);
  try {
    return ok({ path: (await prepare(workspace)).workspace });
  } catch (error) {
    return fail("no_workspace", `The workspace ${workspace} cannot be used: ${messageOf(error)}`);
  }
}

function unusableFolder(workspace: string, dataDir: string): string | undefined {
  const found = statSync(workspace, { throwIfNoEntry: false });
  if (!found) return `The workspace ${workspace} does not exist: make the folder, or name another with --workspace.`;
  if (!found.isDirectory()) return `The workspace ${workspace} is no folder: name one with --workspace.`;
  try {
    accessSync(workspace, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return `The workspace ${workspace} cannot be read and written: change its permissions, or name another with --workspace.`;
  }
  const path = realpathSync(workspace);
  if (dirname(path) === path || path === real(homedir()))
    return `The workspace ${workspace} is too wide to work in: name the project's own folder with --workspace.`;
  const fromData = relative(real(dataDir), path);
  if (fromData === "" || (fromData !== ".." && !fromData.startsWith(`..${sep}`) && !isAbsolute(fromData)))
    return `The workspace ${workspace} lies in the data folder: name the project's own folder with --workspace.`;
  return undefined;
}

function real(folder: string): string {
  return existsSync(folder) ? realpathSync(folder) : resolve(folder);
}

async function unusableGit(git: Git): Promise<string | undefined> {
  try {
    const { stdout } = await git({ args: ["--version"], gitDir: process.cwd() });
    const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout.toString())?.slice(1) ?? []).map(Number);
    const enough = major > neededGit[0] || (major === neededGit[0] && minor >= neededGit[1]);
    return enough ? undefined : `git ${major}.${minor} is too old: install git ${neededGit.join(".")} or newer.`;
  } catch (error) {
    if (error instanceof GitFailed) return error.message;
    throw error;
  }
}
