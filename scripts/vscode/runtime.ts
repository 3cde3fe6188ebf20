// The VS Code that tests and `npm start` use where there is no desktop: the workbench and extension host of code-server,
// set up once into a cache outside the project. Owns what is installed there and when; starting it is server.ts.

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { chromiumPath, lastLines } from "./chromium.ts";
import { underLock } from "./lock.ts";
import { npm, run } from "./program.ts";
import { substituteNativeModules } from "./substitutes.ts";

export type WorkbenchRuntime = { node: string; entry: string };

export type VscodeRuntime = WorkbenchRuntime & { chromium: string };

const codeServerVersion = "4.139.1";
/** To be raised when the steps below change. */
const recipe = 2;
const nodeMajor = 24;
const codeServer = join("node_modules", "code-server");
const entryPath = join(codeServer, "out", "node", "entry.js");

/** Parts of the workbench that no test of an extension needs; a third of its size. */
const notNeeded = [
  "lib/vscode/node_modules/@github",
  "lib/vscode/node_modules/@microsoft/mxc-sdk",
  "lib/vscode/node_modules/@vscode/windows-process-tree",
  "lib/vscode/node_modules/@devcontainers",
  "lib/vscode/extensions/copilot",
  "lib/vscode/extensions/mermaid-markdown-features",
];

export const devCache = process.env["AO_DEV_CACHE"] ?? join(homedir(), ".cache", "agent-orchestrator-dev");

/** Sets up what is missing, with lines of progress on stderr. Throws one clear error where it cannot be had. */
export async function vscodeRuntime(): Promise<VscodeRuntime> {
  return { ...(await workbenchRuntime()), chromium: await browserPath() };
}

/** The browser alone. */
export function browserPath(): Promise<string> {
  return locked(() => chromiumPath(say));
}

/** The workbench without a browser of ours: a person brings their own. */
export async function workbenchRuntime(): Promise<WorkbenchRuntime> {
  if (process.platform === "win32")
    throw new Error("The workbench for tests runs on Linux and macOS only; on Windows use the desktop VS Code (AO_VSCODE=desktop).");
  const root = join(devCache, "vscode", `code-server-${codeServerVersion}-${recipe}`);
  const entry = entryOf(root);
  const node = cachedNode() ?? (await locked(installNode));
  if (!existsSync(entry)) await locked(() => installCodeServer(root, node));
  return { node, entry };
}

function locked<T>(work: () => Promise<T>): Promise<T> {
  return underLock(join(devCache, "vscode.lock"), () => say("Waiting for another set-up of the VS Code runtime"), work);
}

/** The Node that runs the workbench must be its own major version: its binaries are built for that one. */
function cachedNode(): string | undefined {
  if (Number(process.versions.node.split(".")[0]) === nodeMajor) return process.execPath;
  const node = join(devCache, "node", "node_modules", nodePackage(), "bin", "node");
  return existsSync(node) ? node : undefined;
}

function nodePackage(): string {
  return `node-${process.platform}-${process.arch}`;
}

async function installNode(): Promise<string> {
  const dir = join(devCache, "node");
  mkdirSync(dir, { recursive: true });
  await install(`Node ${nodeMajor}`, ["install", "--prefix", dir, "--no-save", "--ignore-scripts", `${nodePackage()}@${nodeMajor}`], dir);
  const node = cachedNode();
  if (!node) throw new Error(`There is no Node ${nodeMajor} for ${process.platform}-${process.arch} in the registry.`);
  return node;
}

/** Built beside its place and moved there whole, so that an interrupted set-up is never taken for a finished one. */
async function installCodeServer(root: string, node: string): Promise<void> {
  if (existsSync(entryOf(root))) return;
  const staging = `${root}.unfinished-${process.pid}`;
  for (const left of unfinished(root)) rmSync(left, { recursive: true, force: true });
  try {
    await fill(staging, node);
    if (!existsSync(entryOf(root))) renameSync(staging, root);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function fill(staging: string, node: string): Promise<void> {
  mkdirSync(staging, { recursive: true });
  writeFileSync(join(staging, "package.json"), '{ "private": true }\n');
  const options = ["--ignore-scripts", "--omit=dev"];
  // Its install script would build eight native modules and needs system headers; none of them is needed here.
  const top = ["install", "--prefix", staging, ...options, `code-server@${codeServerVersion}`];
  await install(`code-server ${codeServerVersion} (about 300 MB, once)`, top, staging);
  const workbench = join(staging, codeServer, "lib", "vscode");
  await install("the workbench's dependencies", ["install", "--prefix", workbench, ...options], workbench);
  for (const path of notNeeded) rmSync(join(staging, codeServer, path), { recursive: true, force: true });
  substituteNativeModules(join(workbench, "node_modules"));
  const proof = await run(node, [entryOf(staging), "--config", join(staging, "none.yaml"), "--version"], { limitMs: 60_000 });
  if (proof.code !== 0) throw new Error(`The installed code-server does not start here:\n${lastLines(proof.output)}`);
}

/** What set-ups left that were interrupted. */
function unfinished(root: string): string[] {
  const parent = dirname(root);
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith(`${basename(root)}.unfinished`) && !isAlive(Number(name.split("-").at(-1))))
    .map((name) => join(parent, name));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function entryOf(root: string): string {
  return join(root, entryPath);
}

async function install(what: string, args: string[], cwd: string): Promise<void> {
  say(`Getting ${what}`);
  const began = performance.now();
  const { code, output } = await npm(args, { cwd });
  if (code !== 0) throw new Error(`${what} could not be had from the npm registry; is it reachable?\n${lastLines(output)}`);
  process.stderr.write(`  done in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
}

function say(words: string): void {
  process.stderr.write(`${words} …\n`);
}

if (import.meta.main) {
  try {
    process.stdout.write(`${JSON.stringify(await vscodeRuntime(), null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
