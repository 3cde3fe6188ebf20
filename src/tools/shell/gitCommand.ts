// git: its commands by their table, and whether the repository that they would read could make git start something by
// its own configuration. A person's own configuration outside of it is trusted, as it is for every git.

import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readArguments } from "./arguments.ts";
import type { Program } from "./programs.ts";
import { gitCommands, gitOptions } from "./programs/git.ts";
import { addHost, doubt, leavesProject, touchPath } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { startScript } from "./nested.ts";
import { homeFolder, literal } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";
import { applyOptions, generic, hostsIn, judgeProgram } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";

const git: Program = { effect: "unknown", options: gitOptions, opens: 0 };

/** Commands that serve others, hand out passwords, change the system's timers or exist to start a program. */
const starting = new Set(
  "credential credential-store credential-cache daemon http-backend shell remote-ext remote-fd upload-pack upload-archive receive-pack cvsserver instaweb web--browse gui citool imap-send p4 svn maintenance scalar cvsimport archimport fsmonitor--daemon".split(
    " ",
  ),
);

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
  if (starting.has(verb.value ?? "")) outcome.beyond.push(verb.text);
  // Without a place of its own it clears the folder that it runs in.
  if (verb.value === "clean" && leavesProject(inner)) touchPath(inner, ".", "delete");
  const isCalm = outcome.effect === "reads" && (result.effect !== "reads" || repositoryIsCalm(inner));
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
  // An address in place of a remote's name: elsewhere than the project has settled.
  if (/^(push|fetch|pull)$/.test(verb)) outcome.beyond.push(...args.flatMap(({ value = "" }) => (isAddress(value) ? [value] : [])));
  for (const { value } of args) if (value !== undefined && /^\w+::|^-.*=\w+::/.test(value)) outcome.beyond.push(value);
  if (verb === "config" && isAsking(args)) return { ...outcome, effect: outcome.beyond.length > 0 ? "unknown" : "reads" };
  if (verb === "config" && outcome.effect === "unknown" && setsWhatStarts(args))
    touchPath(scene, args.some(({ value }) => value === "--global") ? join(homeFolder(), ".gitconfig") : ".git/config", "write");
  if (verb === "config" && outcome.effect === "unknown" && args.length > 1)
    return { ...outcome, beyond: [...outcome.beyond, ...args.slice(0, 1).map(({ text }) => text)] };
  if (verb === "diff" && args.some(({ value }) => value === "--no-index")) return outcome;
  return outcome;
}

function isAddress(word: string): boolean {
  return /^[\w+.-]+:\/\/|^[\w.-]+@[\w.-]+:|^\.{0,2}\/|^~/.test(word);
}

const asking = /^(--get|--get-all|--get-regexp|-l|--list)$/;

/** Settings are only read by these options, or by a single name without anything else. */
function isAsking(args: ShellWord[]): boolean {
  const values = args.map(({ value }) => value ?? "");
  return values.some((value) => asking.test(value)) || (values.length === 1 && /^[\w.-]+\.[\w.-]+$/.test(values[0]!));
}

/** Names of settings by which git starts programs, or trusts: to set one is to write git's internals. */
const startingSettings =
  /^(alias|include|includeif|filter|credential|protocol|url|extensions|safe|gpg|mergetool|difftool|pager|browser|sequence)\..|^[\w.-]+\.(.*\.)?(hookspath|fsmonitor|sshcommand|askpass|gitproxy|pager|editor|attributesfile|worktree|external|textconv|command|driver|cmd|program|uploadpack|receivepack|vcs|helper|templatedir|difffilter)$/i;

function setsWhatStarts(args: ShellWord[]): boolean {
  const values = args.map(({ value }) => value ?? "");
  const isSet = values.filter((value) => !value.startsWith("-")).length > 1 || values.some((value) => /^--(ad|un|re[pnm])/.test(value));
  return isSet && values.some((value) => startingSettings.test(value));
}

/** Settings by which git starts programs or reads other files of settings, in a repository's own configuration. */
const telling =
  /\[\s*(include|includeif|filter|diff|merge|mergetool|difftool|gpg|credential|uploadpack|protocol|remote\s+"[^"]*"\s*\]\s*promisor|extensions\s*\]\s*partialclone)\b|(?:^|[\]\s])(fsmonitor|sshcommand|askpass|gitproxy|pager|editor|attributesfile|worktree|external|textconv|command|clean|smudge|process|driver|program|showsignature|promisor|partialclone|partialclonefilter|alternaterefscommand|path|uploadpack|receivepack)\s*([=;#]|$)/im;

function repositoryIsCalm({ walk, folders }: Scene): boolean {
  const { commands, places } = walk.found;
  const isFirst = commands.every(({ effect }) => effect === "reads") && places.every(({ use }) => use === "read" || use === "execute");
  return folders !== undefined && folders.every((folder) => folderIsCalm(folder, isFirst));
}

/** `isFirst`: nothing in the command line could have changed a file before. */
function folderIsCalm(folder: string, isFirst: boolean): boolean {
  try {
    for (let here = realpathSync.native(folder); ; here = dirname(here)) {
      const dotGit = join(here, ".git");
      if (existsSync(dotGit)) return !existsSync(join(here, ".gitmodules")) && gitFolderIsCalm(here, dotGit, isFirst);
      // A repository without a working tree is found by its content.
      if (existsSync(join(here, "HEAD")) && existsSync(join(here, "objects"))) return false;
      if (dirname(here) === here) return true;
    }
  } catch {
    return false;
  }
}

function gitFolderIsCalm(top: string, dotGit: string, isFirst: boolean): boolean {
  const own = lstatSync(dotGit).isFile()
    ? resolve(
        top,
        readSmall(dotGit)
          .replace(/^gitdir:\s*/, "")
          .trim(),
      )
    : dotGit;
  const common = existsSync(join(own, "commondir")) ? resolve(own, readSmall(join(own, "commondir")).trim()) : own;
  const settings = [...new Set([join(own, "config"), join(own, "config.worktree"), join(common, "config")])]
    .filter((file) => existsSync(file))
    .map(readSmall);
  if (settings.some((text) => telling.test(text))) return false;
  if (existsSync(join(common, "modules")) || holdsOther(join(own, "index"))) return false;
  // `git status` writes the index anew, and a hook is told of it. Projects often keep their hooks in a folder of theirs.
  const named = settings.flatMap((text) => [...text.matchAll(/^\s*(?:\[[^\]]*\]\s*)?hookspath\s*(.*)$/gim)].map(([, value = ""]) => value));
  const folders = named.map((value) => /^=\s*([\w./-]+)\s*$/.exec(value)?.[1]);
  if (folders.includes(undefined) || (named.length > 0 && !isFirst)) return false;
  return [join(common, "hooks"), ...folders.map((folder) => resolve(top, folder!))].every(
    (folder) => !existsSync(join(folder, "post-index-change")),
  );
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
