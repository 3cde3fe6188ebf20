// A team in one file: its members become agents, faults are named with their line, and the rest still loads.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RegistryPort } from "../../src/core/ports.ts";
import { loadRegistry } from "../../src/registry/registry.ts";
import { writeStatus } from "../../src/registry/status.ts";

const asInTheSeed = `agents:
  - id: dev-agent
    type: codex
    description: "Writes the features"
    responsibilities: [
        "Implement what is asked",
        "Change it when that changes",
        ]
    rules_file: ./agents/dev-agent/rules.md
    memory_file: ./agents/dev-agent/memory.md
    sandbox_path: ./agents/dev-agent/sandbox
    direct_communication: [
        "test-agent",
    ]
    initial_instructions: |
      Implement the feature.

  - id: test-agent
    type: codex
    description: "Tests the features"
    initial_instructions: |
      Run the tests and report.
`;

describe("a team file", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "ao-team-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function put(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), text);
  }
  const load = (): Promise<RegistryPort> => loadRegistry({ bundledDir: join(home, "none"), workspaceDir: home });
  const problemsOf = (registry: RegistryPort): string[] =>
    registry.problems().map(({ file, line, message }) => `${file.slice(home.length + 1)}:${line}: ${message}`);

  it("makes an agent of each member, and says once what a key does not do yet", async () => {
    await put("agents.yaml", asInTheSeed);
    await put("agents/dev-agent/rules.md", "Use tabs.\n");
    const registry = await load();
    assert.deepEqual(
      registry.agents().map(({ id }) => id),
      ["dev-agent", "test-agent"],
    );
    const { instructions, description, source } = registry.agent("dev-agent")!;
    assert.equal(description, "Writes the features");
    assert.equal(source, "workspace");
    for (const words of [/- Implement what is asked\n- Change it/, /Implement the feature\./, /# Your rules\n\nUse tabs\./])
      assert.match(instructions, words);
    const told = problemsOf(registry);
    assert.deepEqual(
      told.map((line) => line.split(" ").slice(0, 2).join(" ")),
      ["agents.yaml:3: type", "agents.yaml:10: memory_file", "agents.yaml:11: sandbox_path", "agents.yaml:12: direct_communication"],
    );
    assert.match(told.join("\n"), /is not honoured by this version/);
  });

  it("leaves out a faulty member with its line and a guess, and takes the others", async () => {
    await put(".agents/agents.yaml", "agents:\n  - id: good\n  - id: Bad Name\n  - id: odd\n    responsibilites: [a]\n  - name: none\n");
    const registry = await load();
    assert.deepEqual(
      registry.agents().map(({ id }) => id),
      ["good"],
    );
    const told = problemsOf(registry);
    assert.match(told[0] ?? "", /^\.agents\/agents\.yaml:3: id: must be lower-case/);
    assert.equal(told[1], '.agents/agents.yaml:5: "responsibilites" is not a known key. Did you mean "responsibilities"?');
    assert.match(told.join("\n"), /:6: id: a text is needed/);
  });

  it("names the line on which the file cannot be read", async () => {
    await put("agents.yaml", "agents:\n  - id: [open\n");
    assert.match(problemsOf(await load())[0] ?? "", /^agents\.yaml:[23]: /);
    await put(".agents/agents.json", '{ "team": 1 }');
    assert.deepEqual(problemsOf(await load()), [".agents/agents.json:1: A list of members is needed: agents: [{ id: … }, …]."]);
  });

  it("takes JSON, prefers the project's own folder, and leaves another program's file alone", async () => {
    await put("agents.yaml", "hosts: [one]\n");
    assert.deepEqual(problemsOf(await load()), []);
    await put(".agents/agents.json", JSON.stringify({ agents: [{ id: "json-member", tools: ["filesystem__read_file"] }] }));
    const registry = await load();
    assert.deepEqual(registry.agent("json-member")?.tools, ["filesystem__read_file"]);
  });

  it("reads rules from within the workspace only, links included", async () => {
    await put("secret.txt", "a secret");
    await put(
      "work/agents.yaml",
      "agents:\n  - id: one\n    rules_file: ../secret.txt\n  - id: two\n    rules_file: link.md\n  - id: three\n    rules_file: none.md\n",
    );
    await symlink(join(home, "secret.txt"), join(home, "work", "link.md"));
    const registry = await loadRegistry({ bundledDir: join(home, "none"), workspaceDir: join(home, "work") });
    assert.equal(registry.agents().length, 3);
    assert.ok(!JSON.stringify(registry.agents()).includes("a secret"));
    const told = registry.problems().map(({ line, message }) => `${line}: ${message}`);
    assert.deepEqual(told, [
      "3: ../secret.txt lies outside the workspace and is not read.",
      "5: link.md lies outside the workspace and is not read.",
      "7: none.md is not there; the member works without these rules.",
    ]);
  });

  it("is obeyed but told where it turns off or replaces whoever judges the work", async () => {
    await put("none/security-review.md", "---\nrole: reviewer\ndescription: Looks for holes.\ntools: []\n---\n\nLook.\n");
    await put("agents.yaml", "agents:\n  - id: security-review\n    enabled: false\n    tools: []\n");
    const registry = await load();
    assert.equal(registry.agent("security-review")?.enabled, false);
    assert.deepEqual(problemsOf(registry), ['agents.yaml:2: A file of the workspace turns off "security-review", which judges the work.']);
  });

  it("reads no secrets and waits for no pipe as rules", async () => {
    await put(".env", "SECRET_TOKEN=abc");
    await put(
      "agents.yaml",
      "agents:\n  - id: one\n    rules_file: .env\n  - id: two\n    rules_file: pipe.md\n  - id: three\n    rules_file: long.md\n",
    );
    await put("long.md", "x".repeat(70_000));
    spawnSync("mkfifo", [join(home, "pipe.md")]);
    const registry = await load();
    assert.ok(!JSON.stringify(registry.agents()).includes("SECRET_TOKEN"));
    assert.deepEqual(
      problemsOf(registry).map((line) => line.replace(/; .*/, "")),
      [
        "agents.yaml:3: .env is no Markdown file and is not read.",
        "agents.yaml:5: pipe.md is no file that can be read",
        "agents.yaml:7: long.md is too long (more than 65536 bytes).",
      ],
    );
  });

  it("and any other agent is turned off and on by the user without touching a file", async () => {
    await put("agents.yaml", "agents:\n  - id: one\n  - id: two\n    enabled: false\n");
    const userDir = join(home, "user");
    await writeStatus(userDir, "one", "inactive");
    await writeStatus(userDir, "two", "active");
    await put("user/status/broken", "perhaps");
    const registry = await loadRegistry({ bundledDir: join(home, "none"), userDir, workspaceDir: home });
    assert.deepEqual([registry.agent("one")?.enabled, registry.agent("two")?.enabled], [false, true]);
    await writeStatus(userDir, "one", "active");
    assert.equal((await loadRegistry({ bundledDir: join(home, "none"), userDir, workspaceDir: home })).agent("one")?.enabled, true);
  });

  it("gives a member no more than its workspace may: no allowing, no servers, no wider bundled agent", async () => {
    await put("none/helper.md", "---\nrole: engineer\ndescription: A.\ntools: [filesystem__read_file]\n---\n\nWork.\n");
    await put(
      "agents.yaml",
      "agents:\n  - id: helper\n    permissions: [{ effect: allow, tool: shell }]\n    mcp_servers: { a: { command: x } }\n",
    );
    const registry = await load();
    const { tools, permissions, mcp_servers: servers } = registry.agent("helper")!;
    assert.deepEqual([tools, permissions, servers], [["filesystem__read_file"], [], undefined]);
  });
});
