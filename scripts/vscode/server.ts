// One run of the workbench on a free loopback port: its folders, its settings, its extensions, its end. Everything that it
// writes is in one folder of its own; nothing of the user's home or editor is read or changed.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lastLines } from "./chromium.ts";
import { endLeftovers, markName } from "./leftovers.ts";
import { run } from "./program.ts";
import { workbenchRuntime, type WorkbenchRuntime } from "./runtime.ts";
import { quietSettings, trustSettings, type Settings } from "./settings.ts";

export type WorkbenchOptions = {
  /** One folder, several (a multi-root workspace), or none (an empty window). */
  folder?: string | string[];
  settings?: Settings;
  /** Files to install before it starts. */
  vsix?: string[];
  env?: Record<string, string>;
  /** Default true. Without trust the folder opens in restricted mode. */
  trust?: boolean;
  /** Where the run keeps its files; kept after the stop if given, so that a next start finds the same profile. */
  dataDir?: string;
};

export type Workbench = {
  url: string;
  port: number;
  /** The run's own folder; its home, temporary files and profile lie in it. */
  root: string;
  /** The extensions that were installed: id and version. */
  installed: { id: string; version: string }[];
  /** Lays these over the user's settings; a window takes them up when it is opened or loaded again. */
  change(settings: Settings): void;
  /** What the server has printed so far, and the logs of the extension hosts. */
  logs(): string;
  /** Ends all its processes; returns the command lines of those that had to be ended one by one. */
  stop(): Promise<string[]>;
};

type Dirs = Record<"data" | "extensions" | "home" | "tmp", string>;

const keeper = join(import.meta.dirname, "keeper.ts");
const startLimit = 60_000;

export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const runtime = await workbenchRuntime();
  const root = options.dataDir ? resolve(options.dataDir) : mkdtempSync(join(tmpdir(), "ao-vscode-"));
  try {
    return await startIn(root, runtime, options);
  } catch (error) {
    if (options.dataDir === undefined) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

async function startIn(root: string, runtime: WorkbenchRuntime, options: WorkbenchOptions): Promise<Workbench> {
  const dirs = prepare(root, options);
  const env = runEnv(root, dirs, options.env);
  const base = ["--config", join(dirs.data, "config.yaml"), "--user-data-dir", dirs.data, "--extensions-dir", dirs.extensions];
  await install(runtime, base, options.vsix ?? [], env);
  const port = await freePort();
  const logFile = join(root, "server.log");
  const child = launch(runtime, [...base, ...serverArgs(port, options.trust ?? true)], env, logFile, options.dataDir ? "" : root);
  const stop = stopper(child, root, options.dataDir === undefined);
  const logs = (): string => readLogs(logFile, join(dirs.data, "logs"));
  try {
    await listening(port, child);
  } catch (error) {
    const said = logs();
    await stop();
    throw new Error(`The workbench did not start: ${(error as Error).message}\n${lastLines(said)}`, { cause: error });
  }
  const change = (settings: Settings): void => layOver(dirs, settings);
  return { url: urlOf(port, root, options.folder), port, root, installed: installedIn(dirs.extensions), change, logs, stop };
}

function prepare(root: string, { folder, settings, trust = true }: WorkbenchOptions): Dirs {
  const dirs = { data: join(root, "data"), extensions: join(root, "extensions"), home: join(root, "home"), tmp: join(root, "tmp") };
  for (const dir of [join(dirs.data, "User"), dirs.extensions, dirs.home, dirs.tmp]) mkdirSync(dir, { recursive: true });
  writeFileSync(join(dirs.data, "config.yaml"), "auth: none\n");
  layOver(dirs, { ...quietSettings, ...trustSettings(trust), ...settings });
  if (Array.isArray(folder))
    writeFileSync(workspaceFile(root), JSON.stringify({ folders: folder.map((path) => ({ path: resolve(path) })), settings: {} }));
  return dirs;
}

function layOver(dirs: Dirs, settings: Settings): void {
  const file = join(dirs.data, "User", "settings.json");
  const present = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Settings) : {};
  writeFileSync(file, JSON.stringify({ ...present, ...settings }, null, 2));
}

/** Little passes from our environment: no key and no setting of the user may change what a run does. */
function runEnv(root: string, dirs: Dirs, env: Record<string, string> = {}): Record<string, string> {
  const own = { HOME: dirs.home, TMPDIR: dirs.tmp, [markName]: root };
  // An empty gallery: the workbench asks no marketplace.
  return { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", TERM: "dumb", EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...own, ...env };
}

async function install(runtime: WorkbenchRuntime, base: string[], files: string[], env: Record<string, string>): Promise<void> {
  for (const file of files) {
    const { code, output } = await run(runtime.node, [runtime.entry, ...base, "--install-extension", resolve(file), "--force"], {
      env,
      limitMs: 120_000,
    });
    if (code !== 0) throw new Error(`${file} could not be installed:\n${lastLines(output)}`);
  }
}

function serverArgs(port: number, trust: boolean): string[] {
  const quiet = [
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-getting-started-override",
    "--disable-proxy",
    "--ignore-last-opened",
  ];
  return ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, ...quiet, ...(trust ? ["--disable-workspace-trust"] : [])];
}

function launch(runtime: WorkbenchRuntime, args: string[], env: Record<string, string>, logFile: string, temporary: string): ChildProcess {
  const log = openSync(logFile, "a");
  return spawn(process.execPath, [keeper, temporary, runtime.node, runtime.entry, ...args], {
    env,
    stdio: ["pipe", log, log],
    detached: true,
  });
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const began = performance.now(); performance.now() - began < startLimit; await pause(50)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("it ended at once");
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`no answer within ${startLimit / 1000} s`);
}

function stopper(child: ChildProcess, root: string, remove: boolean): () => Promise<string[]> {
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let stopped: Promise<string[]> | undefined;
  const stop = async (): Promise<string[]> => {
    child.stdin?.end();
    await ended;
    const leftovers = await endLeftovers(root);
    if (remove) rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    return leftovers;
  };
  return () => (stopped ??= stop());
}

function readLogs(serverLog: string, folder: string): string {
  const hosts = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("remoteexthost.log"))
    : [];
  const files = [serverLog, ...hosts.map((file) => join(folder, file))];
  return files.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : "")).join("\n");
}

function urlOf(port: number, root: string, folder: string | string[] | undefined): string {
  const url = new URL(`http://127.0.0.1:${port}/`);
  if (folder === undefined) url.searchParams.set("ew", "true");
  else if (Array.isArray(folder)) url.searchParams.set("workspace", workspaceFile(root));
  else url.searchParams.set("folder", resolve(folder));
  return url.href;
}

function workspaceFile(root: string): string {
  return join(root, "several.code-workspace");
}

function installedIn(extensions: string): Workbench["installed"] {
  const file = join(extensions, "extensions.json");
  if (!existsSync(file)) return [];
  const listed = JSON.parse(readFileSync(file, "utf8")) as { identifier: { id: string }; version: string }[];
  return listed.map(({ identifier, version }) => ({ id: identifier.id, version }));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no free port"))));
    });
  });
}
