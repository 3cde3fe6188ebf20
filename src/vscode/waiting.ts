// What waits for a person in this folder: approvals and questions of the sessions that run, and results that wait to be
// taken. Follows the log, so that whoever shows it is told at once, wherever the answer came from. Loads nothing.

import * as vscode from "vscode";
import type { Engine } from "../core/engine.ts";
import type { SessionId } from "../protocol/ids.ts";
import { type ApprovalState, type LandingState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Desk, workspaceFolder } from "./desk.ts";

export type Waiting = {
  state: SessionState;
  /** Actions that a session, which runs here or elsewhere, waits with. */
  approvals: ApprovalState[];
  questions: number;
  /** A result that is neither taken nor refused. */
  landing?: LandingState;
};

export type WaitingList = { all(): Waiting[]; onChange: vscode.Event<void> };

const mostSessions = 20;
/** Events that change what waits. */
const telling = /^(approval|interrupt|landing|run|session)\./;

export function watchWaiting(desk: Desk): WaitingList & vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let list: Waiting[] = [];
  let following: { engine: Engine; ends: Map<SessionId, () => void> } | undefined;
  let again: "no" | "planned" | "running" | "late" = "no";

  const drop = (): void => {
    for (const end of following?.ends.values() ?? []) end();
    following = undefined;
  };
  const update = async (): Promise<void> => {
    const runtime = desk.loaded();
    if (following && following.engine !== runtime?.engine) drop();
    if (runtime) following ??= { engine: runtime.engine, ends: new Map() };
    const ids = runtime ? await sessionsIn(desk, runtime) : [];
    const found = runtime ? await Promise.all(ids.map((id) => look(desk, runtime, id))) : [];
    list = found.filter((one) => one !== undefined);
    tell(list);
    for (const id of ids) if (runtime && !following?.ends.has(id)) await follow(runtime, id);
    changed.fire();
  };
  const follow = async ({ engine }: Runtime, id: SessionId): Promise<void> => {
    const ends = following?.ends;
    ends?.set(id, () => undefined);
    const end = await engine.follow(
      id,
      list.find(({ state }) => state.id === id)?.state.seq ?? 0,
      ({ type }) => telling.test(type) && plan(),
    );
    if (following?.ends === ends) ends?.set(id, end);
    else end();
  };
  /** However many events come together, one look; one more for those that come during it. */
  const plan = (): void => {
    if (again !== "no") return void (again = again === "planned" ? "planned" : "late");
    again = "planned";
    setImmediate(() => {
      again = "running";
      void update()
        .catch(() => undefined)
        .finally(() => {
          const late = again === "late";
          again = "no";
          if (late) plan();
        });
    });
  };
  const listening = desk.onChange(plan);
  plan();
  return {
    all: () => list,
    onChange: changed.event,
    dispose() {
      listening.dispose();
      drop();
      changed.dispose();
    },
  };
}

/** For `when` clauses. */
function tell(list: Waiting[]): void {
  const keys = { approvalWaits: list.some(({ approvals }) => approvals.length > 0), changesWait: list.some(({ landing }) => landing) };
  for (const [key, value] of Object.entries(keys)) void vscode.commands.executeCommand("setContext", `agentOrchestrator.${key}`, value);
}

async function sessionsIn(desk: Desk, { store }: Runtime): Promise<SessionId[]> {
  const workspace = workspaceFolder();
  const rows = workspace === undefined ? [] : await store.listSessions({ workspace, limit: mostSessions });
  const kept = rows.filter(({ status }) => status === "waiting").map(({ id }) => id);
  return [...new Set([...desk.running.keys(), ...desk.elsewhere, ...kept])];
}

async function look(desk: Desk, { engine }: Runtime, id: SessionId): Promise<Waiting | undefined> {
  const state = await engine.state(id);
  if (!state) return undefined;
  const isRunning = desk.running.has(id) || desk.elsewhere.has(id);
  const { landing } = state;
  return {
    state,
    approvals: isRunning ? pendingApprovals(state) : [],
    questions: isRunning ? pendingInterrupts(state).length : 0,
    ...(landing && landing.decision !== "applied" && landing.decision !== "discarded" ? { landing } : {}),
  };
}
