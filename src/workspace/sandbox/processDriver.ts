// The driver `process`: bubblewrap (Linux) or Seatbelt (macOS), as the sandbox library sets them up. Finds what it needs,
// keeps the helper warm, and says how a command is to be started; limits that the kernel does not hold are the runner's.

import { chmodSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Confinable } from "../../core/sandboxPort.ts";
import { messageOf, ok } from "../../protocol/result.ts";
import type { Driver, Means } from "./driver.ts";
import { type Helper, startHelper } from "./helperClient.ts";
import { findProgram, isExecutable, ownEnvironment } from "./programs.ts";
import { environmentOf, type Surroundings, viewOf } from "./view.ts";

/** A last bound by the kernel, far above the policy's, where it counts for the sandbox alone. */
const tasksPerProcess = 16;

/** One for each list of hosts. */
export function processDriver(hosts: string[], { dataDir, home, env }: Means): Driver {
  let starting: Promise<Helper> | undefined;
  const programs = { bwrap: findProgram("bwrap", env), socat: findProgram("socat", env), shell: findProgram("bash", env) };
  const helper = async (): Promise<Helper> => {
    if (starting && !(await starting.then((one) => one.isAlive()))) starting = undefined;
    starting ??= startHelper(
      {
        hosts,
        shell: programs.shell ?? "bash",
        ...(process.platform === "linux" ? { ...programs, shell: programs.shell ?? "bash", seccomp: filterFile() } : {}),
      },
      ownEnvironment(env),
    ).catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  };
  return {
    missing: () => missingOf(programs),
    async confine(program, { memoryMb, pids }) {
      try {
        const { folder, wrap, done } = await helper();
        const surroundings: Surroundings = { dataDir, home, own: [folder, filterFile()] };
        const [file = "", ...args] = await wrap(commandOf(program, surroundings, { hosts, pids }), viewOf(program, surroundings));
        return ok({
          driver: "process",
          file,
          args,
          cwd: program.cwd,
          env: environmentOf(program, surroundings),
          limits: { memoryMb, pids },
          release: () => {
            done();
            return Promise.resolve(undefined);
          },
        });
      } catch (error) {
        return { ok: false, error: messageOf(error) };
      }
    },
    close: async () => await (await starting?.catch(() => undefined))?.close(),
  };
}

/** The library sets a temporary folder of its own, so ours comes after it. */
function commandOf(program: Confinable, surroundings: Surroundings, { hosts, pids }: { hosts: string[]; pids: number }): string {
  const { HOME = "/", TMPDIR = "/tmp" } = environmentOf(program, surroundings);
  const most = Math.max(4096, pids * tasksPerProcess);
  return [
    `export HOME=${quoted(HOME)} TMPDIR=${quoted(TMPDIR)}`,
    `mkdir -p ${quoted(HOME)}`,
    // It would make every Java program say so, for proxies that lead nowhere.
    ...(hosts.length === 0 ? ["unset JAVA_TOOL_OPTIONS"] : []),
    ...(process.platform === "linux" ? [`ulimit -u ${most} 2>/dev/null`] : []),
    `exec ${[program.file, ...program.args].map(quoted).join(" ")}`,
  ].join("\n");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function missingOf({ bwrap, socat, shell }: { [name in "bwrap" | "socat" | "shell"]: string | undefined }): string | undefined {
  if (process.platform === "darwin") return undefined;
  if (process.platform !== "linux") return "there is no sandbox for processes on this system; use Linux, macOS or a container";
  if (!shell) return "bash was not found; install it";
  const absent = [...(bwrap ? [] : ["bubblewrap"]), ...(socat ? [] : ["socat"])];
  if (absent.length > 0)
    return `${absent.join(" and ")} ${absent.length > 1 ? "are" : "is"} not installed; install ${absent.join(" and ")}`;
  const filter = filterFile();
  if (!existsSync(filter)) return `there is no filter for system calls for this processor (${process.arch}); use a container`;
  if (isExecutable(filter)) return undefined;
  try {
    // A package may have lost the mark on its way here.
    chmodSync(filter, 0o755);
    return undefined;
  } catch {
    return `${filter} cannot be executed; install Agent Orchestrator again`;
  }
}

/** It comes with the library; beside the bundle when bundled. */
function filterFile(): string {
  const path = `vendor/seccomp/${process.arch}/apply-seccomp`;
  const base = import.meta.url.endsWith(".ts")
    ? new URL("../", import.meta.resolve("@anthropic-ai/sandbox-runtime"))
    : new URL("./", import.meta.url);
  return fileURLToPath(new URL(path, base));
}
