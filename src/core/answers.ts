// A person's answers: to an approval, to an agent's question. The first answer counts, wherever it comes from.

import type { Commands } from "../protocol/commands.ts";
import { fail, messageOf, ok, type Result } from "../protocol/result.ts";
import type { ApprovalState } from "../protocol/state.ts";
import { patternDays } from "./proposals.ts";
import type { SessionLog } from "./sessionLog.ts";
import { passOn, runsElsewhere, withLog, type World } from "./sessions.ts";

export async function resolveApproval(
  world: World,
  command: Commands["approval.resolve"],
): Promise<Result<{ decision: "approve" | "deny" }>> {
  const { sessionId, approvalId, decision, by, reason } = command;
  if (await runsElsewhere(world, sessionId)) {
    return passOn(world, sessionId, { type: "approval.resolve", ...command }, ({ approvals }) => {
      const given = approvals[approvalId]?.resolution;
      return given && { decision: given.decision };
    });
  }
  return withLog(world, sessionId, async (log) => {
    const approval = log.state.approvals[approvalId];
    if (!approval) return fail("not_found", `There is no approval ${approvalId} in session ${sessionId}.`);
    if (approval.resolution)
      return fail(
        "already_answered",
        `Approval ${approvalId} was answered already: ${approval.resolution.decision} by ${approval.resolution.by}.`,
      );
    const granted = await grantWith(world, log, approval, command);
    if (!granted.ok) return granted;
    const payload = { approvalId, decision, scope: command.scope ?? ("once" as const), by, ...(reason === undefined ? {} : { reason }) };
    log.append({ type: "approval.resolved", actor: by, ...(approval.taskId ? { taskId: approval.taskId } : {}), payload });
    await log.durable();
    world.sessions.get(sessionId)?.run?.run.answers.get(approvalId)?.();
    return ok({ decision });
  });
}

/** A scope beyond the session is a standing grant, on disk before the answer counts. */
async function grantWith(
  { ports }: World,
  log: SessionLog,
  approval: ApprovalState,
  command: Commands["approval.resolve"],
): Promise<Result<void>> {
  const { approvalId, decision, scope, by, sessionId } = command;
  if (scope === undefined || scope === "once" || scope === "session") return ok(undefined);
  if (decision === "deny") return fail("invalid", "A refusal counts once; a rule of the blueprint can refuse for good.");
  const covers = scope === "like" ? approval.covers?.pattern : approval.covers?.exactly;
  const days = command.days ?? (scope === "like" ? patternDays : undefined);
  if (days !== undefined && !(days > 0)) return fail("invalid", "A grant holds for a number of days above 0.");
  if (!covers && scope === "like") return fail("invalid", `For approval ${approvalId} no commands like it can be allowed.`);
  if (!covers) return fail("invalid", `Approval ${approvalId} can be given for this call or for this session, not further.`);
  const id = ports.ids.next("g");
  try {
    await ports.grants.add({
      id,
      covers,
      ...(scope === "always" ? {} : { workspace: log.state.workspace }),
      ...(days === undefined ? {} : { days }),
      by,
      at: ports.clock.now(),
      sessionId,
    });
  } catch (error) {
    return fail("not_recorded", `The grant could not be recorded, so nothing was approved: ${messageOf(error)}`);
  }
  const answered = log.state.approvals[approvalId]?.resolution;
  if (!answered) return ok(undefined);
  await ports.grants.revoke(id);
  return fail("already_answered", `Approval ${approvalId} was answered already: ${answered.decision} by ${answered.by}.`);
}

export async function resolveInterrupt(
  world: World,
  { sessionId, interruptId, action, text }: Commands["interrupt.resolve"],
): Promise<Result<{ action: string }>> {
  if (await runsElsewhere(world, sessionId)) {
    return passOn(world, sessionId, { type: "interrupt.resolve", sessionId, interruptId, action, text }, ({ interrupts }) => {
      const given = interrupts[interruptId]?.resolution;
      return given && { action: given.action };
    });
  }
  return withLog(world, sessionId, async (log) => {
    const interrupt = log.state.interrupts[interruptId];
    if (!interrupt) return fail("not_found", `There is no question ${interruptId} in session ${sessionId}.`);
    if (interrupt.resolution) return fail("already_answered", `Question ${interruptId} was answered already.`);
    log.append({
      type: "interrupt.resolved",
      actor: "user",
      ...(interrupt.taskId ? { taskId: interrupt.taskId } : {}),
      payload: { interruptId, action, text },
    });
    await log.durable();
    world.sessions.get(sessionId)?.run?.run.answers.get(interruptId)?.();
    return ok({ action });
  });
}
