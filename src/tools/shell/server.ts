// The `shell` server: one command, one fresh shell, nothing inherited that could be a secret.
// How programs run and end is process/; whether a command may run is the guard's decision, not taken here.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";
import { findPlace } from "../files.ts";
import { runProgram } from "../process/runProgram.ts";
import type { Run } from "../process/runProgram.ts";
import { defineTool, done, failed } from "../toolDefinition.ts";
import type { Call, Outcome, ToolServer } from "../toolDefinition.ts";

const defaultTimeoutMs = 120_000;
const maximumTimeoutMs = 600_000;

export type Environment = Record<string, string | undefined>;

export function shellServer(environment: Environment): ToolServer {
  const env = cleanEnvironment(environment);
  const shell = findShell(env["PATH"] ?? "");
  const input = z.object({
    command: z.string().min(1).describe("One command line for bash"),
    cwd: z.string().min(1).optional().describe("Folder to run in, relative to the task's folder"),
    timeoutMs: z
      .number()
      .int()
      .min(1)
      .max(maximumTimeoutMs)
      .optional()
      .describe(`Default ${defaultTimeoutMs}, at most ${maximumTimeoutMs}`),
  });
  return {
    name: "shell",
    tools: [
      defineTool({
        name: "run",
        description:
          "Runs a command in a fresh shell (no state is carried over from earlier calls: no cd, no variables). Its input is closed, so it must not ask for anything; what it leaves running in the background is ended with it. The answer is its output and, in the last line, its exit code.",
        input,
        access: { effect: "execute", idempotent: false, timeoutMs: maximumTimeoutMs + 10_000 },
        run: (given, call) => runCommand(given, call, shell, env),
      }),
    ],
  };
}

type Input = { command: string; cwd?: string | undefined; timeoutMs?: number | undefined };

async function runCommand(input: Input, call: Call, shell: string, env: Environment): Promise<Outcome> {
  if (input.command.includes("\0")) return failed("invalid_arguments", "The command contains a null character.");
  const found = findPlace(call.scope, input.cwd ?? ".");
  if (!found.ok) return found;
  const timeoutMs = input.timeoutMs ?? defaultTimeoutMs;
  const run = await runProgram({
    // The outer shell only joins the two outputs, so that they come in the order in which they were written.
    file: "/bin/sh",
    args: ["-c", 'exec "$@" 2>&1', "sh", shell, "-c", input.command],
    cwd: found.place.real,
    env,
    signal: call.signal,
    timeoutMs,
  });
  return describeRun(run, timeoutMs, input.cwd ?? ".");
}

function describeRun(run: Run, timeoutMs: number, cwd: string): Outcome {
  if (run.ended === "not_started") return failed("not_found", `The command could not be started in ${cwd}: is it a folder?`);
  const { output } = run;
  const details = { exitCode: run.exitCode, durationMs: run.durationMs, outputHash: output.hash, truncated: output.truncated };
  const text = output.text === "" || output.text.endsWith("\n") ? output.text : `${output.text}\n`;
  const outcome = (last: string): string => `${text}${last}`;
  if (run.ended === "cancelled") return failed("cancelled", outcome("The command was cancelled."), details);
  if (run.ended === "timeout") return failed("timeout", outcome(`The command was stopped after ${timeoutMs / 1000} s.`), details);
  if (run.exitCode === null) return failed("killed", outcome("The command was ended by a signal."), details);
  const last = outcome(`exit code ${run.exitCode}`);
  if (run.exitCode === 127) return failed("no_such_command", last, details);
  return run.exitCode === 0 ? done(last, details) : failed("exit_nonzero", last, details);
}

const passed = ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "USER", "LOGNAME", "SHELL", "TMPDIR"];
const toolchains = ["RUSTUP_HOME", "CARGO_HOME", "GOPATH", "GOROOT", "JAVA_HOME", "VIRTUAL_ENV", "PYENV_ROOT", "NVM_DIR", "VOLTA_HOME"];

/** Only names known to be harmless: keys and tokens of the user stay out of reach. */
export function cleanEnvironment(environment: Environment): Environment {
  const env: Environment = {};
  for (const name of [...passed, ...toolchains]) if (environment[name] !== undefined) env[name] = environment[name];
  return { ...env, TERM: "dumb", NO_COLOR: "1", PAGER: "cat", GIT_PAGER: "cat", GIT_TERMINAL_PROMPT: "0" };
}

function findShell(path: string): string {
  for (const folder of path.split(delimiter)) {
    if (!folder.startsWith("/")) continue;
    try {
      const file = join(folder, "bash");
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return "/bin/sh";
}
