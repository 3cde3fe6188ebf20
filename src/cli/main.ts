// `ao`: finds the command, parses its arguments, runs it, and turns what goes wrong into one clear line on stderr.

import { parseArgs } from "node:util";
import { messageOf } from "../protocol/result.ts";
import { closest } from "../runtime/closest.ts";
import type { Command, Io } from "./command.ts";
import { CommandError, exit } from "./usage.ts";
import { version } from "./version.ts";

/** Each is loaded when it is asked for: a program that decides on one call does not pay for the others. */
const commands: Record<string, () => Promise<Command>> = {
  run: async () => (await import("./commands/run.ts")).runCommand,
  resume: async () => (await import("./commands/resume.ts")).resumeCommand,
  cancel: async () => (await import("./commands/sessions.ts")).cancelCommand,
  list: async () => (await import("./commands/sessions.ts")).listCommand,
  result: async () => (await import("./commands/sessions.ts")).resultCommand,
  clean: async () => (await import("./commands/clean.ts")).cleanCommand,
  trace: async () => (await import("./commands/trace.ts")).traceCommand,
  replay: async () => (await import("./commands/replay.ts")).replayCommand,
  state: async () => (await import("./commands/state.ts")).stateCommand,
  compare: async () => (await import("./commands/compare.ts")).compareCommand,
  changes: async () => (await import("./commands/changes.ts")).changesCommand,
  apply: async () => (await import("./commands/changes.ts")).applyCommand,
  discard: async () => (await import("./commands/changes.ts")).discardCommand,
  comment: async () => (await import("./commands/comment.ts")).commentCommand,
  commit: async () => (await import("./commands/commit.ts")).commitCommand,
  checkpoints: async () => (await import("./commands/checkpoints.ts")).checkpointsCommand,
  rollback: async () => (await import("./commands/checkpoints.ts")).rollbackCommand,
  blame: async () => (await import("./commands/blame.ts")).blameCommand,
  fork: async () => (await import("./commands/fork.ts")).forkCommand,
  export: async () => (await import("./commands/transfer.ts")).exportCommand,
  import: async () => (await import("./commands/transfer.ts")).importCommand,
  approvals: async () => (await import("./commands/answers.ts")).approvalsCommand,
  approve: async () => (await import("./commands/answers.ts")).approveCommand,
  deny: async () => (await import("./commands/answers.ts")).denyCommand,
  interrupts: async () => (await import("./commands/answers.ts")).interruptsCommand,
  answer: async () => (await import("./commands/answers.ts")).answerCommand,
  agents: async () => (await import("./commands/agents.ts")).agentsCommand,
  policy: async () => (await import("./commands/policy.ts")).policyCommand,
  mcp: async () => (await import("./commands/mcp.ts")).mcpCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
};

const nodeIo: Io = {
  env: process.env,
  cwd: process.cwd(),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  colour: process.stdout.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb",
  stdin: process.stdin,
  stdout: process.stdout,
};

export async function main(argv: string[], io: Io = nodeIo): Promise<number> {
  ignoreClosedPipes(io);
  const verbose = argv.includes("--verbose");
  const [name, ...rest] = argv.filter((arg) => arg !== "--verbose");
  try {
    return await dispatch(name, rest, io);
  } catch (error) {
    if (error instanceof CommandError) {
      io.err(`ao: ${begunSmall(error.message)}`);
      return error.code;
    }
    const clean = await redactionOf(io);
    io.err(clean(`ao: ${messageOf(error)}${verbose ? "" : " (--verbose shows where)"}`));
    if (verbose && error instanceof Error) io.err(clean(error.stack ?? ""));
    return exit.failed;
  }
}

/** The engine's sentences begin with a capital letter; a name of the user's that comes first stays as it is. */
function begunSmall(message: string): string {
  return message.replace(/^(A|All|Approval|For|Hunk|Name|Nobody|Of|Parts|Question|Session|That|The|There|What|Your) /, (word) =>
    word.toLowerCase(),
  );
}

/** Loaded only for an error that nobody foresaw: its words may hold anything. */
async function redactionOf({ env }: Io): Promise<(text: string) => string> {
  const { createRedact, secretsIn } = await import("../runtime/redact.ts");
  return createRedact(secretsIn(env)).text;
}

/** Whoever reads our output may stop reading (`ao list | head`); the work goes on. */
function ignoreClosedPipes({ stdout }: Io): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
  };
  for (const stream of [stdout, process.stderr]) if (stream.listenerCount("error") === 0) stream.on("error", onError);
}

async function dispatch(name: string | undefined, args: string[], io: Io): Promise<number> {
  const asked = args[0];
  if (name === "help" && asked !== undefined && !asked.startsWith("-")) return dispatch(asked, ["--help"], io);
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    io.out(await overview());
    return name === undefined ? exit.usage : exit.done;
  }
  if (name === "--version" || name === "-v" || name === "version") {
    io.out(version());
    return exit.done;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) throw new CommandError(`there is no command "${name}"${suggestion(name, Object.keys(commands))}; see: ao --help`);
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) {
    io.out(helpOf(command));
    return exit.done;
  }
  const { values, positionals } = parse(command, args);
  const [least, most] = command.arity;
  if (positionals.length < least) throw new CommandError(`"ao ${name}" needs ${command.args}; see: ao ${name} --help`);
  if (positionals.length > most && most === 0) throw new CommandError(`"ao ${name}" takes no arguments; see: ao ${name} --help`);
  if (positionals.length > most)
    throw new CommandError(`"ao ${name}" takes no "${positionals[most]}"; put a text of several words in quotes. See: ao ${name} --help`);
  return command.run({ values, positionals, io });
}

function parse(
  command: Command,
  args: string[],
): { values: Record<string, string | boolean | string[] | undefined>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([key, { describe: _describe, value: _value, ...spec }]) => [key, spec]),
  );
  try {
    const parsed = parseArgs({ args: withNegatives(args, command), options, allowPositionals: true, strict: true });
    return { values: parsed.values as Record<string, string | boolean | string[] | undefined>, positionals: parsed.positionals };
  } catch (error) {
    const unknown = /Unknown option '(--?[^']+)'/.exec(messageOf(error))?.[1];
    const hint = unknown
      ? suggestion(
          unknown,
          Object.keys(command.options).map((key) => `--${key}`),
        )
      : "";
    const reason = unknown ? `there is no option ${unknown}${hint}` : messageOf(error).split(/[.\n]/)[0];
    throw new CommandError(`${reason}; see: ao ${command.name} --help`);
  }
}

/** `--budget-usd -1` is a wrong amount, not an unknown option. */
function withNegatives(args: string[], { options }: Command): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    const takesValue = before.startsWith("--") && options[before.slice(2)]?.type === "string";
    if (takesValue && /^-\d/.test(arg)) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function suggestion(word: string, known: string[]): string {
  const near = closest(word, known);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...all.map((command) => command.name.length));
  const lines = all.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    "Agent Orchestrator: a team of coding agents, on the record.",
    "",
    "Usage: ao COMMAND [ARGUMENTS]",
    "",
    ...lines,
    "",
    "ao COMMAND --help tells more of one. Models: anthropic:NAME, openai:NAME, lmstudio:NAME, ollama:NAME, demo.",
  ].join("\n");
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(([key, spec]) => {
    const short = spec.short === undefined ? "" : `-${spec.short}, `;
    const name = `${short}--${key}${spec.value === undefined ? "" : ` ${spec.value}`}`;
    return [name, spec.describe] as const;
  });
  const width = Math.max(0, ...options.map(([name]) => name.length));
  const lines = options.map(([name, describe]) => `  ${name.padEnd(width)}  ${describe}`);
  return [`Usage: ao ${command.name} ${command.args}`.trim(), "", command.summary, ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}
