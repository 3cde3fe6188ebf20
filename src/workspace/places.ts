// Where things of a workspace are kept in the data folder. Names only; nothing is read or written here.

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SessionId, TaskId } from "../protocol/ids.ts";

/** All that belongs to one workspace. */
export type Places = {
  workspace: string;
  dataDir: string;
  home: string;
  shadow: string;
  /** The stat cache of the user's tree. */
  index: string;
  /** Ignore rules that hold in the workspace but are written outside of it. */
  ignores: string;
  landings: string;
  temp: string;
  /** Marks of who is just at work here. */
  working: string;
};

/** All that belongs to one task's folder. Nothing but the folder itself can be reached by an agent. */
export type TaskPlaces = {
  folder: string;
  index: string;
  ready: string;
  /** The commit that the folder is just being made equal to. */ updating: string;
};

export function placesOf(dataDir: string, workspace: string): Places {
  const home = join(dataDir, "workspaces", shortHash(workspace));
  return {
    workspace,
    dataDir,
    home,
    shadow: join(home, "shadow.git"),
    index: join(home, "index"),
    ignores: join(home, "ignores"),
    landings: join(home, "landings"),
    temp: join(home, "temp"),
    working: join(home, "working"),
  };
}

export function taskPlaces(places: Places, sessionId: SessionId, taskId: TaskId): TaskPlaces {
  const own = join(taskRecords(places, sessionId), safeName(taskId));
  return {
    folder: join(worktreesOf(places, sessionId), safeName(taskId)),
    index: `${own}.index`,
    ready: `${own}.ready`,
    updating: `${own}.updating`,
  };
}

export function worktreesOf(places: Places, sessionId: SessionId): string {
  return join(allWorktrees(places), safeName(sessionId));
}

/** Of all workspaces. */
export function allWorktrees(places: Pick<Places, "dataDir">): string {
  return join(places.dataDir, "worktrees");
}

export function taskRecords(places: Places, sessionId: SessionId): string {
  return join(allTaskRecords(places), safeName(sessionId));
}

export function allTaskRecords(places: Places): string {
  return join(places.home, "tasks");
}

/** Plans of landings that are not on record yet. */
export function landingsOf(places: Places, sessionId: SessionId): string {
  return join(places.landings, safeName(sessionId));
}

/** A name that is one plain path component and one plain part of a ref; different ids give different names. */
export function safeName(id: string): string {
  const plain = id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 60);
  return plain === id && plain !== "" ? plain : `${plain}-${shortHash(id)}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
