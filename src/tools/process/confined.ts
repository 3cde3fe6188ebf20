// A program run where the sandbox puts it: confined, watched, and with nothing of it left. Whether it may run at all is
// decided elsewhere; where it cannot be confined as it should, it is not run.

import type { CallScope } from "../../core/ports.ts";
import type { SandboxDriver, SandboxPort } from "../../core/sandboxPort.ts";
import { ok, type Result } from "../../protocol/result.ts";
import { type Program, type Run, runProgram } from "./runProgram.ts";

export type Place = Pick<CallScope, "root" | "writable" | "workspace" | "sandbox">;

export type ConfinedRun = Run & { sandbox: SandboxDriver };

/** The error is a sentence. */
export async function runConfined(sandbox: SandboxPort | undefined, program: Program, place: Place): Promise<Result<ConfinedRun, string>> {
  if (!sandbox) return ok({ ...(await runProgram(program)), sandbox: "off" });
  const { file, args, cwd, env } = program;
  const { root, writable, workspace, sandbox: wish } = place;
  const confined = await sandbox.confine({ file, args, cwd, env, root, writable, ...(workspace === undefined ? {} : { workspace }) }, wish);
  if (!confined.ok) return confined;
  const { driver, limits, release, ...start } = confined.value;
  const run = await runProgram({ ...program, ...start, ...(limits ? { limits } : {}) });
  const limit = await release();
  const ended = run.ended === "exit" && limit ? { ended: "limit" as const, limit } : {};
  return ok({ ...run, ...ended, sandbox: driver });
}
