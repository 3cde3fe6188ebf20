// Drives the installed package through its panel as a person would: a goal, what is asked, the changes, the end; with a
// picture of each. Used by `npm start -- --check`; knows the panel by its marks alone.

import { setTimeout as pause } from "node:timers/promises";
import type { Locator } from "playwright-core";
import { openWorkbench, type OpenWorkbench } from "../../test/ui/harness/browser.ts";
import { startWorkbench, type WorkbenchOptions } from "./server.ts";

type Check = {
  command: string;
  goal: string;
  /** The goal is the one that the empty panel offers. */
  offered: boolean;
  limitMs: number;
  say: (words: string) => void;
};

/** Throws what went wrong; otherwise the session ended as done and what it changed was kept. */
export async function checkPanel(options: WorkbenchOptions, check: Check): Promise<void> {
  const workbench = await startWorkbench(options);
  try {
    const open = await openWorkbench(workbench);
    try {
      await drive(open, check);
    } catch (error) {
      check.say(`See ${await open.screenshot("start-failed")}`);
      check.say(workbench.logs().split("\n").slice(-20).join("\n"));
      throw error;
    } finally {
      await open.close();
    }
  } finally {
    const leftovers = await workbench.stop();
    if (leftovers.length > 0) check.say(`Processes outlived the workbench and were ended: ${leftovers.join("; ")}`);
  }
}

type Picture = (name: string) => Promise<void>;

async function drive(open: OpenWorkbench, { command, goal, offered, limitMs, say }: Check): Promise<void> {
  await open.command(command);
  const panel = panelOf(open);
  const picture: Picture = async (name) => say(`  ${await open.screenshot(`start-${name}`)}`);
  const composer = panel.mark("composer");
  await composer.waitFor({ timeout: 60_000 });
  if (offered) await panel.mark("example").click();
  else await composer.fill(goal);
  const written = await composer.inputValue();
  if (written.trim() !== goal) throw new Error(`The panel's example is another goal than the demo's: ${written}`);
  await picture("1-goal");
  await panel.mark("send").click();
  const approved = await toTheEnd(panel, picture, () => pictureOfDiff(open, picture), limitMs);
  say(`Done, after ${approved} approvals.`);
  await picture("4-done");
  for (const [tab, row] of [["agents", "task"], ["trace", "trace-row"], ["changes"], ["chat"]] as const) {
    await panel.show(tab);
    if (row !== undefined) await panel.mark(row).waitFor({ timeout: 10_000 });
    await picture(`5-${tab}`);
  }
  const problems = open.problems();
  if (problems.length > 0)
    throw new Error(`The browser complained:\n${problems.map(({ kind, text, url }) => `${kind}: ${text} (${url})`).join("\n")}`);
}

/** The first changed file in the editor's own diff. */
async function pictureOfDiff(open: OpenWorkbench, picture: Picture): Promise<void> {
  const link = open.panel().getByText("Open diff").first();
  if ((await link.count()) === 0) return;
  await link.click();
  await open.page.locator(".monaco-diff-editor .view-line").first().waitFor({ timeout: 15_000 });
  await pause(500);
  await picture("3-diff");
}

/** Answers what is asked until the session ends; returns how often. */
async function toTheEnd(panel: Panel, picture: Picture, pictureOfDiff: () => Promise<void>, limitMs: number): Promise<number> {
  let approved = 0;
  for (const began = performance.now(); performance.now() - began < limitMs; await pause(200)) {
    const status = (await panel.mark("status").innerText()).trim().toLowerCase();
    if (await panel.mark("keep-all").isVisible()) {
      await picture("3-changes");
      await pictureOfDiff();
      await panel.mark("keep-all").click({ timeout: 10_000 });
    } else if (await panel.mark("approve").isVisible()) {
      const isFirst = approved === 0;
      if (isFirst) await beforeAnswer(panel, picture);
      // The changes are kept where they are shown.
      if (/keep/i.test(await panel.mark("approve").innerText())) await panel.show("changes");
      else approved += (await tried(panel.mark("approve").click({ timeout: 5_000 }))) ? 1 : 0;
    } else if (status.startsWith("waiting")) await panel.look();
    else if (status === "failed") throw new Error("The session failed.");
    else if (status === "done") return approved;
  }
  throw new Error(`The session did not end within ${limitMs / 1000} s.`);
}

/** The tree while an agent waits, then the question itself. */
async function beforeAnswer(panel: Panel, picture: Picture): Promise<void> {
  await panel.show("agents");
  await picture("2-agents");
  await panel.look();
  await picture("2-approval");
}

/** An approval may be gone when its turn comes: a rule or its end settled it. */
function tried(click: Promise<void>): Promise<boolean> {
  return click.then(
    () => true,
    () => false,
  );
}

type Panel = { mark(name: string): Locator; show(tab: string): Promise<void>; look(): Promise<void> };

function panelOf(open: OpenWorkbench): Panel {
  const mark = (name: string): Locator => open.panel().getByTestId(name).first();
  const show = async (tab: string): Promise<void> => {
    await mark(`tab-${tab}`).click({ timeout: 10_000 });
    await pause(400);
  };
  /** Where something may wait: the first place that shows it. */
  const look = async (): Promise<void> => {
    for (const tab of ["chat", "approvals", "changes"]) {
      await show(tab);
      if ((await mark("approve").isVisible()) || (await mark("keep-all").isVisible())) return;
    }
  };
  return { mark, show, look };
}
