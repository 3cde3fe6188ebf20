// mocha's own report for people, and the counts as a file for the script that started it.

import { writeFileSync } from "node:fs";
import mocha from "mocha";

export default class CountingReporter extends mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options);
    const notRun = [];
    runner.on("pending", (test) => notRun.push(test.fullTitle()));
    runner.once("end", () => {
      const { passes, failures } = runner.stats;
      writeFileSync(options.reporterOptions.output, JSON.stringify({ passed: passes, failed: failures, notRun }));
    });
  }
}
