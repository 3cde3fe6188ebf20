// Holds a program and all that it starts in one process group, and ends the group when its own standard input closes: so
// nothing stays behind even when the process that wanted the program is killed. Run by server.ts as a program of its own:
// keeper.ts FOLDER COMMAND ARGUMENTS…, where FOLDER is removed at the end unless it is empty.

import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

const grace = 4_000;
const [folder = "", command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
let ending = false;

child.on("error", endGroup);
child.on("exit", endGroup);
process.on("SIGTERM", end);
process.on("SIGINT", end);
process.stdin.on("end", end).on("error", end).resume();

function end(): void {
  if (ending) return;
  ending = true;
  process.kill(-process.pid, "SIGTERM");
  setTimeout(endGroup, grace);
}

/** This process leads the group, so it ends here too. */
function endGroup(): void {
  try {
    if (folder !== "") rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  } catch {
    // Somebody still writes there; whoever stopped us tries again.
  }
  process.kill(-process.pid, "SIGKILL");
}
