// Command lines within a command line, given as a word: `sh -c`, `eval`, `trap`, `su -c`, aliases of git, …

import { forEachChild } from "unbash";
import type { ParsedScript, SyntaxNode } from "unbash";
import { readCommandLine } from "./commandLine.ts";
import type { Ends, Folders, Scene, Walk } from "./scene.ts";
import { doubt } from "./scene.ts";
import type { ShellWord } from "./shellWord.ts";

/** A shell of its own: it does not see this one's variables. */
export function startScript(scene: Scene, word: ShellWord, folders: Folders): void {
  if (word.value === undefined) return doubt(scene.walk, `what ${word.text} runs is not known before it runs`);
  const { walk } = scene;
  const own: Walk = { ...walk, variables: new Map(), functions: new Set(), text: word.value, certain: new Set() };
  runText(own, word.value, folders);
  walk.wanting ||= own.wanting;
}

/** Within this very shell. */
export function runText(walk: Walk, text: string, folders: Folders): Ends {
  const { script, doubts, wanting } = readCommandLine(text, walk.second);
  if (wanting) walk.wanting = true;
  for (const one of doubts) doubt(walk, one);
  if (!script) return { ok: undefined, ko: undefined };
  const ends = walk.follow.script(walk, script, folders);
  expectAll(walk, script);
  return ends;
}

/** Whatever the walk makes of the parts of a command line: a command that it did not come to is a doubt. */
export function expectAll(walk: Walk, script: ParsedScript): void {
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Command" && !walk.reached.has(node)) doubt(walk, "a part of it was not gone through");
    forEachChild(node, visit);
  };
  visit(script);
}
