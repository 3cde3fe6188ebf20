// A real folder for the judgement of shell commands, and how a judgement reads in the corpus (test/fixtures/shell):
// `?` for doubt, one letter for each command (r reads, w writes, u unknown; `+` starts what follows, `^` goes beyond),
// `r:path w:path d:path e:path` for places (`!` where they are minded), `net=host`.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { Reach, TouchedPlace } from "../../src/core/ports.ts";
import { judgeShellCall } from "../../src/tools/judge.ts";

export type ShellBench = {
  root: string;
  judge(command: string): Promise<Reach>;
  say(reach: Reach): string;
  put(path: string, content: string): void;
  close(): void;
};

const files = {
  "work/a.txt": "a\n",
  "work/src/a.ts": "x\n",
  "work/.env": "KEY=value\n",
  "work/package.json": "{}",
  "outside/x": "x",
  secret: "s",
};

export function openShellBench(): ShellBench {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "ao-shell-")));
  const root = join(home, "work");
  for (const folder of ["work/src", "work/sub", "outside"]) mkdirSync(join(home, folder), { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(join(home, path), content);
  symlinkSync("../outside", join(root, "link"));
  execFileSync("git", ["init", "--quiet", "--template=", "-b", "main"], { cwd: root });
  execFileSync("git", ["add", "a.txt"], { cwd: root });
  return {
    root,
    judge: (command) => judgeShellCall({ command }, { root, writable: true }),
    say: (reach) => sayReach(reach, home),
    put: (path, content) => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

function sayReach(reach: Reach, home: string): string {
  const letters = reach.commands.map(({ effect, wrapper, beyond }) => `${effect[0]}${wrapper ? "+" : ""}${beyond.length > 0 ? "^" : ""}`);
  // The folder that every command runs in goes without saying.
  const places = reach.places.filter(({ use, relative }) => use !== "execute" || relative !== ".").map((place) => sayPlace(place, home));
  const network = reach.network ? [`net${reach.hosts.map((host) => `=${host}`).join("")}`] : [];
  return [...(reach.certain ? [] : ["?"]), ...letters, ...new Set(places), ...network].join(" ");
}

function sayPlace({ use, real, relative, named, minded }: TouchedPlace, home: string): string {
  const inBench = real === home || real.startsWith(`${home}/`);
  const outside = inBench ? real.replace(home, "..") : named.replace(homedir(), "~");
  return `${use[0]}:${relative ?? outside}${minded ? "!" : ""}`;
}

/** Certain to do nothing but read, and nothing that anybody would mind. */
export function isHarmless(reach: Reach): boolean {
  const isMild = (place: TouchedPlace): boolean =>
    !place.minded && place.relative !== undefined && (place.use === "read" || (place.use === "execute" && place.relative === "."));
  const reads = reach.commands.every(({ effect, beyond, wrapper }) => effect === "reads" && (beyond.length === 0 || wrapper));
  return reach.certain && reads && !reach.network && reach.places.every(isMild);
}

export type Entry = { class: string; command: string; expected: string };

/** A corpus: classes as headings, below each of them a command as JSON and what has to come out. */
export function readCorpus(name: string): Entry[] {
  const entries: Entry[] = [];
  let heading = "";
  for (const line of readFileSync(corpusFile(name), "utf8").split("\n")) {
    if (line === "") continue;
    if (line.startsWith("# ")) heading = line.slice(2);
    else {
      const [command = "", expected = ""] = line.split("\t");
      entries.push({ class: heading, command: JSON.parse(command) as string, expected });
    }
  }
  return entries;
}

export function writeCorpus(name: string, entries: Entry[]): void {
  const classes = new Set(entries.map((entry) => entry.class));
  const lines = [...classes].flatMap((heading) => [
    `# ${heading}`,
    ...entries.filter((entry) => entry.class === heading).map(({ command, expected }) => `${JSON.stringify(command)}\t${expected}`),
  ]);
  writeFileSync(corpusFile(name), `${lines.join("\n")}\n`);
}

function corpusFile(name: string): URL {
  return new URL(`../fixtures/shell/${name}.txt`, import.meta.url);
}
