// Policy files: the machine's, the user's, the workspace's. A workspace's file only tightens until exactly its bytes were
// accepted; a faulty one is named with line and column, never loads half, and the safe default holds meanwhile.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { levelUnder, type Policy } from "../../src/core/policy.ts";
import { acceptPolicy, loadPolicy } from "../../src/registry/policies.ts";
import { readPolicyTest } from "../../src/registry/policyTest.ts";
import { policySchema } from "../../src/registry/schemas.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

describe("policy files", () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = makeTempDir("policy");
  });
  afterEach(() => dir.remove());

  const at = (name: string): string => join(dir.path, name);
  const files = { machine: "etc/policy.yaml", user: "data/policy.yaml", workspace: "work/.agents/policy.yaml" };
  const put = async (which: keyof typeof files, text: string): Promise<void> => {
    await mkdir(dirname(at(files[which])), { recursive: true });
    await writeFile(at(files[which]), text);
  };
  const load = (more: { acceptWorkspace?: boolean } = {}, trusted = true): Promise<Policy> =>
    loadPolicy({ machineFile: at(files.machine), dataDir: at("data"), ...more }, trusted ? at("work") : undefined);
  const effects = ({ rules }: Policy): string[] => rules.map(({ effect, id, tool }) => `${effect} ${id ?? tool}`);

  it("read the whole grammar", async () => {
    await put(
      "user",
      `version: 1
level: default
rules:
  - deny:  { id: no-env, tool: filesystem, path: ["**/.env*", "~/.ssh/**"] }
  - allow: { id: checks, tool: shell, command: ["git status *", "npm test", "npx tsc *"] }
  - ask:   { tool: github__create_*, reason: "creates something public" }
  - allow: { tool: web, host: docs.example.org }
budgets:  { usd: 2, tokens: 500000, minutes: 30, turns: 200, depth: 4, parallel: 4 }
sandbox:  { mode: auto, network: { allow: ["registry.example"] }, cpu: 2, memory: 2GiB, pids: 256 }
workspace: { checks: { test: "npm run quick" }, required: [test, lint], copy: [.env.test], link: [vendor] }
`,
    );
    const policy = await load();
    assert.deepEqual(policy.problems, []);
    assert.deepEqual(effects(policy), ["deny no-env", "allow checks", "ask github__create_*", "allow web"]);
    assert.deepEqual(policy.rules[0]!.path, ["**/.env*", join(homedir(), ".ssh/**")]);
    assert.deepEqual(policy.rules[3]!.host, ["docs.example.org"]);
    assert.deepEqual(policy.budgets, { usd: 2, tokens: 500000, minutes: 30, turns: 200, depth: 4, parallel: 4 });
    assert.deepEqual(policy.sandbox, { mode: "auto", network: ["registry.example"], cpu: 2, memoryMb: 2048, pids: 256 });
    const workspace = { checks: { test: "npm run quick" }, required: ["test", "lint"], copy: [".env.test"], link: ["vendor"] };
    assert.deepEqual(policy.workspace, workspace);
    assert.equal(policy.level, "default");
    assert.deepEqual((await loadPolicy({ machineFile: at("none"), dataDir: at("none") }, at("none"))).rules, []);
  });

  const generous = `level: bypass
rules:
  - allow: { id: all, tool: "*" }
  - deny: { id: no-push, tool: shell, command: git push * }
budgets: { usd: 100, turns: 5 }
sandbox: { mode: "off", network: { allow: [evil.example, registry.example] }, pids: 9999 }
`;

  it("of a workspace only tighten, until exactly these bytes were accepted", async () => {
    await put("user", "budgets: { usd: 2 }\nsandbox: { mode: process, network: { allow: [registry.example] }, pids: 100 }\n");
    await put("workspace", generous);
    const before = await load();
    assert.deepEqual(effects(before), ["deny no-push"]);
    assert.equal(levelUnder(before, undefined), "default");
    assert.deepEqual(before.budgets, { usd: 2, turns: 5 });
    assert.deepEqual(before.sandbox, { mode: "process", network: ["registry.example"], pids: 100 });
    assert.deepEqual((await load({}, false)).files.length, 1, "in a folder that is not trusted it is not read at all");

    await acceptPolicy(at("data"), at(files.workspace), generous);
    const after = await load();
    assert.deepEqual(effects(after), ["allow all", "deny no-push"]);
    assert.equal(levelUnder(after, undefined), "bypass");
    assert.equal(after.sandbox.mode, "off");
    assert.deepEqual(after.budgets, { usd: 2, turns: 5 }, "amounts are the least of all files");
    await put("workspace", `${generous}# changed\n`);
    assert.deepEqual(effects(await load()), ["deny no-push"], "one more byte is another file");
    assert.deepEqual(effects(await load({ acceptWorkspace: true })), ["allow all", "deny no-push"]);
  });

  it("of the machine bind whatever the others say", async () => {
    await put("machine", "level: assisted\nrules:\n  - deny: { id: no-web, tool: web }\nbudgets: { usd: 1 }\nsandbox: { pids: 10 }\n");
    await put("user", "level: bypass\nrules:\n  - allow: { tool: web }\nbudgets: { usd: 50 }\nsandbox: { pids: 50 }\n");
    const policy = await load();
    assert.equal(levelUnder(policy, undefined), "assisted");
    assert.equal(levelUnder(policy, "bypass"), "assisted");
    assert.equal(levelUnder(policy, "default"), "default");
    assert.deepEqual(effects(policy), ["deny no-web", "allow web"]);
    assert.deepEqual([policy.budgets.usd, policy.sandbox.pids], [1, 10]);
  });

  it("that are faulty are refused as a whole, with line and column, and only reading is allowed meanwhile", async () => {
    const faulty: [text: string, place: string, says: RegExp][] = [
      ["rules:\n  - deny: { tool: shell, comand: [x] }\n", "2:26", /"comand" is not a known key\. Did you mean "command"\?/],
      ["rules:\n  - deny: { tool: shell, command: [ls, a && b] }\n", "2:26", /a pattern is one simple command/],
      ["rules:\n  - deny: { tool: web, host: 'https://x.org/' }\n", "2:24", /the host alone is needed/],
      ["level: sure\n", "1:1", /one of default, assisted, bypass/],
      ["version: 2\n", "1:1", /1/],
      ["rules:\n  - { deny: { tool: a }, allow: { tool: b } }\n", "2:5", /one of deny, ask, allow/],
      ["rules: [\n", "2:1", /./],
      ["rules:\n  - deny: {}\n", "2:5", /text is needed/],
      ["budgets: { usd: -1 }\n", "1:12", /above 0/],
      ["sandbox: { memory: lots }\n", "1:12", /2GiB/],
      ["- a\n", "1:1", /keys/],
      ["\u0000", "1:1", /./],
    ];
    await put("workspace", "rules:\n  - ask: { id: mine, tool: shell }\n  - allow: { id: more, tool: shell }\n");
    for (const [text, place, says] of faulty) {
      await put("user", text);
      const policy = await load({ acceptWorkspace: true });
      const [problem] = policy.problems;
      assert.ok(problem, text);
      assert.equal(`${problem.line}:${problem.column}`, place, `${text}: ${problem.message}`);
      assert.match(problem.message, says, text);
      assert.equal(problem.file, at(files.user));
      assert.deepEqual(effects(policy), ["ask mine"], "what tightens elsewhere still holds, nothing is allowed");
      assert.equal(levelUnder(policy, "bypass"), "default");
    }
    await put("user", "# nothing but a remark\n");
    assert.deepEqual((await load()).problems, []);
  });

  it("of the machine hold the sandbox, whatever a user's or an accepted one says of it", async () => {
    await put("machine", "sandbox: { mode: process, network: { allow: [a.example, b.example] } }\n");
    await put("user", "sandbox: { mode: off, network: { allow: [b.example, c.example] } }\n");
    assert.deepEqual((await load()).sandbox, { mode: "process", network: ["b.example"] });
    await put("user", "sandbox: { mode: container }\n");
    assert.deepEqual((await load()).sandbox, { mode: "container", network: ["a.example", "b.example"] });
  });

  it("of a project show no lines of files elsewhere", async () => {
    await mkdir(at("work/.agents"), { recursive: true });
    await writeFile(at("secret"), "top secret words\n");
    await symlink(at("secret"), at(files.workspace));
    const [problem, ...more] = (await load()).problems;
    assert.match(problem!.message, /leads out of the project/);
    assert.deepEqual(more, []);
  });

  it("that are there and cannot be read are faults, and none of them keeps a program waiting", async () => {
    await mkdir(at(files.user), { recursive: true });
    assert.match((await load()).problems[0]!.message, /cannot be read/);
    execFileSync("mkfifo", [at("etc-pipe")]);
    const policy = await loadPolicy({ machineFile: at("etc-pipe"), dataDir: at("none") }, undefined);
    assert.match(policy.problems[0]!.message, /no regular file/);
  });

  it("say of the workspace only what a person accepted, and name no path outside of it", async () => {
    await put("user", "workspace: { checks: { test: npm run mine }, copy: [a] }\n");
    await put("workspace", "workspace: { checks: { test: rm -rf x, lint: make lint }, required: [], copy: [.env] }\n");
    assert.deepEqual((await load()).workspace, { checks: { test: "npm run mine" }, copy: ["a"], link: [] });
    const both = (await load({ acceptWorkspace: true })).workspace;
    assert.deepEqual(both, { checks: { test: "rm -rf x", lint: "make lint" }, required: [], copy: ["a", ".env"], link: [] });
    for (const path of ["../x", "/etc", "~/x", "a/../../x", "C:x", ".", "./", "././", ".git", "sub/.GIT/hooks"]) {
      await put("user", `workspace: { copy: ["${path}"] }\n`);
      assert.match((await load()).problems[0]?.message ?? "", /within the project/, path);
    }
  });

  it("have a schema for editors, with a word on each key", () => {
    const { properties } = policySchema();
    assert.deepEqual(Object.keys(properties), ["version", "level", "rules", "budgets", "sandbox", "workspace", "tests"]);
    for (const [key, { description }] of Object.entries(properties)) assert.ok(description, key);
    assert.match(JSON.stringify(properties["rules"]), /"deny".*"command".*git status \*/);
  });

  it("carry tests, or stand beside them", () => {
    const cases = "- { command: npm test, expect: allow }\n- { tool: filesystem__read_file, path: .env, expect: deny, rule: no-env }\n";
    const indented = cases.replaceAll(/^/gm, "  ").trimEnd();
    for (const text of [cases, `cases:\n${indented}\n`, `rules: []\ntests:\n${indented}\n`]) {
      const read = readPolicyTest(text);
      assert.ok(read.ok, JSON.stringify(read));
      assert.deepEqual(
        read.test.cases.map(({ tool, input, expect }) => [tool, input, expect]),
        [
          ["shell__run", { command: "npm test" }, "allow"],
          ["filesystem__read_file", { path: ".env" }, "deny"],
        ],
      );
    }
    assert.equal(readPolicyTest("cases: []\n").ok, false);
    assert.equal(readPolicyTest("cases: [{ command: x, expect: maybe }]\n").ok, false);
    assert.equal(readPolicyTest("cases: [{ expect: ask }]\n").ok, false);
  });
});
