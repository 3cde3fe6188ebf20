// `ao run GOAL`: one session from its goal to its end, with live progress.

import { realpathSync } from "node:fs";
import type { Budget } from "../../protocol/agents.ts";
import { levelUnder } from "../../core/policy.ts";
import type { SessionConfig } from "../../protocol/events.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { closest } from "../../runtime/closest.ts";
import type { Command, Invocation, OptionSpec, Values } from "../command.ts";
import { text, workspaceOption } from "../command.ts";
import { yesToOf, yesToOption } from "../rules.ts";
import { isAttended, withRuntime, workspaceOf } from "../open.ts";
import { chooseModel } from "../chooseModel.ts";
import { watchRun } from "../watchRun.ts";
import { CommandError, exit } from "../usage.ts";
import { levelOf, levelOption } from "./levels.ts";

const defaultBudget: Budget = { usd: 5, tokens: 2_000_000, turns: 400, minutes: 60, depth: 4, parallel: 4 };

const options: Record<string, OptionSpec> = {
  workspace: workspaceOption,
  model: { type: "string", value: "MODEL", describe: "provider:model for every agent, for instance anthropic:claude-sonnet-4-5, or demo" },
  models: { type: "string", value: "A,B", describe: "the candidates' models in workflow consensus" },
  workflow: { type: "string", value: "NAME", describe: "auto (default), sequential, parallel, consensus" },
  agent: { type: "string", value: "AGENT", describe: "the agent that takes the goal (default: coordinator)" },
  level: levelOption,
  apply: { type: "boolean", describe: "take the result into your files without asking" },
  "budget-usd": { type: "string", value: "N", describe: `stop before spending more than this (default ${defaultBudget.usd})` },
  "yes-to": yesToOption,
  "no-ask": { type: "boolean", describe: "nobody can answer: what would be asked is refused" },
  name: { type: "string", value: "NAME", describe: "a name for the session" },
  json: { type: "boolean", describe: "one event per line" },
};

export const runCommand: Command = {
  name: "run",
  args: "GOAL [options]",
  summary: "Give the team a goal in this folder and watch it work",
  options,
  arity: [1, 1],
  run: async (invocation) => {
    const { io, values } = invocation;
    const goal = invocation.positionals[0]!.trim();
    if (goal === "") throw new CommandError('the goal is empty; say what to do, for instance: ao run "add a --json flag"');
    const workspace = workspaceOf(invocation);
    const yesTo = await yesToOf(values, io.env, workspace);
    if (values["models"] !== undefined && text(values, "workflow") !== "consensus")
      throw new CommandError("--models names the candidates of a consensus; add --workflow consensus, or name one model with --model");
    const attended = isAttended(io) && !values["no-ask"] && !values["json"];
    return withRuntime(io, { workspace, attended }, async (runtime) => {
      const config = await configOf(runtime, invocation, { workspace, yesTo });
      reportProblems(runtime, invocation);
      const name = text(values, "name");
      const created = await runtime.engine.dispatch({
        type: "session.create",
        goal,
        workspace,
        config,
        ...(name === undefined ? {} : { name }),
      });
      if (!created.ok) throw new CommandError(created.error.message, created.error.code === "not_recorded" ? exit.failed : exit.usage);
      if (text(values, "workspace") === undefined && workspace !== realpathSync(io.cwd))
        io.err(`Working in ${workspace} (the repository's root); --workspace . for this folder alone`);
      return watchRun(runtime, io, { sessionId: created.value.sessionId }, { json: values["json"] === true, attended, fromStart: true });
    });
  },
};

export async function configOf(
  runtime: Runtime,
  { values, io }: Pick<Invocation, "values" | "io">,
  { workspace, yesTo }: { workspace: string; yesTo: string[] },
): Promise<SessionConfig> {
  const policy = await runtime.policy(workspace);
  const models = (text(values, "models") ?? "").split(",").filter(Boolean);
  for (const model of models) usable(runtime, model);
  const chosen = text(values, "model") ?? models[0] ?? (await chooseModel(io));
  usable(runtime, chosen);
  return {
    model: chosen,
    models,
    workflow: known(
      "workflow",
      text(values, "workflow") ?? "auto",
      runtime.registry.workflows().map((one) => one.id),
    ),
    agent: enabledAgent(runtime, text(values, "agent") ?? "coordinator"),
    level: levelUnder(policy, levelOf(values)),
    budget: { ...defaultBudget, usd: budgetOf(values) ?? defaultBudget.usd },
    apply: values["apply"] === true,
    yesTo,
    ask: values["no-ask"] !== true,
    modelOverrides: text(values, "model") !== undefined,
  };
}

function enabledAgent({ registry }: Runtime, name: string): string {
  if (registry.agent(name)?.enabled === false) throw new CommandError(`the agent "${name}" is turned off; see: ao agents`);
  const on = registry.agents().filter((one) => one.enabled !== false);
  return known(
    "agent",
    name,
    on.map(({ id }) => id),
  );
}

function usable(runtime: Runtime, model: string): void {
  const resolved = runtime.models.resolve(model);
  if (!resolved.ok) throw new CommandError(resolved.error.message);
}

function known(what: string, name: string, names: string[]): string {
  if (names.includes(name)) return name;
  const near = closest(name, names);
  throw new CommandError(
    `there is no ${what} "${name}"${near === undefined ? "" : ` (did you mean ${near}?)`}; there are: ${names.join(", ")}`,
  );
}

export function budgetOf(values: Values): number | undefined {
  const given = text(values, "budget-usd");
  if (given === undefined) return undefined;
  const usd = Number(given);
  if (!Number.isFinite(usd) || usd <= 0) throw new CommandError(`--budget-usd needs an amount above 0, not "${given}"`);
  return usd;
}

function reportProblems({ registry }: Runtime, { io }: Invocation): void {
  for (const { file, line, message, note } of registry.problems()) if (!note) io.err(`ao: ${file}:${line}: ${message}`);
}
