// What the MCP server works with: an engine and its record, how a new session is set up, and the runs that it started.

import type { Engine } from "../../core/engine.ts";
import type { RegistryPort, SessionRow, StorePort } from "../../core/ports.ts";
import type { RunOutcome } from "../../protocol/commands.ts";
import type { SessionConfig } from "../../protocol/events.ts";
import type { SessionId } from "../../protocol/ids.ts";
import type { Result } from "../../protocol/result.ts";

export type McpHost = {
  engine: Engine;
  store: StorePort;
  registry: RegistryPort;
  version: string;
  /** Where sessions work that name no folder. */
  workspace: string;
  /** Rejects with a sentence for the caller where a session cannot be had this way. */
  config(wish: { agent?: string; model?: string; workflow?: string }): Promise<SessionConfig>;
};

/** Runs of this process, kept until their end, and why one that was asked for did not begin. */
export type Runs = { going: Map<SessionId, Promise<Result<RunOutcome>>>; refused: Map<SessionId, string> };

export type Scene = McpHost & { runs: Runs };

/** Answered to the caller as it is. */
export class Refusal extends Error {
  override name = "Refusal";
}

export function startRun({ engine, runs }: Scene, sessionId: SessionId, prompt?: string): void {
  runs.refused.delete(sessionId);
  const ended = engine.dispatch({ type: "session.run", sessionId, ...(prompt === undefined ? {} : { prompt }) });
  runs.going.set(sessionId, ended);
  void ended.then((outcome) => {
    runs.going.delete(sessionId);
    if (!outcome.ok) runs.refused.set(sessionId, outcome.error.message);
  });
}

export async function sessionNamed({ store }: Scene, name: string): Promise<SessionRow> {
  const row = await store.findSession(name);
  if (!row) throw new Refusal(`There is no session "${name}"; list_agent_sessions names those there are.`);
  return row;
}

export async function isRunning({ store, runs }: Scene, id: SessionId): Promise<boolean> {
  return runs.going.has(id) || (await store.leasedBy(id)) !== undefined;
}

/** What a call brings besides its input. */
export type Asked = {
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
