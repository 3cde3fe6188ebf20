// The stories that the simulations tell. A story's model is a function of its request alone, so that it tells the same
// story however often core dies.

import type { AskedCall, ModelRequest } from "../../src/core/ports.ts";
import type { AgentDefinition } from "../../src/protocol/agents.ts";
import type { CallResult, SessionConfig } from "../../src/protocol/events.ts";
import type { Model, Reply, WorldOptions } from "../support/world.ts";
import type { Tree } from "../support/memoryWorkspace.ts";

export type Story = {
  name: string;
  goal: string;
  files: Tree;
  model: Model;
  config: Partial<SessionConfig>;
  agents: AgentDefinition[];
  shell?: NonNullable<WorldOptions["shell"]>;
  window?: number;
  wrap?: NonNullable<WorldOptions["wrap"]>;
};

type Scripts = Record<string, (brief: string) => Reply[]>;

const files: Tree = { "README.md": "# Sample\n", "src/index.ts": "export {};\n" };

const plan = {
  steps: [
    { id: "gen", type: "generate", goal: "Add greet to src/greet.ts", files: ["src/index.ts"] },
    { id: "review", type: "review", goal: "Judge greet", dependsOn: ["gen"] },
    { id: "test", type: "test", goal: "Test greet", dependsOn: ["review"] },
    { id: "doc", type: "document", goal: "Describe greet in the README", dependsOn: ["test"] },
  ],
  rationale: "One function, judged, tested, described.",
};

const write = (path: string, content: string): AskedCall => ({ tool: "filesystem__write_file", arguments: { path, content } });
const shell = (command: string): AskedCall => ({ tool: "shell__run", arguments: { command } });
const read = (path: string): AskedCall => ({ tool: "filesystem__read_file", arguments: { path } });
const hand = (result: object): Reply => ({ calls: [{ tool: "agents__submit_result", arguments: { status: "done", ...result } }] });

const greetScripts: Scripts = {
  planning: () => [{ calls: [read("README.md")] }, { calls: [{ tool: "agents__submit_plan", arguments: plan }] }],
  typescript: (brief) => {
    const second = brief.includes("What has to be mended");
    const text = `export const greet = (name: string) => \`Hello ${second ? "${name.trim()}" : "${name}"}\`;\n`;
    return [
      { text: "I write it.", calls: [write("src/greet.ts", text), shell(second ? "build again" : "build")] },
      hand({ summary: second ? "greet trims now" : "greet is there", files: ["src/greet.ts"] }),
    ];
  },
  "security-review": (brief) => [hand({ summary: "looked", score: brief.includes("trim()") ? 0.9 : 0.5 })],
  "performance-review": () => [hand({ summary: "looked", score: 0.9 })],
  "style-review": (brief) => [
    hand({
      summary: "looked",
      score: brief.includes("trim()") ? 1 : 0.6,
      findings: brief.includes("trim()") ? [] : [{ severity: "medium", file: "src/greet.ts", message: "trim the name" }],
    }),
  ],
  "unit-test": () => [{ calls: [write("test/greet.test.ts", "// tests greet\n")] }, hand({ summary: "tests written" })],
  "readme-generator": () => [{ calls: [write("README.md", "# Sample\n\n`greet(name)` greets.\n")] }, hand({ summary: "described" })],
  coordinator: () => [{ text: "greet is there, tested and described." }],
};

/** Two parts that touch the same file: the second to finish has to be merged again, and which that is may differ. */
const left = { id: "left", type: "generate", goal: "Write the left half" };
const right = { id: "right", type: "generate", goal: "Write the right half" };
const test = { id: "test", type: "test", goal: "Test it", dependsOn: ["left", "right"] };

const parallelScripts: Scripts = {
  ...greetScripts,
  planning: () => [{ calls: [{ tool: "agents__submit_plan", arguments: { steps: [left, right, test] } }] }],
  typescript: (brief) => {
    if (brief.includes("could not be joined"))
      return [
        { calls: ["left", "right"].map((half) => write(`${half}.ts`, `${half}\n`)).concat(write("shared.ts", "left and right\n")) },
        hand({ summary: "merged" }),
      ];
    const half = brief.startsWith("Write the left") ? "left" : "right";
    return [{ calls: [write(`${half}.ts`, `${half}\n`), write("shared.ts", `${half}\n`)] }, hand({ summary: `${half} is there` })];
  },
  "security-review": () => [hand({ summary: "looked", score: 0.9 })],
  "style-review": () => [hand({ summary: "looked", score: 0.9 })],
};

/** Halves that fit by their text, and whose check fails on both together until somebody joins them with care. */
const breakingScripts: Scripts = {
  ...parallelScripts,
  typescript: (brief) => {
    const half = brief.startsWith("Write the left") ? "left" : "right";
    const own = [write(`${half}.ts`, `${half}\n`)];
    return [
      { calls: brief.includes("could not be joined") ? [...own, write("joined.ts", "x\n")] : own },
      hand({ summary: `${half} is there` }),
    ];
  },
};

const passed: CallResult = { ok: true, content: "passed", details: { exitCode: 0, durationMs: 1 } };
const broke: CallResult = { ok: false, code: "exit", content: "1 failing", details: { exitCode: 1, durationMs: 1 } };
const breaksTogether = (_command: string, tree: Tree): CallResult =>
  "left.ts" in tree && "right.ts" in tree && !("joined.ts" in tree) ? broke : passed;

/** Few steps, since each write, the check and the landing wait for a person. */
const approvedScripts: Scripts = {
  ...parallelScripts,
  planning: () => [{ calls: [{ tool: "agents__submit_plan", arguments: { steps: [left, { ...test, dependsOn: ["left"] }] } }] }],
};

const consensusScripts: Scripts = {
  ...greetScripts,
  typescript: (brief) => {
    const which = /candidate: (\d)/.exec(brief)?.[1] ?? "?";
    return [{ calls: [write("src/greet.ts", `greet ${which}\n`)] }, hand({ summary: `candidate ${which}` })];
  },
  synthesis: () => [hand({ summary: "the second is simpler", data: { choose: "candidate-2" } })],
};

/** A root that writes, and hands two parts to a sub-agent, each in a worktree of its own. */
export const lead: AgentDefinition = {
  id: "lead",
  name: "Lead",
  role: "engineer",
  model: "inherit",
  instructions: "You lead.",
  tools: ["filesystem__*", "shell__run", "agents__*"],
  permissions: [],
  memoryScope: "none",
  description: "Leads.",
  skills: [],
  subAgents: ["typescript"],
};

const delegate = (goal: string): AskedCall => ({ tool: "agents__delegate", arguments: { agent: "typescript", goal } });

const leadScripts: Scripts = {
  lead: () => [
    { calls: [write("plan.md", "two parts\n")] },
    { calls: [delegate("part one"), delegate("part two")] },
    { calls: [write("joined.md", "both\n"), shell("pack")] },
    hand({ summary: "all joined" }),
  ],
  typescript: (brief) => [{ calls: [write(`${brief.replace(" ", "-")}.ts`, `${brief}\n`)] }, hand({ summary: `${brief} done` })],
};

const story = (name: string, goal: string, scripts: Scripts, config: Partial<SessionConfig> = {}): Story => ({
  name,
  goal,
  files,
  model: modelOf(scripts),
  config,
  agents: [lead],
});

export const stories: Story[] = [
  story("the team, with a fix round", "Add a greet function that takes a name, with tests, and document it in the README", greetScripts),
  story("parallel steps that conflict", "Implement both halves and test them", parallelScripts, { workflow: "parallel" }),
  {
    ...story("parallel steps that break together", "Implement both halves and test them", breakingScripts, { workflow: "parallel" }),
    shell: breaksTogether,
  },
  story("a choice between candidates", "Add greet", consensusScripts, { workflow: "consensus" }),
  story("a person who approves", "Implement the left half", approvedScripts, { workflow: "parallel", level: "default" }),
  story("a lead that delegates writing", "Create two parts and join them", leadScripts, { agent: "lead" }),
];

/** Each script says what comes next. */
function modelOf(scripts: Scripts): Model {
  return (request) => {
    const script = scripts[request.agent]?.(briefIn(request));
    if (!script) throw new Error(`the story has no part for ${request.agent}`);
    return madeAgain(request) ?? script[Math.min(sayings(request), script.length - 1)]!;
  };
}

function briefIn(request: ModelRequest): string {
  const [first] = request.messages;
  return first?.role === "user" ? first.content.map((block) => (block.type === "text" ? block.text : "")).join("") : "";
}

/** A write or delegation whose outcome is unknown, or that was stopped, is made again: here that does no harm. */
function madeAgain(request: ModelRequest): Reply | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== "results") return undefined;
  const said = request.messages.at(-2);
  const calls = said?.role === "assistant" ? said.calls : [];
  const again = last.results
    .filter(({ tool, result }) => tool !== "shell__run" && !result.ok)
    .flatMap(({ callId }) => calls.filter((call) => call.callId === callId));
  return again.length === 0 ? undefined : { text: "again", calls: again.map(({ tool, arguments: args }) => ({ tool, arguments: args })) };
}

/** Turns that told the story on; repetitions do not count. */
function sayings(request: ModelRequest): number {
  const said = request.messages.filter((message) => message.role === "assistant");
  return said.filter((message) => !message.content.some((block) => block.type === "text" && block.text === "again")).length;
}
