// sed and awk: their scripts are read only as far as it takes to be sure that they change and start nothing.

import { hasOption, readArguments } from "./arguments.ts";
import type { Program } from "./programs.ts";
import { doubt } from "./scene.ts";
import type { Scene } from "./scene.ts";
import type { ShellWord } from "./shellWord.ts";
import { settle } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";

const sed: Program = {
  effect: "reads",
  options:
    "-n,--quiet,--silent -e,--expression:text -f,--file:read! -E,-r,--regexp-extended -s,--separate -u,--unbuffered -z,--null-data -l,--line-length:text -i,--in-place?:text! --posix --debug --sandbox --follow-symlinks",
  operands: "text read*",
  insteadWith: "-e,--expression,-f,--file read*",
};

export function judgeSed(scene: Scene, args: ShellWord[]): Outcome {
  const read = readArguments(sed, args);
  const inPlace = hasOption(read, ["-i", "--in-place"]);
  const program = inPlace ? { ...sed, operands: "text write*", insteadWith: "-e,--expression,-f,--file write*" } : sed;
  const outcome = settle(scene, program, args, read);
  const given = read.given.filter(({ option }) => option.name === "-e" || option.name === "--expression").map(({ value }) => value);
  const scripts = given.length > 0 ? given : hasOption(read, ["-f", "--file"]) ? [] : read.operands.slice(0, 1);
  for (const script of scripts) {
    if (script && isHarmlessSed(script.value ?? "?")) continue;
    if (script?.value === undefined) doubt(scene.walk, "what sed does is not known before it runs");
    outcome.effect = "unknown";
    outcome.beyond.push(script?.text ?? "-e");
  }
  // Elsewhere the word behind -i is what it adds to names, and the script comes after it.
  if (inPlace && read.operands[0]?.value === "") return { ...outcome, effect: "unknown" };
  if (inPlace && outcome.effect === "unknown" && scripts.every((script) => isHarmlessSed(script?.value ?? "?"))) outcome.effect = "writes";
  return outcome;
}

const address = String.raw`(?:\d+|\$|\d+~\d+|/(?:[^/\\\n]|\\.)*/I?)`;
const sedCommand = new RegExp(
  String.raw`[\s;]*(?:${address}(?:,(?:${address}|[+~]\d+))?)?[ \t]*!?[ \t]*(?:[pd=lnNhHgGxDPF]|[qQ]\d*|s([/|#,:@!%_])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiI\d]*|y/(?:[^/\\\n]|\\.)*/(?:[^/\\\n]|\\.)*/)[ \t]*(?=[;\n]|$)[\s;]*`,
  "y",
);

/** Only commands without files and programs; a replacement could hold nothing but text. */
function isHarmlessSed(script: string): boolean {
  // Programs differ on where a text in brackets ends that holds the delimiter.
  if (script.length > 2000 || /\[[^\]]*\/|[^\w\s]\[.*s[|#,:@!%_]|s[|#,:@!%_].*\[/.test(script)) return false;
  sedCommand.lastIndex = 0;
  while (sedCommand.lastIndex < script.length) if (!sedCommand.test(script)) return false;
  return true;
}

const awk: Program = {
  effect: "reads",
  options:
    "-F,--field-separator:text -v,--assign:text -f,--file:read! -i,--include:run! -l,--load:run! -E,--exec:run! -e,--source:text! -o,--pretty-print?:write! -p,--profile?:write! -d,--dump-variables?:write! -D,--debug?:read! -W:text!",
  operands: "text read*",
};

/** Words by which a script starts programs, opens files of its own or chooses others than it was given. */
const awkReaches = /system|getline|ARGV|ARGC|ENVIRON|PROCINFO|@|close|\||>/;

export function judgeAwk(scene: Scene, args: ShellWord[]): Outcome {
  const read = readArguments(awk, args);
  const outcome = settle(scene, awk, args, read);
  const [script] = read.operands;
  if (!script || hasOption(read, ["-f", "--file"])) return { ...outcome, effect: "unknown" };
  const isHarmless = script.value !== undefined && !awkReaches.test(script.value.replaceAll("||", "").replaceAll(">=", ""));
  if (isHarmless) return outcome;
  if (script.value === undefined) doubt(scene.walk, "what awk does is not known before it runs");
  return { ...outcome, effect: "unknown", beyond: [...outcome.beyond, script.text] };
}
