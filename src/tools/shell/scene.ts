// What is known while a command line is read: the folders that relative paths may mean, variables that matter, and what
// was found so far. Adds places as the system would resolve them.

import { lstatSync, readdirSync, realpathSync } from "node:fs";
import type { Dirent } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ParsedScript, SyntaxNode } from "unbash";
import type { SimpleCommand, TouchedPlace } from "../../core/ports.ts";
import { holdsMinded, isInside, isMinded, isProtected, locate, locateEntry, mindedBelow } from "../places.ts";
import type { SecondReader } from "./commandLine.ts";
import { homeFolder } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";

export type Use = TouchedPlace["use"];

/** The folders that a relative path may be meant from; undefined when that is not known. */
export type Folders = string[] | undefined;

export type Findings = {
  doubts: string[];
  places: TouchedPlace[];
  commands: SimpleCommand[];
  network: boolean;
  hosts: string[];
};

/** The folders after a success, and after a failure. */
export type Ends = { ok: Folders; ko: Folders };

export type Walk = {
  /** How commands within commands are followed. */
  follow: {
    command(scene: Scene, words: ShellWord[], beyond: string[]): Ends;
    script(walk: Walk, script: ParsedScript, folders: Folders): Ends;
  };
  root: string;
  /** Our own data, which no command has to do with. */
  kept: string | undefined;
  found: Findings;
  /** The commands that were gone through: all that there are have to be among them. */
  reached: Set<SyntaxNode>;
  /** Names that the command line itself gives a meaning. */
  functions: Set<string>;
  /** Variables that it sets, with a value where there is only one. */
  variables: Map<string, string | undefined>;
  /** Variables that stand for one after the other of what a pattern of names means. */
  patterns: Map<string, string>;
  /** For the command that is gone through next. */
  piped: ShellWord[] | undefined;
  /** Where the command line itself makes links, or moves what could be some: what lies behind is not certain. */
  links: string[];
  /** Settings for all commands that follow: part of each one's `beyond`. */
  carried: string[];
  /** The text as it was given: a variable's value is known only where nothing else in it could set it. */
  text: string;
  /** Assignments that certainly happen before what follows. */
  certain: Set<SyntaxNode>;
  second: SecondReader | undefined;
  /** A nested command line would have needed the second reader. */
  wanting: boolean;
  /** What was looked at already. */
  touched: Set<string>;
  /** Statements gone through and entries of folders looked at, in all that belongs to the command line. */
  spent: { steps: number; entries: number };
  depth: number;
};

export type Scene = {
  walk: Walk;
  folders: Folders;
  /** The names that arrive by a pipe, each ended by a null character: words that stand for all of them. */
  piped?: ShellWord[];
};

const maximumFolders = 8;
const maximumMatches = 200;
const maximumPlaces = 1000;

export function unite(one: Folders, other: Folders): Folders {
  if (!one || !other) return undefined;
  const all = [...new Set([...one, ...other])];
  return all.length > maximumFolders ? undefined : all;
}

export function doubt(walk: Walk, text: string): void {
  if (walk.found.doubts.length < 20 && !walk.found.doubts.includes(text)) walk.found.doubts.push(text);
}

export function variableIn(scene: Scene, name: string): string | undefined {
  const { walk } = scene;
  if (walk.variables.has(name)) return isSetOnce(walk.text, name) ? walk.variables.get(name) : undefined;
  if (name === "HOME") return homeFolder();
  if (name === "PWD") return scene.folders?.length === 1 ? scene.folders[0] : undefined;
  return undefined;
}

export function setVariable(walk: Walk, name: string, value: string | undefined): void {
  walk.variables.set(name, value);
  walk.patterns.delete(name);
}

/** The pattern of names that a variable of a loop goes through. */
export function patternIn({ walk }: Scene, name: string): string | undefined {
  return isSetOnce(walk.text, name) ? walk.patterns.get(name) : undefined;
}

function isSetOnce(text: string, name: string): boolean {
  return (text.match(new RegExp(String.raw`(?<![$\w]|\$\{)${name}\b`, "g"))?.length ?? 0) === 1;
}

/** Files that are no places: they lead to what the command has open anyway. */
const nowhere = /^\/dev\/(?:null|zero|full|random|urandom|stdin|stdout|stderr|tty|fd\/\d+)$/;

export function leadsNowhere(word: ShellWord): boolean {
  return nowhere.test(word.value ?? "");
}

/** A word that names a file: its places, or a doubt where it cannot be told. */
export function touch(scene: Scene, word: ShellWord, use: Use, entry = false): void {
  if (word.value !== undefined) touchPath(scene, word.value, use, entry);
  else if (word.glob !== undefined) touchMatches(scene, word.glob, word.text, use);
  else if (!word.digits) doubt(scene.walk, `which file ${word.text} is, is not known before it runs`);
  else touchPath(scene, word.start, use, entry);
}

export function touchPath(scene: Scene, path: string, use: Use, entry = false): void {
  if (path === "" || nowhere.test(path)) return;
  for (const absolute of absolutes(scene, path)) addPlace(scene.walk, absolute, path, use, entry);
}

/** Whether what happens in this folder could happen outside of the project. */
export function leavesProject({ walk, folders }: Scene): boolean {
  return folders === undefined || folders.some((folder) => !locate(walk.root, folder).ok);
}

/** What a path may mean, links before `..` followed as the system does it. */
export function absolutes({ walk, folders }: Scene, path: string): string[] {
  if (path.startsWith("/")) return [resolveAsSystem("/", path)];
  if (folders) return folders.map((folder) => resolveAsSystem(folder, path));
  doubt(walk, `in which folder ${path} is, is not certain`);
  return [];
}

function resolveAsSystem(folder: string, path: string): string {
  let here = folder;
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    here = part === ".." ? dirname(realOf(here)) : join(here, part);
  }
  return here;
}

export function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

function addPlace(walk: Walk, absolute: string, given: string, use: Use, entry: boolean): void {
  const { places } = walk.found;
  if (walk.links.some((link) => isInside(link, absolute))) doubt(walk, `where ${given} leads is made by the command itself`);
  const key = `${use} ${entry} ${given} ${absolute}`;
  if (walk.touched.has(key)) return;
  walk.touched.add(key);
  if (places.length >= maximumPlaces) return doubt(walk, "it names too many files");
  try {
    const location = (entry ? locateEntry : locate)(walk.root, absolute);
    const real = location.ok ? location.place.real : location.real;
    const minded =
      isMinded(location.ok ? location.place.relative : real, !location.ok, use, [given]) ||
      (use === "delete" && holdsMinded(real, location.ok ? location.place.relative : real, (folder) => entriesOf(walk, folder))) ||
      (walk.kept !== undefined && !location.ok && isInside(walk.kept, real));
    const place: TouchedPlace = {
      real,
      ...(location.ok ? { relative: location.place.relative } : {}),
      named: absolute,
      use,
      ...(minded ? { minded } : {}),
    };
    if (!places.some((one) => one.real === real && one.use === use && one.named === absolute)) places.push(place);
  } catch {
    doubt(walk, `where ${given} leads could not be told`);
  }
}

const maximumSpent = 40_000;

/** What a folder holds; undefined where it is none. */
function entriesOf(walk: Walk, folder: string): Dirent[] | undefined {
  if (walk.spent.entries > maximumSpent) {
    doubt(walk, "there is too much to look through");
    return undefined;
  }
  walk.spent.entries++;
  try {
    if (!lstatSync(folder).isDirectory()) return undefined;
    const entries = readdirSync(folder, { withFileTypes: true });
    walk.spent.entries += entries.length;
    return entries;
  } catch {
    return undefined;
  }
}

/** Each entry that a pattern means now; the folder in which it begins as well. */
function touchMatches(scene: Scene, glob: string, text: string, use: Use): void {
  const segments = glob.split("/");
  const first = segments.findIndex((segment) => /[*?[]/.test(segment));
  const fixed = segments.slice(0, first).join("/").replace(/\\(.)/g, "$1");
  const rest = segments.slice(first);
  const begin = fixed === "" ? (glob.startsWith("/") ? "/" : ".") : fixed;
  if (rest.includes("..")) return doubt(scene.walk, `where ${text} leads is not certain`);
  for (const folder of absolutes(scene, begin)) {
    addPlace(scene.walk, folder, begin, use === "read" ? "read" : "execute", false);
    const matches = expand(scene.walk, folder, rest);
    if (!matches) doubt(scene.walk, `${text} means too many files`);
    // Of what is only read in the project the folder says enough.
    const telling = (matches ?? []).filter((match) => use !== "read" || !isOrdinary(scene.walk, match));
    for (const match of telling) addPlace(scene.walk, match, match, use, use === "delete");
    // What it could mean by then counts as well where its last part is plain.
    const last = rest.at(-1)!;
    if (!/[*?[]/.test(last)) addPlace(scene.walk, join(folder, last.replace(/\\(.)/g, "$1")), last, use, use === "delete");
  }
}

function isOrdinary({ root }: Walk, path: string): boolean {
  const location = locate(root, path);
  return location.ok && !isMinded(location.place.relative, false, "read", [path]);
}

/** What there is of a pattern, or more: any character counts as one that stands in brackets. */
function expand(walk: Walk, folder: string, segments: string[]): string[] | undefined {
  let found = [folder];
  for (const [i, segment] of segments.entries()) {
    if (segment === "") continue;
    const pattern = /[*?[]/.test(segment) ? patternOf(segment) : undefined;
    const plain = segment.replace(/\\(.)/g, "$1");
    const next: string[] = [];
    for (const one of found) {
      if (pattern) for (const { name } of entriesOf(walk, realOf(one)) ?? []) if (matchesPattern(pattern, name)) next.push(join(one, name));
      if (!pattern && isEntry(join(one, plain))) next.push(join(one, plain));
      if (next.length > maximumMatches * 10) return undefined;
    }
    found = next;
    if (i === segments.length - 1 && found.length > maximumMatches) {
      // Enough to know is what is minded among them, and the folder.
      return found.filter((path) => isMinded(basename(path), false, "read", [])).slice(0, maximumMatches);
    }
  }
  return found;
}

function isEntry(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

const any = Symbol("one character");
const some = Symbol("any characters");
type Pattern = (string | typeof any | typeof some)[];

function patternOf(segment: string): Pattern {
  const parts = segment.match(/\\.|\*|\?|\[[!^]?\]?(?:\[:\w+:\]|[^\]])*\]|[^]/gs) ?? [];
  return parts.map((part) => {
    if (part === "*") return some;
    if (part === "?" || (part.startsWith("[") && part.length > 1)) return any;
    return part.startsWith("\\") ? part.slice(1) : part;
  });
}

/** In as many steps as both are long together, at worst one times the other. */
function matchesPattern(pattern: Pattern, name: string): boolean {
  if (name.startsWith(".") && pattern[0] !== ".") return false;
  const chars = Array.from(name);
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < chars.length) {
    if (pattern[p] === any || pattern[p] === chars[n]) {
      p++;
      n++;
    } else if (pattern[p] === some) {
      star = p++;
      mark = n;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === some) p++;
  return p === pattern.length;
}

const secretNames = [".env", ".env.local", ".npmrc", ".netrc", "id_rsa", "id_ed25519", "key.pem", "key.p12", "credentials.json"];

/** Names of secrets that a pattern is about: such a search is not one of all files. */
export function secretsNamed(pattern: string): string[] {
  const last = pattern.split("/").at(-1)!;
  if (pattern.startsWith("!") || !/[^*?.]/.test(last)) return [];
  const parts = patternOf(last);
  return secretNames.filter((name) => matchesPattern(parts, name));
}

/** From now on what lies at or behind this path is not certain. */
export function lead(scene: Scene, path: string): void {
  scene.walk.links.push(...absolutes(scene, path));
}

/** Whether it is a link, or a folder that may hold some. */
export function leadsElsewhere(scene: Scene, word: ShellWord): boolean {
  if (word.value === undefined) return true;
  return absolutes(scene, word.value).some((path) => {
    const entry = lstatSync(path, { throwIfNoEntry: false });
    return entry !== undefined && !entry.isFile();
  });
}

const maximumLooked = 10_000;

/** Where links below a folder lead out of the project: places too for what follows them. */
export function touchLinks(scene: Scene, path: string): void {
  const waiting = absolutes(scene, path);
  for (let looked = 0; waiting.length > 0;) {
    for (const entry of entriesOf(scene.walk, waiting.pop()!) ?? []) {
      if (looked++ > maximumLooked) return doubt(scene.walk, `it follows links below ${path}, and there is too much to look through`);
      const inner = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) waiting.push(inner);
      else if (entry.isSymbolicLink() && !isOrdinary(scene.walk, inner)) addPlace(scene.walk, inner, inner, "read", false);
    }
  }
}

/** Where in a folder something minded comes to lie with a source; undefined where that is not certain. */
export function mindedWithin(scene: Scene, word: ShellWord, folder: string): string[] | undefined {
  const paths = word.value !== undefined ? absolutes(scene, word.value) : word.glob === undefined ? undefined : matchesOf(scene, word.glob);
  const minded: string[] = [];
  for (const path of paths ?? []) {
    const own = `${folder}/${basename(path)}`;
    if (word.glob !== undefined && isProtected(own)) minded.push(own);
    for (const place of [folder, own]) {
      const below = mindedBelow(path, [place], (one) => entriesOf(scene.walk, one));
      if (!below) return undefined;
      minded.push(...below.map((name) => `${place}/${name}`));
    }
  }
  return paths && minded;
}

function matchesOf(scene: Scene, glob: string): string[] | undefined {
  const segments = glob.split("/");
  const first = segments.findIndex((segment) => /[*?[]/.test(segment));
  const fixed = segments.slice(0, first).join("/").replace(/\\(.)/g, "$1");
  const begin = fixed === "" ? (glob.startsWith("/") ? "/" : ".") : fixed;
  const each = absolutes(scene, begin).map((folder) => expand(scene.walk, folder, segments.slice(first)));
  return each.includes(undefined) ? undefined : each.flatMap((matches) => matches!);
}

export function addHost(walk: Walk, host: string): void {
  if (!walk.found.hosts.includes(host)) walk.found.hosts.push(host);
}
