// The live view on a terminal: the task tree redrawn in place, the newest event below it. Cut to the window's height, so
// that nothing scrolls away; the whole record is in `ao trace`.

import { createLogUpdate } from "./logUpdate.ts";
import type { SessionState } from "../../protocol/state.ts";
import type { View } from "../view.ts";
import { cost, counted, oneLine, paint, tokens } from "../format.ts";
import { eventLine } from "./eventLine.ts";
import { cutTree, drawTree, rootTasks, taskLine } from "./tree.ts";

const redrawMs = 100;

type Window = { columns: number; rows: number; colour: boolean };

export function createLiveTree(stdout: NodeJS.WriteStream, colour: boolean): View {
  const update = createLogUpdate(stdout);
  let newest: { state: SessionState; line: string } | undefined;
  let paused = false;
  let ended = false;
  const draw = (): void => {
    if (newest && !paused && !ended) update.show(frame(newest.state, newest.line, windowOf(stdout, colour)));
  };
  const timer = setInterval(draw, redrawMs);
  timer.unref();
  return {
    event(event, state) {
      newest = { state, line: eventLine(event, state) ?? newest?.line ?? "" };
    },
    pause() {
      draw();
      paused = true;
      update.leave();
    },
    resume() {
      paused = false;
    },
    end() {
      if (ended) return;
      draw();
      ended = true;
      clearInterval(timer);
      update.leave();
    },
  };
}

/** A terminal may not tell its size. */
function windowOf({ columns, rows }: NodeJS.WriteStream, colour: boolean): Window {
  return { columns: columns || 80, rows: rows || 24, colour };
}

/** What is shown now: as many lines as the window has room for, each as wide as it at most. */
export function frame(state: SessionState, line: string, window: Window): string[] {
  const { columns, rows, colour } = window;
  const width = columns - 1;
  const root = rootTasks(state).at(-1);
  if (!root) return [oneLine(line, width)];
  const room = Math.max(1, rows - 4);
  const shown = cutTree(state, root, room);
  const hidden = drawTree(state, root).length - shown.length;
  const nowMs = Date.now();
  const lines = shown.map(({ task, prefix }) => `${prefix}${taskLine(state, task, { colour, width: width - prefix.length, nowMs })}`);
  if (hidden > 0) lines.push(paint("dim", `… and ${counted(hidden, "more task")}`, colour));
  const sums = `${tokens(state.usage)} · ${cost(state.costUsd, state.costUnknown)} · ${counted(state.turns, "turn")}`;
  const below = [line, sums].map((text) => paint("dim", oneLine(text, width), colour));
  return [...lines, ...below].slice(0, Math.max(1, rows - 1));
}
