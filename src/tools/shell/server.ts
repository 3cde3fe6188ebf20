// The `shell` server: one command, one fresh shell, in the sandbox, nothing inherited that could be a secret.
// How programs run and end is process/; whether a command may run is the guard's decision, not taken here.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { z } from "zod";
import { findPlace } from "../files.ts";
import type { SandboxPort } from "../../core/sandboxPort.ts";
import { type ConfinedRun, runConfined } from "../process/confined.ts";
import { access, defineTool, done, failed } from "../toolDefinition.ts";
import type { Call, Outcome, ToolServer } from "../toolDefinition.ts";

const defaultTimeoutMs = 120_000;
const maximumTimeoutMs = 600_000;

export type Environment = Record<string, string | undefined>;

export function shellServer(environment: Environment, sandbox?: SandboxPort): ToolServer {
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
        access: access.run,
        run: (given, call) => runCommand(given, call, { shell, env, sandbox }),
      }),
    ],
  };
}

type Input = { command: string; cwd?: string | undefined; timeoutMs?: number | undefined };

type Means = { shell: string; env: Environment; sandbox: SandboxPort | undefined };

async function runCommand(input: Input, call: Call, { shell, env, sandbox }: Means): Promise<Outcome> {
  if (input.command.includes("\0")) return failed("invalid_arguments", "The command contains a null character.");
  const found = findPlace(call.scope, input.cwd ?? ".");
  if (!found.ok) return found;
  const timeoutMs = input.timeoutMs ?? defaultTimeoutMs;
  const { onOutput } = call.scope;
  const decoder = new StringDecoder();
  const ran = await runConfined(
    sandbox,
    {
      // The outer shell only joins the two outputs, so that they come in the order in which they were written.
      file: "/bin/sh",
      args: ["-c", joined, "sh", shell, "-c", input.command],
      cwd: found.place.real,
      env,
      signal: call.signal,
      timeoutMs,
      ...(onOutput ? { onOutput: (chunk) => onOutput(decoder.write(chunk)) } : {}),
    },
    call.scope,
  );
  return ran.ok ? describeRun(ran.value, timeoutMs, input.cwd ?? ".") : failed("no_sandbox", ran.error);
}

/** In a container the shell may be another one, elsewhere. */
const joined = 'command -v "$1" >/dev/null || { shift; set -- "$(command -v bash || echo sh)" "$@"; }; exec "$@" 2>&1';

function describeRun(run: ConfinedRun, timeoutMs: number, cwd: string): Outcome {
  if (run.ended === "not_started") return failed("not_found", `The command could not be started in ${cwd}: is it a folder?`);
  const { output } = run;
  const { exitCode, durationMs, sandbox, limit } = run;
  const details = {
    exitCode,
    durationMs,
    outputHash: output.hash,
    truncated: output.truncated,
    sandbox,
    ...(limit ? { limit } : {}),
  };
  const text = output.text === "" || output.text.endsWith("\n") ? output.text : `${output.text}\n`;
  const outcome = (last: string): string => `${text}${last}`;
  if (run.ended === "cancelled") return failed("cancelled", outcome("The command was cancelled."), details);
  if (run.ended === "timeout") return failed("timeout", outcome(`The command was stopped after ${timeoutMs / 1000} s.`), details);
  if (run.ended === "limit") return failed("limit", outcome(limitWords[limit ?? "memory"]), details);
  if (run.exitCode === null) return failed("killed", outcome("The command was ended by a signal."), details);
  const last = outcome(`exit code ${run.exitCode}`);
  if (run.exitCode === 127) return failed("no_such_command", last, details);
  return run.exitCode === 0 ? done(last, details) : failed("exit_nonzero", last, details);
}

const limitWords = {
  memory: "The command was ended: it took more memory than the sandbox gives.",
  pids: "The command was ended: it started more processes than the sandbox gives.",
};

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
