// Core in a test tube: every port in memory, time and ids deterministic, the model a function of its request. The
// bundled blueprints and workflows are the real ones.

import { fileURLToPath } from "node:url";
import type { AgentDefinition, Budget } from "../../src/protocol/agents.ts";
import type { CallResult, SessionConfig, TraceEvent } from "../../src/protocol/events.ts";
import type { IdByPrefix } from "../../src/protocol/ids.ts";
import { noUsage } from "../../src/protocol/state.ts";
import { createEngine, type Engine } from "../../src/core/engine.ts";
import type {
  AskedCall,
  CallScope,
  ClockPort,
  GrantsPort,
  IdsPort,
  ModelOutcome,
  ModelRequest,
  Ports,
  RegistryPort,
  StandingGrant,
  StorePort,
  ToolSpec,
} from "../../src/core/ports.ts";
import { noPolicy } from "../../src/core/policy.ts";
import { createInProcessPeers } from "../../src/gateways/a2a/inProcessPeers.ts";
import { loadRegistry } from "../../src/registry/registry.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { createMemoryWorkspace, type MemoryWorkspace, type Tree } from "./memoryWorkspace.ts";
import { nowhere, simple } from "./reach.ts";

export type Reply = { text?: string; calls?: AskedCall[] } | ModelOutcome;
export type Model = (request: ModelRequest & { agent: string; turn: number }, signal: AbortSignal) => Reply | Promise<Reply>;

export type WorldOptions = {
  files?: Tree;
  model: Model;
  attended?: boolean;
  shell?: (command: string, files: Tree) => CallResult;
  store?: StorePort;
  workspace?: MemoryWorkspace;
  ids?: IdsPort;
  /** What runs learn is kept, so that they can be made again. */
  taped?: boolean;
  /** Of every model, in tokens. */
  window?: number;
  /** Blueprints besides the bundled ones. */
  agents?: AgentDefinition[];
  /** Stands between core and its ports: to count what is done, or to let the process die. */
  wrap?: (ports: Ports) => Ports;
};

export type World = { engine: Engine; store: StorePort; workspace: MemoryWorkspace; ids: IdsPort; slept: number[]; ports: Ports };

export const registry = loadRegistry({ bundledDir: fileURLToPath(new URL("../../agents", import.meta.url)) });

export async function createWorld(options: WorldOptions): Promise<World> {
  const workspace = options.workspace ?? createMemoryWorkspace(options.files ?? { "README.md": "# Sample\n" });
  const store = options.store ?? createMemoryStore();
  const ids = options.ids ?? countingIds();
  const slept: number[] = [];
  const plain: Ports = {
    clock: { ...instantClock(slept), ...(options.taped ? { soon: (work) => void setImmediate(work) } : {}) },
    ids,
    store,
    workspace,
    registry: withAgents(await registry, options.agents ?? []),
    peers: createInProcessPeers(),
    grants: memoryGrants(),
    policy: { load: () => Promise.resolve(noPolicy) },
    models: {
      resolve: (name) => ({
        ok: true,
        value: { name, contextWindow: options.window ?? 200_000, maxOutput: 16_000, scripted: true, outputUsdPerMillion: 10 },
      }),
      countTokens: (request) => Promise.resolve(Math.ceil(JSON.stringify(request.messages).length / 4)),
      stream: async (request, _onDelta, signal) =>
        outcomeOf(await options.model({ ...request, agent: agentIn(request), turn: turnsIn(request) }, signal), request),
    },
    tools: memoryTools(
      workspace,
      options.shell ?? (() => ({ ok: true, content: "ok\nexit code 0", details: { exitCode: 0, durationMs: 1 } })),
    ),
  };
  const ports = options.wrap?.(plain) ?? plain;
  return { engine: createEngine(ports, { attended: options.attended ?? false }), store, workspace, ids, slept, ports };
}

function memoryGrants(): GrantsPort {
  const grants = new Map<string, StandingGrant>();
  return {
    list: () => Promise.resolve([...grants.values()]),
    add: (grant) => Promise.resolve(void grants.set(grant.id, grant)),
    revoke: (id) => Promise.resolve(grants.delete(id)),
  };
}

export function withAgents(bundled: RegistryPort, more: AgentDefinition[]): RegistryPort {
  return {
    ...bundled,
    agent: (id) => more.find((agent) => agent.id === id) ?? bundled.agent(id),
    agents: () => [...bundled.agents(), ...more],
  };
}

export const roomyBudget: Budget = { usd: 5, tokens: 2_000_000, turns: 400, minutes: 60, depth: 4, parallel: 4 };

export function configWith(change: Partial<SessionConfig> = {}): SessionConfig {
  const config: SessionConfig = {
    model: "scripted:test",
    models: [],
    workflow: "auto",
    agent: "coordinator",
    level: "bypass",
    budget: roomyBudget,
    apply: false,
    yesTo: [],
    ask: true,
    modelOverrides: true,
  };
  return { ...config, ...change };
}

/** Creates a session and runs it to its end. */
export async function runGoal(
  world: World,
  goal: string,
  config: Partial<SessionConfig> = {},
): Promise<{ sessionId: string; outcome: Awaited<ReturnType<Engine["dispatch"]>>; events: TraceEvent[] }> {
  const created = await world.engine.dispatch({ type: "session.create", goal, workspace: "/user", config: configWith(config) });
  if (!created.ok) throw new Error(created.error.message);
  const { sessionId } = created.value;
  const outcome = await world.engine.dispatch({ type: "session.run", sessionId });
  return { sessionId, outcome, events: await world.store.read(sessionId, {}) };
}

function outcomeOf(reply: Reply, request: ModelRequest): ModelOutcome {
  if ("kind" in reply) return reply;
  const calls = reply.calls ?? [];
  const usage = { ...noUsage, input: 100, output: 20 };
  return {
    kind: "answer",
    content: reply.text ? [{ type: "text", text: reply.text }] : [],
    calls,
    stop: calls.length > 0 ? "calls" : "end",
    usage,
    costUsd: 0.001,
    model: request.model,
  };
}

function agentIn(request: ModelRequest): string {
  return /^agent: (\S+)/.exec(request.system)?.[1] ?? "?";
}

function turnsIn(request: ModelRequest): number {
  return request.messages.filter((message) => message.role === "assistant").length;
}

export function countingIds(): IdsPort {
  let count = 0;
  return {
    next: <P extends keyof IdByPrefix>(prefix: P) => {
      count += 1;
      return `${prefix}_${String(count).padStart(4, "0")}` as IdByPrefix[P];
    },
    random: () => 0.5,
  };
}

/** Waits are over at once, unless they are deadlines: those never come. */
function instantClock(slept: number[]): ClockPort {
  let ms = 0;
  return {
    now: () => new Date(Date.UTC(2030, 0, 1) + ms).toISOString(),
    monotonic: () => ms++,
    sleep: (wait, signal) => {
      if (wait < 60_000) {
        slept.push(wait);
        return Promise.resolve();
      }
      return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
    },
  };
}

const spec = (name: string, effect: ToolSpec["access"]["effect"], idempotent = effect === "read"): ToolSpec => ({
  name,
  description: name,
  inputSchema: { type: "object" },
  access: { effect, idempotent, timeoutMs: 30_000 },
});

const specs = [
  spec("filesystem__read_file", "read"),
  spec("filesystem__write_file", "write"),
  spec("shell__run", "execute"),
  ...["submit_plan", "submit_result", "delegate", "ask_user", "report_progress", "recall"].map((name) =>
    spec(`agents__${name}`, "control"),
  ),
];

function memoryTools(workspace: MemoryWorkspace, shell: (command: string, files: Tree) => CallResult): Ports["tools"] {
  return {
    list: () => Promise.resolve(specs),
    judge: (tool, args) => {
      const { command } = args as { command?: string };
      return Promise.resolve({
        ...nowhere,
        commands: tool === "shell__run" && command ? [simple(command)] : [],
        ...(command ? { text: command } : {}),
      });
    },
    call: async (tool, args, scope) => callTool(tool, args as Record<string, string>, scope, workspace.folder(scope.root), shell),
  };
}

async function callTool(
  tool: string,
  args: Record<string, string>,
  { control }: CallScope,
  files: Tree,
  shell: (command: string, files: Tree) => CallResult,
): Promise<CallResult> {
  switch (tool) {
    case "filesystem__read_file":
      return Object.hasOwn(files, args["path"]!)
        ? { ok: true, content: files[args["path"]!]! }
        : { ok: false, code: "not_found", content: `There is no ${args["path"]}.` };
    case "filesystem__write_file":
      files[args["path"]!] = args["content"]!;
      return { ok: true, content: "written" };
    case "shell__run":
      return shell(args["command"]!, files);
    case "agents__submit_plan":
      return control.submitPlan(args as never);
    case "agents__submit_result":
      return control.submitResult(args as never);
    case "agents__delegate":
      return control.delegate(args as never);
    case "agents__recall":
      return control.recall(args);
    case "agents__ask_user":
      return control.ask({ kind: "user_input", text: args["question"]! });
    default:
      return control.reportProgress(args as never);
  }
}
