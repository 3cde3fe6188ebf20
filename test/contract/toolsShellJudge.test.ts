// What shell commands are judged to do: a corpus of hostile ones by class, of harmless and of working ones, and that no
// nesting makes a hostile one look harmless. Nothing of it is run.

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { isHarmless, openShellBench, readCorpus, writeCorpus } from "./shellBench.ts";
import type { Entry, ShellBench } from "./shellBench.ts";

const corpora = ["hostile", "reaching", "harmless", "working"];

describe("judging a shell command", () => {
  let bench: ShellBench;
  beforeEach(() => {
    bench = openShellBench();
  });
  afterEach(() => bench.close());

  for (const name of corpora) {
    const entries = readCorpus(name);
    const seen: Entry[] = [];
    for (const heading of new Set(entries.map((entry) => entry.class))) {
      it(`${name}: ${heading}`, async () => {
        const own = entries.filter((entry) => entry.class === heading);
        const said: Entry[] = [];
        const wrong: string[] = [];
        for (const entry of own) {
          const reach = await bench.judge(entry.command);
          said.push({ ...entry, expected: bench.say(reach) });
          const isWrong = name === "harmless" ? !isHarmless(reach) : name !== "working" && isHarmless(reach);
          if (isWrong) wrong.push(entry.command);
        }
        if (process.env["AO_UPDATE_GOLDEN"]) seen.push(...said);
        assert.deepEqual(wrong, [], "taken for the opposite");
        if (!process.env["AO_UPDATE_GOLDEN"]) assert.deepEqual(said.map(readable), own.map(readable));
      });
    }
    if (process.env["AO_UPDATE_GOLDEN"]) after(() => writeCorpus(name, seen));
  }

  it("takes no hostile command for harmless, however it is wrapped", async () => {
    // A bracket that closes what is around it makes another command of it.
    const whole = (entry: Entry): boolean => !entry.command.includes("\n") && !entry.class.includes("broken");
    const hostile = [...readCorpus("hostile"), ...readCorpus("reaching")].filter(whole);
    const random = randomFrom(20261);
    for (let round = 0; round < 600; round++) {
      let command = pick(random, hostile).command;
      for (let depth = 1 + Math.floor(random() * 3); depth > 0; depth--) command = pick(random, nestings)(command);
      assert.equal(isHarmless(await bench.judge(command)), false, `round ${round}: ${command}`);
    }
  });

  it("takes harmless commands for harmless in harmless nesting too", async () => {
    const harmless = readCorpus("harmless").filter((entry) => /looking|searching/.test(entry.class) && !/[\n'"]/.test(entry.command));
    for (const { command } of harmless)
      for (const nest of [nestings[0]!, nestings[1]!, nestings[4]!, nestings[7]!])
        assert.equal(isHarmless(await bench.judge(nest(command))), true, nest(command));
  });

  it("gives up on what is too large, too deep or too much, and says so", async () => {
    const large: Record<string, string> = {
      open: "(".repeat(10_000_000),
      braces: "{ ".repeat(4000),
      list: "a;".repeat(100_000),
      short: "a;".repeat(4900),
      deep: "$(".repeat(4000),
      closed: `${"$(".repeat(1000)}ls${")".repeat(1000)}`,
      quoted: '"$('.repeat(3000),
      ticks: "`".repeat(9999),
      defaults: "${a:-".repeat(1900),
      arithmetic: "$((".repeat(3000),
      documents: "cat <<A\n".repeat(1200),
      choices: `ls ${"{a,b}".repeat(500)}`,
      shells: shells(12),
      evals: `${"eval ".repeat(1900)}ls`,
      wrappers: `${"env ".repeat(2400)}ls`,

      sed: `sed '${"p;  ".repeat(400)}!'`,
      paths: `cat ${"../".repeat(3000)}x`,
    };
    for (const [name, command] of Object.entries(large)) assert.equal(isHarmless(await bench.judge(command)), false, name);
    // Only long: this is answered as it is.
    for (const command of [`ls ${"a ".repeat(4900)}`, `ls ${"*/".repeat(3000)}*`, `ls ${"*a".repeat(4000)}`])
      assert.equal((await bench.judge(command)).commands.length, 1);
  });

  it("asks of git only what the repository's own settings leave harmless", async () => {
    const config = "[core]\n\trepositoryformatversion = 0\n";
    const effect = async (command = "git status"): Promise<string | undefined> => (await bench.judge(command)).commands[0]?.effect;
    assert.equal(await effect(), "reads");
    const telling = [
      "[core]\n\tfsmonitor = ./evil",
      "[CORE]\nFsMonitor=./evil",
      "[core]fsmonitor = ./evil",
      "[core]\n\tfsmonitor ; yes",
      '[core]\n\thooksPath = "ev il"',
      '[filter "x"]\n\tclean = ./evil',
      '[diff "x"]\n\ttextconv = ./evil',
      "[diff]\n\texternal = ./evil",
      "[include]\n\tpath = ../evil",
      '[includeIf "gitdir:/"]\n\tpath = ../evil',
      "[core]\n\tworktree = ..",
      '[remote "o"]\n\tpromisor = true',
      "[extensions]\n\tpartialClone = o",
      "[log]\n\tshowSignature = true",
    ];
    for (const text of telling) {
      bench.put(".git/config", `${config}${text}\n`);
      assert.equal(await effect(), "unknown", text);
      assert.equal(await effect("git -C src diff"), "unknown", text);
    }
    bench.put(".git/config", `${config}[remote "origin"]\n\turl = x\n[branch "main"]\n\tremote = origin\n`);
    assert.equal(await effect(), "reads");
    bench.put(".git/config", `${config}\thooksPath = own/hooks\n`);
    assert.equal(await effect(), "reads");
    assert.equal((await bench.judge("cp a.txt own/hooks/post-index-change; git status")).commands[1]?.effect, "unknown");
    bench.put("own/hooks/post-index-change", "#!/bin/sh\n");
    assert.equal(await effect(), "unknown");
    bench.put(".git/config", config);
    assert.equal(await effect(), "reads");
    bench.put(".git/hooks/post-index-change", "#!/bin/sh\n");
    assert.equal(await effect(), "unknown");
  });

  it("does not let git go into other repositories", async () => {
    const effect = async (): Promise<string | undefined> => (await bench.judge("git status")).commands[0]?.effect;
    bench.put("bare/HEAD", "ref: refs/heads/main\n");
    mkdirSync(join(bench.root, "bare/objects"));
    assert.equal((await bench.judge("git -C bare log")).commands[0]?.effect, "unknown");
    bench.put(".gitmodules", "");
    assert.equal(await effect(), "unknown");
  });

  it("follows what leads elsewhere by a link", async () => {
    symlinkSync("/", join(bench.root, "sub/root"));
    for (const command of ["cat sub/root/etc/hostname", "ls sub/root", "cd sub/root && ls", "cat sub/*/etc/hostname"])
      assert.equal(isHarmless(await bench.judge(command)), false, command);
  });
});

function readable({ command, expected }: Entry): string {
  return `${command}  →  ${expected}`;
}

/** `sh -c` in `sh -c` in …, quoted anew each time. */
function shells(depth: number): string {
  let command = "ls";
  for (let i = 0; i < depth; i++) command = `sh -c '${command.replaceAll("'", `'\\''`)}'`.slice(0, 60_000);
  return command;
}

const quoted = (command: string): string => `'${command.replaceAll("'", `'\\''`)}'`;

/** Harmless around what they hold: the first eight let a harmless command stay so. */
const nestings: ((command: string) => string)[] = [
  (command) => `ls; ${command}`,
  (command) => `(${command})`,
  (command) => `ls && { ${command}; }`,
  (command) => `true | { ${command}; }`,
  (command) => `if ${command}; then ls; fi`,
  (command) => `! { ${command}; }`,
  (command) => `case x in x) ${command} ;; esac`,
  (command) => `echo "$(${command})"`,
  (command) => `for i in a b; do ${command}; done`,
  (command) => `bash -c ${quoted(command)}`,
  (command) => `eval ${quoted(command)}`,
  (command) => `cat <<EOF\n$(${command})\nEOF\n`,
  (command) => `cat <(${command})`,
  (command) => `timeout 5 bash -c ${quoted(command)}`,
  (command) => `env CI=1 bash -c ${quoted(command)}`,
  (command) => `NO_COLOR=1 eval ${quoted(command)}`,
  (command) => `ls && ${command} || ls`,
  (command) => `while false; do ${command}; done`,
  (command) => `echo \${x:-$(${command})}`,
  (command) => `x=$(${command})`,
  (command) => `trap ${quoted(command)} EXIT`,
  (command) => `command eval ${quoted(command)}`,
  (command) => `f() { ${command}; }; f`,
];

/** A small generator with a seed, so that a failure can be had again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function pick<T>(random: () => number, from: T[]): T {
  return from[Math.floor(random() * from.length)]!;
}
