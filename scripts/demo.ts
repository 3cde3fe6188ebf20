// `npm run demo`: the whole way with the scripted model, no key and no network. Copies the sample project, lets the team
// work on it, runs the project's tests on the result, and shows what each agent did.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";

const goals = parse(readFileSync("agents/demo/goals.yaml", "utf8")) as Record<string, string>;
const workflows: Record<string, string> = { feature: "auto", consensus: "consensus", parallel: "parallel", edit: "auto", question: "auto" };
const chosen = process.argv[2] ?? "feature";
const goal = goals[chosen];

if (goal === undefined) {
  process.stderr.write(`There is no demo "${chosen}"; there are: ${Object.keys(goals).join(", ")}\n`);
  process.exit(2);
}

const project = join(mkdtempSync(join(tmpdir(), "agent-orchestrator-demo-")), "project");
cpSync("agents/demo/project", project, { recursive: true });
const cli = resolve("dist/cli.js");

say(
  `The model of this demo is scripted: it follows a script and reacts to what the tools really answer.\nA copy of the sample project is in ${project}\nGoal: ${goal.trim()}\n`,
);
const ran = ao(
  "run",
  goal.trim(),
  "--workspace",
  project,
  "--model",
  "demo",
  "--workflow",
  workflows[chosen] ?? "auto",
  "--level",
  "bypass",
);
if (ran !== 0) process.exit(ran);

say("\nThe sample project's own tests, on the result:");
const tested = spawnSync("npm", ["test", "--silent"], { cwd: project, stdio: "inherit" }).status ?? 1;
say("\nWho did what:\n");
const session = newest();
ao("trace", session, "--tasks");
say(`\nThe result:       ${project}`);
say(`The whole record: node ${cli} trace ${session}`);
say(`The patch:        node ${cli} changes ${session}`);
process.exit(tested);

function ao(...args: string[]): number {
  return spawnSync(process.execPath, [cli, ...args], { stdio: "inherit" }).status ?? 1;
}

function newest(): string {
  const listed = spawnSync(process.execPath, [cli, "list", "--workspace", project, "--json"], { encoding: "utf8" });
  return (JSON.parse(listed.stdout) as { id: string }[])[0]!.id;
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}
