// The permission level as an option of commands.

import { type Level, levels } from "../../protocol/agents.ts";
import { type OptionSpec, text, type Values } from "../command.ts";
import { CommandError } from "../usage.ts";

export const levelOption: OptionSpec = {
  type: "string",
  value: "LEVEL",
  describe: "default (ask before anything but reading), assisted, or bypass",
};

export function levelOf(values: Values): Level | undefined {
  const level = text(values, "level");
  if (level === undefined) return undefined;
  if (!levels.includes(level as Level)) throw new CommandError(`--level is ${levels.join(", ")}, not "${level}"`);
  return level as Level;
}
