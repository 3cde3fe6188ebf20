// `npm start`: the extension, installed, on a copy of the sample project with the scripted model chosen. The desktop VS
// Code where there is one with a display; else the workbench in a browser; `--check` drives it without anybody.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { checkPanel } from "./vscode/checkPanel.ts";
import { desktopCommand, hasDisplay, startDesktop } from "./vscode/desktop.ts";
import { packageExtension } from "./vscode/package.ts";
import { devCache, workbenchRuntime } from "./vscode/runtime.ts";
import { startWorkbench } from "./vscode/server.ts";
import { quietSettings, type Settings } from "./vscode/settings.ts";

const sample = join("agents", "demo", "project");
const checkLimit = 4 * 60_000;
const settings: Settings = { "agentOrchestrator.model": "demo" };

const { values } = parseArgs({ options: { check: { type: "boolean" }, extension: { type: "string" } } });

try {
  const desktop = hasDisplay() ? desktopCommand() : undefined;
  const none = desktop === undefined || values.check ? await whyNoWorkbench() : undefined;
  if (none === undefined) await start(desktop);
  else if (values.check) throw new Error(none);
  else await demoInstead(none);
} catch (error) {
  process.stderr.write(`agent-orchestrator: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function start(desktop: string | undefined): Promise<void> {
  const project = copyOfSample();
  const vsix = await packageExtension(values.extension, join(dirname(project), "extension.vsix"));
  say(`A copy of the sample project is in ${project}; the model is scripted: no key, no network.`);
  if (values.check || (desktop === undefined && !process.stdout.isTTY)) await check(vsix, project);
  else if (desktop === undefined) await serve(vsix, project);
  else openDesktop(desktop, vsix, project);
}

async function whyNoWorkbench(): Promise<string | undefined> {
  try {
    await workbenchRuntime();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Without any VS Code the same work is shown in the terminal. */
async function demoInstead(why: string): Promise<void> {
  say(`No VS Code can be opened here: ${why}\nThe demo runs in the terminal instead.\n`);
  await import("./demo.ts");
}

async function check(vsix: string, project: string): Promise<void> {
  const { feature = "" } = parse(readFileSync(join("agents", "demo", "goals.yaml"), "utf8")) as Record<string, string>;
  const began = performance.now();
  await checkPanel(
    { folder: project, vsix: [vsix], settings },
    { command: opening(), goal: feature.trim(), offered: values.extension === undefined, limitMs: checkLimit, say },
  );
  // A stand-in has no engine behind its panel.
  if (values.extension === undefined && same(project, sample)) throw new Error("The session ended as done but the project is as it was.");
  const tests = spawnSync("npm", ["test", "--silent"], { cwd: project, stdio: "ignore" });
  if (values.extension === undefined && tests.status !== 0) throw new Error(`The project's own tests fail on the result, in ${project}.`);
  say(`The project's own tests pass on the result, in ${project}.`);
  say(`The panel works (${((performance.now() - began) / 1000).toFixed(0)} s).`);
}

async function serve(vsix: string, project: string): Promise<void> {
  const ended = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => ended.resolve());
  const workbench = await startWorkbench({ folder: project, vsix: [vsix], settings: { ...settings, "git.enabled": true } });
  say(`\nVS Code with Agent Orchestrator: ${workbench.url}\nIt is reachable from this machine only; Ctrl-C ends it.`);
  await ended.promise;
  await workbench.stop();
  say(`\nEnded. The project stays in ${project}`);
}

function opening(): string {
  const { displayName } = JSON.parse(readFileSync(join(values.extension ?? ".", "package.json"), "utf8")) as { displayName: string };
  return `${displayName}: Open Panel`;
}

/** A profile of its own: the user's settings and extensions are neither read nor changed. */
function openDesktop(command: string, vsix: string, project: string): void {
  const profile = join(devCache, "start");
  const chosen = join(profile, "data", "User", "settings.json");
  mkdirSync(join(profile, "data", "User"), { recursive: true });
  if (!existsSync(chosen)) writeFileSync(chosen, JSON.stringify({ ...quietSettings, ...settings, "git.enabled": true }, null, 2));
  const own = ["--user-data-dir", join(profile, "data"), "--extensions-dir", join(profile, "extensions")];
  if (!startDesktop(command, [...own, "--install-extension", vsix, "--force"])) throw new Error(`${command} could not install ${vsix}.`);
  if (!startDesktop(command, [...own, "--new-window", project])) throw new Error(`${command} could not be opened.`);
  say("VS Code opens; Agent Orchestrator is in the activity bar.");
}

function copyOfSample(): string {
  const project = join(mkdtempSync(join(tmpdir(), "agent-orchestrator-start-")), "project");
  cpSync(sample, project, { recursive: true });
  return project;
}

function same(one: string, other: string): boolean {
  const files = (dir: string): string[] =>
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dir.length))
      .sort();
  const names = files(one);
  return (
    names.join("\n") === files(other).join("\n") &&
    names.every((name) => readFileSync(join(one, name)).equals(readFileSync(join(other, name))))
  );
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}
