// mocha's own report for people, and for the script that started it a file: the counts, and the tests that failed, that
// needed a second try, that were not run.

import { writeFileSync } from "node:fs";
import mocha from "mocha";

export default class CountingReporter extends mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const notRun = [];
    const retried = [];
    const broken = [];
    runner.on("pending", (test) => notRun.push(test.fullTitle()));
    const named = (test, error) => `${test.fullTitle()}: ${error.message.split("\n")[0]}`;
    runner.on("retry", (test, error) => retried.push(named(test, error)));
    runner.on("fail", (test, error) => broken.push(named(test, error)));
    runner.once("end", () => {
      const { passes, failures } = runner.stats;
      writeFileSync(options.reporterOptions.output, JSON.stringify({ passed: passes, failed: failures, notRun, retried, broken }));
    });
  }
}
