// Taking a session's result into the user's tree: an approval of its own. The user's tree changes nowhere else (A10).

import type { ApprovalRequest, ChangePart, EventPayloads, FileChange } from "../protocol/events.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { LandingState, SessionState } from "../protocol/state.ts";
import { askApproval, digestOf } from "./approvals.ts";
import { concernsOf } from "./concerns.ts";
import { endOfLanding, isOpen } from "./landingEnd.ts";
import { decideParts } from "./landingParts.ts";
import { type Landed, writeAndRecord } from "./landingWrite.ts";
import type { Ports } from "./ports.ts";
import { coveredBy } from "./rules.ts";
import { levelOf, type Run, stateOf } from "./run.ts";
import type { SessionLog } from "./sessionLog.ts";
import { keepPatch } from "./patch.ts";

export type LandingEnd = "nothing" | "applied" | "discarded" | "pending" | "conflict";

/** `obstacle`: why it could not be written, where that is not the user's own edits. */
type Story = { concerns: string[]; obstacle?: string };

/** At the end of a run: proposes what changed and, where the user or their policy said so beforehand, lands it. */
export async function landResult(run: Run, succeeded: boolean): Promise<Story & { end: LandingEnd }> {
  const story: Story = { concerns: [] };
  const end = await land(run, succeeded, story);
  return { end, ...story };
}

/** The user's own policy may say beforehand what is taken. */
function isAllowed({ policy }: Run, files: FileChange[]): boolean {
  const reach = { certain: true, doubts: [], places: [], commands: [], network: false, hosts: [] };
  return coveredBy(policy.rules, { tool: "workspace__land", reach, paths: files.map(({ path }) => path) }) !== undefined;
}

/** `asked`: a person looked at another result before, so that this one is theirs to take as well. */
async function land(run: Run, succeeded: boolean, story: Story, asked = false): Promise<LandingEnd> {
  const { concerns } = story;
  concerns.length = 0;
  const state = stateOf(run);
  const { base, head, config } = state;
  if (base === undefined || head === undefined || base === head) return "nothing";
  const open = state.landing && state.landing.commit === head ? state.landing : await propose(run, base, head);
  if (!open) return "nothing";
  if (open.decision) return open.decision;
  concerns.push(...concernsOf(stateOf(run), open.files));
  if (succeeded && !asked && concerns.length === 0 && (config.apply || levelOf(run) === "bypass" || isAllowed(run, open.files)))
    return endBy(run, await applyLanding(run.ports, run.log, "policy"), story);
  if (!succeeded) return "pending";
  const answered = await askApproval(run, state.run!.rootTask, questionOf(state, open, concerns), run.signal, open.approvalId);
  const { landing } = stateOf(run);
  if (isOpen(landing) && landing.approvalId !== open.approvalId) return land(run, succeeded, story, true);
  const settled = landing?.decision;
  if (settled === "applied" || settled === "discarded") return settled;
  if (answered.kind === "blocked") return "pending";
  const { decision, by } = answered.answer;
  const said = decision === "approve" ? await applyLanding(run.ports, run.log, by) : await discardLanding(run.ports, run.log, by);
  return endBy(run, said, story);
}

/** What is left open could not be taken. */
function endBy(run: Run, settled: Result<unknown>, story: Story): LandingEnd {
  if (!settled.ok) story.obstacle = settled.error.message;
  const decision = stateOf(run).landing?.decision;
  return settled.ok && decision ? decision : "conflict";
}

/** What a person is asked of a proposed result. */
export function questionOf(
  { workspace: cwd }: SessionState,
  { commit, files }: Pick<LandingState, "commit" | "files">,
  concerns: string[],
): Omit<ApprovalRequest, "approvalId"> {
  const tool = "workspace__land";
  const args = { commit, files: files.map((file) => file.path) };
  const reasons = ["changes files in your workspace", ...concerns];
  const risk = concerns.length > 0 ? 70 : 20;
  return { kind: "landing", tool, arguments: args, cwd, digest: digestOf(tool, args, cwd), risk, reasons, rule: "landing" };
}

async function propose(run: Run, base: string, head: string): Promise<LandingState | undefined> {
  const payload = await proposalOf(run.ports, stateOf(run), base, head);
  if (!payload) return undefined;
  run.log.append({ type: "landing.proposed", actor: "orchestrator", payload });
  return stateOf(run).landing;
}

/** Undefined where nothing differs. */
export async function proposalOf(
  { workspace: port, store, ids }: Pick<Ports, "workspace" | "store" | "ids">,
  { id, workspace }: SessionState,
  base: string,
  commit: string,
): Promise<EventPayloads["landing.proposed"] | undefined> {
  const patch = await port.diff(id, workspace, base, commit);
  if (patch.files.length === 0) return undefined;
  const kept = await keepPatch(store, patch, "result");
  return { approvalId: ids.next("a"), commit, tree: await port.treeOf(id, workspace, commit), files: patch.files, ...kept };
}

/** Lands a proposed result, or some of it. Where both sides changed the same place nothing is written. */
export async function applyLanding(
  ports: Ports,
  log: SessionLog,
  by: string,
  { only, joined }: { only?: ChangePart[]; joined?: true } = {},
): Promise<Result<Landed>> {
  const { id, landing } = log.state;
  const base = landing?.base ?? log.state.base;
  if (!isOpen(landing) || base === undefined) return fail("nothing_to_do", `Session ${id} has no changes waiting to be applied.`);
  if (joined && !only) return fail("invalid", "Name the files that you have joined by hand.");
  const some = { ...(only ? { only } : {}), ...(joined ? { joined } : {}) };
  if (only || landing.parts) return decideParts(ports, log, { base, ...landing }, { decision: "applied", by, ...some });
  const { commit } = landing;
  return writeAndRecord(ports, log, { base, result: commit }, ({ conflicts, ...landed }) =>
    conflicts.length > 0
      ? [{ type: "landing.done", actor: by, payload: { commit, decision: "conflict", files: landed.files, conflicts } }]
      : endOfLanding(ports, log, { decision: "applied", commit, ...landed, by }),
  );
}

export async function discardLanding(ports: Ports, log: SessionLog, by: string, only?: ChangePart[]): Promise<Result<{ files: string[] }>> {
  const { id, landing } = log.state;
  const base = landing?.base ?? log.state.base;
  if (!isOpen(landing) || base === undefined) return fail("nothing_to_do", `Session ${id} has no changes waiting.`);
  if (only || landing.parts) {
    const decided = await decideParts(ports, log, { base, ...landing }, { decision: "discarded", by, ...(only ? { only } : {}) });
    return decided.ok ? ok({ files: decided.value.files }) : decided;
  }
  const files = landing.files.map((file) => file.path);
  log.append(...endOfLanding(ports, log, { decision: "discarded", commit: landing.commit, files, by }));
  return ok({ files });
}
