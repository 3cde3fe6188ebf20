// The words that are read from a command are those that a real bash hands to its programs. All that is run here is a
// program that writes down its own words; the commands are put together from harmless pieces.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { judgeShellCall } from "../../src/tools/judge.ts";

const written = [
  "show a b",
  `show 'a b' "c d" e\\ f`,
  `show "a'b" 'c"d' a"b"'c'd`,
  `show "\\$x \\\\ \\" \\\` \\n"`,
  "show $'a\\nb\\t\\'c' x",
  "show '' \"\" a''b",
  "show {a,b}c x{1..3}y {,z}",
  "show ~ ~/x a~ '~' \"~\"",
  'show "$HOME" $HOME/x "${HOME}"/y',
  "show a#b # c",
  "show a \\\n  b",
  "show a; show b && show c || show d",
  "show a | show b |& show c",
  "(show a; show b) && { show c; }",
  "! show a; time show b",
  "if show a; then show b; else show c; fi",
  "for x in a 'b c'; do show \"$x\"; done",
  "case a in a) show a ;; *) ;; esac",
  'echo "$(show a)" b',
  "echo `show a` b",
  'x=1; show $x "$x" a$x',
  "show a > out 2>&1; show b >> out < /dev/null",
  "show a &> out; show b 2> /dev/null",
  "CI=1 show a",
  "cd sub && show a",
  "show <<EOF\nshow b $(show c)\nEOF",
  "show <<'EOF'\n$(show c)\nEOF",
  'show <<< "a $(show b)"',
  "command show a; eval 'show b  c'",
  'eval "show a" "b"',
  "trap 'show a' EXIT; show b",
  "[ -n a ] && show a; [[ a == a ]] && show b",
  "show $((1 + 2)) $?",
  "set -e; show a",
  "show --a=b -c'd e' -- -x",
  'show a\u00e4\u4e2d "\u00fc"',
  "while false; do :; done; show a",
  "show a&show b;wait",
  "show =a a= == @a %b ,c :d ^e",
];

describe("the words of a command", () => {
  let folder: string;
  const bash = spawnSync("bash", ["-c", "type -P bash"], { encoding: "utf8" }).stdout?.trim() ?? "";

  before(function () {
    if (bash === "") this.skip();
    folder = realpathSync(mkdtempSync(join(tmpdir(), "ao-words-")));
    for (const name of ["bin", "work/sub"]) mkdirSync(join(folder, name), { recursive: true });
    // In one go, so that what others write at the same time stays apart.
    writeFileSync(join(folder, "bin/show"), `#!/bin/sh\nprintf '%s\\0' show "$@" '\u0001' >> "${join(folder, "seen")}"\n`);
    chmodSync(join(folder, "bin/show"), 0o755);
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  /** What the program got, in any order: what runs side by side may be written down either way round. */
  const run = (command: string): string[] => {
    writeFileSync(join(folder, "seen"), "");
    const env = { PATH: join(folder, "bin"), HOME: homedir(), LC_ALL: "C.UTF-8" };
    try {
      execFileSync(bash, ["-c", command], { cwd: join(folder, "work"), env, stdio: "ignore" });
    } catch {
      // How it ends does not matter here.
    }
    return readFileSync(join(folder, "seen"), "utf8")
      .split("\u0001\0")
      .filter(Boolean)
      .map((words) => JSON.stringify(words.split("\0").slice(0, -1)));
  };

  /** Undefined where it is not certain. */
  const read = async (command: string): Promise<string[] | undefined> => {
    const { certain, commands } = await judgeShellCall({ command }, { root: join(folder, "work"), writable: true });
    return certain ? commands.filter(({ words }) => words[0] === "show").map(({ words }) => JSON.stringify(words)) : undefined;
  };

  /** All that ran was seen, in the very words. What was seen need not have run; words that are known only then are their text. */
  const check = async (command: string): Promise<boolean> => {
    const seen = await read(command);
    if (seen === undefined) return false;
    for (const words of run(command)) {
      const isSeen = seen.includes(words) || seen.some((one) => matchesText(one, words));
      assert.ok(isSeen, `${command}\nbash ran ${words}\nwe saw ${seen.join(" ")}`);
    }
    return true;
  };

  for (const command of written)
    it(JSON.stringify(command), async () => {
      assert.equal(await check(command), true, "it is certain");
    });

  it("put together by chance", async () => {
    let state = 71;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const pick = (from: string[]): string => from[random(from.length)]!;
    const pieces = [
      "a",
      "B",
      "-x",
      "1",
      "/",
      ".",
      "=",
      "'q r'",
      '"d e"',
      "\\ ",
      "\\'",
      '\\"',
      "\\\\",
      "$'n\\nm'",
      '"$HOME"',
      "{a,b}",
      "~",
      "''",
      '"\\$"',
      "#",
      "%",
      "@",
      ":",
      ",",
      "\u00e9",
    ];
    const word = (): string => Array.from({ length: 1 + random(4) }, () => pick(pieces)).join("");
    const simple = (): string => `show ${Array.from({ length: random(4) }, word).join(" ")}${pick(["", "", "", " >out", " 2>&1"])}`;
    const joints = ["; ", " && ", " || ", " | ", "\n", " & "];
    const wraps = [
      (one: string) => one,
      (one: string) => `(${one})`,
      (one: string) => `{ ${one}; }`,
      (one: string) => `if ${one}; then ${simple()}; fi`,
    ];
    let certain = 0;
    for (let round = 0; round < 150; round++) {
      const parts = Array.from({ length: 1 + random(3) }, () => wraps[random(wraps.length)]!(simple()));
      // What still runs aside would be taken for the next one's.
      const command = `${parts.reduce((all, one) => `${all}${pick(joints)}${one}`)}\nwait`;
      if (await check(command)) certain++;
    }
    assert.ok(certain > 75, `${certain} of 150 were certain`);
  });
});

/** Whether words that hold what is known only when it runs could be these. */
function matchesText(seen: string, words: string): boolean {
  const [ours, theirs] = [JSON.parse(seen) as string[], JSON.parse(words) as string[]];
  return ours.some((word) => /[$`]/.test(word)) && ours.every((word, i) => /[$`]/.test(word) || word === theirs[i]);
}
