// The world as a tape knows it: every question waits until the tape has come to its answer. What the log itself holds is
// taken from there: what models said, how calls ended, the texts that are kept as artifacts.

import type { TaskResult } from "../protocol/agents.ts";
import { type CallResult, type ContentBlock, isKnown, type TraceEvent } from "../protocol/events.ts";
import type { CallId, TaskId, TurnId } from "../protocol/ids.ts";
import { fail, messageOf } from "../protocol/result.ts";
import type { TapeEntry, TapePart } from "../protocol/tape.ts";
import { executeTask } from "./executeTask.ts";
import type { AskedCall, CallScope, Handoff, ModelOutcome, ModelRequest, Ports, RegistryPort, TaskControl } from "./ports.ts";
import type { Stage } from "./replay.ts";
import type { Run } from "./run.ts";
import type { SessionLog } from "./sessionLog.ts";
import { answerIn, ownLog, type Taping } from "./tape.ts";
import { policyFrom, reachFrom } from "./taped.ts";

type Question = {
  of: string;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  /** Makes the answer of what the tape has, and of what the log has. */
  make?: (value: unknown) => unknown;
};

export type Waiting = {
  /** Says what is wrong where nobody asked for it. */
  answer: (entry: Extract<TapeEntry, { at: number }>, value: unknown) => Promise<string | undefined>;
  enter: (entry: Extract<TapeEntry, { in: number }>) => void;
  begin: (at: number) => void;
  describe: () => string;
};

type Desk = {
  questions: Map<number, Question>;
  controls: Map<number, { control: TaskControl; args: unknown }>;
  handoffs: Map<number, () => void>;
  next: () => number;
  ask: <T>(of: string, work?: () => Promise<T>, make?: (value: unknown) => unknown) => Promise<T>;
};

type ReplayPorts = { ports: Ports; log: SessionLog; waiting: Waiting; begun: Taping["begun"] };

export function replayPorts(stage: Stage, parts: TapePart[], log: SessionLog, registry: RegistryPort, run: () => Run): ReplayPorts {
  const desk = openDesk();
  const drawn = parts.flatMap((part) => part.drawn ?? []);
  const asked = new Set(parts.flatMap((part) => part.entries.map((entry) => ("of" in entry ? entry.of : ""))));
  let place = 0;
  const draw = (): never => (drawn[place++] ?? `beyond_${place}`) as never;
  const { ask } = desk;
  const ports: Ports = {
    clock: { now: draw, monotonic: () => 0, sleep: () => ask("clock.sleep") },
    ids: { next: draw, random: draw },
    store: anyWay<Ports["store"]>("store", ask, {
      read: (_id, { taskId } = {}) => ask("store.read", undefined, () => recordedSoFar(stage, taskId)),
      getArtifact: (hash) => ask("store.getArtifact", undefined, () => stage.recording.artifact(hash)),
    }),
    models: modelsOf(stage, parts, ask),
    tools: {
      list: () => ask("tools.list"),
      judge: (_tool, _args, { root }) => ask("tools.judge", undefined, (reach) => reachFrom(reach, root)),
      ...(asked.has("tools.preview") ? { preview: () => ask("tools.preview") } : {}),
      call(_tool, args, scope) {
        desk.controls.set(desk.next(), { control: scope.control, args });
        return ask("tools.call", undefined, (value) => value ?? endOf(stage, scope));
      },
    },
    workspace: anyWay<Ports["workspace"]>("workspace", ask, {
      repository: anyWay("repository", ask),
      async commitWorktree(...args) {
        const { commit, left } = await ask<{ commit: string; left: string[] }>("workspace.commitWorktree");
        if (left.length > 0) args[6]?.(left);
        return commit;
      },
    }),
    registry,
    grants: anyWay("grants", ask),
    policy: { load: () => ask("policy.load", undefined, policyFrom) },
    ...(asked.has("sandbox.status") ? { sandbox: anyWay("sandbox", ask) } : {}),
    peers: {
      serve: () => undefined,
      send: (handoff, signal) => sendFrom(desk, run, handoff, signal),
    },
  };
  return {
    ports,
    log: ownLog(log, (...drafts) => log.append(...drafts), { ask: (of) => ask(of) }),
    waiting: waitingAt(desk),
    begun: () => Promise.resolve(undefined),
  };
}

function modelsOf(stage: Stage, parts: TapePart[], ask: Desk["ask"]): Ports["models"] {
  const known = Object.assign({}, ...parts.map((part) => part.models ?? {})) as Record<string, ReturnType<Ports["models"]["resolve"]>>;
  return {
    resolve: (name) => known[name] ?? fail("not_found", `The record does not say what model ${name} is.`),
    countTokens: () => ask("models.countTokens"),
    stream: (request) => ask("models.stream", undefined, (outcome) => said(stage, request, outcome as ModelOutcome | undefined)),
  };
}

function sendFrom(desk: Desk, run: () => Run, handoff: Handoff, signal: AbortSignal): Promise<TaskResult> {
  let ended: TaskResult | undefined;
  void handedOver(desk, run, handoff, signal).then((result) => (ended = result));
  return desk.ask("peers.send", undefined, () => {
    if (!ended) throw new Error(`the work of ${handoff.agent} on task ${handoff.taskId} goes on`);
    return ended;
  });
}

function openDesk(): Desk {
  const questions: Desk["questions"] = new Map();
  let asked = 0;
  return {
    questions,
    controls: new Map(),
    handoffs: new Map(),
    next: () => asked++,
    ask: (of, _work, make) =>
      new Promise((resolve, reject) => {
        questions.set(asked++, { of, resolve: resolve as (value: unknown) => void, reject, ...(make ? { make } : {}) });
      }),
  };
}

function waitingAt({ questions, controls, handoffs }: Desk): Waiting {
  return {
    async answer({ at, of, fault }, value) {
      const question = questions.get(at);
      if (!question) return `${of} is not asked for`;
      if (question.of !== of) return `${question.of} is asked for in the place of ${of}`;
      questions.delete(at);
      try {
        if (fault !== undefined) question.reject(new Error(fault));
        else question.resolve(question.make ? await question.make(value) : value);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    enter({ in: at, method, args }) {
      const call = controls.get(at);
      const control = call?.control as Record<string, (input: unknown) => Promise<unknown>> | undefined;
      void control?.[method]?.(args ?? call?.args);
    },
    begin: (at) => handoffs.get(at)?.(),
    describe: () => [...new Set([...questions.values()].map(({ of }) => of))].join(", ") || "nothing",
  };
}

/** Whatever is asked of a port waits for the tape. */
function anyWay<P extends object>(name: string, ask: Desk["ask"], own: Partial<P> = {}): P {
  return new Proxy(own as P, { get: (port, way) => (Reflect.get(port, way) as unknown) ?? (() => ask(`${name}.${String(way)}`)) });
}

async function handedOver(
  desk: Desk,
  run: () => Run,
  handoff: Parameters<typeof executeTask>[1],
  signal: AbortSignal,
): Promise<TaskResult> {
  await new Promise<void>((resolve) => desk.handoffs.set(desk.next(), resolve));
  return executeTask(run(), handoff, signal);
}

function recordedSoFar({ recording, seq }: Stage, taskId: TaskId | undefined): unknown {
  const events = recording.events.slice(0, seq);
  return taskId === undefined ? events : events.filter((event) => event.taskId === taskId);
}

/** What the log holds of the world's answers, by turn and by call. */
export type Answers = { turns: Map<TurnId, Turn>; results: Map<CallId, CallResult> };
/** `rest`: what the end of the turn says. */
type Turn = { content: ContentBlock[]; calls: Map<CallId, AskedCall>; rest?: unknown };

const noWords = (): Turn => ({ content: [], calls: new Map() });

export function answersIn(events: TraceEvent[]): Answers {
  const turns: Answers["turns"] = new Map();
  const results: Answers["results"] = new Map();
  const turn = (id: TurnId): Turn => {
    const known = turns.get(id) ?? noWords();
    turns.set(id, known);
    return known;
  };
  for (const event of events) {
    if (!isKnown(event)) continue;
    if (event.type === "turn.ended") turn(event.payload.turnId).rest = answerIn(event.payload);
    if (event.type === "call.ended") results.set(event.payload.callId, event.payload.result);
    if (event.type === "message" && event.payload.turnId !== undefined) turn(event.payload.turnId).content = event.payload.content;
    if ((event.type !== "call.requested" && event.type !== "call.started") || event.payload.turnId === undefined) continue;
    const { callId, turnId, tool, arguments: args, invalid } = event.payload;
    const { calls } = turn(turnId);
    if (!calls.has(callId)) calls.set(callId, { tool, arguments: args, ...(invalid === undefined ? {} : { invalid }) });
  }
  return { turns, results };
}

/** What a model said and asked for in this turn, as it is on record. */
function said(stage: Stage, { turnId }: ModelRequest, outcome: ModelOutcome | undefined): ModelOutcome {
  const { content, calls, rest } = (turnId && stage.turns.get(turnId)) ?? noWords();
  const known = outcome ?? (rest as ModelOutcome);
  if (known.kind !== "answer" || (known.content as unknown) !== undefined) return known;
  return { ...known, content, calls: [...calls.values()] };
}

function endOf(stage: Stage, { callId }: CallScope): CallResult {
  const result = stage.results.get(callId);
  if (!result) throw new Error(`the record has no end of call ${callId}`);
  return result;
}
