// One whole story for the simulations: plan, generate, review below the threshold, fix, review, test, document, and a
// last check. The model is a function of its request alone, so that it tells the same story however often core dies.

import type { AskedCall, ModelRequest } from "../../src/core/ports.ts";
import type { Model, Reply } from "../support/world.ts";
import type { Tree } from "../support/memoryWorkspace.ts";

export const goal = "Add a greet function that takes a name, with tests, and document it in the README";

export const userFiles: Tree = { "README.md": "# Sample\n", "src/index.ts": "export {};\n" };

export const plan = {
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
export const hand = (result: object): Reply => ({ calls: [{ tool: "agents__submit_result", arguments: { status: "done", ...result } }] });

/** Each script says what comes next; a call whose outcome is unknown is looked into and, if it is a write, made again. */
const scripts: Record<string, (brief: string) => Reply[]> = {
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

export const storyModel: Model = (request) => {
  const script = scripts[request.agent]?.(briefIn(request));
  if (!script) throw new Error(`the story has no part for ${request.agent}`);
  return unknownWrites(request) ?? script[Math.min(sayings(request), script.length - 1)]!;
};

export function briefIn(request: ModelRequest): string {
  const [first] = request.messages;
  return first?.role === "user" ? first.content.map((block) => (block.type === "text" ? block.text : "")).join("") : "";
}

/** A write whose outcome is unknown, or that was stopped, is made again: the content is known, so that does no harm. */
function unknownWrites(request: ModelRequest): Reply | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== "results") return undefined;
  const said = request.messages.at(-2);
  const calls = said?.role === "assistant" ? said.calls : [];
  const again = last.results
    .filter(({ tool, result }) => tool === "filesystem__write_file" && !result.ok)
    .flatMap(({ callId }) => calls.filter((call) => call.callId === callId));
  return again.length === 0 ? undefined : { text: "again", calls: again.map(({ tool, arguments: args }) => ({ tool, arguments: args })) };
}

/** Turns that told the story on; repeated writes do not count. */
function sayings(request: ModelRequest): number {
  const said = request.messages.filter((message) => message.role === "assistant");
  return said.filter((message) => !message.content.some((block) => block.type === "text" && block.text === "again")).length;
}
