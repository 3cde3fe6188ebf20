// Which processes there are, by a word in their command lines: numbers mean nothing across a sandbox's border.

import { execFileSync } from "node:child_process";

export function processesWith(word: string): string[] {
  return execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(word));
}
