// Random edits of a folder, the same from the same dice: what people, agents, editors and tools do to files.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { random } from "./random.ts";

export type Dice = { below: (limit: number) => number; pick: <T>(from: readonly T[]) => T; chance: (share: number) => boolean };

export function createDice(seed: number): Dice {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (from) => from[below(from.length)]!, chance: (share) => next() < share };
}

/** Seeds of a test; more of them with AO_FUZZ=100, and one alone with AO_SEED=7. */
export function seeds(count: number): number[] {
  const { AO_SEED: one, AO_FUZZ: more } = process.env;
  return one === undefined ? Array.from({ length: more === undefined ? count : Number(more) }, (_, i) => i + 1) : [Number(one)];
}

const folders = ["", "", "src", "src/deep/er", "lib", "déjà vu", "out", "-dash"];
const names = ["a.ts", "b.ts", "c", "日本.txt", "new\nline", 'quo"te', "-rf", "x.log", "kept.log", "README.md", "CASE.md"];

export function randomPath({ pick }: Dice): string {
  const folder = pick(folders);
  return folder === "" ? pick(names) : `${folder}/${pick(names)}`;
}

export function randomContent({ below, pick }: Dice): Buffer {
  const lines = Array.from({ length: below(30) }, () => `line ${below(1000)}`);
  const kinds = [
    (): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join("")),
    (): Buffer => Buffer.from(lines.map((line) => `${line}\r\n`).join("")),
    (): Buffer => Buffer.from(lines.join("\n")),
    (): Buffer => Buffer.from(Array.from({ length: below(300) }, () => below(256))),
    (): Buffer => Buffer.from("$Id$\n"),
    (): Buffer => Buffer.alloc(0),
  ];
  return pick(kinds)();
}

/** Every path in the folder but `.git`, folders with a slash. */
function pathsIn(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== ".git" && name !== "node_modules")
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? [`${path}/`, ...pathsIn(root, path)] : [path];
    });
}

/** Does one thing to the folder, and says what. */
export function editAtRandom(root: string, dice: Dice): string {
  const all = pathsIn(root);
  const files = all.filter((path) => !path.endsWith("/"));
  const plain = files.filter((path) => lstatSync(join(root, path)).isFile());
  const kinds: (() => string)[] = [
    () => put(root, randomPath(dice), randomContent(dice)),
    () => put(root, randomPath(dice), randomContent(dice)),
    () => (plain.length === 0 ? "nothing" : put(root, dice.pick(plain), randomContent(dice))),
    () => (plain.length === 0 ? "nothing" : sameLength(root, dice.pick(plain), dice)),
    () => (files.length === 0 ? "nothing" : take(root, dice.pick(files))),
    () => (all.length === 0 ? "nothing" : move(root, dice.pick(all).replace(/\/$/, ""), randomPath(dice))),
    () => (plain.length === 0 ? "nothing" : flip(root, dice.pick(plain))),
    () => link(root, randomPath(dice), dice.pick(["a.ts", "src", "../elsewhere", "/nowhere", "."])),
    () => (all.length === 0 || dice.chance(0.6) ? "nothing" : take(root, dice.pick(all))),
  ];
  return dice.pick(kinds)();
}

/** Whatever is in the way goes. */
function clear(root: string, path: string): void {
  const parts = path.split("/");
  for (let i = 1; i < parts.length; i++) {
    const above = join(root, ...parts.slice(0, i));
    if (existsSync(above) && lstatSync(above).isDirectory()) continue;
    rmSync(above, { recursive: true, force: true });
  }
  rmSync(join(root, path), { recursive: true, force: true });
  mkdirSync(dirname(join(root, path)), { recursive: true });
}

export function put(root: string, path: string, content: string | Buffer): string {
  const file = join(root, path);
  if (!isPlain(file)) clear(root, path);
  writeFileSync(file, content);
  return `put ${path}`;
}

function isPlain(file: string): boolean {
  try {
    return lstatSync(file).isFile() && !isBehindLink(file);
  } catch {
    return false;
  }
}

function isBehindLink(file: string): boolean {
  return lstatSync(dirname(file)).isSymbolicLink();
}

/** Other bytes, the same length, and the time set back: as an archive does it that is unpacked again. */
function sameLength(root: string, path: string, dice: Dice): string {
  const file = join(root, path);
  const { mtime } = lstatSync(file);
  writeFileSync(file, Buffer.from(readFileSync(file).map((byte) => (dice.chance(0.3) ? byte ^ 1 : byte))));
  utimesSync(file, mtime, mtime);
  return `same length ${path}`;
}

function take(root: string, path: string): string {
  rmSync(join(root, path), { recursive: true, force: true });
  return `take ${path}`;
}

function move(root: string, from: string, to: string): string {
  if (to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) return "nothing";
  clear(root, to);
  if (lstatSync(join(root, from), { throwIfNoEntry: false })) renameSync(join(root, from), join(root, to));
  return `move ${from} to ${to}`;
}

function flip(root: string, path: string): string {
  chmodSync(join(root, path), lstatSync(join(root, path)).mode ^ 0o111);
  return `flip ${path}`;
}

function link(root: string, path: string, target: string): string {
  clear(root, path);
  symlinkSync(target, join(root, path));
  return `link ${path} to ${target}`;
}
