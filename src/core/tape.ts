// Notes all that a run learns from the world, so that the same run can be made again from the record alone (replay.ts).
// Whatever reaches a run from outside does so one at a time, each after all that could run has run: then the order of these
// arrivals is all that is not decided by code.

import type { EventDraft, EventPayloads } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { ContentHash, TaskId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { TapeEntry, TapePart } from "../protocol/tape.ts";
import type { ModelOutcome, Ports, TaskControl } from "./ports.ts";
import { kept, type Keep, shortReach } from "./taped.ts";
import type { SessionLog } from "./sessionLog.ts";

/** What of a run differs where it is taped, or made again from a tape. */
export type Taping = {
  ports: Ports;
  log: SessionLog;
  /** Lets something from outside reach the run. */
  arrive: (entry: TapeEntry, act: () => void) => void;
  /** Resolves when the handoff to a task may begin to be worked on; answers the signal of whoever handed it over. */
  begun: (taskId: TaskId) => Promise<AbortSignal | undefined>;
  /** Nothing more is noted: the log outlives the run. */
  end: () => void;
};

type Asking = <T>(of: string, work: () => Promise<T>) => Promise<T>;

type Recorder = {
  /** `inLog`: the turn or call whose end, on record, says all of the answer that `keep` does not. */
  ask: <T>(of: string, work: () => Promise<T>, keep?: Keep<T>, inLog?: string) => Promise<T>;
  next: () => number;
  arrive: Taping["arrive"];
  draw: <T extends string | number>(value: T) => T;
  model: (name: string, value: unknown) => void;
};

/** What is noted since the run's last events. `whole`: answers that are kept whole until their end is on record. */
type Reel = {
  entries: TapeEntry[];
  drawn: (string | number)[];
  models: Record<string, unknown>;
  begin?: { command: unknown };
  whole: Map<string, (payload: EventDraft["payload"]) => void>;
};

/** Without a clock that says when all has run, nothing can be noted, and the run takes place as it is. */
export function tapeRun(ports: Ports, log: SessionLog, command: unknown): Taping {
  const { soon } = ports.clock;
  if (!soon) return { ports, log, arrive: (_entry, act) => act(), begun: () => Promise.resolve(undefined), end: () => undefined };
  const reel: Reel = { entries: [], drawn: [], models: {}, begin: { command }, whole: new Map() };
  let isOwn = false;
  const arrive: Taping["arrive"] = (entry, act) =>
    soon(() => {
      reel.entries.push(entry);
      act();
    });
  const recorder = recorderOn(reel, arrive, keeperFor(ports));
  const end = log.observe(() => isOwn || reel.entries.push({ other: true }));
  const append = (...drafts: EventDraft[]): void => {
    if (drafts.length === 0) return;
    isOwn = true;
    log.appendTaped(cut(reel, drafts), drafts);
    isOwn = false;
  };
  const handoffs = new Map<TaskId, { at: number; signal: AbortSignal }>();
  return {
    ports: tapedPorts(ports, recorder, handoffs),
    log: ownLog(log, append, recorder),
    arrive,
    end,
    begun: (taskId) =>
      new Promise((resolve) => {
        const handoff = handoffs.get(taskId);
        if (handoff) arrive({ begun: handoff.at }, () => resolve(handoff.signal));
        else resolve(undefined);
      }),
  };
}

/** What goes with these events; what they say themselves is not kept twice. */
function cut(reel: Reel, drafts: EventDraft[]): Omit<TapePart, "seq"> {
  for (const { type, payload } of drafts) {
    const ended = type === "turn.ended" ? payload.turnId : type === "call.ended" ? payload.callId : undefined;
    // What a turn for another purpose said is no message of the conversation.
    if (ended === undefined || (type === "turn.ended" && payload.purpose)) continue;
    reel.whole.get(ended)?.(payload);
    reel.whole.delete(ended);
  }
  const { entries, drawn, models, begin } = reel;
  Object.assign(reel, { entries: [], drawn: [], models: {} });
  delete reel.begin;
  return {
    count: drafts.length,
    entries,
    ...(begin ? { begin } : {}),
    ...(drawn.length > 0 ? { drawn } : {}),
    ...(Object.keys(models).length > 0 ? { models } : {}),
  };
}

function recorderOn(reel: Reel, arrive: Taping["arrive"], keeper: (value: unknown) => Promise<unknown>): Recorder {
  const resolved = new Set<string>();
  let asked = 0;
  return {
    arrive,
    next: () => asked++,
    draw: (value) => (reel.drawn.push(value), value),
    model(name, value) {
      if (!resolved.has(name)) reel.models[name] = value;
      resolved.add(name);
    },
    async ask(of, work, keep = (value) => value, inLog) {
      const at = asked++;
      try {
        const value = await work();
        const small = inLog === undefined ? await keeper(keep(value)) : value;
        const entry = { at, of, ...(small === undefined ? {} : { value: small }) };
        if (inLog !== undefined) reel.whole.set(inLog, (payload) => Object.assign(entry, { value: keep(value, payload) }));
        return await new Promise((resolve) => arrive(entry, () => resolve(value)));
      } catch (error) {
        return new Promise((_resolve, reject) => arrive({ at, of, fault: messageOf(error) }, () => reject(error)));
      }
    },
  };
}

/** Long texts and bytes are kept as artifacts and named by hash. */
function keeperFor({ store }: Ports): (value: unknown) => Promise<unknown> {
  const put = async (content: string | Uint8Array): Promise<ContentHash> => (await store.putArtifact(content)).hash;
  return (value) => kept(value, put);
}

/** The log as the run itself writes and waits for it. */
export function ownLog(log: SessionLog, append: SessionLog["append"], { ask }: { ask: Asking }): SessionLog {
  return {
    sessionId: log.sessionId,
    listeners: log.listeners,
    get state() {
      return log.state;
    },
    get broken() {
      return log.broken;
    },
    append,
    appendTaped: (part, drafts) => log.appendTaped(part, drafts),
    observe: (listener) => log.observe(listener),
    follow: (listener) => log.follow(listener),
    absorb: (events) => log.absorb(events),
    beginRun: (id) => log.beginRun(id),
    durable: () => ask("log.durable", () => log.durable()),
    saveSnapshot: () => ask("log.saveSnapshot", () => log.saveSnapshot()),
  };
}

const without = (): undefined => undefined;

function tapedPorts(ports: Ports, recorder: Recorder, handoffs: Map<TaskId, { at: number; signal: AbortSignal }>): Ports {
  const { ask, draw, model } = recorder;
  const { clock, ids, models, peers, policy } = ports;
  return {
    ...ports,
    clock: {
      now: () => draw(clock.now()),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => ask("clock.sleep", () => clock.sleep(ms, signal)),
    },
    ids: { next: (prefix) => draw(ids.next(prefix)), random: () => draw(ids.random()) },
    store: {
      ...asking(ports.store, "store", ask),
      // The record itself has them.
      read: (sessionId, query) => ask("store.read", () => ports.store.read(sessionId, query), without),
      getArtifact: (hash) => ask("store.getArtifact", () => ports.store.getArtifact(hash), without),
    },
    models: {
      ...models,
      resolve(name) {
        const info = models.resolve(name);
        model(name, info);
        return info;
      },
      countTokens: (request, signal) => ask("models.countTokens", () => models.countTokens(request, signal)),
      stream: (request, onDelta, signal) =>
        ask(
          "models.stream",
          () => models.stream(request, onDelta, signal),
          (outcome, ended) => restOf(outcome, ended as EventPayloads["turn.ended"]),
          request.turnId,
        ),
    },
    tools: {
      ...asking(ports.tools, "tools", ask),
      judge: (tool, args, scope) =>
        ask(
          "tools.judge",
          () => ports.tools.judge(tool, args, scope),
          (reach) => shortReach(reach, scope.root),
        ),
      call: tapedCall(ports, recorder),
    },
    workspace: tapedWorkspace(ports.workspace, ask),
    grants: asking(ports.grants, "grants", ask),
    policy: { load: (workspace) => ask("policy.load", () => policy.load(workspace)) },
    ...(ports.sandbox ? { sandbox: asking(ports.sandbox, "sandbox", ask) } : {}),
    peers: {
      serve: (work, look) => peers.serve(work, look),
      send(handoff, signal) {
        handoffs.set(handoff.taskId, { at: recorder.next(), signal });
        return ask("peers.send", () => peers.send(handoff, signal), without);
      },
    },
  };
}

/** What the end of the turn does not say: nothing, unless it was the last of several tries. */
function restOf(outcome: ModelOutcome, ended: EventPayloads["turn.ended"]): unknown {
  if (outcome.kind !== "answer") return outcome;
  const { content: _content, calls: _calls, ...rest } = outcome;
  return canonicalJson(rest) === canonicalJson(answerIn(ended)) ? undefined : rest;
}

export function answerIn({ stop, usage, costUsd, model }: EventPayloads["turn.ended"]): unknown {
  return { kind: "answer", stop, usage, costUsd, model };
}

function tapedCall({ tools }: Ports, { ask, next, arrive }: Recorder): Ports["tools"]["call"] {
  return (tool, args, scope, signal) => {
    const at = next();
    const control = Object.fromEntries(
      Object.entries(scope.control as Record<string, (input: unknown) => Promise<unknown>>).map(([method, way]) => [
        method,
        (input: unknown) => {
          const entry = { in: at, method, ...(canonicalJson(input) === canonicalJson(args) ? {} : { args: input }) };
          return new Promise((resolve, reject) => arrive(entry, () => void way(input).then(resolve, reject)));
        },
      ]),
    ) as TaskControl;
    return ask("tools.call", () => tools.call(tool, args, { ...scope, control }, signal), without, scope.callId);
  };
}

function tapedWorkspace(workspace: Ports["workspace"], ask: Recorder["ask"]): Ports["workspace"] {
  return {
    ...asking(workspace, "workspace", ask),
    repository: asking(workspace.repository, "repository", ask),
    async commitWorktree(...[sessionId, folder, taskId, base, message, also, onLeft]) {
      const { commit, left } = await ask("workspace.commitWorktree", async () => {
        let left: string[] = [];
        const commit = await workspace.commitWorktree(
          sessionId,
          folder,
          taskId,
          base,
          message,
          also,
          (paths) => (left = [...left, ...paths]),
        );
        return { commit, left };
      });
      if (left.length > 0) onLeft?.(left);
      return commit;
    },
  };
}

/** Every way of a port is a question to the world. */
export function asking<P extends object>(port: P, name: string, ask: Recorder["ask"]): P {
  type Way = (...args: unknown[]) => Promise<unknown>;
  return Object.fromEntries(
    Object.entries(port).map(([key, way]: [string, unknown]) => [
      key,
      typeof way === "function" ? (...args: unknown[]) => ask(`${name}.${key}`, () => (way as Way)(...args)) : way,
    ]),
  ) as P;
}
