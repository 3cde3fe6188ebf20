// Who does what: by step type, language and focus; which tools an agent sees; which model it speaks to.

import assert from "node:assert/strict";
import type { AgentDefinition } from "../../src/protocol/agents.ts";
import type { RegistryPort } from "../../src/core/ports.ts";
import { agentIdForStep, covers, globMatches, languageOfPaths, modelFor, subAgentsFor } from "../../src/core/routing.ts";

function agent(id: string, change: Partial<AgentDefinition> = {}): AgentDefinition {
  const empty = { name: id, role: "r", model: "inherit", instructions: "", description: "" };
  return { id, ...empty, tools: [], permissions: [], memoryScope: "none", skills: [], subAgents: [], ...change };
}

function registryOf(...agents: AgentDefinition[]): RegistryPort {
  return {
    agent: (id) => agents.find((one) => one.id === id),
    agents: () => agents,
    workflow: () => undefined,
    workflows: () => [],
    problems: () => [],
  };
}

const registry = registryOf(
  agent("typescript", { answersTo: ["ts", "tsx"] }),
  agent("python", { answersTo: ["py"] }),
  agent("gone", { enabled: false, answersTo: ["cobol"] }),
  agent("unit-test", { answersTo: ["unit", "unit tests"] }),
  agent("e2e-test", { answersTo: ["browser", "e2e", "end to end"] }),
);
const byLanguage = agent("code", {
  subAgents: ["typescript", "python", "gone", "nobody"],
  routing: { to: "one", by: "language", fallback: "typescript" },
});
const byFocus = agent("testing", { subAgents: ["unit-test", "e2e-test"], routing: { to: "one", by: "focus", fallback: "unit-test" } });

describe("routing", () => {
  it("finds the specialist by the step's type, or by the agent it names", () => {
    const table: [type: string, expected: string][] = [
      ["generate", "code-generation"],
      ["fix", "code-generation"],
      ["review", "code-review"],
      ["test", "testing"],
      ["document", "documentation"],
      ["answer", "coordinator"],
      ["synthesis", "synthesis"],
      ["something else", "code-generation"],
    ];
    for (const [type, expected] of table) assert.equal(agentIdForStep({ type }), expected);
    assert.equal(agentIdForStep({ type: "test", agent: "rust" }), "rust");
  });

  it("finds the sub-agent by language; an unknown, missing or disabled one falls back", () => {
    const chosen = (language?: string): string | undefined =>
      subAgentsFor(registry, byLanguage, { goal: "g", ...(language === undefined ? {} : { language }) })[0]?.id;
    const table: [string | undefined, string][] = [
      ["python", "python"],
      ["py", "python"],
      ["Python", "python"],
      ["tsx", "typescript"],
      ["haskell", "typescript"],
      ["cobol", "typescript"],
      [undefined, "typescript"],
    ];
    for (const [language, expected] of table) assert.equal(chosen(language), expected, language);
  });

  it("finds the sub-agent by focus: the one that the goal mentions most", () => {
    const chosen = (goal: string): string | undefined => subAgentsFor(registry, byFocus, { goal })[0]?.id;
    assert.equal(chosen("Write unit tests for the parser"), "unit-test");
    assert.equal(chosen("Test the login in a browser, end to end"), "e2e-test");
    assert.equal(chosen("Make it work"), "unit-test");
    assert.equal(chosen("Test the communiteration"), "unit-test");
  });

  it("hands work to all enabled sub-agents, to none without routing", () => {
    const all = agent("review", { subAgents: ["python", "gone", "typescript"], routing: { to: "all" } });
    assert.deepEqual(
      subAgentsFor(registry, all, { goal: "" }).map((one) => one.id),
      ["python", "typescript"],
    );
    assert.deepEqual(subAgentsFor(registry, agent("solo"), { goal: "" }), []);
  });

  it("matches globs over server__tool", () => {
    const yes: [string, string][] = [
      ["filesystem", "filesystem__read_file"],
      ["filesystem__*", "filesystem__read_file"],
      ["*", "a__b"],
      ["*__read*", "filesystem__read_file"],
      ["git__status", "git__status"],
      ["github__create_*", "github__create_issue"],
      ["a*b*c", "aXbYc"],
      ["*__*", "a__b"],
    ];
    const no: [string, string][] = [
      ["file", "filesystem__read_file"],
      ["filesystem__read", "filesystem__read_file"],
      ["git__*", "github__x"],
      ["", "a__b"],
      ["a*b*c", "aXcYb"],
      ["ab*ba", "aba"],
      ["filesystem", "my_filesystem__x"],
    ];
    for (const [glob, name] of yes) assert.ok(globMatches(glob, name), `${glob} should match ${name}`);
    for (const [glob, name] of no) assert.ok(!globMatches(glob, name), `${glob} should not match ${name}`);
    assert.equal(covers([], "a__b"), false);
  });

  it("tells the language of paths only where they agree", () => {
    assert.equal(languageOfPaths(["src/a.ts", "b.tsx", "README.md"]), "typescript");
    assert.equal(languageOfPaths(["a.py"]), "python");
    assert.equal(languageOfPaths(["a.ts", "b.py"]), undefined);
    assert.equal(languageOfPaths(["Makefile"]), undefined);
  });

  it("takes the model in order: command line, step, blueprint, setting; candidates keep theirs", () => {
    const config = { model: "set", modelOverrides: false, models: [] };
    const own = agent("own", { model: "blueprint" });
    assert.equal(modelFor(config, undefined, agent("plain")), "set");
    assert.equal(modelFor(config, undefined, own), "blueprint");
    assert.equal(modelFor(config, { model: "step" }, own), "step");
    assert.equal(modelFor({ ...config, modelOverrides: true }, { model: "step" }, own), "set");
    assert.equal(modelFor({ ...config, modelOverrides: true }, { model: "cand", candidate: true }, own), "cand");
  });
});
