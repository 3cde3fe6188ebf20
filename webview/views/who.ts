// Who stands behind an id, and how deep in the tree.

import type { Followed } from "../model/follow.ts";
import type { PanelStore } from "../state.ts";
import { agentName } from "../ui/words.ts";

export function nameIn({ facts }: PanelStore, id: string): string {
  return agentName(facts?.agents, id);
}

export function depthOf({ state }: Followed, taskId: string | undefined): number {
  let depth = 0;
  for (let task = state?.tasks[taskId as `t_${string}`]; task?.parentId && depth < 4; task = state?.tasks[task.parentId]) depth++;
  return depth;
}
