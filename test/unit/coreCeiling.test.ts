// Ceilings over random teams, through the engine itself (A8): agents with random tools and rules delegate to one another
// with random grants, and try every tool there is. What each may use is worked out here a second time, in the plainest
// way. Seeded; a failure names its seed.

import assert from "node:assert/strict";
import type { AgentDefinition, Permission } from "../../src/protocol/agents.ts";
import type { EventOf, TraceEvent } from "../../src/protocol/events.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { permissionsOver } from "../../src/core/ceiling.ts";
import type { AskedCall } from "../../src/core/ports.ts";
import { random } from "../support/random.ts";
import { createWorld, type Model, roomyBudget, runGoal } from "../support/world.ts";

const acting = ["filesystem__read_file", "filesystem__write_file", "shell__run"];
const open = ["agents__submit_result", "agents__ask_user", "agents__report_progress"];
const everything = [...acting, ...open, "agents__delegate", "agents__submit_plan"];
const globs = ["filesystem__*", "filesystem__read_file", "filesystem__write_file", "shell", "shell__run", "*"];

const depth = 3;

type Team = { agents: AgentDefinition[]; model: Model; grants: Map<string, string[] | undefined> };

function teamOf(seed: number): Team {
  const dice = random(seed);
  const some = <T>(from: T[], part: number): T[] => from.filter(() => dice() < part);
  const ids = Array.from({ length: 6 }, (_, i) => `member${i}`);
  const rule = (effect: Permission["effect"]): Permission => ({
    effect,
    tool: globs[Math.floor(dice() * globs.length)]!,
    id: `${effect}-${Math.floor(dice() * 1e6)}`,
  });
  const agents = ids.map((id, i): AgentDefinition => {
    const subAgents = some(ids.slice(i + 1), 0.6);
    const routed = i > 0 && subAgents.length > 0 && dice() < 0.25;
    return {
      id,
      name: id,
      role: "member",
      model: "inherit",
      instructions: "",
      tools: [...some(globs, 0.5), "agents__delegate", "agents__submit_result"],
      permissions: [...some([rule("deny")], 0.3), ...some([rule("ask")], 0.2), ...some([rule("allow")], 0.3)],
      memoryScope: "none",
      description: "",
      skills: [],
      subAgents,
      ...(routed
        ? { routing: dice() < 0.5 ? { to: "all" as const } : { to: "one" as const, by: "language" as const, fallback: subAgents[0]! } }
        : {}),
    };
  });
  const grants: Team["grants"] = new Map();
  const model: Model = ({ agent: id, turn, messages }) => {
    if (turn > 0) return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "tried", score: 1 } }] };
    const agent = agents.find((one) => one.id === id)!;
    const tries: AskedCall[] = acting.map((tool) => ({ tool, arguments: { path: "README.md", content: "x", command: "echo a" } }));
    const given = agent.subAgents.map((to): AskedCall => {
      const permissions = dice() < 0.5 ? some(globs, 0.5) : undefined;
      const goal = `${to} ${grants.size} ${messages.length}`;
      grants.set(goal, permissions);
      return { tool: "agents__delegate", arguments: { agent: to, goal, ...(permissions ? { grant: { permissions } } : {}) } };
    });
    return { calls: [...tries, ...given] };
  };
  return { agents, model, grants };
}

/** As plainly as can be: `*` alone, a server's name, a server and a star, or the very name. */
function covered(by: string[], tool: string): boolean {
  const server = tool.split("__")[0]!;
  return by.some((glob) => glob === "*" || glob === tool || glob === server || glob === `${server}__*`);
}

type Task = { id: TaskId; agent: AgentDefinition; parent: Task | undefined; goal: string };

function tasksOf(events: TraceEvent[], agents: AgentDefinition[]): Task[] {
  const tasks = new Map<TaskId, Task>();
  for (const event of events) {
    if (event.type !== "task.created") continue;
    const { task } = (event as EventOf<"task.created">).payload;
    const agent = agents.find((one) => one.id === task.assignedAgent)!;
    tasks.set(task.id, { id: task.id, agent, parent: task.parentId && tasks.get(task.parentId), goal: task.goal });
  }
  return [...tasks.values()];
}

function usable(task: Task, grants: Team["grants"]): string[] {
  const own = everything.filter((tool) => covered(task.agent.tools, tool));
  if (!task.parent) return own;
  const above = [...usable(task.parent, grants), ...open];
  // What code hands on (routing) has no grant.
  const granted = task.parent.agent.routing ? undefined : grants.get(task.goal);
  return own.filter((tool) => above.includes(tool) && (!granted || covered(granted, tool) || open.includes(tool)));
}

function rulesOver(task: Task): Permission[] {
  return [...task.agent.permissions, ...(task.parent ? rulesOver(task.parent) : [])];
}

async function play(seed: number): Promise<{ team: Team; events: TraceEvent[] }> {
  const team = teamOf(seed);
  const world = await createWorld({ model: team.model, agents: team.agents });
  const budget = { ...roomyBudget, depth, turns: 100_000, tokens: 1_000_000_000, usd: 10_000 };
  const { events } = await runGoal(world, "try everything", { agent: "member0", level: "bypass", ask: false, budget });
  return { team, events };
}

/** Who may only read has nobody below it who writes, and nobody is deeper than the budget says. */
function assertWithin(seed: number, events: TraceEvent[]): void {
  const made = new Map<TaskId, { writable: boolean; depth: number }>();
  for (const event of events) {
    if (event.type !== "task.created") continue;
    const { task, writable } = (event as EventOf<"task.created">).payload;
    const parent = task.parentId && made.get(task.parentId);
    assert.ok(!parent || parent.writable || !writable, `seed ${seed}: ${task.id} may write, its parent may not`);
    made.set(task.id, { writable, depth: parent ? parent.depth + 1 : 0 });
    assert.ok(made.get(task.id)!.depth <= depth, `seed ${seed}: ${task.id} is too deep`);
  }
}

describe("what a child may do", () => {
  it("is what its parent may, its blueprint names and its grant leaves: no more, and no less", async () => {
    let [made, refused, allowed] = [0, 0, 0];
    for (let seed = 1; seed <= 25; seed++) {
      const { team, events } = await play(seed);
      const tasks = tasksOf(events, team.agents);
      made += tasks.length;
      assertWithin(seed, events);
      for (const task of tasks) {
        if (task.agent.routing) continue;
        const may = usable(task, team.grants);
        const rules = rulesOver(task);
        for (const event of events) {
          if (event.type !== "call.ended" || event.taskId !== task.id) continue;
          const { tool, result } = (event as EventOf<"call.ended">).payload;
          if (!acting.includes(tool)) continue;
          const where = `seed ${seed}, ${task.id} (${task.agent.id}): ${tool} ended with ${result.ok ? "success" : result.code}`;
          const code = result.ok ? "ok" : result.code;
          const says = (effect: string): boolean => rules.some((rule) => rule.effect === effect && covered([rule.tool], tool));
          const readOnly = code === "denied" && /only read/.test(result.content);
          if (!may.includes(tool)) assert.equal(code, "unknown_tool", where);
          // Nobody can be asked here, so that what must be asked is refused.
          else if (says("deny") || says("ask")) assert.equal(code, "denied", where);
          else assert.ok(code === "ok" || code === "not_found" || readOnly, `${where}: it may, and was kept from it: ${result.content}`);
          if (code === "ok") allowed += 1;
          else refused += 1;
        }
      }
    }
    assert.ok(made > 200 && refused > 200 && allowed > 100, `the teams were lively: ${made} tasks, ${refused} refused, ${allowed} allowed`);
  });

  it("stays bound where work was interrupted and is gone on with, and where a blueprint was narrowed meanwhile", async () => {
    const agents: AgentDefinition[] = teamOf(1)
      .agents.slice(0, 2)
      .map((agent, i) => ({
        ...agent,
        subAgents: i === 0 ? ["member1"] : [],
        tools: ["*"],
        permissions: [],
      }));
    const [lead, helper] = agents as [AgentDefinition, AgentDefinition];
    const tried: string[] = [];
    const model: Model = ({ agent, turn, tools }) => {
      if (agent === "member1") tried.push(tools.map(({ name }) => name).join());
      if (agent === "member0" && turn === 0)
        return {
          calls: [
            { tool: "agents__delegate", arguments: { agent: "member1", goal: "help", grant: { permissions: ["filesystem", "shell"] } } },
          ],
        };
      if (agent === "member1" && turn === 0) return { calls: [{ tool: "agents__ask_user", arguments: { question: "Which?" } }] };
      return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "done" } }] };
    };
    const world = await createWorld({ model, agents: [lead, helper] });
    const { sessionId } = await runGoal(world, "help", { agent: "member0" });
    lead.tools = ["filesystem__read_file", "agents"];
    const asked = Object.values((await world.engine.state(sessionId))!.interrupts)[0]!;
    await world.engine.dispatch({
      type: "interrupt.resolve",
      sessionId,
      interruptId: asked.interruptId,
      action: "respond",
      text: "That one.",
    });
    const again = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(again.ok && again.value.status === "done", JSON.stringify(again));
    const [first, second] = tried;
    assert.ok(first!.includes("shell__run") && first!.includes("filesystem__write_file") && !first!.includes("agents__delegate"));
    assert.ok(second!.includes("filesystem__read_file") && !second!.includes("shell__run") && !second!.includes("write_file"), second);
  });

  it("is bound by the root's rules in every step of a plan, which the root's tools do not bind", async () => {
    const plain = await createWorld({ model: writer });
    const free = await runGoal(plain, "Fix the typo in README.md", { level: "bypass", apply: true });
    assert.equal(codes(free.events).at(0), "ok");
    const coordinator = plain.ports.registry.agent("coordinator")!;
    assert.ok(!coordinator.tools.some((glob) => covered([glob], "filesystem__write_file")));
    const strict = { ...coordinator, permissions: [{ effect: "deny" as const, tool: "filesystem__write_file", id: "no-writing" }] };
    const bound = await createWorld({ model: writer, agents: [strict] });
    const { events } = await runGoal(bound, "Fix the typo in README.md", { level: "bypass", apply: true });
    assert.equal(codes(events).at(0), "denied");
    assert.match(JSON.stringify(events), /works for coordinator, whose blueprint says deny: no-writing/);
  });

  it("keeps an allow rule only where each of those that handed the work on has it too", () => {
    const allow = (rule: Partial<Permission>): Permission => ({ effect: "allow", tool: "shell", ...rule });
    const kept = (rule: Permission, ...above: Permission[][]): boolean => {
      const line = [[rule], ...above].map((permissions, i) => ({ id: `a${i}`, permissions, tools: [] }));
      const tasks = Object.fromEntries(
        line.map(({ id }, i) => [
          `t_${i}`,
          { id: `t_${i}`, assignedAgent: id, ...(line[i + 1] ? { parentId: `t_${i + 1}`, ceiling: [] } : {}) },
        ]),
      );
      const run = { log: { state: { tasks } }, ports: { registry: { agent: (id: string) => line.find((one) => one.id === id) } } };
      return permissionsOver(run as never, "t_0", line[0] as never).some(({ effect }) => effect === "allow");
    };
    const test = allow({ command: ["npm test"] });
    assert.ok(kept(test));
    assert.ok(kept(test, [allow({})], [allow({ tool: "*" })]));
    assert.ok(kept(test, [allow({ command: ["npm run *", "npm test"] })]));
    assert.ok(!kept(test, []));
    assert.ok(!kept(test, [allow({})], []));
    assert.ok(!kept(test, [allow({ command: ["npm run build"] })]));
    assert.ok(!kept(allow({}), [test]));
    assert.ok(!kept(allow({ tool: "*" }), [allow({})]));
    assert.ok(!kept(test, [allow({ path: ["src/**"] })]));
  });

  const writer: Model = ({ agent, turn }) => {
    if (agent.endsWith("-review"))
      return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "ok", score: 1 } }] };
    if (turn === 0) return { calls: [{ tool: "filesystem__write_file", arguments: { path: "README.md", content: "# New\n" } }] };
    return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "done" } }] };
  };
  const codes = (events: TraceEvent[]): string[] =>
    events
      .filter((event) => event.type === "call.ended")
      .map((event) => (event as EventOf<"call.ended">).payload)
      .filter(({ tool }) => tool === "filesystem__write_file")
      .map(({ result }) => (result.ok ? "ok" : result.code));
});

describe("isolation: container", () => {
  it("holds for the commands of the agent that says so, and of those that work for it", async () => {
    const worker = (id: string, more: Partial<AgentDefinition> = {}): AgentDefinition => ({
      id,
      name: id,
      role: "member",
      model: "inherit",
      instructions: "",
      tools: ["shell__run", "agents__delegate", "agents__submit_result"],
      permissions: [],
      memoryScope: "none",
      description: "",
      skills: [],
      subAgents: [],
      ...more,
    });
    const ran: string[] = [];
    const hand = { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "done" } }] };
    const shell = { tool: "shell__run", arguments: { command: "make" } };
    for (const isolation of ["container", "worktree"] as const) {
      const world = await createWorld({
        agents: [worker("lead", { isolation, subAgents: ["hand"] }), worker("hand")],
        model: ({ agent, turn }) => {
          if (turn > 0) return hand;
          return { calls: agent === "lead" ? [shell, { tool: "agents__delegate", arguments: { agent: "hand", goal: "help" } }] : [shell] };
        },
        wrap: (ports) => ({
          ...ports,
          tools: {
            ...ports.tools,
            call: (tool, args, scope, signal) => {
              if (tool === "shell__run") ran.push(`${isolation} ${scope.agent} ${scope.sandbox?.mode ?? "as usual"}`);
              return ports.tools.call(tool, args, scope, signal);
            },
          },
        }),
      });
      await runGoal(world, "make it", { agent: "lead" });
    }
    assert.deepEqual(ran, ["container lead container", "container hand container", "worktree lead as usual", "worktree hand as usual"]);
  });
});
