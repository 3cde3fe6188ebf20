// A run from its preparation to its end, whatever that is: an outcome on record, a refusal before anything of it is, a
// record that cannot be written any more, or a bug.

import type { RunOutcome } from "../protocol/commands.ts";
import { fail, messageOf, ok, type Result, withoutStop } from "../protocol/result.ts";
import type { Watch } from "./limits.ts";
import type { Run } from "./run.ts";
import { runLoop } from "./runLoop.ts";
import { prepareRun, type RunCommand } from "./startRun.ts";
import type { Stop } from "./stop.ts";

/** `watch` begins once the run is on record. */
export async function runToEnd(
  run: Run,
  command: RunCommand,
  controller: AbortController,
  watchIt: () => Watch,
): Promise<Result<RunOutcome>> {
  let watch: Watch | undefined;
  try {
    for (const tool of await run.ports.tools.list()) run.tools.set(tool.name, tool);
    run.policy = await run.ports.policy.load(run.log.state.workspace);
    const refused = await prepareRun(run, command);
    if (refused) return refused;
    watch = watchIt();
    return ok(await runLoop(run));
  } catch (error) {
    if (run.log.broken)
      return fail("not_recorded", `${withoutStop(run.log.broken.message)}.${run.log.broken.safe ? " What was recorded is safe." : ""}`);
    controller.abort({ code: "session_timeout", message: "stopped by an internal error" } satisfies Stop);
    return recordBug(run, error);
  } finally {
    watch?.end();
    await run.log.durable().catch(() => undefined);
  }
}

/** A bug ends the run with a record of it; the session stays resumable. */
async function recordBug(run: Run, error: unknown): Promise<Result<RunOutcome>> {
  const message = messageOf(error);
  const where = error instanceof Error && error.stack ? { where: error.stack } : {};
  const outcome: RunOutcome = { status: "failed", answer: "", reason: `internal error: ${message}`, unproven: false };
  run.log.append(
    { type: "error", actor: "orchestrator", payload: { code: "internal", message, ...where } },
    { type: "run.ended", actor: "orchestrator", payload: outcome },
    { type: "session.ended", actor: "orchestrator", payload: { status: "failed" } },
  );
  await run.log.durable();
  return ok(outcome);
}
