// The shipped script on the shipped sample project and on one with other names, with the real tools on real folders:
// the scenes must follow what they find. What the engine makes of the results is tested elsewhere.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { createModels } from "../../src/models/models.ts";
import { createTools, type Tools } from "../../src/tools/tools.ts";
import type { TaskResult } from "../../src/protocol/agents.ts";
import { type AgentRun, playAgent } from "../support/fakeModelAgent.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../..");
const demoDir = join(repository, "agents/demo");
const projects = [
  {
    name: "the sample project",
    folder: join(demoDir, "project"),
    goals: join(demoDir, "goals.yaml"),
    function: "discounted",
    sum: "worth",
  },
  {
    name: "a project with other names",
    folder: join(repository, "test/fixtures/demo-other"),
    goals: join(repository, "test/fixtures/demo-other/goals.yaml"),
    function: "reduced",
    sum: "shelfValue",
  },
];
type Goals = Record<"feature" | "consensus" | "parallel" | "edit" | "question", string>;

const models = createModels({ env: {}, demoDir });
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };
let tools: Tools;
let root = "";

before(async () => {
  tools = await createTools({ saveOutput: async (content) => ({ hash: "sha256:0", bytes: content.length }) });
});
after(() => tools.close());

async function open(folder: string): Promise<void> {
  root = await mkdtemp(join(tmpdir(), "ao-demo-"));
  await cp(folder, root, { recursive: true });
  await git("init", "-q");
  await git("add", "-A");
  await git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "begin");
}

async function git(...args: string[]): Promise<string> {
  return (await run("git", args, { cwd: root, env: { ...env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" } })).stdout;
}

async function diff(): Promise<string> {
  await git("add", "-A", "-N");
  return git("diff");
}

function agent(id: string, brief: string): Promise<AgentRun> {
  return playAgent({ models, tools, agent: id, brief, root });
}

async function done(id: string, brief: string): Promise<TaskResult> {
  const { result } = await agent(id, brief);
  assert.equal(result?.status, "done", result?.summary);
  return result;
}

const reviewers = ["security-review", "performance-review", "style-review"];

async function review(goal: string): Promise<{ score: number; findings: string }> {
  const brief = `${goal}\n\n## The change\n\n${await diff()}`;
  const results = await Promise.all(reviewers.map((id) => done(id, brief)));
  const findings = results.flatMap((result) => result.findings ?? []).map((f) => `- [${f.severity}] ${f.file} ${f.message}`);
  return { score: results.reduce((sum, result) => sum + result.score!, 0) / results.length, findings: findings.join("\n") };
}

function fixBrief(goal: string, findings: string): string {
  return `${goal}\n\n## What has to be mended\n\nStep review (review)\nstatus: done\n${findings}`;
}

async function testsPass(): Promise<boolean> {
  return run(process.execPath, ["--test"], { cwd: root, env: { ...env, NODE_TEST_CONTEXT: undefined } }).then(
    () => true,
    () => false,
  );
}

for (const project of projects) {
  describe(`the demo script on ${project.name}`, () => {
    let goals: Goals;
    before(async () => {
      goals = parse(await readFile(project.goals, "utf8")) as Goals;
    });
    beforeEach(() => open(project.folder));
    afterEach(() => rm(root, { recursive: true, force: true }));

    it("plans, writes, is sent back, mends, tests and documents", async () => {
      const { plan } = await agent("planning", goals.feature);
      assert.deepEqual(
        plan?.map((step) => step.type),
        ["generate", "review", "test", "document"],
      );
      const [feature, reviewing, testing, documenting] = plan.map(
        (step) => `${step.goal}\n\n## The user's goal, of which this is a part\n\n${goals.feature}`,
      );
      await done("typescript", feature!);
      const first = await review(reviewing!);
      assert.ok(first.score < 0.8, String(first.score));
      await done("typescript", fixBrief(reviewing!, first.findings));
      await done("typescript", fixBrief(reviewing!, first.findings));
      const second = await review(reviewing!);
      assert.ok(second.score >= 0.8, String(second.score));
      await done("unit-test", `${testing!}\n\n## The change\n\n${await diff()}`);
      assert.ok(await testsPass());
      await done("readme-generator", `${documenting!}\n\n## The change\n\n${await diff()}`);
      const changed = await diff();
      assert.match(changed, new RegExp(`\\+export function ${project.function}\\(`));
      assert.match(changed, /\+\+\+ b\/test\//);
      assert.match(changed, /^\+## A lower/m);
    });

    it("scores low again when the fix was undone", async () => {
      await done("typescript", goals.feature);
      const before = await readFile(join(root, `src/${project.function}.ts`), "utf8");
      const first = await review(goals.feature);
      await done("typescript", fixBrief(goals.feature, first.findings));
      await writeFile(join(root, `src/${project.function}.ts`), before);
      assert.ok((await review(goals.feature)).score < 0.8);
    });

    it("reports a failure when its edit does not apply", async () => {
      await done("typescript", goals.feature);
      const { findings } = await review(goals.feature);
      await writeFile(join(root, `src/${project.function}.ts`), "export function other(): void {}\n");
      const { result } = await agent("typescript", fixBrief(goals.feature, findings));
      assert.equal(result?.status, "failed");
    });

    it("makes two candidates that differ, and chooses by what they hold", async () => {
      const parts: string[] = [];
      for (const candidate of [1, 2]) {
        await rm(root, { recursive: true });
        await open(project.folder);
        const result = await done("typescript", `${goals.consensus}\n\n## candidate: ${candidate}\n\nSolve it in your own way.`);
        assert.ok(await testsPass());
        parts.push(`### make-${candidate}\n\nStep make-${candidate} (generate)\nstatus: done\n${result.summary}\n\n${await diff()}`);
      }
      assert.notEqual(parts[0]!.replaceAll("make-1", ""), parts[1]!.replaceAll("make-2", ""));
      const brief = (all: string[]): string => `Choose.\n\n## The candidates\n\n${all.join("\n\n")}`;
      assert.deepEqual((await done("synthesis", brief(parts))).data, { choose: "make-2" });
      assert.deepEqual((await done("synthesis", brief(parts.toReversed()))).data, { choose: "make-2" });
      assert.deepEqual((await done("synthesis", brief([parts[0]!]))).data, { choose: "make-1" });
    });

    it("plans two functions side by side, and their changes can be joined", async () => {
      const { plan } = await agent("planning", goals.parallel);
      const makers = plan!.filter((step) => step.type === "generate");
      assert.equal(makers.length, 2);
      for (const step of makers)
        await done("typescript", `${step.goal}\n\n## The user's goal, of which this is a part\n\n${goals.parallel}`);
      const index = await readFile(join(root, "src/index.ts"), "utf8");
      assert.ok(index.includes(project.function) && index.includes(project.sum));
      assert.ok(await testsPass());
    });

    it("corrects a typo in one file", async () => {
      const { result, calls } = await agent("typescript", goals.edit);
      assert.equal(result?.status, "done", result?.summary);
      assert.ok(calls.length <= 3);
      assert.match(await git("diff", "--stat"), /1 file changed, 1 insertion\(\+\), 1 deletion/);
    });

    it("answers a question from the README, and says that a script speaks", async () => {
      const { said, turns } = await agent("coordinator", goals.question);
      const title = /^# (.+)$/m.exec(await readFile(join(root, "README.md"), "utf8"))![1]!;
      assert.ok(said.includes(title) && said.includes("scripted demo model"));
      assert.equal(turns, 2);
    });

    it("puts the results together, the bad ones too", async () => {
      const good = await agent("coordinator", `${goals.feature}\n\n## Results\n\nStep a (generate)\nstatus: done\nWritten.`);
      const bad = await agent("coordinator", `${goals.feature}\n\n## Results\n\nStep a (generate)\nstatus: failed\nNo such file.`);
      assert.match(good.said, new RegExp(`\`${project.function}\\(.*in place.*scripted demo model`, "s"));
      assert.match(bad.said, /Not every step went through: No such file\./);
    });
  });
}

describe("the demo script on a goal that it does not know", () => {
  it("fails with a word on it", async () => {
    await open(projects[0]!.folder);
    const { result } = await agent("typescript", "Port this to another language.");
    assert.equal(result?.status, "failed");
    assert.match(result?.summary ?? "", /no scene/);
    await rm(root, { recursive: true });
  });
});
