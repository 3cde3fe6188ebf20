// `--yes-to RULE`: which rules there are to accept, and what is said to a name that is none of them.

import { askRules } from "../core/guard.ts";
import { closest } from "../runtime/closest.ts";
import { type Io, list, type OptionSpec, type Values } from "./command.ts";
import { CommandError } from "./usage.ts";

const levelRules = [...Object.keys(askRules), "secrets"];

export const yesToOption: OptionSpec = {
  type: "string",
  value: "RULES",
  multiple: true,
  describe: `accept rules beforehand, several with commas: ${levelRules.join(", ")}, or a rule of the policy by its id`,
};

/** The names of the workspace's policy rules count as well. */
export async function yesToOf(values: Values, env: Io["env"], workspace: string): Promise<string[]> {
  const given = list(values, "yes-to").flatMap((one) => one.split(",").map((name) => name.trim()));
  if (given.every((name) => levelRules.includes(name))) return [...new Set(given)];
  const { askedRules } = await import("../runtime/policyCheck.ts");
  const names = [...levelRules, ...(await askedRules(env, workspace))];
  for (const name of given) {
    if (names.includes(name)) continue;
    const near = closest(name, names);
    const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
    throw new CommandError(`there is no rule "${name}" for --yes-to${hint}; there are: ${names.join(", ")}`);
  }
  return [...new Set(given)];
}
