// Real commands in a real sandbox: a data folder with a task's folder in it as the product lays them out, a user's home
// with secrets in it, a workspace. Says what is missing where there is no sandbox to test.

import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { CallScope } from "../../src/core/ports.ts";
import type { SandboxPort, SandboxWish } from "../../src/core/sandboxPort.ts";
import type { CallResult } from "../../src/protocol/events.ts";
import { missingPrograms } from "../../scripts/apt.ts";
import { createTools, type Tools } from "../../src/tools/tools.ts";
import { createSandbox } from "../../src/workspace/sandbox/sandbox.ts";
import { noControl } from "../contract/toolsFixture.ts";

export type SandboxBench = {
  /** All that belongs to the test is below it. */
  base: string;
  home: string;
  dataDir: string;
  workspace: string;
  /** The task's folder. */
  root: string;
  sandbox: SandboxPort;
  tools: Tools;
  run(command: string, options?: { timeoutMs?: number; signal?: AbortSignal; cwd?: string }): Promise<CallResult>;
  put(path: string, content: string): Promise<void>;
  get(path: string): Promise<string>;
  close(): Promise<void>;
};

export type BenchOptions = { policy?: SandboxWish; env?: Record<string, string>; base?: string };

/** Not among the temporary files: a command sees none of those. */
export async function benchFolder(): Promise<string> {
  const cache = join(homedir(), ".cache", "agent-orchestrator-dev");
  await mkdir(cache, { recursive: true });
  return realpath(await mkdtemp(join(cache, "bench-")));
}

export async function openSandboxBench(options: BenchOptions = {}): Promise<SandboxBench> {
  const { policy = { mode: "process" }, env: more = {} } = options;
  const base = options.base ?? (await benchFolder());
  const [home, dataDir, workspace] = [join(base, "home"), join(base, "data"), join(base, "project")];
  const root = join(dataDir, "worktrees", "s_1", "t_1");
  for (const folder of [home, workspace, join(root, ".git", "refs")]) await mkdir(folder, { recursive: true });
  await writeFile(join(root, ".git", "HEAD"), "ref: refs/heads/task\n");
  await writeFile(join(root, ".git", "config"), "[core]\n\tbare = false\n");
  const env = { ...process.env, HOME: home, ...more };
  const sandbox = createSandbox({ dataDir, env, policy });
  const saveOutput = (content: string): Promise<{ hash: `sha256:${string}`; bytes: number }> =>
    Promise.resolve({ hash: "sha256:kept", bytes: Buffer.byteLength(content) });
  const tools = await createTools({ saveOutput, sandbox, shell: { env } });
  const never = new AbortController().signal;
  const scope: CallScope = {
    sessionId: "s_1",
    taskId: "t_1",
    callId: "c_1",
    agent: "tester",
    root,
    writable: true,
    workspace,
    control: noControl,
  };
  return {
    base,
    home,
    dataDir,
    workspace,
    root,
    sandbox,
    tools,
    run: (command, { signal = never, ...rest } = {}) => tools.call("shell__run", { command, timeoutMs: 60_000, ...rest }, scope, signal),
    put: async (path, content) => {
      await mkdir(dirname(join(base, path)), { recursive: true });
      await writeFile(join(base, path), content);
    },
    get: (path) => readFile(join(base, path), "utf8"),
    close: async () => {
      await tools.close();
      await sandbox.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** For a suite's `before`: installs what the sandbox needs where it may; skips it, and says in its title what is missing, where this driver cannot be had here. */
export async function needsSandbox(context: Mocha.Context, policy: SandboxWish = { mode: "process" }): Promise<void> {
  if (policy.mode === "process" && process.platform === "linux") await missingPrograms({ bwrap: "bubblewrap", socat: "socat" });
  const bench = await openSandboxBench({ policy });
  const { why } = await bench.sandbox.status();
  await bench.close();
  if (why === undefined) return;
  const suite = context.test?.parent;
  if (suite) suite.title += ` (not run: ${why})`;
  context.skip();
}
