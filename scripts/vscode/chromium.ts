// The browser that shows the workbench to tests: one that is installed, else Debian's package where we may install it.
// Owns finding it and the flags that keep it quiet and off the network; driving it is the harness's work.

import { existsSync } from "node:fs";
import { aptInstall, mayUseApt } from "../apt.ts";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Every switch is here for quiet: no GPU probing, no first-run pages, no calls home. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser's path; installs it with apt as root on Debian; throws what to install where that is not possible. */
export async function chromiumPath(say: (words: string) => void): Promise<string> {
  const found = installed();
  if (found) return found;
  if (!mayUseApt())
    throw new Error("No Chromium or Chrome was found: install one (Debian: apt-get install chromium) or name it in AO_CHROMIUM.");
  say("Installing chromium with apt");
  const { code, output } = await aptInstall(["chromium"]);
  const now = installed();
  if (code === 0 && now) return now;
  throw new Error(`apt could not install chromium; install it yourself or name a browser in AO_CHROMIUM.\n${lastLines(output)}`);
}

function installed(): string | undefined {
  const named = process.env["AO_CHROMIUM"];
  if (named !== undefined && !existsSync(named)) throw new Error(`AO_CHROMIUM names ${named}, which does not exist.`);
  return named ?? places.find((place) => existsSync(place));
}

export function lastLines(output: string, most = 8): string {
  return output.trimEnd().split("\n").slice(-most).join("\n");
}
