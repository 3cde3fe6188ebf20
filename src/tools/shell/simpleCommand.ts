// One simple command: whether it is one of the shell's own, a program with a language of its own, one of a table or an
// unknown one. Lists it, and follows what it starts in turn.

import { judgeBuiltin } from "./builtins.ts";
import { generic, judgeProgram } from "./byTable.ts";
import type { Outcome } from "./byTable.ts";
import { programNamed } from "./programs/all.ts";
import { doubt, leavesProject, realOf, touchPath } from "./scene.ts";
import type { Ends, Scene } from "./scene.ts";
import type { ShellWord } from "./shellWord.ts";
import { specials } from "./special.ts";

const ownFolders = /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$|^\/opt\/homebrew\/bin\/[^/]+$/;
const maximumCommands = 500;

export function judgeSimple(scene: Scene, words: ShellWord[], beyond: string[]): Ends {
  const stay: Ends = { ok: scene.folders, ko: scene.folders };
  const { walk } = scene;
  const [first] = words;
  if (!first || walk.found.commands.length >= maximumCommands) {
    doubt(walk, "it has too many commands");
    return stay;
  }
  const name = first.value;
  if (name === undefined) {
    doubt(walk, `which program ${first.text} is, is not known before it runs`);
    list(scene, words, { effect: "unknown", beyond });
    return { ok: undefined, ko: undefined };
  }
  if (walk.functions.has(name)) {
    list(scene, words, { effect: "unknown", beyond });
    return { ok: undefined, ko: undefined };
  }
  const at = walk.found.commands.length;
  const outcome = outcomeOf(scene, name, words);
  // The command comes before those that its arguments hold.
  const within = walk.found.commands.splice(at);
  const all = { ...outcome, beyond: [...beyond, ...outcome.beyond, ...strayed(scene, outcome)] };
  if (beyond.length > 0 && !outcome.starts) all.effect = "unknown";
  const { starts } = outcome;
  list(scene, starts && outcome.wrapper ? words.slice(0, words.length - starts.taken) : words, all);
  walk.found.commands.push(...within);
  const inner = starts ? judgeSimple(starts.scene, starts.words, [...beyond, ...starts.beyond]) : undefined;
  return outcome.ends ?? (inner && (name === "command" || name === "builtin") ? inner : stay);
}

/** What may do anything does it to the folder that it runs in: one that the line went to is not the agent's own. */
function strayed(scene: Scene, { effect, starts }: Outcome): string[] {
  if (effect !== "unknown" || starts || !leavesProject(scene)) return [];
  return [scene.folders ? `in ${scene.folders.join(" or ")}` : "in a folder that is not known"];
}

function isAside({ walk, folders }: Scene): boolean {
  return folders?.every((folder) => realOf(folder) === walk.root) !== true;
}

function list(scene: Scene, words: ShellWord[], { effect, beyond, wrapper }: Outcome): void {
  scene.walk.found.commands.push({
    words: words.map(({ value, text }) => value ?? text),
    effect,
    beyond: [...new Set(beyond)],
    ...(wrapper ? { wrapper: true as const } : {}),
    ...(effect === "unknown" && isAside(scene) ? { aside: true as const } : {}),
  });
}

function outcomeOf(scene: Scene, name: string, words: ShellWord[]): Outcome {
  const args = words.slice(1);
  const builtin = judgeBuiltin(scene, name, args);
  if (builtin) return builtin;
  if (name.includes("/") && !ownFolders.test(name)) {
    touchPath(scene, name, "execute");
    return generic(scene, args);
  }
  const program = programNamed(name.split("/").at(-1)!);
  if (!program) return generic(scene, args);
  return program.special ? specials[program.special](scene, program, args) : judgeProgram(scene, program, args);
}
