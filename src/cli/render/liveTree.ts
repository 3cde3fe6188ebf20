// The live view on a terminal: the task tree redrawn in place, the newest event below it. Cut to the window's height, so
// that nothing scrolls away; the whole record is in `ao trace`.

import { createLogUpdate } from "./logUpdate.ts";
import { isTerminal, type SessionState } from "../../protocol/state.ts";
import type { View } from "../view.ts";
import { cost, oneLine, paint, tokens } from "../format.ts";
import { eventLine } from "./eventLine.ts";
import { drawTree, rootTasks, taskLine } from "./tree.ts";

const redrawMs = 100;

export function createLiveTree(stdout: NodeJS.WriteStream): View {
  const update = createLogUpdate(stdout);
  let newest: { state: SessionState; line: string } | undefined;
  let paused = false;
  let ended = false;
  const draw = (): void => {
    if (newest && !paused && !ended) update.show(frame(newest.state, newest.line, stdout));
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

function frame(state: SessionState, line: string, { columns, rows }: NodeJS.WriteStream): string[] {
  const root = rootTasks(state).at(-1);
  if (!root) return [oneLine(line, columns)];
  const nowMs = Date.now();
  const drawn = drawTree(state, root);
  const room = Math.max(3, rows - 4);
  const shown =
    drawn.length <= room
      ? drawn
      : [
          drawn[0]!,
          ...drawn.slice(1).filter(({ task }) => !isTerminal(task.status)),
          ...drawn.slice(1).filter(({ task }) => isTerminal(task.status)),
        ].slice(0, room);
  const hidden = drawn.length - shown.length;
  const lines = shown.map(
    ({ task, prefix }) => `${prefix}${taskLine(state, task, { colour: true, width: columns - prefix.length, nowMs })}`,
  );
  if (hidden > 0) lines.push(paint("dim", `… and ${hidden} more tasks`, true));
  const sums = `${tokens(state.usage)} · ${cost(state.costUsd, state.costUnknown)} · ${state.turns} turns`;
  return [...lines, paint("dim", oneLine(line, columns - 1), true), paint("dim", sums, true)];
}
