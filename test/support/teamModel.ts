// A model that plays a whole team over the wire: each agent does its part with real tools, so that workflows can be run
// end to end against the fake model server.

import type { FakeCall, FakeRequest, Reply } from "./fakeModelServer.ts";

const result = (rest: Record<string, unknown>): FakeCall => ({ tool: "agents__submit_result", arguments: { status: "done", ...rest } });

export type TeamOptions = { scores?: number[]; steps?: unknown[] };

/** Writes `added.mjs` with a test, reviews it, documents it. `scores` are given by the reviews in order. */
export function teamModel({ scores = [0.9], steps }: TeamOptions = {}): (request: FakeRequest) => Reply {
  let reviews = 0;
  const plan = steps ?? [
    { id: "add", type: "generate", goal: "Write added.mjs", files: ["package.json"] },
    { id: "review", type: "review", goal: "Review it", dependsOn: ["add"] },
    { id: "test", type: "test", goal: "Test it", dependsOn: ["review"] },
    { id: "docs", type: "document", goal: "Document it", dependsOn: ["test"] },
  ];
  return ({ agent, turn, prompt }) => {
    if (agent === "planning") return { text: "A plan.", calls: [{ tool: "agents__submit_plan", arguments: { steps: plan } }] };
    if (agent.endsWith("-review")) {
      const round = Math.floor(reviews++ / 3);
      return { calls: [result({ summary: `${agent} looked`, score: scores[Math.min(round, scores.length - 1)], findings: [] })] };
    }
    if (agent === "synthesis")
      return { calls: [result({ summary: "The first is good.", data: { choose: /### (\S+)/.exec(prompt)?.[1] } })] };
    if (agent === "typescript") return writer(turn, prompt);
    if (agent === "unit-test")
      return turn === 0 ? { calls: [write("added.test.mjs", testFile)] } : { calls: [result({ summary: "Wrote a test." })] };
    if (agent === "readme-generator")
      return turn === 0 ? { calls: [write("README.md", "# Added\n\n`added` adds.\n")] } : { text: "The README says it." };
    return { text: "All is done: added.mjs is there, reviewed and tested." };
  };
}

function writer(turn: number, prompt: string): Reply {
  const name = /named (\w+)\.mjs/.exec(prompt)?.[1] ?? "added";
  const other = prompt.includes("What has to be mended") ? "// mended\n" : "";
  if (turn > 0) return { calls: [result({ summary: `Wrote ${name}.mjs.`, files: [`${name}.mjs`] })] };
  return {
    text: "I write it.",
    calls: [write(`${name}.mjs`, `${other}export const added = (a, b) => a + b;\n${"// a line\n".repeat(12)}`)],
  };
}

const testFile =
  'import test from "node:test";\nimport assert from "node:assert/strict";\nimport { added } from "./added.mjs";\ntest("adds", () => assert.equal(added(1, 2), 3));\n';

function write(path: string, content: string): FakeCall {
  return { tool: "filesystem__write_file", arguments: { path, content } };
}

export const teamProject = {
  "package.json": '{ "name": "sample", "type": "module", "scripts": { "test": "node --test" } }\n',
  "README.md": "# Sample\n",
};
