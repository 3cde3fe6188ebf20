// A reach as a tool's judgement would give it, for tests of what follows from one.

import type { Reach, SimpleCommand, TouchedPlace } from "../../src/core/ports.ts";

export const nowhere: Reach = { certain: true, doubts: [], places: [], commands: [], network: false, hosts: [] };

export function simple(words: string | string[], more: Partial<SimpleCommand> = {}): SimpleCommand {
  return { words: typeof words === "string" ? words.split(" ") : words, effect: "unknown", beyond: [], ...more };
}

/** A place by its name: absolute ones lie outside of the task's folder. */
export function place(path: string, use: TouchedPlace["use"], more: Partial<TouchedPlace> = {}): TouchedPlace {
  const inside = !path.startsWith("/");
  const real = inside ? `/root/${path}` : path;
  return { real, named: real, use, ...(inside ? { relative: path } : {}), ...more };
}
