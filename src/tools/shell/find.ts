// find: a language of its own. Where it starts is read; what it runs is a command of its own; what it deletes or
// prints to files is named.

import { isMinded } from "../places.ts";
import { doubt, secretsNamed, touch, touchLinks, touchPath } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { literal } from "./shellWord.ts";
import type { ShellWord } from "./shellWord.ts";
import type { Outcome } from "./byTable.ts";

const alone = new Set(
  "-print -print0 -ls -depth -d -prune -empty -true -false -readable -writable -executable -nouser -nogroup -daystart -follow -mount -xdev -noleaf -quit -not -and -or -a -o -warn -nowarn -ignore_readdir_race ! ( ) ,".split(
    " ",
  ),
);
const valued = new Set(
  "-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -atime -ctime -mmin -amin -cmin -user -group -uid -gid -perm -maxdepth -mindepth -links -inum -fstype -lname -ilname -printf -used".split(
    " ",
  ),
);
const files = new Set(["-newer", "-anewer", "-cnewer", "-samefile"]);
const printing = new Set(["-fprint", "-fprint0", "-fls", "-fprintf"]);
const running = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

type Search = { scene: Scene; args: ShellWord[]; at: number; starts: ShellWord[]; outcome: Outcome; secrets: string[] };

export function judgeFind(scene: Scene, args: ShellWord[]): Outcome {
  const search: Search = { scene, args, at: 0, starts: [], outcome: { effect: "reads", beyond: [] }, secrets: [] };
  while (/^-([HLP]|O\d)$/.test(args[search.at]?.value ?? "")) search.at++;
  const follows = args.some(({ value }) => value === "-L" || value === "-follow");
  for (; search.at < args.length; search.at++) {
    const word = args[search.at]!;
    if (/^[-!(),]/.test(word.start)) break;
    if (word.start === "") doubt(scene.walk, `${word.text} could become an option of find`);
    search.starts.push(word);
  }
  if (search.starts.length === 0) search.starts.push(literal("."));
  for (const start of search.starts) touch(scene, start, "read");
  if (follows) for (const start of search.starts) touchLinks(scene, start.value ?? start.start);
  while (search.at < args.length) step(search);
  // To list names is one thing, to hand the files to a program another.
  if (search.outcome.wrapper || args.some(({ value }) => value === "-print0"))
    for (const start of search.starts) for (const name of search.secrets) touchPath(scene, `${start.value ?? "."}/${name}`, "read");
  return search.outcome;
}

function step(search: Search): void {
  const { scene, args, outcome, starts } = search;
  const word = args[search.at++]!;
  const name = word.value;
  const next = (): ShellWord | undefined => args[search.at++];
  if (name === undefined) doubt(scene.walk, `${word.text} could become an option of find`);
  else if (alone.has(name)) return;
  else if (valued.has(name) || /^-newer[aBcm][aBcmt]$/.test(name)) {
    const pattern = next();
    const isNegated = /^(!|-not)$/.test(args[search.at - 3]?.value ?? "");
    const names = /^-i?(name|path|wholename)$/.test(name) && !isNegated ? secretsNamed(pattern?.value ?? "") : [];
    search.secrets.push(...names);
    if (pattern?.many) doubt(scene.walk, `a pattern behind ${name} could become several words`);
  } else if (files.has(name)) touch(scene, next() ?? literal("."), "read");
  else if (printing.has(name)) {
    outcome.beyond.push(name);
    outcome.effect = "writes";
    touch(scene, next() ?? literal("."), "write");
    if (name === "-fprintf") next();
  } else if (name === "-delete") {
    outcome.beyond.push(name);
    outcome.effect = outcome.effect === "reads" ? "writes" : outcome.effect;
    // Of what is found by an ordinary name only the folder changes; without one all of it goes.
    for (const start of starts) touch(scene, start, isNarrowed(args) ? "write" : "delete", true);
  } else if (running.has(name)) run(search, name);
  else {
    outcome.effect = "unknown";
    outcome.beyond.push(name);
  }
}

function isNarrowed(args: ShellWord[]): boolean {
  const isOr = args.some(({ value }) => value === undefined || /^(-o|-or|,|!|-not)$/.test(value));
  const names = args.flatMap(({ value }, i) => (value === "-name" ? [args[i + 1]?.value ?? ""] : []));
  return !isOr && names.some((name) => /^\*?[\w.-]+$/.test(name) && !isMinded(name.replace("*", "x"), false, "delete", []));
}

/** What is run gets names below the places where the search starts: they stand for them. */
function run(search: Search, name: string): void {
  const { scene, args, starts, outcome } = search;
  const from = search.at;
  while (search.at < args.length && !/^[;+]$/.test(args[search.at]!.value ?? "")) search.at++;
  const words = args.slice(from, search.at);
  search.at++;
  // What it starts is a command of its own in the list, and judged as such.
  outcome.wrapper = true;
  if (words.length === 0) return doubt(scene.walk, `find ${name} without a command`);
  const found = words.flatMap((word) => {
    if (word.value === "{}" && starts.every(({ value }) => value !== undefined)) return starts;
    return (word.value ?? "{}").includes("{}") ? [{ text: word.text, start: "", many: false }] : [word];
  });
  // In the folder of what was found, relative names mean something else each time.
  const inner = name.endsWith("dir") ? { ...scene, folders: undefined } : scene;
  scene.walk.follow.command(inner, found, []);
}
