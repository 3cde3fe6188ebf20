// What an agent may use: its blueprint's tools within every ceiling above it, and the rules of all those that it works for
// (A8). One place for all paths. A step of a plan is the orchestrator's own doing: it is bound by the session and by the
// rules of the root agent, not by the root agent's tools; whatever an agent hands on is bound by all of its own.

import type { AgentDefinition, Permission } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { TaskState } from "../protocol/state.ts";
import type { ToolSpec } from "./ports.ts";
import { covers, globMatches, toolsFor } from "./routing.ts";
import type { SandboxWish } from "./sandboxPort.ts";
import { type Run, stateOf } from "./run.ts";

/** Whoever has tools may see again what they told it. */
const recalling = "agents__recall";
/** Handing in, asking and reporting are open to everybody: without them no task could end or wait. */
const always = ["agents__submit_result", "agents__ask_user", "agents__request_debug", "agents__report_progress", recalling];

export function allowedTools(run: Run, taskId: TaskId, agent: AgentDefinition): ToolSpec[] {
  const tools = agent.tools.length > 0 ? [...agent.tools, recalling] : [];
  let allowed = toolsFor({ tools }, run.tools.values());
  for (const { task, above } of lineOf(run, taskId)) {
    const { ceiling } = task;
    if (!ceiling) continue;
    // What its parent's blueprint says today counts as well, where that was narrowed since the work was handed on.
    const today = above ? [...above.tools, ...always] : undefined;
    allowed = allowed.filter(({ name }) => covers(ceiling, name) && (!today || covers(today, name)));
  }
  return allowed;
}

/** The ceiling of a child: what its parent may use, and of that what the grant names. */
export function ceilingFor(run: Run, parentId: TaskId, parent: AgentDefinition, granted: string[] | undefined): string[] {
  const own = allowedTools(run, parentId, parent).map((tool) => tool.name);
  const within = granted ? own.filter((name) => covers(granted, name)) : own;
  return [...new Set([...within, ...always])];
}

/**
 * The rules that hold for a task: its agent's own, and every ask and deny of those above it. What an agent's own rule
 * allows counts only where each of those that handed the work on was allowed it too.
 */
export function permissionsOver(run: Run, taskId: TaskId, agent: AgentDefinition): Permission[] {
  const line = lineOf(run, taskId);
  const bound = line.flatMap(({ task, above }) => (task.ceiling && above ? [above] : []));
  const own = agent.permissions.filter(
    (rule) => rule.effect !== "allow" || bound.every(({ permissions }) => permissions.some((other) => includes(other, rule))),
  );
  const above = line.flatMap(({ above: agentAbove }) =>
    agentAbove ? agentAbove.permissions.filter(({ effect }) => effect !== "allow").map(ruleOf(agentAbove)) : [],
  );
  return [...own, ...above];
}

const inherited = new WeakMap<Permission, Permission>();

/** The same one each time, so that it is compiled once. */
function ruleOf(above: AgentDefinition): (rule: Permission) => Permission {
  return (rule) => {
    const reason = rule.reason ?? `it works for ${above.id}, whose blueprint says ${rule.effect}: ${rule.id ?? rule.tool}`;
    const known = inherited.get(rule) ?? { ...rule, reason };
    inherited.set(rule, known);
    return known;
  };
}

/** Where its commands run: in a container where its blueprint says so, or that of anyone it works for. */
export function sandboxFor(run: Run, taskId: TaskId, agent: AgentDefinition): SandboxWish {
  const { sandbox } = run.policy;
  const isContained = [agent, ...lineOf(run, taskId).map(({ above }) => above)].some((one) => one?.isolation === "container");
  return isContained ? { ...sandbox, mode: "container" } : sandbox;
}

/** Whether all that a rule allows is allowed by another one. */
function includes(wider: Permission, rule: Permission): boolean {
  const within = (outer: string[] | undefined, inner: string[] | undefined): boolean =>
    outer === undefined || (inner !== undefined && inner.every((one) => outer.includes(one)));
  return (
    wider.effect === "allow" &&
    globMatches(wider.tool, rule.tool) &&
    within(wider.path, rule.path) &&
    within(wider.command, rule.command) &&
    within(wider.host, rule.host)
  );
}

/** The task and those above it, each with the agent of its parent. */
function lineOf(run: Run, taskId: TaskId): { task: TaskState; above: AgentDefinition | undefined }[] {
  const { tasks } = stateOf(run);
  const line: { task: TaskState; above: AgentDefinition | undefined }[] = [];
  for (let task = tasks[taskId]; task;) {
    const parent: TaskState | undefined = task.parentId === undefined ? undefined : tasks[task.parentId];
    const above = parent?.assignedAgent === undefined ? undefined : run.ports.registry.agent(parent.assignedAgent);
    line.push({ task, above });
    task = parent;
  }
  return line;
}
