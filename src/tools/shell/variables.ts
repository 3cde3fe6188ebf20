// What setting a variable can do: which names are harmless, and which decide what runs or what a program loads.

import type { Assignment } from "unbash";
import type { Walk } from "./scene.ts";
import { doubt, setVariable } from "./scene.ts";
import { evaluateWord, walkParts } from "./shellWord.ts";
import type { ShellWord, WordScene } from "./shellWord.ts";

export type Setting = { name: string; value: string | undefined; word: ShellWord; known: boolean };

const harmless =
  /^(CI|NODE_ENV|NO_COLOR|FORCE_COLOR|CLICOLOR|CLICOLOR_FORCE|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|COLORTERM|DEBUG|VERBOSE|COLUMNS|LINES|RUST_BACKTRACE|RUST_LOG|PYTHONDONTWRITEBYTECODE|PYTHONUNBUFFERED|TAP|CARGO_TERM_COLOR|GREP_COLORS?|LS_COLORS)$/;

/** Names that later commands get, or that change how the shell itself reads: all others stay the shell's own. */
const telling =
  /^(PATH|HOME|SHELL|USER|LOGNAME|TMPDIR|PWD|OLDPWD|IFS|CDPATH|ENV|PS4|PAGER|TERM|GLOBIGNORE|PROMPT_COMMAND|SHELLOPTS|BASHOPTS|BASH.*|LD_.*|DYLD_.*|GIT_.*|NODE_.*|NPM_.*|npm_.*|PYTHON.*|PERL.*|RUBY.*|JAVA_.*|RUSTUP_HOME|CARGO_.*|GO.*|VIRTUAL_ENV|PYENV_.*|NVM_.*|VOLTA_.*|POSIXLY_CORRECT|.*PAGER.*|.*EDITOR.*|HOSTALIASES|LOCPATH|AO_.*)$/;

/** Numbers to the shell: what is assigned to them is arithmetic, in which an index can run commands. */
const counting = /^(S?RANDOM|SECONDS|OPTIND|HISTCMD|LINENO|BASHPID|EPOCH\w+|PPID|E?UID)$/;

export function isHarmless(name: string): boolean {
  return harmless.test(name);
}

export function isTelling(name: string): boolean {
  return telling.test(name) || counting.test(name);
}

export function assignmentIn(assignment: Assignment, scene: WordScene): Setting {
  const { name, value, index, text } = assignment;
  if (index && !/^\d+$/.test(index.text)) scene.doubt(`an index can run commands: ${text}`);
  if (index) walkParts(index, scene);
  const unknown: ShellWord = { text, start: `${name}=`, many: false };
  if (value.type === "ArrayValue") {
    for (const element of value.elements) {
      evaluateWord(element, scene);
      if (element.text.startsWith("[")) scene.doubt(`an index can run commands: ${text}`);
    }
    return { name, value: undefined, word: unknown, known: false };
  }
  const [word, ...more] = evaluateWord(value, scene);
  const plain =
    word && more.length === 0 && !assignment.append && !index
      ? (word.value ?? (word.glob === undefined ? undefined : word.text))
      : undefined;
  if (plain === undefined) return { name, value: undefined, word: unknown, known: false };
  const all = `${name}=${plain}`;
  return { name, value: plain, word: { text, value: all, start: all, many: false }, known: true };
}

/**
 * What the assignments in front of a command add to its `beyond`. Without a command they hold for what follows, and are
 * remembered in the walk.
 */
export function prefixesOf(walk: Walk, values: Setting[], alone: boolean, certain: boolean): string[] {
  if (!alone) {
    const own = values.filter(({ name }) => !harmless.test(name)).map(({ word }) => word.value ?? word.text);
    return [...walk.carried, ...own];
  }
  for (const { name, value, word } of values) {
    setVariable(walk, name, certain && !walk.variables.has(name) ? value : undefined);
    if (counting.test(name)) doubt(walk, `what ${name} is set to can run commands that stand in an index`);
    if (!telling.test(name)) continue;
    walk.carried.push(word.value ?? word.text);
    // In a loop it holds for what stands before it, too.
    if (!certain) doubt(walk, `${name} changes what runs, and when is not certain`);
    if (/^(IFS|CDPATH|PS4|BASH.*|ENV|HOME|PWD|GLOBIGNORE)$/.test(name)) doubt(walk, `${name} changes how the shell reads what follows`);
  }
  return [];
}
