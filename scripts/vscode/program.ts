// Running a program to its end with its output kept. Owns nothing of VS Code; npm is found here because it is a script on
// some machines and a command on others.

import { spawn } from "node:child_process";

export type Ended = { code: number; output: string };

type RunOptions = { cwd?: string; env?: NodeJS.ProcessEnv; limitMs?: number };

/** Never throws: a program that cannot be started ends with code 127. Past the limit it is killed and ends with 124. */
export function run(command: string, args: string[], { cwd, env, limitMs = 10 * 60_000 }: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...(cwd ? { cwd } : {}), env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let late = false;
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const limit = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, limitMs);
    const end = (code: number): void => {
      clearTimeout(limit);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", (code) => end(late ? 124 : (code ?? 1)));
  });
}

/** npm, run by this Node: the one that started us if there is one, else the one on PATH. */
export function npm(args: string[], options: RunOptions): Promise<Ended> {
  const cli = process.env["npm_execpath"];
  const quiet = [...args, "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retry-maxtimeout=12000"];
  return cli && /\.[cm]?js$/.test(cli) ? run(process.execPath, [cli, ...quiet], options) : run("npm", quiet, options);
}
