// Finds programs and runs short ones to their end, for the sandbox's own needs. Never a shell, never a relative folder.

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

type Environment = Record<string, string | undefined>;

export function findProgram(name: string, env: Environment): string | undefined {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find((file) => isExecutable(file));
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type Ended = { code: number | null; output: string };

/** Never rejects: what cannot start has no code. */
export function runShort(file: string, args: string[], options: { env: Environment; cwd?: string; timeoutMs?: number }): Promise<Ended> {
  return new Promise((resolve) => {
    const { timeoutMs = 20_000, ...rest } = options;
    const child = execFile(
      file,
      args,
      { ...rest, timeout: timeoutMs, killSignal: "SIGKILL", encoding: "utf8" },
      (error, stdout, stderr) => {
        resolve({ code: error ? (typeof error.code === "number" ? error.code : null) : 0, output: `${stdout}${stderr}` });
      },
    );
    child.stdin?.end();
  });
}

export function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}

/** What helpers and container engines need of the user's environment; no keys, no tokens. */
export function ownEnvironment(env: Environment): Environment {
  const names = ["PATH", "HOME", "LANG", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DOCKER_HOST"];
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return Object.fromEntries([...names, ...proxies].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
