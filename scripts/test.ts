// `npm test`: the checks, then every suite. The last line is `N passed, N failed`; what failed, what needed a second try
// and what could not be run here is named above it. `--fast` leaves out what takes long (the pre-push hook uses it); `--look` measures the product in a workbench
// and takes its pictures, and nothing else.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runHostTests } from "../test/vscode/runTest.ts";
import { runChecks } from "./check.ts";
import { workbenchRuntime } from "./vscode/runtime.ts";

type Outcome = { passed: number; failed: number; notRun: string[]; retried: string[]; broken: string[] };

const nothing = (): Outcome => ({ passed: 0, failed: 0, notRun: [], retried: [], broken: [] });
const suites = {
  fast: ["test/unit/**/*.test.ts", "test/contract/**/*.test.ts", "test/golden/**/*.test.ts"],
  look: ["test/look/**/*.test.ts"],
  slow: ["test/sim/**/*.test.ts", "test/integration/**/*.test.ts", "test/ui/**/*.test.ts"],
};

const look = process.argv.includes("--look");
const fast = look || process.argv.includes("--fast");
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const checked = fast || (await runChecks(say));
const outcome = await mocha(look ? suites.look : fast ? suites.fast : [...suites.fast, ...suites.slow]);
if (!fast) add(outcome, await inEditor());
list("Not run here", outcome.notRun);
list("Passed at a second try", outcome.retried);
list("Failed", outcome.broken);
if (!checked) say("\nThe checks above failed; they count as one failure.");
const failed = outcome.failed + (checked ? 0 : 1);
const passed = outcome.passed + (checked && !fast ? 1 : 0);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
say(`\n${passed} passed, ${failed} failed`);

function list(heading: string, titles: string[]): void {
  if (titles.length > 0) say(`\n${heading}:\n${titles.map((title) => `  ${title}`).join("\n")}`);
}

/** The suites inside a real VS Code; where none can be had, that is said and not counted. */
async function inEditor(): Promise<Outcome> {
  try {
    await workbenchRuntime();
  } catch (error) {
    return { ...nothing(), notRun: [`the suites inside VS Code: ${(error as Error).message}`] };
  }
  return { ...nothing(), ...(await runHostTests({})) };
}

function add(sum: Outcome, more: Outcome): void {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.notRun.push(...more.notRun);
  sum.retried.push(...more.retried);
  sum.broken.push(...more.broken);
}

async function mocha(files: string[]): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), "ao-test-"));
  const report = join(dir, "report.json");
  const args = [
    join("node_modules", "mocha", "bin", "mocha.js"),
    "--reporter",
    "test/support/reporter.mjs",
    "--reporter-option",
    `output=${report}`,
    ...files,
  ];
  const env = { ...process.env, AO_DATA_DIR: join(dir, "data") };
  const code = await new Promise<number>((resolve) => {
    spawn(process.execPath, args, { stdio: "inherit", env }).on("close", (status) => resolve(status ?? 1));
  });
  try {
    const result = JSON.parse(readFileSync(report, "utf8")) as Outcome;
    return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
  } catch {
    return { ...nothing(), failed: 1, broken: ["the suites: mocha ended without a report"] };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
