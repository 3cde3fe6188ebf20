// The beginning of a follow-up: it is a run, and may be refused before anything of it is on record. Whoever asks for one
// learns which of both it was, and gets the rest as of any run.

import type { Engine } from "../core/engine.ts";
import type { FollowUp, RunOutcome } from "../protocol/commands.ts";
import { fail, messageOf, type Result } from "../protocol/result.ts";

/** Resolves once the run is on record; rejects with the sentence that refused it. */
export async function beginFollowUp(engine: Engine, command: FollowUp): Promise<{ ended: Promise<Result<RunOutcome>> }> {
  const { sessionId } = command;
  const { promise: recorded, resolve } = Promise.withResolvers<"recorded">();
  const seq = (await engine.state(sessionId))?.seq ?? 0;
  const unfollow = await engine.follow(sessionId, seq, ({ type }) => type === "run.started" && resolve("recorded"));
  const ended = engine.dispatch(command).catch((error: unknown) => fail("not_recorded", messageOf(error)));
  const first = await Promise.race([recorded, ended]);
  unfollow();
  if (first !== "recorded" && !first.ok) throw Object.assign(new Error(first.error.message), { code: first.error.code });
  return { ended };
}
