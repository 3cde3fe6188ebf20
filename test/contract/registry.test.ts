// What the registry promises: the shipped team loads clean, bad files are named with their line, the last source wins.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RegistryPort } from "../../src/core/ports.ts";
import { loadRegistry } from "../../src/registry/registry.ts";

const bundledDir = fileURLToPath(new URL("../../agents", import.meta.url));

describe("registry", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "ao-registry-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }

  const load = (): Promise<RegistryPort> =>
    loadRegistry({ bundledDir: join(home, "bundled"), userDir: join(home, "user"), workspaceDir: join(home, "work") });

  const blueprint = (front: string, body = "Do it."): string =>
    `---\nrole: engineer\ndescription: A test agent.\n${front}\n---\n\n${body}\n`;

  function problemsOf(registry: RegistryPort): string[] {
    return registry.problems().map(({ file, line, message }) => `${file.slice(home.length + 1)}:${line}: ${message}`);
  }

  describe("the shipped team", () => {
    it("loads without a problem, with its agents and workflows", async () => {
      const registry = await loadRegistry({ bundledDir });
      assert.deepEqual(registry.problems(), []);
      const ids = [
        "code-comment",
        "code-generation",
        "code-review",
        "coordinator",
        "documentation",
        "e2e-test",
        "integration-test",
        "performance-review",
        "planning",
        "python",
        "readme-generator",
        "rust",
        "security-review",
        "style-review",
        "synthesis",
        "task-decomposition",
        "testing",
        "typescript",
        "unit-test",
      ];
      assert.deepEqual(
        registry
          .agents()
          .map((agent) => agent.id)
          .toSorted(),
        ids,
      );
      assert.deepEqual(
        registry
          .workflows()
          .map((workflow) => workflow.id)
          .toSorted(),
        ["auto", "consensus", "parallel", "sequential"],
      );
    });

    it("gives reviewers no tool that writes, and writers a way to hand in", async () => {
      const registry = await loadRegistry({ bundledDir });
      for (const id of ["security-review", "performance-review", "style-review", "coordinator", "planning"])
        for (const tool of registry.agent(id)!.tools) assert.doesNotMatch(tool, /\*|write|edit|move|delete|shell|commit/, `${id}: ${tool}`);
      for (const agent of registry.agents())
        if (!["coordinator"].includes(agent.id)) assert.ok(agent.tools.includes("agents__submit_result"), agent.id);
    });

    it("routes every specialist to sub-agents that a word can find", async () => {
      const registry = await loadRegistry({ bundledDir });
      const routed = registry.agents().filter((agent) => agent.routing?.to === "one");
      assert.deepEqual(routed.map((agent) => agent.id).toSorted(), ["code-generation", "documentation", "testing"]);
      for (const agent of routed) for (const id of agent.subAgents) assert.ok((registry.agent(id)?.answersTo ?? []).length > 0, id);
      assert.equal(registry.agent("testing")?.runsChecks, true);
    });

    it("has the workflows' rules as data", async () => {
      const registry = await loadRegistry({ bundledDir });
      const auto = registry.workflow("auto");
      assert.deepEqual(
        [auto?.planner, auto?.proportion, auto?.review, auto?.checkRounds],
        ["planning", true, { below: 0.8, rounds: 2, auto: true }, 2],
      );
      assert.deepEqual(
        registry.workflow("sequential")?.steps?.map((step) => step.type),
        ["generate", "review", "test", "document"],
      );
      assert.equal(registry.workflow("consensus")?.steps?.[0]?.candidate, true);
    });
  });

  it("reports each fault of a bad file with its line, and loads the rest", async () => {
    await put("bundled/good.md", blueprint("tools: [filesystem__*]"));
    await put("bundled/typo.md", blueprint("permisions: []"));
    await put("bundled/value.md", blueprint("temperature: warm\nmemoryScope: all"));
    await put("bundled/yaml.md", blueprint("tools: [a, b"));
    await put("bundled/nofront.md", "Just text.\n");
    await put("bundled/unclosed.md", "---\nrole: x\n");
    await put("bundled/empty.md", "---\nrole: x\ndescription: y\n---\n");
    await put("bundled/line.md", blueprint("", "agent: me\nDo it."));
    await put("bundled/BAD name.md", blueprint(""));
    await put("bundled/README.md", "Not an agent.");
    const registry = await load();
    assert.deepEqual(
      registry.agents().map((agent) => agent.id),
      ["good"],
    );
    const problems = problemsOf(registry);
    assert.ok(problems.includes('bundled/typo.md:4: "permisions" is not a known key. Did you mean "permissions"?'), problems.join("\n"));
    assert.ok(
      problems.some((p) => p.startsWith("bundled/value.md:4: temperature: ")),
      problems.join("\n"),
    );
    assert.ok(problems.some((p) => p.startsWith("bundled/value.md:5: memoryScope: ")));
    assert.ok(problems.some((p) => /^bundled\/yaml\.md:[45]: /.test(p)));
    assert.ok(problems.some((p) => p.startsWith("bundled/nofront.md:1: ")));
    assert.ok(problems.some((p) => p.startsWith("bundled/unclosed.md:1: ")));
    assert.ok(problems.some((p) => p.startsWith("bundled/empty.md:5: ")));
    assert.ok(problems.some((p) => p.startsWith("bundled/line.md:7: ") || p.startsWith("bundled/line.md:6: ")));
    assert.ok(problems.some((p) => p.startsWith("bundled/BAD name.md:1: ")));
    assert.ok(!problems.some((p) => p.includes("README")));
  });

  it("takes a name and instructions as enough", async () => {
    await put("work/.agents/least.md", "---\n---\nYou do the least.\n");
    const registry = await load();
    assert.deepEqual(problemsOf(registry), []);
    const { id, name, role, description, tools, instructions } = registry.agent("least")!;
    assert.deepEqual([id, name, role, description, tools], ["least", "least", "least", "Works as least.", []]);
    assert.equal(instructions, "You do the least.");
  });

  it("says in plain words what a file needs, in the order of its lines", async () => {
    await put(
      "bundled/wrong.md",
      "---\nrole: [x]\ntemperature: warm\nmemoryScope: all\nlimits: { usd: 0, turns: 1.5 }\nskills: ['']\nrouting: { to: x }\nrunsChecks: 1\n---\nDo.\n",
    );
    assert.deepEqual(
      problemsOf(await load()).map((problem) => problem.replace("bundled/wrong.md:", "")),
      [
        "2: role: a text is needed.",
        "3: temperature: a number is needed.",
        "4: memoryScope: one of none, session, project, global is needed.",
        "5: limits.turns: a whole number is needed.",
        "5: limits.usd: a number above 0 is needed.",
        "6: skills.0: a text is needed, and it is empty.",
        "7: routing: { to: all } is needed, or { to: one, by: language or focus, fallback: AGENT }.",
        "8: runsChecks: true or false is needed.",
      ],
    );
  });

  it("lets the last source win, and keeps the earlier one when the later is broken", async () => {
    for (const id of ["a", "b", "c"]) await put(`bundled/${id}.md`, blueprint("name: bundled"));
    await put("user/b.md", blueprint("name: user"));
    await put("user/c.md", blueprint("name: user"));
    await put("work/.agents/c.md", blueprint("name: workspace"));
    await put("work/.agents/b.md", blueprint("name: [broken]"));
    const registry = await load();
    assert.deepEqual(
      registry.agents().map(({ id, name, source }) => [id, name, source]),
      [
        ["a", "bundled", "bundled"],
        ["b", "user", "user"],
        ["c", "workspace", "workspace"],
      ],
    );
    assert.equal(registry.problems().length, 1);
  });

  it("never lets a workspace widen permissions, drop a refusal or bring servers", async () => {
    await put("user/a.md", blueprint("permissions:\n  - { effect: deny, tool: shell }\n  - { effect: allow, tool: git }"));
    await put(
      "work/.agents/a.md",
      blueprint(
        "tools: [shell__run]\npermissions:\n  - { effect: ask, tool: filesystem }\n  - { effect: allow, tool: shell }\nmcp_servers: { x: { command: evil } }",
      ),
    );
    const registry = await load();
    const agent = registry.agent("a")!;
    assert.deepEqual(agent.permissions, [
      { effect: "deny", tool: "shell" },
      { effect: "ask", tool: "filesystem" },
    ]);
    assert.deepEqual(agent.tools, []);
    assert.equal(agent.mcp_servers, undefined);
    const problems = problemsOf(registry);
    assert.match(problems[0]!, /^work\/\.agents\/a\.md:7: .*cannot allow/);
    assert.match(problems[1]!, /^work\/\.agents\/a\.md:4: .*shell__run/);
    assert.match(problems[2]!, /^work\/\.agents\/a\.md:8: .*not started/);
  });

  const had = "[filesystem__read_file, git__*, agents]";
  const narrowed: [string, string[], string | undefined][] = [
    ["['*']", ["filesystem__read_file", "git__*", "agents"], "*"],
    ["[agents__ask_user, git__log, filesystem__read_file]", ["agents__ask_user", "git__log", "filesystem__read_file"], undefined],
    ["[agents, 'git__*']", ["agents", "git__*"], undefined],
    ["['filesystem__*', shell__run]", ["filesystem__read_file"], "filesystem__*, shell__run"],
    ["[filesystem, git__log]", ["filesystem__read_file", "git__log"], "filesystem"],
    ["['*__log', 'g*']", ["git__*"], "*__log, g*"],
    ["[]", [], undefined],
  ];
  for (const [wanted, tools, cut] of narrowed)
    it(`lets a workspace narrow the tools of an agent, never widen them: ${wanted}`, async () => {
      await put("bundled/a.md", blueprint(`tools: ${had}`));
      await put("work/.agents/a.md", blueprint(`tools: ${wanted}`));
      const registry = await load();
      assert.deepEqual(registry.agent("a")?.tools, tools);
      assert.equal(registry.agent("a")?.source, "workspace");
      const expected = `work/.agents/a.md:4: A file of the workspace cannot give "a" more tools than it had: ${cut} is cut down to those.`;
      assert.deepEqual(problemsOf(registry), cut === undefined ? [] : [expected]);
    });

  it("never lets a workspace take an agent's commands out of their container", async () => {
    await put("user/b.md", blueprint("isolation: container"));
    await put("work/.agents/b.md", blueprint("isolation: worktree"));
    assert.equal((await load()).agent("b")?.isolation, "container");
  });

  it("lets the user's own file widen the tools, and a workspace bring an agent of its own", async () => {
    await put("bundled/a.md", blueprint("tools: [git__log]"));
    await put("user/a.md", blueprint("tools: ['*']"));
    await put("work/.agents/b.md", blueprint("tools: [shell__run]"));
    await put("work/.claude/agents/a.md", "---\nname: a\ntools: Read\n---\nDo.\n");
    const registry = await load();
    assert.deepEqual(problemsOf(registry), []);
    assert.ok(registry.agent("a")?.tools.includes("filesystem__read_file"));
    assert.deepEqual(registry.agent("b")?.tools, ["shell__run"]);
  });

  it("says what a file asks for that is not done, and takes the file all the same", async () => {
    await put("bundled/a.md", blueprint("isolation: container\nmemoryScope: project\ntype: acp\nmcp_servers: { x: { command: y } }"));
    await put("user/b.md", blueprint("isolation: shared\nmemoryScope: none\ntype: builtin"));
    await put("work/.agents/c.md", blueprint("isolation: worktree"));
    const registry = await load();
    assert.deepEqual(
      registry.agents().map((agent) => agent.id),
      ["a", "b", "c"],
    );
    assert.deepEqual(
      problemsOf(registry).map((problem) => problem.replace(/ is not honoured by this version: .*\.$/, "")),
      ["bundled/a.md:5: memoryScope", "bundled/a.md:7: mcp_servers", "bundled/a.md:6: type", "user/b.md:4: isolation"],
    );
  });

  it("reports doubles, unknown sub-agents, fallbacks that are none, and cycles", async () => {
    await put("bundled/a.md", blueprint("subAgents: [b, bb, typescrpt]\nrouting: { to: one, by: language, fallback: c }"));
    await put("bundled/b.md", blueprint("subAgents: [a]"));
    await put("bundled/typescript.md", blueprint(""));
    await put("bundled/z.md", blueprint("id: b"));
    const registry = await load();
    const problems = problemsOf(registry);
    assert.ok(
      problems.some((p) => p.startsWith("bundled/z.md:4: ") && p.includes("taken by")),
      problems.join("\n"),
    );
    assert.ok(problems.some((p) => p.startsWith("bundled/a.md:4: ") && p.includes('Did you mean "typescript"?')));
    assert.ok(problems.some((p) => p.startsWith("bundled/a.md:5: ") && p.includes('fallback "c"')));
    assert.ok(problems.some((p) => p.includes("a → b → a")));
    assert.deepEqual(registry.agent("a")?.subAgents, ["b"]);
    assert.deepEqual(registry.agent("a")?.routing, { to: "one", by: "language", fallback: "b" });
  });

  it("reads the agents that users have for other programs", async () => {
    await put(
      "work/.claude/agents/db.md",
      "---\nname: DB Expert\ndescription: Knows: SQL\ntools: Read, Grep, Bash(git:*), mcp__pg__query\nmodel: opus\ncolor: red\n---\nYou know databases.\n".replace(
        "Knows: SQL",
        '"Knows SQL"',
      ),
    );
    await put("work/.claude/agents/all.md", "---\nname: all\ndescription: d\n---\nDo all.\n");
    await put("work/.github/agents/helper.agent.md", "---\ndescription: Helps\ntools: ['edit', 'search']\n---\nHelp.\n");
    const registry = await load();
    assert.deepEqual(registry.problems(), []);
    const db = registry.agent("db-expert")!;
    assert.deepEqual([db.name, db.model, db.source], ["DB Expert", "inherit", "workspace"]);
    for (const tool of ["filesystem__read_file", "filesystem__search_text", "shell__run", "pg__query", "agents__submit_result"])
      assert.ok(db.tools.includes(tool), tool);
    assert.ok(!db.tools.includes("filesystem__write_file"));
    assert.match(db.instructions, /^You know databases\.\n/);
    assert.ok(registry.agent("all")?.tools.includes("filesystem__*"));
    assert.ok(registry.agent("helper")?.tools.includes("filesystem__write_file"));
    assert.ok(!registry.agent("helper")?.tools.includes("shell__run"));
  });

  it("follows no links in a folder of agents", async () => {
    await put("elsewhere.md", blueprint(""));
    await mkdir(join(home, "work/.agents"), { recursive: true });
    await symlink(join(home, "elsewhere.md"), join(home, "work/.agents/linked.md"));
    assert.deepEqual((await load()).agents(), []);
  });

  it("reads workflows of all sources and reports wrong ones", async () => {
    await put("bundled/coder.md", blueprint(""));
    await put("bundled/workflows/one.yaml", "description: d\nplanner: coder\n");
    await put("user/workflows/one.yaml", "description: mine\nsteps:\n  - { id: a, type: generate, goal: g }\n");
    await put("work/.agents/workflows/agent.yaml", "description: d\nplanner: codr\n");
    await put("work/.agents/workflows/shape.yaml", "description: d\n");
    await put(
      "work/.agents/workflows/steps.yaml",
      "description: d\nsteps:\n  - { id: a, type: t, goal: g, dependsOn: [b] }\n  - { id: a, type: t, goal: g }\n",
    );
    await put("work/.agents/workflows/key.yaml", "description: d\nplanner: coder\nreveiw: { below: 1 }\n");
    const registry = await load();
    assert.deepEqual(
      registry.workflows().map((workflow) => [workflow.id, workflow.description]),
      [["one", "mine"]],
    );
    assert.deepEqual(registry.workflow("one")?.review, { below: 0.8, rounds: 2, auto: true });
    const problems = problemsOf(registry);
    assert.ok(
      problems.includes('work/.agents/workflows/agent.yaml:2: There is no agent "codr". Did you mean "coder"?'),
      problems.join("\n"),
    );
    assert.ok(problems.some((p) => p.startsWith("work/.agents/workflows/shape.yaml:1: ")));
    assert.ok(problems.some((p) => p.startsWith("work/.agents/workflows/steps.yaml:3: ")));
    assert.ok(problems.some((p) => p.startsWith("work/.agents/workflows/steps.yaml:4: ")));
    assert.ok(problems.includes('work/.agents/workflows/key.yaml:3: "reveiw" is not a known key. Did you mean "review"?'));
  });

  it("is empty where there is nothing", async () => {
    const registry = await load();
    assert.deepEqual([registry.agents(), registry.workflows(), registry.problems()], [[], [], []]);
  });
});
