// Runs git so that nothing of a repository, the user's account or the machine can run or change its answer: argument
// arrays, a short list of environment variables, no configuration but that of the shadow repository, no hooks.
// Knows no commands: who calls says what to do.

import { spawn } from "node:child_process";

export type GitCall = {
  args: string[];
  /** `name=value`, for this call alone. */
  settings?: string[];
  gitDir: string;
  /** Absent: the call touches no folder of files. */
  workTree?: string;
  cwd?: string;
  indexFile?: string;
  /** What is still worked out is waited for, while git begins. */
  input?: string | Uint8Array | Promise<string>;
  /** Further variables, for this call alone; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /** Exit codes that are answers (0 always is). */
  answers?: number[];
};

export type GitAnswer = { code: number; stdout: Buffer; stderr: string };

export type Git = (call: GitCall) => Promise<GitAnswer>;

/** git did not do what it should: a bug here, a damaged repository, or a disk at its end. */
export class GitFailed extends Error {
  override name = "GitFailed";
}

const passedOn = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "TMPDIR",
  "TMP",
  "TEMP",
  "SYSTEMROOT",
  "SystemRoot",
  "PATHEXT",
  "COMSPEC",
  "LD_LIBRARY_PATH",
];

/** Settings for small work: what git writes is handed to the disk, and flushed with what keeps it (objects.ts). */
export const writtenOut = ["core.fsyncMethod=writeout-only"];

const ourName = "agent-orchestrator";

const fixed = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_AUTHOR_NAME: ourName,
  GIT_AUTHOR_EMAIL: `${ourName}@localhost`,
  GIT_COMMITTER_NAME: ourName,
  GIT_COMMITTER_EMAIL: `${ourName}@localhost`,
  LC_ALL: "C",
};

const options = [
  "--no-pager",
  ...["core.hooksPath=/dev/null", "core.fsmonitor=false", "core.excludesFile=/dev/null", "core.attributesFile=/dev/null"].flatMap((c) => [
    "-c",
    c,
  ]),
  ...["protocol.allow=never", "protocol.ext.allow=never", "gc.auto=0", "maintenance.auto=false"].flatMap((c) => ["-c", c]),
];

export function createGit(program = "git"): Git {
  const inherited = Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return async (call) => {
    const answer = await run(program, call, { ...inherited, ...fixed, ...placeOf(call), ...call.env });
    if (answer.code !== 0 && !call.answers?.includes(answer.code))
      throw new GitFailed(`git ${call.args[0]} failed (${answer.code}): ${answer.stderr.trim().slice(0, 2000)}`);
    return answer;
  };
}

function placeOf({ gitDir, workTree, indexFile }: GitCall): Record<string, string> {
  return {
    GIT_DIR: gitDir,
    ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
  };
}

async function run(program: string, call: GitCall, env: Record<string, string | undefined>): Promise<GitAnswer> {
  return await new Promise((resolve, reject) => {
    const cwd = call.cwd ?? call.workTree ?? call.gitDir;
    const child = spawn(program, [...options, ...(call.settings ?? []).flatMap((setting) => ["-c", setting]), ...call.args], {
      cwd,
      env,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
    });
    const [out, err]: Buffer[][] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out!.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err!.push(chunk));
    child.on("error", (error) =>
      reject(new GitFailed(`git cannot be started (${error.message}): install git and make sure it is on the PATH.`)),
    );
    child.on("close", (code) => resolve({ code: code ?? -1, stdout: Buffer.concat(out!), stderr: Buffer.concat(err!).toString("utf8") }));
    // A git that ends without reading its input is judged by its exit code.
    child.stdin.on("error", () => undefined);
    void Promise.resolve(call.input ?? "").then((input) => child.stdin.end(input), reject);
  });
}

/** The parts of a NUL-separated answer. */
export function fields(output: Buffer): string[] {
  const parts = output.toString("utf8").split("\0");
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

export function nulSeparated(paths: Iterable<string>): string {
  return [...paths].map((path) => `${path}\0`).join("");
}
