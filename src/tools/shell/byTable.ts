// What a program does with its arguments, by its table: which places they are, what it starts in turn, and what goes
// beyond what it is commonly run for.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isMinded } from "../places.ts";
import { hasOption, readArguments } from "./arguments.ts";
import type { Arguments, Given } from "./arguments.ts";
import { startScript } from "./nested.ts";
import { operandKinds } from "./programs.ts";
import type { Effect, Kind, Program } from "./programs.ts";
import { absolutes, addHost, doubt, leavesProject, secretsNamed, touch, touchLinks, touchPath } from "./scene.ts";
import type { Ends, Scene } from "./scene.ts";
import { literal } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";

export type Outcome = {
  effect: Effect;
  beyond: string[];
  /** What it starts in turn, as a further command. */
  starts?: {
    words: ShellWord[];
    scene: Scene;
    beyond: string[];
    /** How many of the words belong to it. */
    taken: number;
  };
  ends?: Ends;
  wrapper?: boolean;
};

/** A program of which nothing is known: whatever could be a path counts as one. */
export function generic(scene: Scene, args: ShellWord[]): Outcome {
  for (const word of args) {
    if (word.glob !== undefined && !/^-?$/.test(word.start)) touch(scene, word, "execute");
    else if (word.value === undefined && !word.digits) doubt(scene.walk, `what ${word.text} is, is not known before it runs`);
    for (const path of pathsIn(word.value ?? "")) if (looksLikeFile(scene, path)) touchPath(scene, path, "execute");
  }
  return { effect: "unknown", beyond: [] };
}

/** A plain name counts where there is such a file, or where it tells by itself. */
function looksLikeFile(scene: Scene, path: string): boolean {
  // `/repos/x/y` is the path of an address, where there is no such folder at the root.
  const [, top] = /^(\/[^/]+)\//.exec(path) ?? [];
  if (top !== undefined && !existsSync(top) && !isMinded(path, true, "execute", [])) return false;
  return path.includes("/") || path.startsWith(".") || isThere(scene, path) || isMinded(path, false, "execute", []);
}

/** What of a word could be a path: the word itself, the value of an option, what is glued to a short option. */
function pathsIn(word: string): string[] {
  const parts = [word];
  const equals = word.indexOf("=");
  if (equals > 0) parts.push(word.slice(equals + 1));
  if (word.startsWith("-")) parts.push(word.slice(2));
  if (word.startsWith("@")) parts.push(word.slice(1));
  return parts.filter((part) => part !== "" && !part.startsWith("-") && !/^[a-z][a-z0-9+.-]*:\/\//i.test(part) && !part.includes("\0"));
}

export function judgeProgram(scene: Scene, program: Program, args: ShellWord[]): Outcome {
  if (args.length === 1 && args[0]!.value !== undefined && program.versions?.split(" ").includes(args[0]!.value))
    return { effect: "reads", beyond: [] };
  if (program.network && !program.subcommands) scene.walk.found.network = true;
  if (program.subcommands) return judgeSubcommand(scene, program, args, program.subcommands);
  const read = readArguments(program, args);
  return settle(scene, program, args, read);
}

function judgeSubcommand(scene: Scene, program: Program, args: ShellWord[], subcommands: Record<string, Program>): Outcome {
  const read = readArguments({ ...program, opens: 0 }, args);
  const outcome: Outcome = { effect: "reads", beyond: [] };
  const inner = applyOptions(scene, read.given, outcome);
  if (read.strange.length > 0 || read.unsure.length > 0) outcome.effect = "unknown";
  const [verb, ...rest] = read.operands;
  if (!verb && subcommands[""]) return judgeProgram(inner, subcommands[""], []);
  if (!verb) return { ...outcome, effect: outcome.effect === "reads" ? program.effect : "unknown" };
  const named = verb.value === undefined ? undefined : Object.hasOwn(subcommands, verb.value) ? subcommands[verb.value] : subcommands["*"];
  const result = named ? judgeProgram(inner, named, rest) : generic(inner, rest);
  if (program.network && !named) scene.walk.found.network = true;
  if (verb.value === undefined) doubt(scene.walk, `what ${verb.text} is, is not known before it runs`);
  return { ...result, beyond: [...outcome.beyond, ...result.beyond], effect: outcome.effect === "reads" ? result.effect : "unknown" };
}

export function settle(scene: Scene, program: Program, args: ShellWord[], read: Arguments): Outcome {
  const outcome: Outcome = { effect: program.effect, beyond: program.raises ? ["with other rights"] : [] };
  const inner = applyOptions(scene, read.given, outcome);
  if (program.opens !== undefined) return opening(inner, program, read, outcome);
  if (read.strange.length > 0 && !program.tame) {
    outcome.effect = "unknown";
    for (const text of read.strange) for (const path of pathsIn(text)) if (looksLikeFile(inner, path)) touchPath(inner, path, "execute");
    if (program.closed) outcome.beyond.push(...read.strange);
  }
  for (const { text, value } of args) if (program.minds?.test(value ?? "")) outcome.beyond.push(text);
  if (
    program.script !== undefined &&
    !hasOption(read, program.script.split(",")) &&
    /^(-|\/dev\/(stdin|fd\/\d+))?$/.test(read.operands[0]?.value ?? "")
  )
    outcome.beyond.push("what its input says");
  if (program.effect === "unknown" && program.operands === undefined) {
    generic(
      inner,
      args.filter((word) => read.operands.includes(word) || read.strange.includes(word.text)),
    );
    return outcome;
  }
  const operands = operandsFor(program, read);
  const kinds = operandKinds(operands, read.operands.length);
  const hasPlaces = /read|write|into|delete|run/.test(operands);
  for (const word of read.unsure)
    if (!program.tame || (word.many && word.glob === undefined && hasPlaces))
      doubt(scene.walk, `${word.text} could become an option or several words`);
  if (program.wary && read.operands.some((word, i) => kinds[i] === "text" && program.wary!.test(word.value ?? "")))
    outcome.effect = "unknown";
  applyOperands(inner, read.operands, kinds, outcome, program);
  if (program.follows && hasOption(read, program.follows.split(","))) {
    const folders = read.operands.filter((_, i) => kinds[i] === "read").map(({ value, start }) => value ?? start);
    for (const folder of folders.length > 0 ? folders : ["."]) touchLinks(inner, folder);
  }
  if (program.here && !kinds.some((kind) => kind === "read")) touchPath(inner, ".", "read");
  return outcome;
}

function operandsFor(program: Program, read: Arguments): string {
  const [names = "", ...instead] = (program.insteadWith ?? "").split(" ");
  const isInstead = names !== "" && read.given.some(({ option }) => names.split(",").includes(option.name));
  return isInstead ? instead.join(" ") : (program.operands ?? "text*");
}

/** Takes in what options do; gives the scene in which the rest of the command happens. */
export function applyOptions(scene: Scene, given: Given[], outcome: Outcome): Scene {
  let inner = scene;
  for (const { option, shown, value } of given) {
    if (option.beyond) {
      outcome.beyond.push(value && !shown.includes("=") && shown !== value.text ? `${shown} ${value.text}` : shown);
      if (option.kind !== "write" || outcome.effect === "unknown") outcome.effect = "unknown";
    }
    if (!value || option.kind === undefined || option.kind === "text") continue;
    if (option.kind === "folder") {
      const before = inner;
      inner = { ...inner, folders: value.value === undefined ? undefined : absolutes(before, value.value) };
      // What happens in another's folder is more than reading it.
      touch(before, value, inner.folders && leavesProject(inner) ? "execute" : "read");
    } else applyKind(inner, value, option.kind, outcome);
  }
  return inner;
}

function applyOperands(scene: Scene, operands: ShellWord[], kinds: Kind[], outcome: Outcome, program: Program): void {
  const sources = operands.filter((_, i) => kinds[i] === "read" || kinds[i] === "delete");
  const scripts = operands.filter((_, i) => kinds[i] === "shell");
  if (scripts.length > 0) {
    const isKnown = scripts.every(({ value }) => value !== undefined);
    outcome.effect = "unknown";
    outcome.beyond.push(scripts.map(({ text }) => text).join(" "));
    startScript(
      scene,
      isKnown ? literal(scripts.map(({ value }) => value).join(" ")) : scripts.find(({ value }) => value === undefined)!,
      scene.folders,
    );
  }
  for (const [i, word] of operands.entries()) {
    if (kinds[i] !== "shell") applyKind(scene, word, kinds[i]!, outcome);
    if (kinds[i] === "write" && program.effect === "reads") outcome.beyond.push(word.text);
    if (kinds[i] === "into") into(scene, word, sources);
  }
}

/** What is copied or moved into a folder gets its own name there. */
function into(scene: Scene, folder: ShellWord, sources: ShellWord[]): void {
  if (folder.value === undefined) return;
  for (const source of sources) {
    const name = source.value?.replace(/\/+$/, "").split("/").at(-1);
    const path = `${folder.value}/${name}`;
    const counts = name !== undefined && !/^\.{0,2}$/.test(name) && (isThere(scene, folder.value) || isMinded(path, false, "write", []));
    if (counts) touchPath(scene, path, "write");
  }
}

export function applyKind(scene: Scene, word: ShellWord, kind: Kind, outcome: Outcome): void {
  switch (kind) {
    case "text":
    case "folder":
      return;
    case "glob":
      for (const name of secretsNamed(word.value ?? "")) touchPath(scene, name, "read");
      return;
    case "names":
      touch(scene, word, "read");
      return doubt(scene.walk, `which files ${word.text} names is not known here`);
    case "data": {
      const file = /^[^=]*=?@(.*)$/s.exec(word.value ?? "")?.[1] ?? /^[^=]+=<(.*)$/s.exec(word.value ?? "")?.[1];
      if (file !== undefined) touchPath(scene, file, "read");
      return;
    }
    case "remote":
      if (!/^[^/]+:/.test(word.value ?? word.start)) return touch(scene, word, "execute");
      for (const host of hostsIn(word.value ?? "")) addHost(scene.walk, host);
      return;
    case "rev":
      return touchRevision(scene, word);
    case "set":
      if (word.start.startsWith("+")) return;
      outcome.effect = "unknown";
      outcome.beyond.push(word.text);
      return;
    case "read":
      if (word.value !== "-") touch(scene, word, "read");
      return;
    case "write":
    case "into":
      if (word.value === "-" && outcome.effect === "reads") return;
      if (outcome.effect === "reads") outcome.effect = "writes";
      return touch(scene, word, "write");
    case "delete":
      if (outcome.effect === "reads") outcome.effect = "writes";
      return touch(scene, word, "delete", true);
    case "run":
      outcome.effect = "unknown";
      for (const path of pathsIn(word.value ?? "")) touchPath(scene, path, "execute");
      if (word.value === undefined) doubt(scene.walk, `which program ${word.text} is, is not known before it runs`);
      return;
    case "shell":
      outcome.effect = "unknown";
      return startScript(scene, word, scene.folders);
    case "host":
      if (/^file:/i.test(word.start)) return touchPath(scene, word.start.replace(/^file:(\/\/[^/]*)?/i, ""), "read");
      scene.walk.found.network = true;
      for (const host of hostsIn(word.value ?? "")) addHost(scene.walk, host);
  }
}

/** A revision, a file in one (`rev:path`), or a file: git finds out in this order. */
function touchRevision(scene: Scene, word: ShellWord): void {
  if (word.value === undefined) return word.glob === undefined ? undefined : touch(scene, word, "read");
  const path = word.value.slice(word.value.indexOf(":") + 1).replace(/\.\..*$/, "");
  if (isMinded(path, false, "read", [])) touchPath(scene, path, "read");
  else if (isThere(scene, word.value)) touchPath(scene, word.value, "read");
}

function isThere({ folders }: Scene, path: string): boolean {
  return path.startsWith("/") || path.startsWith("..") || (folders ?? []).some((folder) => existsSync(resolve(folder, path)));
}

/** Hosts that a URL, `user@host:path` or a plain name tells. */
export function hostsIn(word: string): string[] {
  const host =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:?#\s]+)/i.exec(word) ??
    /^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)*)(?::.*|\/.*)?$/.exec(word);
  return host && !/^\d+$/.test(host[1]!) ? [host[1]!.toLowerCase()] : [];
}

/** A program that starts what stands behind its own words. */
function opening(scene: Scene, program: Program, read: Arguments, outcome: Outcome): Outcome {
  const skipped = program.opens ?? 0;
  const own = read.operands.slice(0, skipped);
  const rest = read.operands.slice(skipped);
  const isUnsure = read.strange.length > 0 || own.some(({ many }) => many) || read.given.some(({ value }) => value?.many);
  if (isUnsure) doubt(scene.walk, `what ${read.strange[0] ?? "one of its words"} means for the command that follows is not certain`);
  const isPlain = program.effect === "reads" && outcome.beyond.length === 0 && !isUnsure;
  const effect: Effect = isPlain ? "reads" : "unknown";
  if (rest.length === 0) return { ...outcome, effect };
  return { effect, beyond: outcome.beyond, wrapper: true, starts: { words: rest, scene, beyond: [], taken: rest.length } };
}
