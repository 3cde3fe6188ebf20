// The entry that VS Code calls in the extension host: runs the suites it is told of with mocha and writes what came of
// them. Bundled by runTest.ts; knows nothing of how this VS Code was started.

import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { HostReport, HostTask, TestOutcome } from "./hostTask.ts";

/** Rejects if a test failed: that is how the host's exit code is told. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const task = JSON.parse(process.env["AO_TEST_TASK"] ?? "") as HostTask;
  const mocha = new Mocha({
    ui: "bdd",
    timeout: task.timeout,
    forbidOnly: true,
    reporter: Mocha.reporters.Base,
    ...(task.grep ? { grep: task.grep } : {}),
  });
  for (const file of task.files) mocha.addFile(file);
  const tests: TestOutcome[] = [];
  try {
    await mocha.loadFilesAsync();
    await new Promise<void>((resolve) => {
      const runner = mocha.run(() => resolve());
      runner.on("pass", (test) => tests.push({ title: test.fullTitle(), state: "passed", ms: test.duration ?? 0 }));
      runner.on("pending", (test) => tests.push({ title: test.fullTitle(), state: "notRun", ms: 0 }));
      runner.on("fail", (test, error) =>
        tests.push({ title: test.fullTitle(), state: "failed", ms: test.duration ?? 0, error: said(error) }),
      );
    });
  } catch (error) {
    tests.push({ title: "loading the suites", state: "failed", ms: 0, error: said(error) });
  }
  const report: HostReport = { tests };
  writeFileSync(task.report, JSON.stringify(report));
  const failed = tests.filter(({ state }) => state === "failed").length;
  if (failed > 0) throw new Error(`${failed} of ${tests.length} tests failed`);
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
