// Drives the installed package through its panel as a person would: a goal, what is asked, the changes, the end; with a
// picture of each. Used by `npm start -- --check`; knows the panel by its marks alone.

import { setTimeout as pause } from "node:timers/promises";
import type { FrameLocator, Locator } from "playwright-core";
import { openWorkbench, type OpenWorkbench } from "../../test/ui/harness/browser.ts";
import { startWorkbench, type WorkbenchOptions } from "./server.ts";

type Check = { command: string; goal: string; limitMs: number; say: (words: string) => void };

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

async function drive(open: OpenWorkbench, { command, goal, limitMs, say }: Check): Promise<void> {
  await open.command(command);
  const panel = open.panel();
  const mark = (name: string): Locator => panel.getByTestId(name).first();
  const picture = async (name: string): Promise<void> => say(`  ${await open.screenshot(`start-${name}`)}`);
  await mark("composer").fill(goal, { timeout: 60_000 });
  await picture("1-goal");
  await mark("send").click();
  await toTheEnd(panel, picture, limitMs, say);
  for (const tab of ["agents", "trace", "changes", "chat"]) {
    if ((await mark(`tab-${tab}`).count()) === 0) continue;
    await mark(`tab-${tab}`).click();
    await pause(500);
    await picture(`5-${tab}`);
  }
  const problems = open.problems();
  if (problems.length > 0)
    throw new Error(`The browser complained:\n${problems.map(({ kind, text, url }) => `${kind}: ${text} (${url})`).join("\n")}`);
}

/** Answers what is asked until the session ends; what waits behind the tab of changes is looked for there. */
async function toTheEnd(
  panel: FrameLocator,
  picture: (name: string) => Promise<void>,
  limitMs: number,
  say: (words: string) => void,
): Promise<void> {
  const shown = (name: string): Promise<boolean> => panel.getByTestId(name).first().isVisible();
  const click = (name: string): Promise<void> => panel.getByTestId(name).first().click({ timeout: 10_000 });
  let approved = 0;
  for (const began = performance.now(); performance.now() - began < limitMs; await pause(200)) {
    const status = (await panel.getByTestId("status").first().innerText()).trim().toLowerCase();
    if (await shown("approve")) {
      if (approved++ === 0) await picture("2-approval");
      await click("approve");
    } else if (await shown("keep-all")) {
      await picture("3-changes");
      await click("keep-all");
    } else if (status === "waiting") {
      await look(panel);
    } else if (status === "failed") {
      throw new Error("The session failed.");
    } else if (status === "done") {
      say(`Done, after ${approved} approvals.`);
      return picture("4-done");
    }
  }
  throw new Error(`The session did not end within ${limitMs / 1000} s.`);
}

async function look(panel: FrameLocator): Promise<void> {
  for (const tab of ["tab-chat", "tab-approvals", "tab-changes"]) {
    const there = panel.getByTestId(tab).first();
    if ((await there.count()) === 0) continue;
    await there.click();
    await pause(300);
    for (const wanted of ["approve", "keep-all"]) if (await panel.getByTestId(wanted).first().isVisible()) return;
  }
}
