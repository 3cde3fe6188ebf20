// The tables of programs: every option that goes beyond is seen in every way in which it can be written, and no table
// contradicts itself.

import assert from "node:assert/strict";
import { allPrograms } from "../../src/tools/shell/programs/all.ts";
import { gitCommands, gitOptions } from "../../src/tools/shell/programs/git.ts";
import { optionsOf } from "../../src/tools/shell/programs.ts";
import type { Option, Program } from "../../src/tools/shell/programs.ts";
import { isHarmless, openShellBench } from "./shellBench.ts";
import type { ShellBench } from "./shellBench.ts";

describe("the tables of programs", () => {
  let bench: ShellBench;
  before(() => {
    bench = openShellBench();
  });
  after(() => bench.close());

  const reading: [string, Program][] = [...allPrograms, ...Object.entries(gitCommands).map(([verb, one]) => [`git ${verb}`, one] as const)]
    .filter(([, { effect }]) => effect === "reads")
    .map(([name, program]) => [name, program]);

  it("see what goes beyond in every spelling", async () => {
    let tried = 0;
    for (const [name, program] of [...reading, ["git", { effect: "reads", options: gitOptions } satisfies Program] as const])
      for (const [spelling, option] of optionsOf(program.options ?? ""))
        if (option.beyond)
          for (const command of waysOf(name, spelling, option, program)) {
            tried++;
            assert.equal(isHarmless(await bench.judge(command)), false, command);
          }
    assert.ok(tried > 100, `${tried} tried`);
  });

  it("know a secret among operands, whatever options come before it", async () => {
    const quiet = ["git ", "find", "sed", "awk", "env", "xargs", "time"];
    let tried = 0;
    for (const [name, program] of reading) {
      if (!/read/.test(program.operands ?? "") || quiet.some((one) => name.startsWith(one))) continue;
      const text = program.operands!.startsWith("text") && program.insteadWith === undefined ? "x " : "";
      for (const [spelling, option] of optionsOf(program.options ?? "")) {
        if (option.beyond || !spelling.startsWith("-") || spelling === "-#") continue;
        const value = option.kind === undefined || option.optional ? "" : spelling.startsWith("--") ? "=1" : " 1";
        const command = `${name} ${spelling}${value} ${text}${program.insteadWith?.split(/[ ,]/).includes(option.name) || program.insteadWith === undefined ? "" : "x "}.env`;
        tried++;
        assert.equal(isHarmless(await bench.judge(command)), false, command);
      }
    }
    assert.ok(tried > 300, `${tried} tried`);
  });

  it("name each option in a form that can be met", () => {
    for (const [name, program] of allPrograms)
      for (const spelling of optionsOf(program.options ?? "").keys())
        assert.match(spelling, /^(-#|--?[A-Za-z0-9.@?+-]*)$/, `${name}: ${spelling}`);
  });
});

function waysOf(name: string, spelling: string, option: Option, program: Program): string[] {
  const takes = option.kind !== undefined;
  if (spelling.startsWith("--") || program.longDash) {
    const short = spelling.length > 6 && !program.longDash ? [`${name} ${spelling.slice(0, -1)}${takes ? "=x" : ""} a`] : [];
    return [
      ...short,
      ...(takes ? [`${name} ${spelling}=x a`] : []),
      ...(option.optional || takes ? [] : [`${name} ${spelling} a`]),
      `${name} ${spelling} x a`,
    ];
  }
  return takes ? [`${name} ${spelling}x a`, `${name} ${spelling} x a`] : [`${name} ${spelling} a`, `${name} a ${spelling}`];
}
