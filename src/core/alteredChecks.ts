// Whether a check still is what the user's own files say it is. An agent that rewrites `npm test` to `true` proves nothing
// by running it, and gets no permission by its name.

import type { TaskId } from "../protocol/ids.ts";
import { rootOf } from "./place.ts";
import { type Run, stateOf } from "./run.ts";

export async function isAltered(run: Run, taskId: TaskId, command: string): Promise<boolean> {
  const { workspace } = stateOf(run);
  const root = rootOf(run, taskId);
  if (root === workspace) return false;
  const [own, now] = await Promise.all([run.ports.workspace.checks(workspace), run.ports.workspace.checks(root)]);
  const before = own.find((check) => check.command === command);
  const present = now.find((check) => check.command === command);
  return before !== undefined && before.definition !== present?.definition;
}
