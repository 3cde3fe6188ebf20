// What a shell command would do, judged on its parsed form: every simple command with what it does to which places.
// Says what it sees and how sure it is; what follows from that is the guard's.

import type { Reach } from "../../core/ports.ts";
import { readCommandLine } from "./commandLine.ts";
import type { SecondReader } from "./commandLine.ts";
import type { Walk } from "./scene.ts";
import { judgeSimple } from "./simpleCommand.ts";
import { expectAll } from "./nested.ts";
import { soundsLikeNetwork } from "./sound.ts";
import { certainAssignments, walkScript } from "./walk.ts";

/**
 * `root` is the task's real folder, `folder` the real one that the command starts in. "Wanting" says that the second
 * reader would be needed to be sure.
 */
export function judgeShell(
  text: string,
  root: string,
  folder: string,
  second: SecondReader | undefined,
  kept?: string,
): { reach: Reach; wanting: boolean } {
  const { script, doubts, wanting = false } = readCommandLine(text, second);
  const walk: Walk = {
    follow: { command: judgeSimple, script: walkScript },
    root,
    kept,
    found: { doubts: [...doubts], places: [], commands: [], network: false, hosts: [] },
    reached: new Set(),
    functions: new Set(),
    variables: new Map(),
    patterns: new Map(),
    piped: undefined,
    links: [],
    carried: [],
    text,
    certain: script ? certainAssignments(script) : new Set(),
    second,
    wanting,
    touched: new Set(),
    spent: { steps: 0, entries: 0 },
    depth: 0,
  };
  const { found } = walk;
  try {
    if (script) {
      walkScript(walk, script, [folder]);
      expectAll(walk, script);
    }
    if (found.commands.length === 0 && found.doubts.length === 0) found.doubts.push("it holds no command");
  } catch {
    found.doubts.push("it could not be judged");
  }
  if (found.doubts.length > 0 && soundsLikeNetwork(text)) found.network = true;
  return { reach: { certain: found.doubts.length === 0, ...found, text }, wanting: walk.wanting };
}
