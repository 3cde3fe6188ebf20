// `ao policy` as a user runs it: decisions as JSON, thousands in one process, rules tested, a project's file accepted, a
// faulty file named; and a run under a policy.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamProject } from "../support/teamModel.ts";

type Answer = { decision: string; risk: number; reasons: string[]; rule: string | null };

describe("ao policy", () => {
  let home: Home;
  let server: FakeModelServer | undefined;
  let workspace: string;
  beforeEach(() => {
    home = createHome();
    workspace = home.project({ ...teamProject });
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    home.remove();
  });

  const putUserPolicy = (text: string): void => {
    mkdirSync(join(home.dir, "data"), { recursive: true });
    writeFileSync(join(home.dir, "data", "policy.yaml"), text);
  };
  const putWorkspacePolicy = (text: string): void => {
    mkdirSync(join(workspace, ".agents"), { recursive: true });
    writeFileSync(join(workspace, ".agents", "policy.yaml"), text);
  };
  const check = (tool: string, input: unknown, ...more: string[]): Promise<Ended> =>
    home.ao(["policy", "check", "--tool", tool, "--input", JSON.stringify(input), "--workspace", workspace, ...more]);
  const answerOf = ({ stdout }: Ended): Answer => JSON.parse(stdout) as Answer;

  it("check: the decision with its risk, reasons and rule; nothing is run and nothing is kept", async () => {
    putUserPolicy(
      "rules:\n  - deny: { id: no-touch, tool: shell, command: touch * }\n  - allow: { id: build, tool: shell, command: make build }\n",
    );
    const mark = join(workspace, "made");
    const denied = await check("shell__run", { command: `touch ${mark}` });
    assert.equal(denied.code, 0, denied.stderr);
    const answer = answerOf(denied);
    assert.deepEqual(Object.keys(answer), ["decision", "risk", "reasons", "rule"]);
    assert.deepEqual([answer.decision, answer.rule], ["deny", "no-touch"]);
    assert.equal(existsSync(mark), false);
    assert.deepEqual(answerOf(await check("shell__run", { command: "make build" })).rule, "build");
    assert.equal(answerOf(await check("shell__run", { command: "make all" })).decision, "ask");
    assert.equal(answerOf(await check("shell__run", { command: "npm test" }, "--level", "assisted")).decision, "allow");
    assert.equal(
      answerOf(await check("filesystem__write_file", { path: ".git/hooks/x", content: "" }, "--level", "bypass")).decision,
      "deny",
    );
    assert.equal(answerOf(await check("github__create_issue", { title: "x" })).decision, "ask");
    const inline = answerOf(await check("shell__run", { command: "python3 -c 'print(1)'" })).reasons.join();
    assert.match(inline, /-c 'print\(1\)'/);
    assert.doesNotMatch(inline, /what its input says/, "the script is in its words");
    assert.equal(answerOf(await check("shell__run", { command: "ls src | wc -l" })).decision, "allow");
    const nested = answerOf(await check("shell__run", { command: 'ls "$(pwd)" 2>/dev/null' }));
    assert.doesNotMatch(nested.reasons.join(), /second reading/, "the second parser is found beside the bundle");
    assert.equal(answerOf(await check("shell__run", { command: "echo $(curl https://x.example)" })).decision, "ask");
    assert.equal(existsSync(join(home.dir, "data", "store.db")), false);
  });

  it("check --batch: an answer line for each line, also for one that is no call", async () => {
    const calls = Array.from({ length: 2000 }, (_, i) => ({
      tool: "filesystem__read_file",
      input: { path: i % 2 ? `src/${i}.ts` : "../x" },
    }));
    const file = join(home.dir, "calls.jsonl");
    writeFileSync(file, `${calls.map((call) => JSON.stringify(call)).join("\n")}\n`);
    const ended = await home.ao(["policy", "check", "--batch", file, "--workspace", workspace]);
    assert.equal(ended.code, 0, ended.stderr);
    const answers = ended.stdout.trimEnd().split("\n");
    assert.equal(answers.length, calls.length);
    assert.deepEqual(
      answers.slice(0, 2).map((line) => (JSON.parse(line) as Answer).decision),
      ["deny", "allow"],
    );
    writeFileSync(file, '{"tool":"shell__run"\n\n{"tool":"git__status"}\n');
    const odd = await home.ao(["policy", "check", "--batch", file, "--workspace", workspace]);
    assert.equal(odd.code, 2);
    assert.deepEqual(
      odd.stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as Answer).decision),
      ["deny", "deny", "allow"],
    );
  });

  it("show: what of a project's file holds, before and after it is accepted; the sandbox always", async () => {
    const show = async (): Promise<string> => (await home.ao(["policy", "show", "--workspace", workspace])).stdout;
    assert.match(await show(), /^No policy file holds here.*\nsandbox +mode auto, network none\n$/);
    putWorkspacePolicy("workspace:\n  checks: { test: make check }\n  required: [test]\n  copy: [.env]\n  link: [data]\n");
    assert.match(await show(), /accept it with[^]*\nsandbox +mode auto, network none\n$/, "a project alone says nothing of what is run");
    assert.equal((await home.ao(["policy", "accept", join(workspace, ".agents", "policy.yaml")])).code, 0);
    const [, ...held] = (await show()).trimEnd().split("\n");
    assert.deepEqual(
      held.map((line) => line.split(/ {2,}/)),
      [
        ["sandbox", "mode auto, network none"],
        ["checks", "test: make check"],
        ["required", "test"],
        ["copy", ".env"],
        ["link", "data"],
      ],
    );
  });

  it("accept: a project's file tightens at once and allows only after exactly it was accepted", async () => {
    putWorkspacePolicy(
      "level: assisted\nrules:\n  - allow: { id: mine, tool: shell, command: make * }\n  - deny: { id: never, tool: shell, command: node * }\n",
    );
    const says = async (command: string, ...more: string[]): Promise<string> =>
      answerOf(await check("shell__run", { command }, ...more)).decision;
    assert.deepEqual([await says("make x"), await says("node x")], ["ask", "deny"]);
    assert.equal(await says("make x", "--accept-workspace-policy"), "allow");
    const shown = await home.ao(["policy", "show", "--workspace", workspace]);
    assert.match(shown.stdout, /only tightens; accept it with: ao policy accept/);
    const accepted = await home.ao(["policy", "accept", join(workspace, ".agents", "policy.yaml")]);
    assert.equal(accepted.code, 0, accepted.stderr);
    assert.match(accepted.stdout, /level: assisted\n.*allow: shell {2}make \*/, "what counts from now on is said");
    const full = await home.ao(["policy", "show", "--workspace", workspace]);
    assert.match(full.stdout, /\n {2}allow {2}mine {2}shell {2}make \*\n(.*\n)*level +assisted\n/);
    assert.equal(await says("make x"), "allow");
    putWorkspacePolicy("level: assisted\nrules:\n  - allow: { id: mine, tool: shell, command: '*' }\n");
    assert.equal(await says("make x"), "ask");
  });

  it("test: cases in the policy or beside it; a failing one is named with its line, and the exit code says so", async () => {
    const file = join(home.dir, "team.yaml");
    const rules = "rules:\n  - allow: { id: checks, tool: shell, command: npm test }\n";
    writeFileSync(
      file,
      `${rules}tests:\n  - { command: npm test, expect: allow, rule: checks }\n  - { command: npm publish, expect: ask }\n`,
    );
    const good = await home.ao(["policy", "test", file, "--workspace", workspace]);
    assert.deepEqual([good.code, good.stdout], [0, "2 of 2 cases hold\n"], good.stderr);
    writeFileSync(
      join(home.dir, "cases.yaml"),
      "policy: team.yaml\ncases:\n  - { command: npm test, expect: allow }\n  - { command: npm publish, expect: deny }\n",
    );
    const bad = await home.ao(["policy", "test", join(home.dir, "cases.yaml"), "--workspace", workspace]);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /cases\.yaml:4 {2}npm publish: deny expected, but ask/);
    assert.match(bad.stdout, /1 of 2 cases hold/);
    writeFileSync(join(home.dir, "none.yaml"), rules);
    const none = await home.ao(["policy", "test", join(home.dir, "none.yaml"), "--workspace", workspace]);
    assert.deepEqual([none.code, /There are no tests in it/.test(none.stderr)], [1, true], none.stderr);
    writeFileSync(file, "rules: nonsense\n");
    const broken = await home.ao(["policy", "test", join(home.dir, "cases.yaml"), "--workspace", workspace]);
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /team\.yaml:1:1: rules: a list is needed/);
  });

  it("says what is wrong with a policy, and holds to the safe default meanwhile", async () => {
    putUserPolicy("rules:\n  - allow: { tool: shell, comand: ls }\n");
    const ended = await check("shell__run", { command: "make" }, "--level", "bypass");
    assert.equal(ended.code, 0);
    assert.equal(answerOf(ended).decision, "ask");
    assert.match(ended.stderr, /policy\.yaml:2:27: "comand" is not a known key/);
    const shown = await home.ao(["policy", "show", "--workspace", workspace]);
    assert.deepEqual([shown.code, shown.stdout], [1, "level      default at most\nsandbox    mode auto, network none\n"]);
    const slip = await check("shell__rnu", { command: "make" });
    assert.match(slip.stderr, /no tool is named shell__rnu \(did you mean shell__run\?\)/);
    assert.doesNotMatch((await check("github__create_issue", {})).stderr, /no tool/);
    putUserPolicy(
      "rules:\n  - deny: { tool: filesytem, path: x }\n  - deny: { tool: filesystem__wirte_file }\n  - deny: { tool: github__* }\n",
    );
    const doubtful = await home.ao(["policy", "show", "--workspace", workspace]);
    assert.deepEqual(
      [...doubtful.stderr.matchAll(/may mean nothing: .*did you mean (\w+)/g)].map(([, meant]) => meant),
      ["filesystem", "filesystem__write_file"],
    );
    const team = join(home.dir, "team.yaml");
    writeFileSync(team, "rules: []\n");
    writeFileSync(team, 'rules:\n  - allow: { tool: shell, command: "make \u202etset" }\n');
    assert.match(
      (await home.ao(["policy", "accept", team])).stdout,
      /allow: shell {2}make \\u\{202e\}tset/,
      "nothing is hidden in what it allows",
    );
    const elsewhere = await home.ao(["policy", "accept", team]);
    assert.deepEqual([elsewhere.code, /counts where a project has these bytes/.test(elsewhere.stderr)], [0, true]);
    for (const [args, says] of [
      [["policy"], /needs check/],
      [["policy", "chekc"], /did you mean check\?\); there are: check, test, accept, show/],
      [["policy", "check", "--tool", "shell__run", "--input", '["ls"]'], /--input is to be a JSON object/],
      [["policy", "check"], /needs --tool/],
      [["policy", "check", "--tool", "x", "--input", "{"], /not valid JSON/],
      [["policy", "check", "--batch", "nowhere"], /cannot be read/],
      [["policy", "accept", "nowhere"], /there is no file nowhere/],
    ] as const) {
      const wrong = await home.ao([...args]);
      assert.equal(wrong.code, 2, args.join(" "));
      assert.match(wrong.stderr, says);
    }
  });

  it("holds in a run: a rule allows, another denies at bypass, budgets are the least, and the record names the files", async () => {
    const calls = [
      { tool: "shell__run", arguments: { command: "node --eval 1" } },
      { tool: "filesystem__write_file", arguments: { path: "README.md", content: "# Better\n" } },
    ];
    server = await startFakeModelServer(({ turn }) => (turn < 2 ? { calls: [calls[turn]!] } : { text: "Done." }));
    putUserPolicy("rules:\n  - deny: { id: no-node, tool: shell, command: node * }\nbudgets: { turns: 7 }\n");
    const env = { ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url };
    const args = [
      "run",
      "Fix the typo in README.md",
      "--workspace",
      workspace,
      "--model",
      "anthropic:claude-sonnet-4-5",
      "--level",
      "bypass",
    ];
    const ended = await home.ao(args, env);
    const events = await home.events(sessionIn(ended));
    const results = events
      .filter(({ type }) => type === "call.ended")
      .map(({ payload }) => payload as { tool: string; result: { ok: boolean; content: string } });
    assert.doesNotMatch(ended.stdout, /level .* at most/);
    assert.match(ended.stdout, /config changed: budget usd .*turns 7/);
    const shell = results.find(({ tool }) => tool === "shell__run");
    assert.match(shell?.result.content ?? "", /Refused: is forbidden by the rule no-node/);
    const applied = events.find(({ type }) => type === "policy.applied")?.payload as { files: { origin: string }[] };
    assert.deepEqual(
      applied.files.map(({ origin }) => origin),
      ["user"],
    );
    const changed = events.find(({ type }) => type === "state.changed")?.payload as { value: { budget: { turns: number } } };
    assert.equal(changed.value.budget.turns, 7);
  });
});
