// `npm run bench:guard`: what a decision costs, from the call's arguments to the guard's word, and what a whole
// `ao policy check` costs beside a program that does nothing. Files are read as in a run; nothing is executed.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { decide } from "../src/core/guard.ts";
import { compileRule, type Rule } from "../src/core/rules.ts";
import { accessTo } from "../src/tools/accessTo.ts";
import { judgeCall, judgeShellCall } from "../src/tools/judge.ts";
import { makeTempDir } from "../test/support/tempDir.ts";
import { makeProject } from "./ours.ts";

const warmUp = 500;
const rounds = 4000;
const starts = 15;

/** As many as a large team's policy might have; the deny and ask rules are looked at for each call. */
const rules: Rule[] = [
  ...Array.from({ length: 80 }, (_, i) =>
    compileRule({ effect: "deny", tool: "filesystem", path: [`**/secret${i}/**`, `config/${i}/*.key`] }),
  ),
  ...Array.from({ length: 60 }, (_, i) => compileRule({ effect: "ask", tool: "shell", command: [`tool${i} deploy *`] })),
  ...Array.from({ length: 60 }, (_, i) => compileRule({ effect: "allow", tool: "shell", command: [`npm run task${i} *`] })),
];

const calls: [name: string, tool: string, input: unknown][] = [
  ["read a file", "filesystem__read_file", { path: "src/index.js" }],
  ["write a file", "filesystem__write_file", { path: "src/index.js", content: "x" }],
  ["a plain command", "shell__run", { command: "npm run task59 --silent" }],
  ["a pipe", "shell__run", { command: "grep -rn TODO src | sort | uniq -c | head -20" }],
  ["a list with substitutions", "shell__run", { command: 'cd src && for f in a b; do echo "$(basename "$f")"; done; git status --short' }],
];

const temp = makeTempDir("bench-guard");
try {
  const root = makeProject(join(temp.path, "project"));
  console.log(`Decisions under ${rules.length} rules`);
  for (const [name, tool, input] of calls) console.log(line(name, await timesOf(tool, input, root)));
  console.log("\nWhole programs");
  const bare = medianStart(["-e", "0"]);
  const file = join(temp.path, "policy.yaml");
  writeFileSync(file, "version: 1\nrules:\n  - deny: { tool: filesystem, path: ['**/.env*'] }\n");
  for (const [name, command] of [
    ["plain", "ls -la"],
    ["pipe", "ls | wc -l"],
  ] as const) {
    const check = medianStart([resolve("dist/cli.js"), "policy", "check", "--tool", "shell__run", "--input", JSON.stringify({ command })]);
    console.log(
      `  ao policy check, ${name}`.padEnd(32),
      `${check.toFixed(0)} ms, ${(check / bare).toFixed(1)} × a program that does nothing`,
    );
  }
} finally {
  temp.remove();
}

async function timesOf(tool: string, input: unknown, root: string): Promise<number[]> {
  const access = await accessTo(tool);
  const scope = { root, writable: true };
  const times: number[] = [];
  for (let i = -warmUp; i < rounds; i++) {
    const began = performance.now();
    const reach = tool === "shell__run" ? await judgeShellCall(input, scope) : judgeCall(tool, input, scope);
    decide({ tool, access, reach, writable: true, level: "default", yesTo: [], checks: [], rules, paths: [], taint: [], named: [] });
    if (i >= 0) times.push(performance.now() - began);
  }
  return times;
}

function line(name: string, times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => `${(sorted[Math.floor(sorted.length * share)]! * 1000).toFixed(0)} µs`;
  const perSecond = Math.round((times.length * 1000) / times.reduce((sum, time) => sum + time, 0));
  return `  ${name}`.padEnd(32) + `${perSecond.toLocaleString("en-US")} a second, median ${at(0.5)}, p99 ${at(0.99)}`;
}

function medianStart(args: string[]): number {
  const times = Array.from({ length: starts }, () => {
    const began = performance.now();
    spawnSync(process.execPath, args, { stdio: "ignore", cwd: temp.path, env: { ...process.env, AO_DATA_DIR: temp.path } });
    return performance.now() - began;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(starts / 2)]!;
}
