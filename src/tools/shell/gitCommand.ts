// git: its commands by their table, and whether the repository that they would read could make git start something by
// its own configuration. A person's own configuration outside of it is trusted, as it is for every git.

import { existsSync, lstatSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readArguments } from "./arguments.ts";
import type { Program } from "./programs.ts";
import { gitCommands, gitOptions } from "./programs/git.ts";
import { addHost, doubt } from "./scene.ts";
import type { Folders, Scene } from "./scene.ts";
import { startScript } from "./nested.ts";
import { literal } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";
import { applyOptions, generic, hostsIn, judgeProgram } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";

const git: Program = { effect: "unknown", options: gitOptions, opens: 0 };

export function judgeGit(scene: Scene, args: ShellWord[]): Outcome {
  const read = readArguments(git, args);
  const outcome: Outcome = { effect: "reads", beyond: [] };
  const inner = applyOptions(scene, read.given, outcome);
  if (read.strange.length > 0) outcome.effect = "unknown";
  // A setting could hold a command of its own: `alias.x=!…`.
  for (const { option, value } of read.given) {
    const [, command] = /^[^=]*=!(.*)$/s.exec(value?.value ?? "") ?? [];
    if (option.name === "-c" && command !== undefined) startScript(inner, literal(command), inner.folders);
  }
  const [verb, ...rest] = read.operands;
  if (!verb) return { ...outcome, effect: args.length === 1 && /^(--version|-v)$/.test(args[0]!.value ?? "") ? "reads" : "unknown" };
  if (verb.value === undefined) doubt(scene.walk, `which command of git ${verb.text} is, is not known before it runs`);
  const program = verb.value !== undefined && Object.hasOwn(gitCommands, verb.value) ? gitCommands[verb.value]! : undefined;
  // What is no command of git's may be an alias.
  const result = program ? judgeVerb(inner, verb.value!, program, rest) : generic(inner, rest);
  const isCalm = outcome.effect === "reads" && (result.effect !== "reads" || repositoryIsCalm(inner.folders));
  return { ...result, beyond: [...outcome.beyond, ...result.beyond], effect: isCalm ? result.effect : "unknown" };
}

function judgeVerb(scene: Scene, verb: string, program: Program, args: ShellWord[]): Outcome {
  const { walk } = scene;
  if (program.network)
    for (const { value } of args) {
      if (value === undefined || !/^\w[\w+.-]*:\/\/|^[\w.-]+@[\w.-]+:/.test(value)) continue;
      for (const host of hostsIn(value)) addHost(walk, host);
    }
  const outcome = judgeProgram(scene, program, args);
  for (const { value } of args) if (value !== undefined && /^\w+::|^-.*=\w+::/.test(value)) outcome.beyond.push(value);
  if (verb === "config" && isAsking(args)) return { ...outcome, effect: outcome.beyond.length > 0 ? "unknown" : "reads" };
  if (verb === "config" && outcome.effect === "unknown" && args.length > 1)
    return { ...outcome, beyond: [...outcome.beyond, ...args.slice(0, 1).map(({ text }) => text)] };
  if (verb === "diff" && args.some(({ value }) => value === "--no-index")) return outcome;
  return outcome;
}

const asking = /^(--get|--get-all|--get-regexp|-l|--list)$/;

/** Settings are only read by these options, or by a single name without anything else. */
function isAsking(args: ShellWord[]): boolean {
  const values = args.map(({ value }) => value ?? "");
  return values.some((value) => asking.test(value)) || (values.length === 1 && /^[\w.-]+\.[\w.-]+$/.test(values[0]!));
}

/** Settings by which git starts programs or reads other files of settings, in a repository's own configuration. */
const telling =
  /^\s*\[\s*(include|includeif|filter|diff|merge|mergetool|difftool|gpg|credential|uploadpack|protocol|remote\s+"[^"]*"\s*\]\s*promisor|extensions\s*\]\s*partialclone)\b|^\s*(?:\[[^\]]*\]\s*)?(fsmonitor|hookspath|sshcommand|askpass|gitproxy|pager|editor|attributesfile|worktree|external|textconv|command|clean|smudge|process|driver|program|showsignature|promisor|partialclone|partialclonefilter|alternaterefscommand|path|uploadpack|receivepack)\s*([=;#]|$)/im;

export function repositoryIsCalm(folders: Folders): boolean {
  return folders !== undefined && folders.every((folder) => folderIsCalm(folder));
}

function folderIsCalm(folder: string): boolean {
  try {
    for (let here = folder; ; here = dirname(here)) {
      const dotGit = join(here, ".git");
      if (existsSync(dotGit)) return !existsSync(join(here, ".gitmodules")) && gitFolderIsCalm(dotGit);
      // A repository without a working tree is found by its content.
      if (existsSync(join(here, "HEAD")) && existsSync(join(here, "objects"))) return false;
      if (dirname(here) === here) return true;
    }
  } catch {
    return false;
  }
}

function gitFolderIsCalm(dotGit: string): boolean {
  const own = lstatSync(dotGit).isFile()
    ? resolve(
        dirname(dotGit),
        readSmall(dotGit)
          .replace(/^gitdir:\s*/, "")
          .trim(),
      )
    : dotGit;
  const common = existsSync(join(own, "commondir")) ? resolve(own, readSmall(join(own, "commondir")).trim()) : own;
  const settings = [join(own, "config"), join(own, "config.worktree"), join(common, "config")];
  if (settings.some((file) => existsSync(file) && telling.test(readSmall(file)))) return false;
  if (existsSync(join(common, "objects", "info", "alternates")) && /^\s*\S/.test(readSmall(join(common, "objects", "info", "alternates"))))
    return false;
  if (existsSync(join(common, "modules")) || holdsOther(join(own, "index"))) return false;
  // `git status` writes the index anew, and a hook is told of it.
  const hooks = join(common, "hooks");
  return !existsSync(hooks) || !readdirSync(hooks).some((name) => name === "post-index-change" || name === "fsmonitor-watchman");
}

/** Whether the index has other repositories as entries, into which git would go; so, too, if it cannot be read. */
function holdsOther(file: string): boolean {
  if (!existsSync(file)) return false;
  if (statSync(file).size > 30_000_000) return true;
  const index = readFileSync(file);
  const version = index.readUInt32BE(4);
  if (index.toString("latin1", 0, 4) !== "DIRC" || version < 2 || version > 3) return true;
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    if (index.readUInt32BE(at + 24) >> 12 === 0o16) return true;
    const isExtended = (index.readUInt16BE(at + 60) & 0x4000) !== 0;
    const name = at + (isExtended ? 64 : 62);
    const end = index.indexOf(0, name);
    if (end < 0) return true;
    at += Math.floor((end - at) / 8 + 1) * 8;
  }
  return false;
}

function readSmall(file: string): string {
  if (statSync(file).size > 200_000) throw new Error(`${file} is too large`);
  return readFileSync(file, "utf8");
}
