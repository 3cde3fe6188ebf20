// What no table can say: programs whose arguments are a small language, and those that start others in ways of their own.

import { judgeAwk, judgeSed } from "./editing.ts";
import { judgeFind } from "./find.ts";
import { judgeGit } from "./gitCommand.ts";
import { hasOption, readArguments } from "./arguments.ts";
import { startScript } from "./nested.ts";
import { optionsOf } from "./programs.ts";
import type { Program, Special } from "./programs.ts";
import { addHost, doubt, lead, leadsElsewhere, mindedWithin, touch, touchPath } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { literal } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";
import { applyOptions, generic, hostsIn, judgeProgram, settle } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";
import { isHarmless } from "./variables.ts";

type Judge = (scene: Scene, program: Program, args: ShellWord[]) => Outcome;

export const specials: Record<Special, Judge> = {
  copy,
  link,
  awk: (scene, _program, args) => judgeAwk(scene, args),
  dd: (scene, _program, args) => copyBlocks(scene, args),
  env: (scene, _program, args) => withEnvironment(scene, args),
  find: (scene, _program, args) => judgeFind(scene, args),
  git: (scene, _program, args) => judgeGit(scene, args),
  joined,
  remote,
  sed: (scene, _program, args) => judgeSed(scene, args),
  shell: (scene, _program, args) => judgeShellProgram(scene, args),
  tar: (scene, program, args) => judgeProgram(scene, program, withDashes(program, args)),
  xargs: (scene, _program, args) => withMoreArguments(scene, args),
};

/** `tar cfI a b x`: its first word may be letters alone, which take their values from the words that follow, in turn. */
function withDashes(program: Program, args: ShellWord[]): ShellWord[] {
  const [first, ...rest] = args;
  if (first?.value === undefined || !/^[A-Za-z]+$/.test(first.value)) return args;
  const options = optionsOf(program.options ?? "");
  const spelled = Array.from(first.value, (letter) => {
    const takes = options.get(`-${letter}`)?.kind !== undefined;
    return [literal(`-${letter}`), ...(takes ? rest.splice(0, 1) : [])];
  });
  return [...spelled.flat(), ...rest];
}

/** A copied folder brings what is in it: names that are minded where they come to lie are places of their own. */
function copy(scene: Scene, program: Program, args: ShellWord[]): Outcome {
  const read = readArguments(program, args);
  const outcome = settle(scene, program, args, read);
  const target = read.operands.at(-1);
  const sources = read.operands.slice(0, -1);
  const isDeep = hasOption(read, ["-r", "-a", "-d", "-P", "-l", "-s"]);
  const isMove = program.operands === "delete* into";
  if (target?.value === undefined || (!isDeep && !isMove)) return outcome;
  for (const source of sources) {
    const hidden = mindedWithin(scene, source, target.value.replace(/\/+$/, ""));
    if (!hidden) doubt(scene.walk, `what ${source.text} holds is not certain`);
    for (const path of hidden ?? []) touchPath(scene, path, "write");
    if (isDeep || leadsElsewhere(scene, source)) lead(scene, target.value);
  }
  return outcome;
}

/** A link leads where its text says, seen from where it lies. */
function link(scene: Scene, program: Program, args: ShellWord[]): Outcome {
  const read = readArguments(program, args);
  const outcome = settle(scene, program, args, read);
  const target = read.operands.at(-1);
  const sources = read.operands.length === 1 ? read.operands : read.operands.slice(0, -1);
  for (const source of sources) {
    if (source.value === undefined || (/(^|\/)\.\.(\/|$)/.test(source.value) && target?.value?.includes("/")))
      doubt(scene.walk, `where the link to ${source.text} will lead is not certain`);
    lead(scene, read.operands.length === 1 ? source.text.split("/").at(-1)! : (target?.value ?? "."));
  }
  return outcome;
}

function copyBlocks(scene: Scene, args: ShellWord[]): Outcome {
  for (const word of args) {
    const [, name, path = ""] = /^(if|of)=(.*)$/s.exec(word.value ?? "") ?? [];
    if (word.value === undefined) doubt(scene.walk, `what ${word.text} is, is not known before it runs`);
    else if (name) touchPath(scene, path, name === "if" ? "read" : "write");
  }
  return { effect: "writes", beyond: [] };
}

const envOptions: Program = {
  effect: "reads",
  options: "-i,--ignore-environment -0,--null -u,--unset:text -C,--chdir:folder -S,--split-string:text -v,--debug",
  opens: 0,
};

function withEnvironment(scene: Scene, args: ShellWord[]): Outcome {
  const read = readArguments(envOptions, args);
  const outcome: Outcome = { effect: "reads", beyond: [] };
  const inner = applyOptions(scene, read.given, outcome);
  if (read.strange.length > 0) doubt(scene.walk, `what ${read.strange[0]} means for the command that follows is not certain`);
  let words = read.operands;
  const split = read.given.find(({ option }) => option.name === "-S" || option.name === "--split-string");
  if (split) {
    const text = split.value?.value ?? "$";
    if (!/^[\w\s./=@:+,-]*$/.test(text)) doubt(scene.walk, "what env splits is not certain");
    const parts = text.split(/\s+/).filter(Boolean).map(literal);
    const nested = withEnvironment(inner, [...parts, ...words]);
    return { ...nested, wrapper: true, ...(nested.starts ? { starts: { ...nested.starts, taken: words.length } } : {}) };
  }
  const beyond: string[] = [];
  for (; words.length > 0; words = words.slice(1)) {
    const [word] = words;
    if (word!.value === "-") continue;
    const name = /^([^=]+)=/.exec(word!.start)?.[1];
    if (name === undefined) break;
    if (!isHarmless(name)) beyond.push(word!.value ?? word!.text);
  }
  if (words.length === 0) return { ...outcome, beyond };
  return { ...outcome, wrapper: true, starts: { words, scene: inner, beyond, taken: words.length } };
}

const xargsOptions: Program = {
  effect: "reads",
  options:
    "-0,--null -r,--no-run-if-empty -t,--verbose -p,--interactive -x,--exit -o -n,--max-args:text -P,--max-procs:text -L,--max-lines:text -I:text -J:text -i,--replace?:text -d,--delimiter:text -s,--max-chars:text -E:text -a,--arg-file:read",
  opens: 0,
};

function withMoreArguments(scene: Scene, args: ShellWord[]): Outcome {
  const read = readArguments(xargsOptions, args);
  const outcome = settle(scene, xargsOptions, args, read);
  if (!outcome.starts) return outcome;
  const replaced = read.given.find(({ option }) => ["-I", "-J", "-i", "--replace"].includes(option.name));
  const token = replaced ? (replaced.value?.value ?? "{}") : undefined;
  const isWhole = scene.piped !== undefined && hasOption(read, ["-0", "--null"]) && !hasOption(read, ["-a", "--arg-file"]);
  const more: ShellWord[] = isWhole ? scene.piped! : [{ text: "…", start: "", many: true }];
  const replace = (word: ShellWord, token: string): ShellWord[] => {
    if (!(word.value ?? word.text).includes(token)) return [word];
    if (word.value === token && isWhole) return more;
    return [{ text: word.text, start: word.start.slice(0, Math.max(0, word.start.indexOf(token))), many: false }];
  };
  const { words } = outcome.starts;
  const given = token === undefined ? [...words, ...more] : words.flatMap((word) => replace(word, token));
  return { ...outcome, starts: { ...outcome.starts, words: given } };
}

/** `sh -c '…'` and its like: a script in a word, else a script in a file or from the input. */
function judgeShellProgram(scene: Scene, args: ShellWord[]): Outcome {
  const outcome: Outcome = { effect: "reads", beyond: [], wrapper: true };
  let wantsScript = false;
  let at = 0;
  for (; at < args.length; at++) {
    const text = args[at]!.value;
    if (text === undefined || !/^[-+]./.test(text)) break;
    if (text === "--") {
      at++;
      break;
    }
    if (/^-[a-z]*c[a-z]*$/.test(text) && /^-[eufxvcil]+$/.test(text)) {
      wantsScript = true;
      if (!/[il]/.test(text)) continue;
      outcome.beyond.push(text);
      outcome.effect = "unknown";
    } else if (/^[-+]o$/.test(text) && /^(pipefail|errexit|nounset|xtrace)$/.test(args[at + 1]?.value ?? "")) at++;
    else if (!/^(-[eufxvn]+|--(norc|noprofile|posix|version|help))$/.test(text)) {
      outcome.beyond.push(text);
      doubt(scene.walk, `what ${text} makes of the shell is not certain`);
    }
  }
  const [script, ...rest] = args.slice(at);
  if (wantsScript && script) {
    if (/\{[^}]*(,|\.\.)|\$['"]|[<>]\(|&>|\[\[|\(\(/.test(script.value ?? "")) outcome.effect = "unknown";
    startScript(scene, script, scene.folders);
    return outcome;
  }
  if (script) touch(scene, script, "execute");
  else if (!args.some(({ value }) => /^--(version|help)$/.test(value ?? ""))) doubt(scene.walk, "the shell runs what its input says");
  generic(scene, rest);
  return { effect: "unknown", beyond: outcome.beyond };
}

/** The words behind the options, joined to one script. */
function joined(scene: Scene, program: Program, args: ShellWord[]): Outcome {
  const read = readArguments({ ...program, opens: 0 }, args);
  const outcome: Outcome = { effect: program.effect, beyond: [], wrapper: true };
  const inner = applyOptions(scene, read.given, outcome);
  if (read.strange.length > 0) doubt(scene.walk, `what ${read.strange[0]} means for the command that follows is not certain`);
  const values = read.operands.map(({ value }) => value);
  if (values.includes(undefined) || program.effect === "unknown") doubt(scene.walk, "what it runs is not known before it runs");
  const text = values.map((value) => value ?? "").join(" ");
  if (text.trim() !== "") startScript(inner, literal(text.split(":::")[0]!), inner.folders);
  return outcome;
}

const sshOptions: Program = {
  effect: "unknown",
  options:
    "-o:text! -F:read! -i:read! -J:host! -S:write! -L,-R,-D,-W:text! -E:write! -I:run! -w:text! -O:text! -A! -X! -Y! -p:text -l:text -b:text -B:text -c:text -e:text -m:text -Q:text -4 -6 -a -C -f -G -g -K -k -M -N -n -q -s -T -t -V -v -x -y",
  opens: 1,
};

/** What runs on another machine is that machine's matter: here it connects. */
function remote(scene: Scene, _program: Program, args: ShellWord[]): Outcome {
  const read = readArguments(sshOptions, args);
  const outcome: Outcome = { effect: "unknown", beyond: [] };
  applyOptions(scene, read.given, outcome);
  scene.walk.found.network = true;
  const [host] = read.operands;
  for (const name of hostsIn(host?.value ?? "")) addHost(scene.walk, name);
  for (const word of args) if (word.value === undefined) doubt(scene.walk, `what ${word.text} is, is not known before it runs`);
  return outcome;
}
