// What an agent may use: its blueprint's tools, within every ceiling above it (A8). One function for all paths.

import type { AgentDefinition } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { ToolSpec } from "./ports.ts";
import { covers, toolsFor } from "./routing.ts";
import { type Run, stateOf } from "./run.ts";

/** Handing in, asking and reporting are open to everybody: without them no task could end or wait. */
const always = ["agents__submit_result", "agents__ask_user", "agents__request_debug", "agents__report_progress"];

export function allowedTools(run: Run, taskId: TaskId, agent: AgentDefinition): ToolSpec[] {
  const { tasks } = stateOf(run);
  let allowed = toolsFor(agent, run.tools.values());
  for (let task = tasks[taskId]; task; task = task.parentId === undefined ? undefined : tasks[task.parentId]) {
    const { ceiling } = task;
    if (ceiling) allowed = allowed.filter((tool) => covers(ceiling, tool.name));
  }
  return allowed;
}

/** The ceiling of a child: what its parent may use, and of that what the grant names. */
export function ceilingFor(run: Run, parentId: TaskId, parent: AgentDefinition, granted: string[] | undefined): string[] {
  const own = allowedTools(run, parentId, parent).map((tool) => tool.name);
  const within = granted ? own.filter((name) => covers(granted, name)) : own;
  return [...new Set([...within, ...always])];
}
