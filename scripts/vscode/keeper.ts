// Holds a program and all that it starts in one process group, and ends the group when its own standard input closes: so
// nothing stays behind even when the process that wanted the program is killed. Run by server.ts as a program of its own.

import { spawn } from "node:child_process";

const grace = 4_000;
const [command = "", ...args] = process.argv.slice(2);
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
  process.kill(-process.pid, "SIGKILL");
}
