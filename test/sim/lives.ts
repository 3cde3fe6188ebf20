// Processes that die: ports that stop answering for good at a chosen place of the log, and counters outside of them that
// see what was really done. Several lives share one store and one workspace, as processes on one machine do.

import type { Engine } from "../../src/core/engine.ts";
import type { Ports, StorePort } from "../../src/core/ports.ts";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { isKnown } from "../../src/protocol/events.ts";
import type { IdsPort, ToolAccess } from "../../src/core/ports.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import type { Result } from "../../src/protocol/result.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import { pendingApprovals, type SessionState, type TaskState } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createMemoryWorkspace, type MemoryWorkspace } from "../support/memoryWorkspace.ts";
import { configWith, countingIds, createWorld } from "../support/world.ts";
import type { Story } from "./story.ts";

/** Where a life ends: at once when `seq` is on disk, or only when more should be recorded (what was begun is done by then). */
export type Death = { seq: number; when: "recorded" | "next" };

/** What outlives a process. */
export type Machine = {
  story: Story;
  store: StorePort;
  workspace: MemoryWorkspace;
  ids: IdsPort;
  /** What calls really did, in order. */
  acts: { callId: string; taskId: string; tool: string; args: string }[];
  sessionId: string;
  taped: boolean;
};

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Ports that answer until the death, and then nothing any more. */
function mortal(ports: Ports, death: Death | undefined, onDeath: () => void): Ports {
  let dead = false;
  const die = <T>(): Promise<T> => {
    dead = true;
    onDeath();
    return never<T>();
  };
  const mortalPort = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        return typeof member === "function" ? (...args: unknown[]) => (dead ? never() : (member.apply(target, args) as unknown)) : member;
      },
    });
  const append: StorePort["append"] = async (sessionId, events, tape) => {
    const last = events.at(-1)?.seq ?? 0;
    if (dead || (death !== undefined && last > death.seq)) return die();
    await ports.store.append(sessionId, events, tape);
    if (death?.when === "recorded" && last >= death.seq) return die();
  };
  return {
    ...ports,
    store: { ...bound(mortalPort(ports.store)), append },
    workspace: mortalPort(ports.workspace),
    tools: mortalPort(ports.tools),
    models: mortalPort(ports.models),
  };
}

function bound(store: StorePort): StorePort {
  return Object.fromEntries(Object.keys(store).map((name) => [name, store[name as keyof StorePort]])) as unknown as StorePort;
}

function counted(ports: Ports, acts: Machine["acts"], trust: Partial<ToolAccess>): Ports {
  const { tools } = ports;
  return {
    ...ports,
    tools: {
      ...tools,
      list: async () => {
        const specs = await tools.list();
        return specs.map((spec) => ({ ...spec, access: { ...spec.access, ...trust } }));
      },
      call: (tool, args, scope, signal) => {
        acts.push({ callId: scope.callId, taskId: scope.taskId, tool, args: canonicalJson(args) });
        return tools.call(tool, args, scope, signal);
      },
    },
  };
}

export async function newMachine(story: Story, taped = false, store: StorePort = createMemoryStore()): Promise<Machine> {
  const machine: Machine = {
    story,
    store,
    workspace: createMemoryWorkspace(story.files),
    ids: countingIds(),
    acts: [],
    sessionId: "",
    taped,
  };
  const { engine } = await createWorld({ ...machine, ...story });
  const config = configWith(story.config);
  const created = await engine.dispatch({ type: "session.create", goal: story.goal, workspace: "/user", config });
  if (!created.ok) throw new Error(created.error.message);
  machine.sessionId = created.value.sessionId;
  return machine;
}

export type LifeOptions = {
  death?: Death;
  /** Cancels the session when this event is seen. */
  cancelAt?: number;
  /** What is believed of every tool: as idempotent ones, core's caution after a crash is off. */
  trust?: Partial<ToolAccess>;
};

export type LifeEnd = Result<RunOutcome> | "died";

/** One process: runs the session until its end, or its own. */
export async function live(machine: Machine, options: LifeOptions = {}): Promise<LifeEnd> {
  const { promise: died, resolve } = Promise.withResolvers<"died">();
  const { engine } = await createWorld({
    ...machine,
    ...machine.story,
    wrap: (ports) =>
      mortal(counted(machine.story.wrap?.(ports) ?? ports, machine.acts, options.trust ?? {}), options.death, () => resolve("died")),
  });
  const { sessionId } = machine;
  if (options.cancelAt !== undefined)
    await engine.follow(sessionId, 0, (event) => {
      if (event.seq === options.cancelAt) void engine.dispatch({ type: "session.cancel", sessionId });
    });
  const end = await Promise.race([runAndApprove(engine, sessionId), died]);
  if (end === "died") await breath();
  return end;
}

/** Runs the session; what waits for a person is approved, and the session gone on with. */
async function runAndApprove(engine: Engine, sessionId: string): Promise<Result<RunOutcome>> {
  for (let guard = 0; ; guard++) {
    const end = await engine.dispatch({ type: "session.run", sessionId });
    if (!end.ok || end.value.status !== "waiting" || guard > 50) return end;
    const waiting = pendingApprovals((await engine.state(sessionId))!);
    for (const { approvalId } of waiting)
      await engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision: "approve", by: "user" });
  }
}

/** Lets everything that is still on its way come to rest. */
export function breath(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function logOf(machine: Machine): Promise<TraceEvent[]> {
  return machine.store.read(machine.sessionId);
}

export async function stateIn(machine: Machine): Promise<SessionState> {
  const state = reduceAll(await logOf(machine));
  if (!state) throw new Error("the session has no log");
  return state;
}

/** What a person would call the same result, whatever the ids: files, steps, tasks and the answer. */
export async function resultOf(machine: Machine): Promise<unknown> {
  const state = await stateIn(machine);
  const all = Object.values(state.tasks).map((task) => ({ path: pathOf(state, task), status: task.status, output: task.output?.status }));
  const replaced = (path: string): boolean => all.some((task) => task.path === path && task.status === "done");
  const tasks = all
    .filter((task) => task.status !== "cancelled" || !replaced(task.path))
    .map(({ path, status, output }) => halves(`${path} ${status} ${output ?? "-"}`));
  return {
    files: machine.workspace.user,
    status: state.status,
    answer: state.run?.answer,
    unproven: state.run?.unproven,
    steps: state.run?.plan?.map((step) => halves(`${step.id} ${step.status}`)).toSorted(),
    tasks: [...new Set(tasks)].toSorted(),
    reviews: state.reviews.map(({ stepId, score }) => `${stepId} ${score.toFixed(3)}`),
    landing: state.landing?.decision,
  };
}

/** Equal parts of a plan may end in any order. */
function halves(text: string): string {
  return text.replaceAll(/\b(left|right)\b/g, "half");
}

function pathOf(state: SessionState, task: TaskState): string {
  const parent = task.parentId && state.tasks[task.parentId];
  const name = task.key?.replace(/^(check|joined):.*/, "$1").replace(/^c_.*/, task.goal) ?? "root";
  return parent ? `${pathOf(state, parent)}/${name}:${task.assignedAgent}` : name;
}

const harmless = new Set(["filesystem__read_file"]);

/** What must hold of every log, however its processes ended. Returns the violations in words. */
export async function violations(machine: Machine): Promise<string[]> {
  const events = (await logOf(machine)).filter(isKnown);
  const state = await stateIn(machine);
  const found: string[] = [];
  events.forEach((event, i) => event.seq === i + 1 || found.push(`seq ${event.seq} at place ${i + 1}`));

  const ended = new Map(events.filter((e) => e.type === "call.ended").map((e) => [e.payload.callId as string, e]));
  const begun = new Set<string>();
  for (const event of events) {
    if (event.type === "call.started") begun.add(event.payload.callId);
    if (event.type !== "call.started" && event.type !== "call.requested") continue;
    if (!ended.has(event.payload.callId)) found.push(`call ${event.payload.callId} of ${event.payload.tool} has no end`);
  }
  const counts = new Map<string, number>();
  for (const event of events.filter((e) => e.type === "call.ended"))
    counts.set(event.payload.callId, (counts.get(event.payload.callId) ?? 0) + 1);
  for (const [callId, count] of counts) if (count > 1) found.push(`call ${callId} ended ${count} times`);

  const effects = machine.acts.filter((act) => !harmless.has(act.tool) && !act.tool.startsWith("agents__"));
  for (const act of machine.acts) if (!begun.has(act.callId)) found.push(`call ${act.callId} of ${act.tool} acted and was never recorded`);
  for (const act of new Set(effects.map((one) => one.callId)))
    if (effects.filter((one) => one.callId === act).length > 1) found.push(`call ${act} acted more than once`);
  for (const [key, acts] of Map.groupBy(effects, ({ taskId, tool, args }) => `${taskId} ${tool} ${args}`)) {
    const unknown = acts.filter(({ callId }) => {
      const end = ended.get(callId);
      return end?.type === "call.ended" && !end.payload.result.ok && ["unknown", "cancelled"].includes(end.payload.result.code);
    });
    if (acts.length > 1 + unknown.length) found.push(`${key} was done ${acts.length} times, ${unknown.length} recorded as unknown`);
  }
  const turnsEnded = new Set(events.filter((e) => e.type === "turn.ended").map((e) => e.payload.turnId as string));
  const receipts = events.filter((e) => e.type === "receipt.issued").map((e) => `${e.taskId} ${e.payload.tree} ${e.payload.command}`);
  if (new Set(receipts).size < receipts.length) found.push("a run of the checks has two receipts");
  if (state.status === "done") {
    for (const event of events)
      if (event.type === "turn.started" && !turnsEnded.has(event.payload.turnId)) found.push(`turn ${event.payload.turnId} has no end`);
    for (const { approvalId } of pendingApprovals(state)) found.push(`approval ${approvalId} is still asked`);
    for (const task of Object.values(state.tasks)) {
      if (task.reserved) found.push(`${pathOf(state, task)} (${task.status}) still holds a reservation`);
      if (task.openCalls.length > 0) found.push(`${pathOf(state, task)} still has open calls`);
      if (!["done", "failed", "cancelled"].includes(task.status)) found.push(`${pathOf(state, task)} is ${task.status}`);
    }
  }
  return found;
}

/** The places at which a process can die: the last event of each batch, since a batch is there or not. */
export async function batchEnds(machine: Machine, run: (machine: Machine) => Promise<unknown>): Promise<number[]> {
  const ends: number[] = [];
  const { store } = machine;
  const watched: StorePort = {
    ...store,
    append: async (sessionId, events) => {
      await store.append(sessionId, events);
      ends.push(events.at(-1)!.seq);
    },
  };
  await run({ ...machine, store: watched });
  return ends;
}
