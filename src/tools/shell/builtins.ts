// The shell's own commands: what changes the folder, the variables or the meaning of what follows, and what evaluates
// its arguments once more, so that even quoted text can run commands.

import { resolve } from "node:path";
import { runText, startScript } from "./nested.ts";
import { absolutes, doubt, setVariable, touch } from "./scene.ts";
import type { Folders, Scene } from "./scene.ts";
import { homeFolder, isPlainArithmetic } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";
import { generic } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";
import { isHarmless, isTelling } from "./variables.ts";

type Builtin = (scene: Scene, args: ShellWord[], name: string) => Outcome;

const reads: Outcome = { effect: "reads", beyond: [] };
const unknown: Outcome = { effect: "unknown", beyond: [] };

/** Undefined where it is none of the shell's own. */
export function judgeBuiltin(scene: Scene, name: string, args: ShellWord[]): Outcome | undefined {
  return Object.hasOwn(builtins, name) ? builtins[name]!(scene, args, name) : undefined;
}

const quiet: Builtin = () => reads;

const unclear: Builtin = (scene, args, name) => {
  doubt(scene.walk, `${name} changes how the shell reads what follows`);
  generic(scene, args);
  return unknown;
};

const builtins: Record<string, Builtin> = {
  ":": quiet,
  true: quiet,
  false: quiet,
  pwd: quiet,
  echo: quiet,
  times: quiet,
  exit: quiet,
  return: quiet,
  break: quiet,
  continue: quiet,
  wait: (scene, args, name) =>
    args.every(({ value, text }) => /^(-[nf]|\d+|%.*)$/.test(value ?? "") || text === "$!") ? reads : unclear(scene, args, name),
  jobs: (scene, args, name) => (args.every(({ value }) => /^-[lprsn]+$/.test(value ?? "")) ? reads : unclear(scene, args, name)),
  type: quiet,
  printf: print,
  test: compare,
  "[": compare,
  cd: enter,
  pushd: enter,
  popd: (_scene, _args) => ({ ...reads, ends: { ok: undefined, ko: undefined } }),
  export: declare,
  declare,
  typeset: declare,
  local: declare,
  readonly: declare,
  read: names,
  unset: names,
  shift: quiet,
  set: settings,
  let: arithmetic,
  eval: evaluate,
  source: include,
  ".": include,
  exec: opens,
  command: opens,
  builtin: opens,
  trap,
  hash: (scene, args, name) => (args.every(({ value }) => value === "-r") ? reads : unclear(scene, args, name)),
  umask: (_scene, args) => (args.length === 0 ? reads : unknown),
  ulimit: (_scene, args) => (args.every(({ value }) => value === "-a") ? reads : unknown),
  alias: unclear,
  unalias: unclear,
  shopt: unclear,
  enable: unclear,
  mapfile: unclear,
  readarray: unclear,
  getopts: unclear,
  bind: unclear,
  complete: unclear,
  compgen: unclear,
  fc: unclear,
  history: unclear,
  coproc: unclear,
};

function print(scene: Scene, args: ShellWord[]): Outcome {
  const [first, second] = args;
  if (first?.value === "-v") {
    if (!isName(second)) doubt(scene.walk, "printf -v can run commands that stand in an index");
    setVariable(scene.walk, second?.value ?? "", undefined);
    if (isTelling(second?.value ?? "")) doubt(scene.walk, `${second!.text} changes what follows`);
  } else if (first && first.value !== "--" && (first.value === undefined ? /^-?$/.test(first.start) : first.value.startsWith("-v")))
    doubt(scene.walk, `${first.text} could become an option of printf`);
  return reads;
}

/** A name as it stands: what is put together from pieces could be a name that was thought to be left alone. */
function isName(word: ShellWord | undefined): boolean {
  return word?.value !== undefined && /^[A-Za-z_]\w*$/.test(word.value) && word.text === word.value;
}

const comparing = /^(=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

function compare(scene: Scene, args: ShellWord[], name: string): Outcome {
  let words = name === "[" ? args.slice(0, -1) : args;
  if (name === "[" && args.at(-1)?.value !== "]") doubt(scene.walk, "a test without its end");
  while (words[0]?.value === "!") words = words.slice(1);
  for (const [i, word] of words.entries())
    if (/^-[vR]$/.test(word.value ?? "") && !isName(words[i + 1]))
      doubt(scene.walk, `${word.value} can run commands that stand in an index`);
  const isSplit = words.some(({ many, glob }) => many && glob === undefined);
  const isPlain =
    words.length < 2 ||
    (words.length === 2 && words[0]!.value !== undefined) ||
    (words.length === 3 && comparing.test(words[1]!.value ?? "")) ||
    words.every(({ value, digits }) => value !== undefined || digits);
  if (!isPlain || isSplit || words.some(({ glob }) => glob !== undefined))
    doubt(scene.walk, "what a test compares is not known before it runs");
  return reads;
}

function enter(scene: Scene, args: ShellWord[], name: string): Outcome {
  const { walk, folders } = scene;
  const rest = args[0]?.value === "--" ? args.slice(1) : args;
  const [target, ...more] = rest;
  const lost: Outcome = { ...reads, ends: { ok: undefined, ko: folders } };
  if (walk.carried.some((one) => one.startsWith("CDPATH"))) doubt(walk, "CDPATH changes where cd leads");
  if (!target) {
    const home = name === "cd" && !walk.variables.has("HOME") ? [homeFolder()] : undefined;
    return { ...reads, ends: { ok: home, ko: folders } };
  }
  if (more.length > 0 || target.value === undefined || target.start.startsWith("-") || (name === "pushd" && target.start.startsWith("+")))
    return lost;
  touch(scene, target, "read");
  const ok = absolutes(scene, target.value);
  // The shell goes back along links, the system does not: behind one, `..` has two meanings.
  const { value } = target;
  const isPlain = folders !== undefined && folders.every((folder) => ok.includes(resolve(folder, value)));
  return isPlain ? { ...reads, ends: { ok, ko: folders } } : { ...reads, ends: { ok: undefined, ko: folders } };
}

function declare(scene: Scene, args: ShellWord[], name: string): Outcome {
  const beyond: string[] = [];
  for (const word of args) {
    const text = word.value ?? word.start;
    if (text.startsWith("-")) {
      if (!/^-[pxrfFg]+$/.test(text)) doubt(scene.walk, `${name} ${word.text} can run commands that stand in an index`);
      continue;
    }
    const variable = /^([A-Za-z_]\w*)(?:\+?=|$)/.exec(text)?.[1];
    if (variable === undefined) {
      doubt(scene.walk, `${name} ${word.text} can run commands that stand in an index`);
      continue;
    }
    setVariable(scene.walk, variable, undefined);
    if (!word.text.startsWith(variable)) doubt(scene.walk, `${name} ${word.text} could set any variable`);
    if (isHarmless(variable) || (name !== "export" && !isTelling(variable))) continue;
    if (!text.includes("=")) continue;
    beyond.push(word.value ?? word.text);
    scene.walk.carried.push(word.value ?? word.text);
    if (isTelling(variable)) doubt(scene.walk, `${variable} changes what follows`);
  }
  return { effect: beyond.length > 0 ? "unknown" : "reads", beyond };
}

function names(scene: Scene, args: ShellWord[], name: string): Outcome {
  const rest = name === "read" ? withoutReadOptions(args) : args.filter(({ value }) => !/^-[vf]$/.test(value ?? ""));
  for (const word of rest) {
    if (!isName(word)) doubt(scene.walk, `${name} ${word.text} can run commands that stand in an index`);
    if (word.value !== undefined) setVariable(scene.walk, word.value, undefined);
    if (isTelling(word.value ?? "")) doubt(scene.walk, `${word.value} changes what follows`);
  }
  return reads;
}

function withoutReadOptions(args: ShellWord[]): ShellWord[] {
  const rest: ShellWord[] = [];
  for (let i = 0; i < args.length; i++) {
    const text = args[i]!.value ?? "";
    if (/^-[rse]+$/.test(text)) continue;
    if (/^-r?[dnpt]$/.test(text)) i++;
    else rest.push(args[i]!);
  }
  return rest;
}

function settings(scene: Scene, args: ShellWord[], name: string): Outcome {
  const isPlain = args.every(
    ({ value }) => /^[-+][eufxvCo]+$/.test(value ?? "") || /^(pipefail|errexit|nounset|noclobber|noglob|xtrace)$/.test(value ?? ""),
  );
  return isPlain ? reads : unclear(scene, args, name);
}

function arithmetic(scene: Scene, args: ShellWord[]): Outcome {
  for (const word of args) if (!isPlainArithmetic(word.value ?? "x")) doubt(scene.walk, `arithmetic can run commands: let ${word.text}`);
  return reads;
}

function evaluate(scene: Scene, args: ShellWord[]): Outcome {
  const values = args.map(({ value }) => value);
  const outcome: Outcome = { effect: "reads", beyond: [], wrapper: true };
  if (values.includes(undefined)) {
    doubt(scene.walk, "what eval runs is not known before it runs");
    return { ...outcome, effect: "unknown", ends: { ok: undefined, ko: undefined } };
  }
  return { ...outcome, ends: runText(scene.walk, values.join(" "), scene.folders) };
}

function include(scene: Scene, args: ShellWord[]): Outcome {
  const lost: Folders = undefined;
  const [file, ...rest] = args;
  if (file) touch(scene, file, "execute");
  generic(scene, rest);
  doubt(scene.walk, "what a sourced file does to what follows is not known");
  return { ...unknown, ends: { ok: lost, ko: lost } };
}

/** `exec`, `command` and `builtin`. */
function opens(scene: Scene, args: ShellWord[], name: string): Outcome {
  let at = 0;
  while (args[at]?.value?.startsWith("-")) {
    const option = args[at]!.value!;
    at++;
    if (option === "--") break;
    if (name === "command" && /^-[vV]+$/.test(option)) return reads;
    if (name === "exec" && option === "-a") at++;
    else if (!/^-[pcl]+$/.test(option)) doubt(scene.walk, `${name} ${option} is not understood`);
  }
  const words = args.slice(at);
  if (words.length === 0) return reads;
  return { ...reads, wrapper: true, starts: { words, scene, beyond: [], taken: words.length } };
}

function trap(scene: Scene, args: ShellWord[]): Outcome {
  const [action, ...signals] = args[0]?.value === "--" ? args.slice(1) : args;
  if (!action || signals.length === 0 || action.value === "-" || /^-[lpP]$/.test(action.value ?? "")) return reads;
  if (!signals.every(({ value }) => /^(\d+|(SIG)?(EXIT|HUP|INT|QUIT|TERM|PIPE|USR[12]|CHLD))$/.test(value ?? "")))
    doubt(scene.walk, "a trap could run between any two commands");
  if (action.value === undefined) doubt(scene.walk, "what trap runs is not known before it runs");
  else if (action.value !== "") startScript(scene, action, undefined);
  return { ...reads, wrapper: true };
}
