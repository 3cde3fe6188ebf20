// `ao approvals`, `approve`, `deny`, `interrupts`, `answer`: what waits for a person, and the answers.

import type { StandingGrant } from "../../core/ports.ts";
import { sayCoverage } from "../../core/standing.ts";
import { approvalScopes } from "../../protocol/events.ts";
import type { ApprovalId, InterruptId } from "../../protocol/ids.ts";
import { loadState, openGrants } from "../../runtime/record.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Invocation, Io, Values } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { shortFolder, visible } from "../format.ts";
import { withRuntime, withStore } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";

type Pending = Awaited<ReturnType<Runtime["store"]["listPending"]>>[number];

const pendingApprovals = pendingList("approvals", "approval", "", "No approvals are waiting.");
export const approvalsCommand: Command = {
  ...pendingApprovals,
  args: "[--json] | --grants [--json] | revoke GRANT",
  summary: "List the actions that wait for your approval, or what you approved for good; revoke that",
  options: { grants: { type: "boolean", describe: "what you approved beyond a session" }, json: jsonOption },
  arity: [0, 2],
  run: async (invocation) => {
    const { positionals, values, io } = invocation;
    const [verb, id] = positionals;
    if (verb === undefined) return values["grants"] ? await listGrants(invocation) : await pendingApprovals.run(invocation);
    if (verb !== "revoke" || id === undefined)
      throw new CommandError("name the grant: ao approvals revoke GRANT; see: ao approvals --grants");
    if (!(await openGrants(io.env).revoke(id)))
      throw new CommandError(`there is no grant "${id}"; see: ao approvals --grants`, exit.failed);
    io.out(`Revoked ${id}: it is asked again from now on.`);
    return exit.done;
  },
};

async function listGrants({ values, io }: Invocation): Promise<number> {
  const grants = await openGrants(io.env).list();
  if (values["json"]) io.out(JSON.stringify(grants));
  else if (grants.length === 0) io.out("Nothing is approved beyond a session.");
  for (const grant of values["json"] ? [] : grants) {
    const { id, by, at, days, sessionId } = grant;
    io.out(
      `${id}  ${sayGrant(grant, io)} (by ${by}, ${at.slice(0, 10)}${days === undefined ? "" : ` for ${days} days`}, session ${sessionId})`,
    );
  }
  return exit.done;
}

function sayGrant({ covers, workspace }: StandingGrant, io: Io): string {
  const where = workspace === undefined ? "in all projects" : `in ${shortFolder(workspace, io.env["HOME"])}`;
  return `${visible(sayCoverage(covers))}, ${where}`;
}

export const interruptsCommand = pendingList(
  "interrupts",
  "interrupt",
  "List the agents' questions that wait for your answer",
  "No questions are waiting.",
);
export const approveCommand = decision("approve", "Allow an action that waits; then resume its session");
export const denyCommand = decision("deny", "Refuse an action that waits; the agent is told the reason");

function pendingList(name: string, kind: Pending["kind"], summary: string, none: string): Command {
  return {
    name,
    args: "[--json]",
    summary,
    options: { json: jsonOption },
    arity: [0, 0],
    run: ({ values, io }) =>
      withStore(io, async (store) => {
        const pending = (await store.listPending()).filter((one) => one.kind === kind);
        if (values["json"]) io.out(JSON.stringify(pending));
        else if (pending.length === 0) io.out(none);
        for (const one of values["json"] ? [] : pending) {
          io.out(`${one.id}  session ${one.sessionId}  ${visible(one.summary)}`);
          const approval = kind === "approval" ? (await loadState({ store }, one.sessionId))?.approvals[one.id as ApprovalId] : undefined;
          if (approval?.kind === "call") io.out(`  risk ${approval.risk}: ${visible(approval.reasons.join("; "))}`);
          const covers = approval?.covers?.exactly;
          if (covers) io.out(`  beyond the session (--scope workspace, always): ${visible(sayCoverage(covers))}`);
          if (approval?.covers?.like) io.out(`  its like (--scope like): ${visible(approval.covers.like)}`);
        }
        return exit.done;
      }),
  };
}

async function find(runtime: Runtime, kind: Pending["kind"], id: string): Promise<Pending> {
  const pending = (await runtime.store.listPending()).find((one) => one.id === id && one.kind === kind);
  const what = kind === "interrupt" ? "question" : "approval";
  if (!pending) throw new CommandError(`there is no ${what} "${id}" waiting (it may be answered already); see: ao ${kind}s`, exit.failed);
  return pending;
}

function decision(name: "approve" | "deny", summary: string): Command {
  return {
    name,
    args: `ID [--scope ${approvalScopes.join("|")}] [--for DAYS] [--reason TEXT]`,
    summary,
    options: {
      scope: {
        type: "string",
        value: "SCOPE",
        describe:
          "once (default); session: all edits if this is one, else this same action again; workspace, like, always: what the question says",
      },
      for: { type: "string", value: "DAYS", describe: "how many days an approval beyond the session holds" },
      reason: { type: "string", value: "TEXT", describe: "a word for the agent" },
    },
    arity: [1, 1],
    run: (invocation) => withRuntime(invocation.io, {}, (runtime) => resolve(runtime, name, invocation)),
  };
}

async function resolve(runtime: Runtime, name: "approve" | "deny", { positionals, values, io }: Invocation): Promise<number> {
  const asked = text(values, "scope") ?? "once";
  const scope = approvalScopes.find((one) => one === asked);
  if (!scope) throw new CommandError(`--scope is one of ${approvalScopes.join(", ")}, not "${asked}"`);
  const { id, sessionId } = await find(runtime, "approval", positionals[0]!);
  const reason = text(values, "reason");
  const asksForFiles = (await loadState(runtime, sessionId))?.approvals[id as ApprovalId]?.kind === "landing";
  const command = {
    type: "approval.resolve" as const,
    sessionId,
    approvalId: id as ApprovalId,
    decision: name,
    scope,
    by: "user",
    ...(reason === undefined ? {} : { reason }),
    ...daysOf(values),
  };
  const answered = await runtime.engine.dispatch(command);
  if (!answered.ok) throw refusal(answered.error);
  if (asksForFiles) io.out(wordOnResult(name, id, sessionId));
  else io.out(`${name === "approve" ? "Approved" : "Denied"} ${id}. Go on with: ao resume ${sessionId}`);
  if (scope === "once" || scope === "session") return exit.done;
  const grant = (await openGrants(io.env).list()).findLast((one) => one.sessionId === sessionId);
  if (grant) {
    const until = grant.days === undefined ? "" : ` for ${grant.days} days`;
    io.out(`Allowed from now on${until}: ${sayGrant(grant, io)}. Take it back with: ao approvals revoke ${grant.id}`);
  }
  return exit.done;
}

function wordOnResult(name: "approve" | "deny", id: string, sessionId: string): string {
  if (name === "approve") return `Approved ${id}: the result is taken into your files with: ao resume ${sessionId}`;
  return `Denied ${id}: the result is discarded with: ao resume ${sessionId}; the patch is still there then: ao changes ${sessionId}`;
}

function daysOf(values: Values): { days?: number } {
  const given = text(values, "for");
  if (given === undefined) return {};
  const days = Number(given.replace(/d$/, ""));
  if (!(days > 0)) throw new CommandError(`--for needs a number of days, not "${given}"`);
  return { days };
}

export const answerCommand: Command = {
  name: "answer",
  args: "ID [TEXT] [--modify | --cancel]",
  summary: "Answer an agent's question; then resume its session",
  options: {
    modify: { type: "boolean", describe: "TEXT replaces the agent's instructions" },
    cancel: { type: "boolean", describe: "the agent is to stop and hand in what it has" },
  },
  arity: [1, 2],
  run: ({ positionals, values, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const { id, sessionId } = await find(runtime, "interrupt", positionals[0]!);
      const action = values["cancel"] ? "cancel" : values["modify"] ? "modify" : "respond";
      const words = positionals[1];
      if (!words?.trim() && action !== "cancel") throw new CommandError(`an answer needs its text: ao answer ${id} "YOUR ANSWER"`);
      const answered = await runtime.engine.dispatch({
        type: "interrupt.resolve",
        sessionId,
        interruptId: id as InterruptId,
        action,
        text: words ?? "",
      });
      if (!answered.ok) throw refusal(answered.error);
      io.out(`Answered ${id}. Go on with: ao resume ${sessionId}`);
      return exit.done;
    }),
};
