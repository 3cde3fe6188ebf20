// What a workspace's blueprint may not do: its files are data from strangers. They may forbid and narrow, never permit or
// widen, whatever the program or the user has under the same id.

import type { BlueprintProblem } from "../core/ports.ts";
import { covers, globMatches } from "../core/routing.ts";
import type { AgentDefinition } from "../protocol/agents.ts";
import type { Blueprint } from "./blueprintFile.ts";

/** `earlier` is the agent that this one replaces, if there is one. */
export function restrict(blueprint: Blueprint, earlier: AgentDefinition | undefined, problems: BlueprintProblem[]): AgentDefinition {
  const { definition, file, lineOf } = blueprint;
  const report = (path: PropertyKey[], message: string): void => void problems.push({ file, line: lineOf(path), message });
  for (const [i, permission] of definition.permissions.entries())
    if (permission.effect === "allow") report(["permissions", i], "A file of the workspace cannot allow anything: this rule is left out.");
  const { mcp_servers: _notStarted, ...rest } = definition;
  const inherited = earlier?.permissions.filter((permission) => permission.effect !== "allow") ?? [];
  const permissions = [...inherited, ...definition.permissions.filter((permission) => permission.effect !== "allow")];
  if (!earlier) return { ...rest, permissions };
  if (judges(earlier) && earlier.source !== "workspace")
    report(
      ["id"],
      `A file of the workspace ${definition.enabled === false ? "turns off" : "takes the place of"} "${definition.id}", which judges the work.`,
    );
  const wider = definition.tools.filter((tool) => !covers(earlier.tools, asGlob(tool)));
  if (wider.length > 0)
    report(
      ["tools"],
      `A file of the workspace cannot give "${definition.id}" more tools than it had: ${wider.join(", ")} is cut down to those.`,
    );
  const isolation = earlier.isolation === "container" ? { isolation: earlier.isolation } : {};
  return { ...rest, ...isolation, permissions, tools: within(earlier.tools, definition.tools) };
}

/** Reviewers, testers and whoever chooses between candidates. */
function judges({ role, runsChecks, id }: AgentDefinition): boolean {
  return runsChecks === true || ["reviewer", "tester", "judge"].includes(role) || id === "code-review" || id === "testing";
}

/** What both lists cover: an entry of one that the other covers stays as it is. */
function within(had: string[], wanted: string[]): string[] {
  const kept = wanted.flatMap((tool) => (covers(had, asGlob(tool)) ? [tool] : had.filter((old) => globMatches(tool, asGlob(old)))));
  return [...new Set(kept)];
}

/** A glob that is itself matched as a text is covered whole. A bare server name means all of its tools. */
function asGlob(tool: string): string {
  return tool.includes("*") || tool.includes("__") ? tool : `${tool}__*`;
}
