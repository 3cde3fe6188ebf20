// `npm run check`: everything that can be said about the code without running it. Under a minute; green at every commit.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { sizeProblems } from "./sizes.ts";

type Check = { name: string; run(): Promise<{ ok: boolean; output: string }> };

const bin = (name: string): string => join("node_modules", ".bin", name);

function program(command: string, args: string[]): () => Promise<{ ok: boolean; output: string }> {
  return () =>
    new Promise((resolve) => {
      const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.on("error", (error) => resolve({ ok: false, output: error.message }));
      child.on("close", (code) => resolve({ ok: code === 0, output }));
    });
}

export const checks: Check[] = [
  { name: "types and layers (tsc -b)", run: program(bin("tsc"), ["-b"]) },
  { name: "lint (oxlint --type-aware)", run: program(bin("oxlint"), ["--type-aware"]) },
  { name: "unused code (knip)", run: program(bin("knip"), ["--no-progress"]) },
  { name: "format (oxfmt --check)", run: program(bin("oxfmt"), ["--check", "."]) },
  { name: "sizes", run: async () => sizeProblems(".").then((problems) => ({ ok: problems.length === 0, output: problems.join("\n") })) },
];

/** Runs all checks and prints what fails; true when nothing does. */
export async function runChecks(print: (line: string) => void): Promise<boolean> {
  let ok = true;
  for (const check of checks) {
    const began = performance.now();
    const result = await check.run();
    ok &&= result.ok;
    print(`${result.ok ? "ok    " : "FAILED"} ${check.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    if (!result.ok) print(result.output.trimEnd());
  }
  return ok;
}

if (import.meta.main) process.exitCode = (await runChecks((line) => void process.stdout.write(`${line}\n`))) ? 0 : 1;
