// What the MCP server works with: an engine and its record, how a new session is set up, the runs that it started, and how
// far it reaches: the sessions of its own folder, and those that it began itself.

import type { Engine } from "../../core/engine.ts";
import type { RegistryPort, SessionRow, StorePort } from "../../core/ports.ts";
import type { RunOutcome } from "../../protocol/commands.ts";
import { isKnown, type SessionConfig } from "../../protocol/events.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { SessionState } from "../../protocol/state.ts";
import { fail, messageOf, type Result } from "../../protocol/result.ts";

export type McpHost = {
  engine: Engine;
  store: StorePort;
  registry: RegistryPort;
  version: string;
  /** The real path of the folder that it is for; sessions that name no other work there. */
  workspace: string;
  /** What the sessions of a person ask may be answered here too. */
  answerForUser: boolean;
  /** Rejects with a sentence for the caller where a session cannot be had this way. */
  config(wish: { agent?: string; model?: string; workflow?: string }): Promise<SessionConfig>;
};

/** Runs of this process, kept until their end, and why one that was asked for did not begin. */
export type Runs = {
  going: Map<SessionId, Promise<Result<RunOutcome>>>;
  refused: Map<SessionId, string>;
  /** Sessions that were begun here, wherever they work. */
  begun: Set<SessionId>;
  /** Names of sessions that are just being created. */
  taken: Set<string>;
};

export type Scene = McpHost & { runs: Runs };

/** Answered to the caller as it is. */
export class Refusal extends Error {
  override name = "Refusal";
}

export function startRun({ engine, runs }: Scene, sessionId: SessionId, prompt?: string): void {
  runs.refused.delete(sessionId);
  const ended = engine
    .dispatch({ type: "session.run", sessionId, ...(prompt === undefined ? {} : { prompt }) })
    .catch((error: unknown) => fail("not_recorded", messageOf(error)));
  runs.going.set(sessionId, ended);
  void ended.then((outcome) => {
    runs.going.delete(sessionId);
    if (!outcome.ok) runs.refused.set(sessionId, outcome.error.message);
  });
}

/** By id, else by name; sessions out of reach are as good as not there. */
export async function findSession({ store, workspace, runs }: Scene, name: string): Promise<SessionRow | undefined> {
  const row = await store.findSession(name);
  if (!row || row.workspace === workspace || runs.begun.has(row.id)) return row;
  return (await store.listSessions({ workspace })).find((one) => one.name === name);
}

const mcpMark = "mcp:";

/** As whom a client is on record. */
export function actorOf(client: string | undefined): string {
  const plain = (client ?? "").replaceAll(/[^\w.@/ -]/g, "").trim();
  return `${mcpMark}${plain.slice(0, 64) || "unnamed client"}`;
}

/** A fork is the person's who made it. */
export async function wasBegunOverMcp({ store }: Pick<Scene, "store">, id: SessionId): Promise<boolean> {
  const [first] = await store.read(id, { limit: 1 });
  if (!first || !isKnown(first) || first.type !== "session.created") return false;
  return first.actor.startsWith(mcpMark) && first.payload.forkedFrom === undefined;
}

/** Whether a client may speak in this session in its person's place. */
export async function mayAnswer(scene: Scene, id: SessionId): Promise<boolean> {
  return scene.answerForUser || (await wasBegunOverMcp(scene, id));
}

export async function sessionNamed(scene: Scene, name: string): Promise<SessionRow> {
  const row = await findSession(scene, name);
  if (!row) throw new Refusal(`There is no session "${name}"; list_agent_sessions names those there are.`);
  return row;
}

export async function isRunning({ store, runs }: Scene, id: SessionId): Promise<boolean> {
  return runs.going.has(id) || (await store.leasedBy(id)) !== undefined;
}

/** As it is on record now, also where another program wrote meanwhile: who begins to follow makes the engine read that. */
export async function stateOf({ engine }: Pick<Scene, "engine">, id: SessionId): Promise<SessionState | undefined> {
  const end = await engine.follow(id, Number.MAX_SAFE_INTEGER, () => undefined);
  end();
  return engine.state(id);
}

/** What a call brings besides its input. */
export type Asked = {
  /** Who calls, as it goes on record. */
  by: string;
  signal: AbortSignal;
  /** Words for a person who watches; goes nowhere where nobody does. */
  tell(words: string): void;
  /** What a person answered to a question that this very call had raised, by its id. */
  answers: Map<string, Answer>;
};

export type Answer = { action: "accept"; text: string } | { action: "decline" | "cancel" };

/** The call can go on when a person has answered; where the client cannot ask one, the message says what to do. */
export class Question extends Refusal {
  override name = "Question";
  readonly id: string;
  readonly words: string;
  readonly choices: string[] | undefined;
  constructor(message: string, question: { id: string; words: string; choices?: string[] | undefined }) {
    super(message);
    this.id = question.id;
    this.words = question.words;
    this.choices = question.choices;
  }
}
