// A real browser on a running workbench: opening it, reaching the panel inside its webview, commands, screenshots, and
// what went wrong meanwhile. Owns no expectation; suites assert.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type BrowserContext, type FrameLocator, type Page } from "playwright-core";
import { chromiumFlags } from "../../../scripts/vscode/chromium.ts";
import { browserPath } from "../../../scripts/vscode/runtime.ts";
import type { Workbench } from "../../../scripts/vscode/server.ts";
import { develop } from "./development.ts";
import { watchProblems, type Problem } from "./problems.ts";

export type OpenOptions = {
  viewport?: { width: number; height: number };
  /** A folder with an unpackaged extension to run instead of an installed one. */
  developmentExtension?: string;
  /** The module whose `run()` the extension host shall call; its exit arrives at `onTestsEnd`. */
  tests?: string;
  onTestsEnd?: (exitCode: number) => void;
  onTestsLog?: (words: string) => void;
  /** Two windows at once need two profiles. */
  profile?: string;
};

export type OpenWorkbench = {
  page: Page;
  /** The document of the first webview that is shown; of the nth, counted from 0, where there are several. */
  panel(nth?: number): FrameLocator;
  /** Runs a command of the palette by its title, as a person would. */
  command(title: string): Promise<void>;
  /** Loads the window again, as after a crash of the page or a change of settings; the server stays. */
  reload(): Promise<void>;
  /** Returns the file; it lies in `.cache/screenshots/`. */
  screenshot(name: string): Promise<string>;
  /** What failed in the browser so far; what the workbench complains about by itself is left out. */
  problems(): Problem[];
  close(): Promise<void>;
};

const screenshots = join(".cache", "screenshots");

export async function openWorkbench(workbench: Workbench, options: OpenOptions = {}): Promise<OpenWorkbench> {
  const context = await launch(workbench, options);
  const page = context.pages()[0] ?? (await context.newPage());
  // Editor, server and browser share few cores, with others.
  page.setDefaultTimeout(60_000);
  const problems = watchProblems(page);
  try {
    await develop(page, workbench.port, options);
    await page.goto(workbench.url, { waitUntil: "commit" });
    await shown(page);
  } catch (error) {
    await context.close();
    throw error;
  }
  return {
    page,
    panel: (nth = 0) => page.frameLocator("iframe.webview.ready").nth(nth).frameLocator("iframe#active-frame"),
    command: (title) => runCommand(page, title),
    reload: async () => {
      await page.reload({ waitUntil: "commit" });
      await shown(page);
    },
    screenshot: (name) => shoot(page, name),
    problems,
    close: () => context.close(),
  };
}

async function launch(workbench: Workbench, { viewport, profile }: OpenOptions): Promise<BrowserContext> {
  const executablePath = await browserPath();
  return chromium.launchPersistentContext(join(workbench.root, profile ?? "browser"), {
    executablePath,
    headless: true,
    viewport: viewport ?? { width: 1400, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    args: chromiumFlags,
  });
}

async function shown(page: Page): Promise<void> {
  await page.waitForSelector(".monaco-workbench .part.statusbar", { timeout: 60_000 });
}

/** The palette is opened anew until it takes the title: a workbench that is still starting can close it. */
async function runCommand(page: Page, title: string): Promise<void> {
  const row = page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first();
  for (let tries = 1; ; tries++) {
    await page.keyboard.press("F1");
    try {
      await page.locator(".quick-input-widget input").fill(`>${title}`, { timeout: 1_500 });
      await row.click({ timeout: 1_500 });
      return;
    } catch (error) {
      if (tries === 10) throw new Error(`The palette has no command "${title}".`, { cause: error });
      await page.keyboard.press("Escape");
    }
  }
}

async function shoot(page: Page, name: string): Promise<string> {
  mkdirSync(screenshots, { recursive: true });
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path });
  return path;
}
