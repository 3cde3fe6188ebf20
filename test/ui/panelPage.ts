// One browser for the suite and a panel in it: opening, what the page complained about, counting elements through shadow
// roots, and frame times.

import assert from "node:assert/strict";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { chromiumFlags, chromiumPath } from "../../scripts/vscode/chromium.ts";
import { servePage } from "./page.ts";
import { realHost, type RealHost } from "./realHost.ts";
import type { themes } from "./themes.ts";

export type Panel = {
  page: Page;
  host: RealHost;
  mark: (name: string) => Locator;
  show: (view: string) => Promise<void>;
  /** What the page's policy refused, and what it logged as an error. */
  complaints(): Promise<string[]>;
  elements(): Promise<number>;
  /** Allows what waits first, and its like, for the session. */
  allowForSession(): Promise<void>;
  /** Opens the same page again, as a reload of the window does. */
  reload(): Promise<void>;
  close(): Promise<void>;
};

export type OpenOptions = {
  width?: number;
  height?: number;
  theme?: keyof typeof themes;
  /** Where the record is; a folder of its own unless given. */
  dataDir?: string;
  before?: (host: RealHost) => Promise<void> | void;
};

export async function launchBrowser(): Promise<Browser> {
  const executablePath = await chromiumPath((words) => void process.stderr.write(`${words} …\n`));
  return chromium.launch({ executablePath, headless: true, args: chromiumFlags });
}

export type PanelBed = {
  /** The panel that is open. */
  panel: Panel;
  open: (options?: OpenOptions) => Promise<void>;
  /** Opens a session that is on record. */
  follow: (name: string) => Promise<void>;
};

/** One browser for a suite and a panel for each test; what the page complained about fails the test. */
export function panelBed(): PanelBed {
  let browser: Browser;
  let isOpen = false;
  const bed = {
    async open(options = {}) {
      bed.panel = await openPanel(browser, options);
      isOpen = true;
    },
    async follow(name) {
      await bed.panel.show("sessions");
      await bed.panel.mark("session-row").filter({ hasText: name }).getByRole("button").first().click();
    },
  } as PanelBed;
  before(async function () {
    // A machine that others keep busy may let a page wait for longer than anybody would: that is named as a second try.
    for (const test of this.test?.parent?.tests ?? []) test.retries(1);
    browser = await launchBrowser();
  });
  after(() => browser.close());
  afterEach(async () => {
    if (!isOpen) return;
    isOpen = false;
    try {
      assert.deepEqual(await bed.panel.complaints(), [], "the page complained");
    } finally {
      await bed.panel.close();
    }
  });
  return bed;
}

export async function openPanel(browser: Browser, options: OpenOptions = {}): Promise<Panel> {
  const host = await realHost(options);
  const ends: (() => Promise<void>)[] = [() => host.close()];
  const close = async (): Promise<void> => {
    for (const end of ends.toReversed()) await end();
  };
  try {
    await options.before?.(host);
    const served = await servePage(host.connect);
    ends.push(() => served.close());
    const context = await browser.newContext({ viewport: { width: options.width ?? 480, height: options.height ?? 800 } });
    ends.push(() => context.close());
    const panel = panelOn(await context.newPage(), host, served.url(options.theme), close);
    await panel.reload();
    return panel;
  } catch (error) {
    await close();
    throw error;
  }
}

function panelOn(page: Page, host: RealHost, url: string, close: () => Promise<void>): Panel {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  const mark = (name: string): Locator => page.getByTestId(name);
  return {
    page,
    host,
    mark,
    show: (view) => mark(`tab-${view}`).click(),
    complaints: async () => [...errors, ...((await page.evaluate("window.refused")) as string[])],
    async allowForSession() {
      const card = mark("approval").first();
      const id = await card.getAttribute("data-approval");
      await card.getByTestId("approve-more").click();
      await card.getByTestId("approve-session").click();
      await page.locator(`[data-approval="${id}"]`).waitFor({ state: "hidden" });
    },
    elements: () => page.evaluate(countElements) as Promise<number>,
    async reload() {
      await page.goto(url);
      await mark("tab-chat").waitFor();
    },
    close,
  };
}

const countElements = `(() => {
  const count = (root) => {
    let sum = 0;
    for (const element of root.querySelectorAll("*")) sum += 1 + (element.shadowRoot ? count(element.shadowRoot) : 0);
    return sum;
  };
  return count(document.body);
})()`;

export type Frames = { count: number; p95: number; worst: number };

/** Frame times of the page while `work`, a script of the page, goes on. */
export async function frames(page: Page, ms: number, work = ""): Promise<Frames> {
  const times = (await page.evaluate(`new Promise((done) => {
    const times = [];
    let last = performance.now();
    const began = last;
    const next = (now) => {
      times.push(now - last);
      last = now;
      ${work}
      if (now - began < ${ms}) requestAnimationFrame(next);
      else done(times.slice(1));
    };
    requestAnimationFrame(next);
  })`)) as number[];
  const sorted = times.toSorted((a, b) => a - b);
  return { count: times.length, p95: sorted[Math.floor(sorted.length * 0.95)] ?? 0, worst: sorted.at(-1) ?? 0 };
}
