// What outlived a workbench: processes that left its group (terminals, detached children) still carry its mark in their
// environment. Linux only; elsewhere the process group is all that can be ended.

import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

export const markName = "AO_WORKBENCH";

/** Ends them and returns their command lines; shells that end by themselves with their terminal get a moment for it. */
export async function endLeftovers(mark: string): Promise<string[]> {
  for (let tries = 0; tries < 10 && marked(mark).length > 0; tries++) await pause(50);
  return marked(mark).map(({ pid, command }) => {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
    return command;
  });
}

function marked(mark: string): { pid: number; command: string }[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${markName}=${mark}`)) return [];
        return [{ pid, command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() }];
      } catch {
        return [];
      }
    });
}
