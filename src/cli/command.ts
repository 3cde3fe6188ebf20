// The shape of a command of `ao`: data for parsing and help, and a function that runs it.

import type { ParseArgsConfig } from "node:util";

export type OptionSpec = NonNullable<ParseArgsConfig["options"]>[string] & { describe: string; value?: string };

export type Io = {
  env: Record<string, string | undefined>;
  cwd: string;
  out(line: string): void;
  err(line: string): void;
  /** Whether what is printed may be coloured: decided once, obeyed by everything that prints. */
  colour: boolean;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
};

export type Values = Record<string, string | boolean | string[] | undefined>;

export type Invocation = { positionals: string[]; values: Values; io: Io };

export type Command = {
  name: string;
  /** What stands after the name in the usage line. */
  args: string;
  summary: string;
  options: Record<string, OptionSpec>;
  /** Fewest and most positionals. */
  arity: [number, number];
  run(invocation: Invocation): Promise<number>;
};

export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

export function list(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value : typeof value === "string" ? [value] : [];
}

export const jsonOption: OptionSpec = { type: "boolean", describe: "print JSON" };

export const workspaceOption: OptionSpec = {
  type: "string",
  value: "DIR",
  describe: "the project folder (default: this folder, or the root of its repository)",
};
