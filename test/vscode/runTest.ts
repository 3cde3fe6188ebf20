// The one entry for suites inside a real extension host: `node test/vscode/runTest.ts [--grep x] [--bed name] [--report
// file] [--verbose]`. Owns the choice of the VS Code, the order of the beds and the counts.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { desktopExecutable, hasDisplay } from "../../scripts/vscode/desktop.ts";
import { beds, type Bed } from "./beds.ts";
import type { HostReport, TestOutcome } from "./hostTask.ts";
import { runInDesktop } from "./inDesktop.ts";
import { runInServer } from "./inServer.ts";
import { prepare, suitesOf } from "./prepare.ts";

export type Counts = { passed: number; failed: number; notRun: string[]; broken: string[] };

export type RunOptions = { grep?: string; bed?: string; verbose?: boolean };

const bedLimit = 5 * 60_000;

/** Runs every bed that has suites, or the one that is named. */
export async function runHostTests({ grep, bed: only, verbose = false }: RunOptions): Promise<Counts> {
  if (only !== undefined && !(only in beds)) throw new Error(`There is no bed "${only}"; there are: ${Object.keys(beds).join(", ")}.`);
  const chosen = Object.entries(beds).filter(([name]) => (only === undefined || name === only) && suitesOf(name).length > 0);
  const counts: Counts = { passed: 0, failed: 0, notRun: [], broken: [] };
  for (const [name, bed] of chosen) {
    const began = performance.now();
    const ran = await runBed(name, bed, grep, verbose);
    const tests = bed.mustFail ? [proof(name, ran)] : ran;
    say(`${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    for (const test of tests) tell(test);
    counts.passed += tests.filter(({ state }) => state === "passed").length;
    const broken = tests.filter(({ state }) => state === "failed");
    counts.failed += broken.length;
    counts.broken.push(...broken.map(({ title, error = "" }) => `${title}: ${error.split("\n")[0]}`));
    counts.notRun.push(...tests.filter(({ state }) => state === "notRun").map(({ title }) => title));
  }
  return counts;
}

/** A bed that gives no report is one failure, with what the host printed. */
async function runBed(name: string, bed: Bed, grep: string | undefined, verbose: boolean): Promise<TestOutcome[]> {
  // Within the project, so that the bundled suites find its packages.
  const parent = resolve(".cache", "vscode-tests");
  mkdirSync(parent, { recursive: true });
  const root = mkdtempSync(join(parent, `${name}-`));
  try {
    const prepared = await prepare(root, name, bed, grep);
    const said = inDesktop() ? await runInDesktop(prepared, bedLimit) : await runInServer(prepared, bedLimit, verbose);
    return (
      outcome(prepared.report) ?? [{ title: `${name}: the extension host`, state: "failed", ms: 0, error: `It gave no report.\n${said}` }]
    );
  } catch (error) {
    return [{ title: `${name}: the bed`, state: "failed", ms: 0, error: (error as Error).message }];
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Guards the guard: every test of such a bed must have come out as failed. */
function proof(name: string, tests: TestOutcome[]): TestOutcome {
  const title = `${name}: what fails in the extension host is told as failed`;
  const proven = tests.length > 0 && tests.every(({ state }) => state === "failed");
  return proven ? { title, state: "passed", ms: 0 } : { title, state: "failed", ms: 0, error: `It was told as ${JSON.stringify(tests)}.` };
}

function outcome(report: string): TestOutcome[] | undefined {
  try {
    return (JSON.parse(readFileSync(report, "utf8")) as HostReport).tests;
  } catch {
    return undefined;
  }
}

/** AO_VSCODE decides; unset, a desktop VS Code that can be shown is preferred. */
function inDesktop(): boolean {
  const wish = process.env["AO_VSCODE"];
  return wish === undefined ? hasDisplay() && desktopExecutable() !== undefined : wish === "desktop";
}

function tell({ title, state, ms, error }: TestOutcome): void {
  say(`  ${{ passed: "ok", failed: "FAILED", notRun: "not run" }[state]} ${title}${ms > 75 ? ` (${ms} ms)` : ""}`);
  if (error !== undefined) say(error.replaceAll(/^/gm, "      "));
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { grep: { type: "string" }, bed: { type: "string" }, report: { type: "string" }, verbose: { type: "boolean" } },
  });
  const counts = await runHostTests(values);
  if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(counts));
  say(`\n${JSON.stringify(counts)}`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
