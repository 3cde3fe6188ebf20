// What waits for a person in this folder: approvals and questions of the sessions that run, and results that wait to be
// taken. Follows the log, so that whoever shows it is told at once, wherever the answer came from. Loads nothing.

import * as vscode from "vscode";
import type { Engine } from "../core/engine.ts";
import { isOpen } from "../core/landingEnd.ts";
import type { FileChange } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { type ApprovalState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Desk, workspaceFolder } from "./desk.ts";
import { oneAtATime } from "./oneAtATime.ts";
import { openFiles } from "./openFiles.ts";

export type Waiting = {
  state: SessionState;
  /** Actions that a session, which runs here or elsewhere, waits with. */
  approvals: ApprovalState[];
  questions: number;
  /** Files of a result that are neither taken nor refused. */
  changes?: FileChange[];
};

export type WaitingList = { all(): Waiting[]; onChange: vscode.Event<void> };

/** What is known of one engine's sessions: who is followed, and up to where a session has nothing that waits. */
type Known = { engine: Engine; ends: Map<SessionId, () => void>; quiet: Map<SessionId, number> };

/** Events that change what waits. */
const telling = /^(approval|interrupt|landing|run|session)\./;

export function watchWaiting(desk: Desk): WaitingList & vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let list: Waiting[] = [];
  let known: Known | undefined;

  const drop = (): void => {
    for (const end of known?.ends.values() ?? []) end();
    known = undefined;
  };
  const update = async (): Promise<void> => {
    const runtime = desk.loaded();
    if (known && known.engine !== runtime?.engine) drop();
    if (runtime) known ??= { engine: runtime.engine, ends: new Map(), quiet: new Map() };
    list = runtime && known ? await lookAtAll(desk, runtime, known) : [];
    tell(list);
    if (known) await followOnly(known, list);
    changed.fire();
  };
  const followOnly = async (those: Known, wanted: Waiting[]): Promise<void> => {
    const { engine, ends } = those;
    const states = new Map(wanted.map(({ state }) => [state.id, state]));
    for (const [id, end] of ends) {
      if (states.has(id)) continue;
      end();
      ends.delete(id);
    }
    for (const { id, seq } of states.values()) {
      if (ends.has(id)) continue;
      const end = await engine.follow(id, seq, ({ type }) => telling.test(type) && plan());
      if (known === those) ends.set(id, end);
      else end();
    }
  };
  const plan = oneAtATime(update);
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
  const keys = { approvalWaits: list.some(({ approvals }) => approvals.length > 0), changesWait: list.some(({ changes }) => changes) };
  for (const [key, value] of Object.entries(keys)) void vscode.commands.executeCommand("setContext", `agentOrchestrator.${key}`, value);
}

/** Sessions that run, and all of this folder whose result waits; one that had none is looked at again only once it went on. */
async function lookAtAll(desk: Desk, runtime: Runtime, { quiet }: Known): Promise<Waiting[]> {
  const workspace = workspaceFolder();
  const rows = workspace === undefined ? [] : await runtime.store.listSessions({ workspace });
  const running = new Set([...desk.running.keys(), ...desk.elsewhere]);
  const list = (await Promise.all([...running].map((id) => look(runtime, id, true)))).filter((one) => one !== undefined);
  for (const { id, status, seq } of rows) {
    if (running.has(id) || endedWell.has(status) || quiet.get(id) === seq) continue;
    const found = await look(runtime, id, false, seq);
    if (found?.changes) list.push(found);
    else quiet.set(id, seq);
  }
  return list;
}

/** Nothing can wait in these. */
const endedWell = new Set(["created", "done"]);

/** `seq`: how far the record goes, where another program may have gone on with it. */
async function look(runtime: Runtime, id: SessionId, runs: boolean, seq = 0): Promise<Waiting | undefined> {
  const { engine } = runtime;
  let state = await engine.state(id);
  if (state && state.seq < seq) {
    // Whoever begins to follow makes the engine read what it lacks.
    (await engine.follow(id, seq, () => undefined))();
    state = await engine.state(id);
  }
  if (!state) return undefined;
  const { landing } = state;
  const changes = isOpen(landing) ? openFiles(landing, landing.parts ? await runtime.hunks(state) : undefined) : undefined;
  return {
    state,
    approvals: runs ? pendingApprovals(state) : [],
    questions: runs ? pendingInterrupts(state).length : 0,
    ...(changes ? { changes } : {}),
  };
}
