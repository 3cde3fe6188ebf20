// The product in a real workbench as a person has it: the package installed once, a copy of the sample project, the panel
// opened by the palette. Owns the way there and the few moves that every test makes; suites assert.

import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { packageExtension } from "../../scripts/vscode/package.ts";
import { workbenchRuntime } from "../../scripts/vscode/runtime.ts";
import { startWorkbench, type Workbench, type WorkbenchOptions } from "../../scripts/vscode/server.ts";
import type { Settings } from "../../scripts/vscode/settings.ts";
import { makeTempDir } from "../support/tempDir.ts";
import { openWorkbench, type OpenOptions, type OpenWorkbench } from "./harness/browser.ts";

/** One installation of the product: a server, a project and a data folder of its own. */
export type Bed = {
  workbench: Workbench;
  project: string;
  dataDir: string;
  open(options?: OpenOptions): Promise<Window>;
  close(): Promise<void>;
};

/** One browser window with the panel in it. */
export type Window = OpenWorkbench & {
  mark(name: string): Locator;
  text(words: string | RegExp): Locator;
  show(tab: string): Promise<void>;
  /** Opens the panel through the palette and waits until it can be written in. */
  begin(): Promise<void>;
  /** Writes into the composer and sends it. */
  say(words: string): Promise<void>;
  newSession(): Promise<void>;
  /** Waits until the header says one of these. */
  status(words: RegExp, limitMs?: number): Promise<string>;
  /** Loads the window with other settings. */
  reloadWith(settings: Settings): Promise<void>;
};

let packed: Promise<string> | undefined;

/** Why there is no workbench on this machine, if so. */
export async function whyNoWorkbench(): Promise<string | undefined> {
  return workbenchRuntime().then(
    () => undefined,
    (error: Error) => error.message,
  );
}

export async function makeBed(options: WorkbenchOptions = {}): Promise<Bed> {
  const dir = makeTempDir("workbench");
  const project = join(dir.path, "project");
  const dataDir = options.env?.["AO_DATA_DIR"] ?? join(dir.path, "data");
  cpSync(resolve("agents/demo/project"), project, { recursive: true });
  const workbench = await startWorkbench({
    folder: project,
    vsix: [await packageFile()],
    ...options,
    env: { AO_DATA_DIR: dataDir, ...options.env },
    settings: { "agentOrchestrator.model": "demo", ...options.settings },
  });
  const windows: Window[] = [];
  return {
    workbench,
    project,
    dataDir,
    async open(openOptions) {
      const window = windowOn(workbench, await openWorkbench(workbench, openOptions));
      windows.push(window);
      return window;
    },
    async close() {
      for (const window of windows) await window.close();
      await workbench.stop();
      dir.remove();
    },
  };
}

/** Made once for all suites of a process. */
export function packageFile(): Promise<string> {
  return (packed ??= makePackage());
}

function makePackage(): Promise<string> {
  const dir = makeTempDir("package");
  process.once("exit", () => dir.remove());
  return packageExtension(".", join(dir.path, "product.vsix"));
}

function windowOn(workbench: Workbench, open: OpenWorkbench): Window {
  const mark = (name: string): Locator => open.panel().getByTestId(name).first();
  const composer = mark("composer");
  const window: Window = {
    ...open,
    mark,
    text: (words) => open.panel().getByText(words).first(),
    async show(tab) {
      await mark(`tab-${tab}`).click({ timeout: 10_000 });
    },
    async begin() {
      await open.command("Agent Orchestrator: Open Panel");
      await composer.waitFor({ timeout: 30_000 });
    },
    async say(words) {
      await composer.fill(words);
      await mark("send").click();
    },
    newSession: () => mark("new-session").click(),
    status: (words, limitMs = 30_000) => statusOf(mark("status"), words, limitMs),
    async reloadWith(settings) {
      workbench.change(settings);
      await open.reload();
    },
  };
  return window;
}

async function statusOf(status: Locator, words: RegExp, limitMs: number): Promise<string> {
  let last = "";
  for (const began = performance.now(); performance.now() - began < limitMs; await pause(50)) {
    last = (await status.innerText({ timeout: limitMs }).catch(() => "")).trim();
    if (words.test(last)) return last;
  }
  throw new Error(`The panel says "${last}" and not ${words} within ${limitMs / 1000} s.`);
}

/** Approves each call that is asked, where it arises, until `done` holds; returns how often. */
export async function approveUntil(window: Window, done: () => Promise<boolean>, limitMs = 60_000): Promise<number> {
  let approved = 0;
  const once = window.panel().getByRole("button", { name: "Allow once" }).first();
  for (const began = performance.now(); performance.now() - began < limitMs; await pause(50)) {
    if (await done()) return approved;
    if (!(await once.isVisible())) continue;
    const clicked = await once.click({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    approved += clicked ? 1 : 0;
  }
  throw new Error(`What was awaited did not come within ${limitMs / 1000} s.`);
}

/** The rows of the record, read beside the running program. */
export function recorded<T = Record<string, unknown>>(dataDir: string, query: string): T[] {
  const database = new DatabaseSync(join(dataDir, "store.db"), { readOnly: true });
  try {
    return database.prepare(query).all() as T[];
  } finally {
    database.close();
  }
}

export function projectTests(project: string): number | null {
  return spawnSync("npm", ["test", "--silent"], { cwd: project, stdio: "ignore" }).status;
}
